"""What a SOURCE hands in: one row a file, with its student, lesson, time, and what is unclear."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from grader import paths
from grader.batch.course import Course
from grader.batch.lesson_names import lesson_in, lesson_named
from grader.batch.lying import ARCHIVE
from grader.batch.persons import Roster
from grader.batch.timestamps import utc
from grader.errors import Unreadable
from grader.foreign import NOT_UTF8, encoding_of
from grader.notebook import read
from grader.submission.reading import cells_of
from grader.submission.recognise import most_like

from .lms_names import Told, is_feedback
from .names import stem
from .owners import Owners
from .rows import OTHER_CELLS, HandedIn, Row, keep_newest
from .shapes import Shapes
from .source import GRADESCOPE, Entry, Source
from .times import Submitter, committed, noted, submitters

OURS = ("lrlab", "data")  # folders of lessons/ itself, which learners hand back with it
MOST_OTHERS = 3  # files that are no notebook, of one student
NO_LESSON = "no lesson's cells are in it"
OTHER_LETTERS = "it is not UTF-8 and read as Windows writes text: look whether letters are right"
NO_NOTEBOOK = "no notebook"
START_PAGE = "the course's start page, in which nothing is to be answered: no notebook of a lesson"
CLOSED = "an archive that cannot be opened here: unpack it in its place"


class _Cells:
    """The lesson and the digest of each notebook, read once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], tuple[str, str, str]] = {}

    def read(self, entry: Entry) -> tuple[str, str, str]:
        """Lesson, digest, and what is wrong with the file."""
        if entry.parts not in self._seen:
            digest = ""
            try:
                content = entry.read()
                digest = hashlib.sha256(content).hexdigest()
                lesson = most_like(cells_of(content))
                problem = OTHER_LETTERS if encoding_of(content)[1] == NOT_UTF8 else ""
                self._seen[entry.parts] = lesson, digest, problem
            except Unreadable as error:
                self._seen[entry.parts] = "", digest, str(error).rstrip(".")
        return self._seen[entry.parts]

    def lesson(self, entry: Entry) -> str:
        return self.read(entry)[0] or named_after(entry)

    def is_start_page(self, entry: Entry) -> bool:
        """Whether no code is in a notebook but that of the course's start page."""
        lesson, digest, _ = self.read(entry)
        if lesson or not digest:
            return False
        try:
            code = [cell for cell in cells_of(entry.read()) if cell.is_code and cell.source.strip()]
        except Unreadable:
            return False
        given = _start_page()
        return bool(code) and all({each.cell_id, each.source.strip()} & given for each in code)


@cache
def _start_page() -> frozenset[str]:
    """The ids and the texts of the start page's cells; none where a course has no such page."""
    cells = read(paths.START_PAGE).cells if paths.START_PAGE.is_file() else ()
    return frozenset(text for cell in cells for text in (cell.id, cell.source.strip()))


def named_after(entry: Entry) -> str:
    """The lesson that a file or its nearest folder is called after."""
    names = [stem(entry.name), *reversed(entry.parts[:-1])]
    return next(filter(None, (lesson_named(each) or lesson_in(each) for each in names)), "")


def handed_in(
    source: Source, roster: Roster, course: Course, before: Sequence[Mapping[str, Any]] = ()
) -> HandedIn:
    """Tell of each file whose it is, what it is, and which of several counts.

    Args:
        before: lines of collected.jsonl about other files of the class, which have told ids apart
    """
    cells = _Cells()
    entries = [
        replace(each, is_start_page=each.is_notebook and cells.is_start_page(each))
        for each in source.entries
        if each.name != GRADESCOPE and not is_feedback(each)
    ]
    notebooks = [each for each in entries if each.is_notebook]
    others = [
        each for each in entries if not each.is_notebook and not set(OURS) & set(each.parts[:-1])
    ]
    shapes = Shapes(
        [*notebooks, *others], cells.lesson, roster.knows, source.repositories, source.name
    )
    exports = {
        parts[: parts.index(told.back)]
        for parts, told in shapes.told.items()
        if told.shape == "gradescope"
    }
    people = submitters(source.entries, exports)
    rows = [row for entry in notebooks for row in _rows(entry, shapes.told[entry.parts], people)]
    newest = cache(committed)  # A repository is read once, however many notebooks are in it.
    for row in rows:
        _read(row, cells)
        row.handed_in = _time(row, source, newest, course)
    rows += _without_notebook(others, shapes, {row.key for row in rows}, people)
    numbered = Owners(rows, roster, before).assign()
    for row in rows:
        row.late_seconds = course.late_seconds(row.student, row.lesson, row.handed_in)
        if row.told.late and not row.late_seconds:
            row.note("late, says Canvas, but not how late: nothing is taken for that")
    keep_newest(rows)
    rows.sort(key=lambda row: (row.student.casefold(), row.lesson, row.file))
    seen = {row.student for row in rows}
    absent = [each for each in roster.people if each.student not in seen]
    return HandedIn(rows, absent, numbered)


def _rows(
    entry: Entry, told: Told, people: Mapping[tuple[str, ...], Sequence[Submitter]]
) -> Iterator[Row]:
    """One row, or one for each member of a group."""
    file = "/".join(entry.parts)
    found: Sequence[Submitter] = ()
    if told.shape == "gradescope":
        found = people.get(entry.parts[: entry.parts.index(told.back) + 1], ())
    if found:
        for each in found:
            yield Row(file, told, entry, submitter=each, notebook=entry.is_notebook)
    else:
        yield Row(file, told, entry, notebook=entry.is_notebook)


def _read(row: Row, cells: _Cells) -> None:
    """Set the lesson and the digest of a row's notebook, and what is unclear about them."""
    lesson, row.digest, problem = cells.read(row.entry)
    named = named_after(row.entry)
    row.lesson = lesson or (named if problem or row.digest else "")
    row.note(problem)
    if not (problem or lesson):
        row.note(NO_LESSON)
    if lesson and named not in ("", lesson):
        row.note(f"called {named}, {OTHER_CELLS} {lesson}")
    row.note(row.told.doubt)


def _time(
    row: Row, source: Source, newest: Callable[[Path], datetime | None], course: Course
) -> datetime | None:
    """When it was handed in, by the first that has noted it.

    An LMS comes before a timestamp.txt: its owner may have written that one.
    """
    by_clock = course.utc(row.lesson, row.told.clock)
    if row.told.clock and row.told.lms:
        return by_clock
    said = utc(row.said) if row.told.clock is None else None
    if found := said or noted(source, row.entry, row.told):
        return found
    for count in range(len(row.entry.parts) - 1, 0, -1) if row.told.shape == "repository" else ():
        if git := source.repositories.get(row.entry.parts[:count]):
            return newest(git)
    return by_clock


def _without_notebook(
    others: Iterable[Entry],
    shapes: Shapes,
    have: set[tuple[str, str]],
    people: Mapping[tuple[str, ...], Sequence[Submitter]],
) -> Iterator[Row]:
    """What lies there of those who handed in no notebook at all, and archives that are closed."""
    count: Counter[tuple[str, str]] = Counter()
    for entry in others:
        for row in _rows(entry, shapes.told[entry.parts], people):
            named = bool(row.who)
            if not (entry.problem or (named and row.key not in have)):
                continue
            count[row.key] += 1
            if count[row.key] <= MOST_OTHERS or entry.problem:
                row.notebook = False
                row.note(entry.problem or _what(entry))
                yield row


def _what(entry: Entry) -> str:
    """What an entry is that is no notebook, and what to do where one may be in it."""
    if entry.is_folder:
        return "nothing in it"
    if entry.is_start_page:
        return START_PAGE
    return CLOSED if ARCHIVE.search(entry.name) else NO_NOTEBOOK
