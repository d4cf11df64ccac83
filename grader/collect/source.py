"""All that a SOURCE holds: a folder or an archive, and the archives in it, as one tree of files.

Nothing here follows a link, opens a device or believes a size. What cannot be read is an entry with
a sentence, so that nobody's hand-in is lost without a word.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.lying import is_entry, is_left_out, is_notebook
from grader.batch.submissions import SMALL_BYTES, TIMESTAMP, read_bytes
from grader.errors import NothingToGrade, Unreadable
from grader.submission.reading import MAX_BYTES, too_big
from grader.untrusted import file_name

from .archives import MIB, MOST_UNPACKED, Member, Refused, Room, is_archive, members

GRADESCOPE = "submission_metadata.yml"
MOST_METADATA = 64 * MIB
MOST_NESTED = 1024 * MIB  # An archive in an archive may be so large.
MOST_GIT = 500 * MIB  # A larger file of a repository's history is not kept.
NESTED = 3  # Archives may lie in archives so deep.
DEEPEST = 20
MOST_ENTRIES = 1_000_000
GIT = ".git"
GIT_NEEDS = ("HEAD", "packed-refs", "refs", "objects")  # neither its settings nor its hooks


@dataclass(frozen=True)
class Entry:
    """One file, or one folder with nothing in it.

    Attributes:
        parts: its path in the SOURCE; an archive that lies there counts as a folder
        path: where its bytes lie; None where nobody needs them
        modified: seconds since 1970, as the file system or the archive has it
        problem: why it cannot be read, else ""
        is_folder: whether it is a folder with nothing in it
        is_start_page: whether it is the course's own page, in which nobody writes anything
    """

    parts: tuple[str, ...]
    path: Path | None
    modified: float = 0.0
    problem: str = ""
    is_folder: bool = False
    is_start_page: bool = False

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def is_notebook(self) -> bool:
        return not (self.is_folder or self.is_start_page) and is_notebook(Path(self.name))

    def read(self, most: int = MAX_BYTES) -> bytes:
        """Its bytes. Raises Unreadable, with a sentence."""
        if self.problem or self.path is None:
            raise Unreadable(f"{file_name(self.name)} {self.problem or 'was not read'}.")
        return read_bytes(self.path, most)


class Source:
    """Use as a context manager: what was unpacked is removed when it ends.

    Args:
        path: of the folder or archive
        out: our own class folder, which is left out where it lies in it

    Raises NothingToGrade when there is no such folder or archive, or it cannot be read.

    Attributes:
        name: of the folder or the archive itself
        entries: all that is in it, sorted by path
        by_parts: the same by its path
        repositories: the .git folders that are in it, by the path of their repository
    """

    def __init__(self, path: Path, out: Path) -> None:
        self.path, self.name, self._out = path, path.absolute().name, out.resolve()
        self.repositories: dict[tuple[str, ...], Path] = {}
        self._temporary = tempfile.TemporaryDirectory(prefix="grader-")
        self._folder, self._count = Path(self._temporary.name), 0
        self._room = Room(MOST_UNPACKED)  # of all archives that lie in the SOURCE
        try:
            self.entries = sorted(self._found(), key=lambda each: each.parts)
        except BaseException:
            self._temporary.cleanup()
            raise

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def _found(self) -> list[Entry]:
        if self.path.is_dir():
            found = list(self._in_folder(self.path, ()))
        elif self.path.is_file() and is_archive(self.path.name):
            try:
                found = self._in_archive(self.path, ())
            except Refused as error:
                raise NothingToGrade(f"{self.path} {error}.") from None
        elif self.path.is_file() and is_notebook(self.path):
            found = [Entry((self.path.name,), self.path, self.path.stat().st_mtime)]
        else:
            raise NothingToGrade(
                f"{self.path} is no folder, notebook, .zip or .tar.gz: give one of these."
            )
        self.by_parts = {each.parts: each for each in found}
        return found

    def _in_folder(self, folder: Path, parts: tuple[str, ...]) -> Iterator[Entry]:
        """What lies in a folder and below, links not followed."""
        try:
            inner = sorted(os.scandir(folder), key=lambda each: each.name)
        except OSError as error:
            yield Entry(parts, None, problem=f"cannot be opened ({error.strerror})", is_folder=True)
            return
        seen = False
        for each in inner:
            path, here = Path(each.path), (*parts, file_name(each.name))
            if each.name == GIT and each.is_dir(follow_symlinks=False):
                self.repositories[parts] = path
            if is_left_out(path) or is_entry(path, self._out):
                continue
            seen = True
            if each.is_symlink():
                yield Entry(here, None, problem="is a symbolic link, which is not followed")
            elif each.is_dir(follow_symlinks=False):
                if len(here) > DEEPEST:
                    yield Entry(here, None, problem="lies too deep", is_folder=True)
                else:
                    yield from self._in_folder(path, here)
            else:
                status = each.stat(follow_symlinks=False)
                if not stat.S_ISREG(status.st_mode):
                    yield Entry(here, None, problem="is no ordinary file")
                elif is_archive(each.name):
                    yield from self._nested(Entry(here, path, status.st_mtime), 1)
                else:
                    big = is_notebook(path) and status.st_size > MAX_BYTES
                    problem = _big(status.st_size) if big else ""
                    yield Entry(here, path, status.st_mtime, problem)
        if not seen and parts:
            yield Entry(parts, None, is_folder=True)

    def _nested(self, archive: Entry, depth: int, room: Room | None = None) -> list[Entry]:
        """What is in an archive that lies in the SOURCE, or the archive itself and why not.

        Args:
            room: that of the archive in which this one lies, which it shares
        """
        try:
            if depth > NESTED:
                raise Refused(f"is an archive in an archive, more than {NESTED} deep")
            if archive.path is None:
                raise Refused(archive.problem)
            room = room or Room.of(archive.path, self._room)
            return self._in_archive(archive.path, archive.parts, depth, room)
        except Refused as error:
            return [replace(archive, path=None, problem=str(error))]

    def _in_archive(
        self, path: Path, parts: tuple[str, ...], depth: int = 0, room: Room | None = None
    ) -> list[Entry]:
        """All that is in an archive. Raises Refused."""
        found: list[Entry] = []
        folders: set[tuple[str, ...]] = set()
        filled: set[tuple[str, ...]] = set()
        for member in members(path):
            if room:
                room.take(member.size)
            here = (*parts, *(member.parts or (file_name(member.named),)))
            here = tuple(file_name(each) for each in here)
            if GIT in member.parts:
                self._keep_of_git(member, here)
            if len(here) > DEEPEST + len(parts) or any(
                is_left_out(Path(each)) for each in member.parts
            ):
                continue
            filled.update(here[:count] for count in range(len(here)))
            if member.is_folder and not member.problem:
                folders.add(here)
                continue
            entry = self._kept(member, here)
            if is_archive(entry.name):
                found += self._nested(entry, depth + 1, room)
            else:
                found.append(entry)
            if len(found) > MOST_ENTRIES:
                raise Refused(f"has more than {MOST_ENTRIES:,} files")
        return found + [Entry(each, None, is_folder=True) for each in folders - filled]

    def _kept(self, member: Member, here: tuple[str, ...]) -> Entry:
        """A member, saved where somebody will read it."""
        entry = Entry(here, None, member.modified, member.problem)
        most = _wanted(here[-1])
        if member.problem or not most:
            return entry
        if member.size > most:
            return replace(entry, problem=_big(member.size))
        self._count += 1
        to = self._folder / str(self._count)
        try:
            member.save(to, most)
        except Refused as error:
            to.unlink(missing_ok=True)
            return replace(entry, problem=str(error))
        return replace(entry, path=to)

    def _keep_of_git(self, member: Member, here: tuple[str, ...]) -> None:
        """Save what tells when a repository was committed to."""
        place = here.index(GIT)
        inside = here[place + 1 :]
        if member.is_folder or member.problem or not inside or inside[0] not in GIT_NEEDS:
            return
        if here[:place] not in self.repositories:
            self._count += 1
            self.repositories[here[:place]] = self._folder / f"git-{self._count}"
        to = self.repositories[here[:place]].joinpath(*inside)
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            member.save(to, MOST_GIT)
        except (Refused, OSError):
            to.unlink(missing_ok=True)


def _wanted(name: str) -> int:
    """How many bytes of a file are wanted at most; 0 where nobody reads it."""
    if is_notebook(Path(name)):
        return MAX_BYTES
    if is_archive(name):
        return MOST_NESTED
    return {TIMESTAMP: SMALL_BYTES, GRADESCOPE: MOST_METADATA}.get(name, 0)


def _big(size: int) -> str:
    return f"is too big. {too_big(size)}".rstrip(".")
