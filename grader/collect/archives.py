"""Read .zip and .tar archives member by member, and believe nothing that they say of themselves.

Nothing is unpacked by the name that it has in an archive: a member is read only where somebody
wants it, and written to a numbered file of our own.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

MIB = 2**20
ALWAYS_ALLOWED = 200 * MIB  # unpacked, however small the archive is
MOST_RATIO = 100  # unpacked to packed: notebooks with outputs stay far below, bombs are far above
MOST_UNPACKED = 8 * 1024 * MIB
MOST_MEMBERS = 500_000
MOST_HEADER = 16 * MIB  # a tar's own words about one member, which are read into memory
NAME_BYTES = 255  # of one file or folder, everywhere; an archive may say any name
NAME_SHOWN = 60
CHUNK = MIB
NAMES = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))$", re.IGNORECASE)
MAGIC: tuple[tuple[bytes, Any], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ", lzma.open),
)
UTF8 = 0x800  # the flag of a zip's member whose name is UTF-8
AS_READ = "cp437"  # what `zipfile` takes all other names for
ENCODINGS = (AS_READ, "cp850", "cp1252")  # what programs write, and do not say so
ENCRYPTED = 0x1


class Refused(Exception):
    """An archive, or a member of one, is not read; the message says why, without a subject."""


@dataclass(frozen=True)
class Member:
    """One file, link or folder in an archive.

    Attributes:
        parts: the folders on its path, and its name; () where the path leads out of the archive
        named: its path as the archive has it
        modified: seconds since 1970; only good to tell which of two members is newer
        problem: why it is not read, else ""
        is_folder: whether it is a folder
        save: writes at most so many bytes of it to a path, and raises Refused where it has more
    """

    parts: tuple[str, ...]
    named: str
    size: int
    modified: float
    problem: str
    is_folder: bool
    save: Callable[[Path, int], None]


class Room:
    """How many bytes may still be unpacked, in one place and in all that it is a part of."""

    def __init__(self, most: int, above: Room | None = None) -> None:
        self.most = self._left = most
        self._above = above

    @classmethod
    def of(cls, archive: Path, above: Room | None = None) -> Room:
        """What an archive of this size may unpack to."""
        allowed = max(ALWAYS_ALLOWED, MOST_RATIO * archive.stat().st_size)
        return cls(min(MOST_UNPACKED, allowed), above)

    def take(self, size: int) -> None:
        """Raises Refused where there is not so much left, and then takes nothing."""
        if size > self._left:
            raise Refused(_too_much(self.most))
        if self._above:
            self._above.take(size)
        self._left -= size


def is_archive(name: str) -> bool:
    """Whether a file is called like an archive that can be opened here."""
    return bool(NAMES.search(name))


def members(path: Path) -> Iterator[Member]:
    """All members of an archive, in its order. Each must be saved before the next is asked for.

    Raises Refused when it cannot be read, or unpacks to more than any class hands in.
    """
    try:
        room = Room.of(path)
        found = _zipped(path) if zipfile.is_zipfile(path) else _tarred(path, room.most)
        for number, each in enumerate(found):
            room.take(each.size)
            if number == MOST_MEMBERS:
                raise Refused(_too_much(room.most))
            yield each
    except Refused:
        raise
    except Exception as error:  # A stranger's bytes: what reads them raises whatever it likes.
        raise Refused(f"cannot be opened as an archive ({_said(error)})") from None


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _too_much(most: int) -> str:
    return (
        f"unpacks to more than {most // MIB:,} MiB or {MOST_MEMBERS:,} files, as no class does: "
        "look into it, unpack it yourself, and give the folder"
    )


def _zipped(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        encoding = _encoding([each.filename for each in archive.infolist() if not _is_utf8(each)])
        for info in archive.infolist():
            mode = info.external_attr >> 16
            problem = ""
            if info.flag_bits & ENCRYPTED:
                problem = "is encrypted: hand it over without a password"
            elif mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or not stat.S_IFMT(mode)):
                problem = "is a link or a device, which is not followed"
            yield _member(
                _zip_name(info, encoding),
                info.file_size,
                _local_time(info.date_time),
                problem,
                info.filename.endswith("/"),  # `is_dir` raises where there is no name
                lambda: archive.open(info),  # noqa: B023 (saved before the next is asked for)
            )


def _is_utf8(info: zipfile.ZipInfo) -> bool:
    return bool(info.flag_bits & UTF8)


def _zip_name(info: zipfile.ZipInfo, encoding: str) -> str:
    """The name as it was meant, where the zip does not say how it is written."""
    return info.filename if _is_utf8(info) else _decoded(info.filename, encoding) or info.filename


def _encoding(names: Iterable[str]) -> str:
    """The first encoding in which all names of an archive that says none read like names."""
    odd = [each for each in names if not each.isascii()]
    if all(_decoded(each, "utf-8") for each in odd):
        return "utf-8"
    fitting = (each for each in ENCODINGS if all(_reads_well(_decoded(n, each)) for n in odd))
    return next(fitting, AS_READ)


def _decoded(name: str, encoding: str) -> str:
    """A name that was read as if it were AS_READ; "" where it cannot be of this encoding."""
    try:
        return name.encode(AS_READ).decode(encoding)
    except UnicodeError:
        return ""


def _reads_well(name: str) -> bool:
    """Whether all that is not ASCII are Latin letters, of which none is large after a small one."""
    odd = [number for number, letter in enumerate(name) if not letter.isascii()]
    return bool(odd) and all(
        unicodedata.name(name[number], "").startswith("LATIN ")
        and not (name[number].isupper() and name[number - 1 : number].islower())
        for number in odd
    )


def _local_time(parts: tuple[int, ...]) -> float:
    try:
        return datetime(*parts[:6], tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]
    except ValueError:  # the month 0
        return 0.0


def _tarred(path: Path, most: int) -> Iterator[Member]:
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        start = raw.read(8)
        raw.seek(0)
        unpack = next((each for magic, each in MAGIC if start.startswith(magic)), None)
        stream: Any = stack.enter_context(unpack(raw)) if unpack else raw
        counted = _Counted(stream, most)
        archive = stack.enter_context(
            tarfile.open(fileobj=counted, mode="r|", errors="surrogateescape")  # type: ignore[call-overload]
        )
        for info in archive:
            counted.expect(info.size)
            problem = ""
            if not (info.isreg() or info.isdir()):
                problem = "is a link or a device, which is not followed"
            yield _member(
                info.name,
                info.size,
                info.mtime,
                problem,
                info.isdir(),
                lambda: archive.extractfile(info),  # noqa: B023
            )


class _Counted:
    """A stream of a tar that ends with Refused where it brings more than its headers announce."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._most, self._read = stream, most, 0
        self._expected = 2 * MOST_HEADER

    def expect(self, size: int) -> None:
        """Some bytes more, of a member and of what the tar says of the next one."""
        self._expected = max(self._expected, self._read + max(size, 0) + MOST_HEADER)
        if size > self._most:
            raise Refused(_too_much(self._most))

    def read(self, count: int) -> bytes:
        data = self._stream.read(count)
        self._read += len(data)
        if self._read > self._expected:
            raise Refused(_too_much(self._most))
        return data


def _member(
    named: str,
    size: int,
    modified: float,
    problem: str,
    is_folder: bool,
    opened: Callable[[], IO[bytes]],
) -> Member:
    path = named.replace("\\", "/")
    parts = tuple(each for each in path.split("/") if each not in ("", "."))
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        parts, problem = (), "has a path that leads out of the archive"
    elif not parts and not is_folder:
        named, problem = "?", "has no name"
    elif any(len(each.encode("utf-8", "surrogateescape")) > NAME_BYTES for each in parts):
        parts, problem = (), "has a name that is too long for any file"
        named = f"{named[:NAME_SHOWN]}…"

    def save(to: Path, most: int) -> None:
        written = 0
        try:
            with opened() as stream, to.open("xb") as file:
                while data := stream.read(CHUNK):
                    written += len(data)
                    if written > most:
                        raise Refused(f"has more than {most // MIB} MiB")
                    file.write(data)
        except Refused:
            raise
        except Exception as error:  # As above.
            raise Refused(f"cannot be read ({_said(error)})") from None

    return Member(parts, named, size, modified, problem, is_folder, save)
