"""Feedback pages as an LMS takes them back, or as a person hands them out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from grader.batch.files import write_whole
from grader.collect.write import collected
from grader.errors import CannotBegin
from grader.lines import Key
from grader.untrusted import one_line

from .people import People

UNWRITABLE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')  # in a file's name on Windows
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
NAME_BYTES = 120
ENDING = ".html"


@dataclass
class Pages:
    """What was written, and sentences on whose page was not."""

    written: list[Path] = field(default_factory=list)
    count: int = 0
    trouble: list[str] = field(default_factory=list)


def for_lms(lms: str, out: Path, target: Path) -> Pages:
    """A zip a lesson, because an LMS takes one an assignment, with the names of its download.

    Args:
        target: the zip; with several lessons, the lesson's name is added to its name.

    Raises CannotBegin when nothing of this LMS was collected.
    """
    rows = [row for row in collected(out) if row["lms"] == lms and row["kept"]]
    if not rows:
        raise CannotBegin(
            f"Nothing in {out} came from a {lms.capitalize()} download that `grader collect` took: "
            "`grader export feedback folder` writes the pages under the students' names."
        )
    pages = Pages()
    entries: dict[str, dict[str, Path]] = defaultdict(dict)
    for row in rows:
        page = _page(out, (row["student"], row["lesson"]))
        who = one_line(f"{row['student']}, {row['lesson']}")
        if not page.exists():
            pages.trouble.append(f"{who}: there is no page, so grade it first.")
        elif _leads_elsewhere(row["name"]):
            pages.trouble.append(f"{who}: the name {one_line(row['name'])!r} cannot go back.")
        else:
            in_folder = row["name"] in row["file"].split("/")[:-1]
            name = f"{row['name']}/{row['lesson']}{ENDING}" if in_folder else row["name"] + ENDING
            entries[row["lesson"]][name] = page
    for lesson, files in sorted(entries.items()):
        one = len(entries) == 1
        path = target if one else target.with_name(f"{target.stem}-{lesson}{target.suffix}")
        write_whole(path, _zipped(files))
        pages.written.append(path)
        pages.count += len(files)
    return pages


def for_people(out: Path, submissions: Iterable[Key], people: People, target: Path) -> Pages:
    """A folder LESSON/NAME.html, in which every student has a name that tells them apart.

    Raises CannotBegin when `target` has files in it.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CannotBegin(f"{target} is there already: name a new folder with -o, or remove it.")
    pages = Pages()
    there = [each for each in submissions if _page(out, each).exists()]
    names = _names(sorted({student for student, _ in there}), people)
    for student, lesson in there:
        path = target / lesson / (names[student] + ENDING)
        write_whole(path, _page(out, (student, lesson)).read_bytes())
        pages.count += 1
    pages.written.append(target)
    return pages


def _page(out: Path, submission: Key) -> Path:
    student, lesson = submission
    return out / "feedback" / student / lesson / f"{lesson}{ENDING}"


def _leads_elsewhere(name: str) -> bool:
    return not name or name in (".", "..") or bool(re.search(r"[/\\\x00]", name))


def _zipped(files: dict[str, Path]) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            archive.writestr(name, path.read_bytes())
    return content.getvalue()


def _names(students: list[str], people: People) -> dict[str, str]:
    """A file's name for each student: their own, with the student's id where several share one."""
    plain = {each: _file_name(people[each].name or each) for each in students}
    count = Counter(name.casefold() for name in plain.values())
    taken: set[str] = set()
    names = {}
    for student, name in plain.items():
        if count[name.casefold()] > 1:
            name = _file_name(f"{name} ({student})")
        number, unique = 1, name
        while unique.casefold() in taken:
            number += 1
            unique = f"{name} {number}"
        taken.add(unique.casefold())
        names[student] = unique
    return names


def _file_name(name: str) -> str:
    """A person's name as every system can name a file."""
    safe = UNWRITABLE.sub("_", one_line(unicodedata.normalize("NFC", name))).strip(" .")
    safe = safe.encode()[:NAME_BYTES].decode("utf-8", "ignore").strip(" .") or "_"
    return f"_{safe}" if RESERVED.match(safe) else safe
