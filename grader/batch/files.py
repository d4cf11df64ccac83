"""Write files so that a full disk or a killed process leaves the old ones whole."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

from grader.errors import CannotBegin
from grader.untrusted import json_text

OWNER_ONLY = 0o600
SEPARATORS = {0x2028: "\\u2028", 0x2029: "\\u2029"}  # some readers end a line at these, too


def write_whole(path: Path, text: str | bytes | Iterable[str], mode: int = OWNER_ONLY) -> None:
    """Replace a file by `text`, or leave it as it was. Raises OSError when it cannot be written.

    Bytes are written as they are. Parts of a text are written one after the other, so that not all
    need be in memory. `mode` is that of a new file; one that was shared on purpose stays as it is
    shared. New folders are their owner's: their names are those of students.
    """
    make_folder(path.parent)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # a killed run has left it, or somebody else a link to a file
    try:
        with open(part, "xb", opener=owner_only) as file:
            os.chmod(part, _mode(path, mode))
            if isinstance(text, bytes):
                file.write(text)
            else:
                parts = [text] if isinstance(text, str) else text
                file.writelines(each.encode() for each in parts)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, open to their owner only."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)


def owner_only(path: str, flags: int) -> int:
    """An `opener` for `open`: whatever is made is its owner's."""
    return os.open(path, flags, OWNER_ONLY)


def _mode(path: Path, of_a_new_one: int) -> int:
    """The permissions of a file as it is, or those of a new one: a link has no say in them."""
    try:
        is_there = path.lstat().st_mode
    except OSError:
        return of_a_new_one
    return stat.S_IMODE(is_there) if stat.S_ISREG(is_there) else of_a_new_one


class JsonLines:
    """A file of JSON objects, one a line, that is appended to and survives being cut off.

    Args:
        has: the names that every object has.
    """

    def __init__(self, path: Path, has: Collection[str]) -> None:
        self.path, self._has = path, frozenset(has)

    def scan(self) -> Iterator[tuple[int, Any]]:
        """All whole lines with their places, which `read` takes.

        A last line that a killed process left unfinished is removed for good. Raises CannotBegin,
        with the line's number, where somebody or something else has changed the file.
        """
        if not self.path.exists():
            return
        place = 0
        with open(self.path, "rb") as file:
            for number, line in enumerate(file, start=1):
                entry, ended = self._entry(line), line.endswith(b"\n")
                if entry is None and ended:
                    raise CannotBegin(
                        f"{self.path}, line {number}, is not as it was written here: set it right "
                        "from a copy, or delete this line, and what it was about is taken in again."
                    )
                if entry is None:
                    os.truncate(self.path, place)
                    return
                yield place, entry
                place += len(line)
                if not ended:  # as some editors save a file
                    with open(self.path, "ab") as end:
                        end.write(b"\n")
                    return

    def _entry(self, line: bytes) -> Any:
        """The object in a line; None if it is none of this file's."""
        try:
            entry = json.loads(line)
        except ValueError:
            return None
        return entry if isinstance(entry, dict) and self._has <= entry.keys() else None

    def read(self, places: Iterable[int]) -> Iterator[Any]:
        """The lines at some places."""
        with open(self.path, "rb") as file:
            for place in places:
                file.seek(place)
                yield json.loads(file.readline())

    def append(self, entries: Iterable[Mapping[str, object]]) -> list[int]:
        """Add lines, all of them or none; return their places.

        Raises OSError when they cannot be written.
        """
        lines = [_line(entry).encode() for entry in entries]
        data = b"".join(lines)
        with open(self.path, "ab", buffering=0, opener=owner_only) as file:
            size = file.tell()
            try:
                written = file.write(data)
                if written != len(data):
                    file.write(data[written:])
            except OSError:
                file.truncate(size)
                raise
        return list(accumulate(map(len, lines[:-1]), initial=size)) if lines else []

    def rewrite(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Replace all lines. They may be read from here meanwhile."""
        write_whole(self.path, map(_line, entries))


def _line(entry: Mapping[str, object]) -> str:
    text = json_text(json.dumps(entry, ensure_ascii=False))
    return text.translate(SEPARATORS) + "\n"
