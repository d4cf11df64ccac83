"""DIR/course.toml: when each lesson is due, and what being late costs."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from grader.errors import CannotBegin
from grader.exercises import LESSONS
from lrlab.checking.compare import is_number

from .files import write_whole

COURSE = "course.toml"
DAY = 86_400
HEAD = """\
# When each lesson is due, and what being late costs. Every run of grader reads this file, and so do
# nbgrader autograde and formgrader's buttons; `grader report` brings all marks up to date with it.
#
# due            date, time and offset from UTC. Without it, the gradebook's own due date holds.
# grace_minutes  so much later costs nothing yet.
# percent_a_day  of what was earned, for each day begun after the due date.
# extensions     a student's own due date, or how many days later it is. Students are named as in
#                grades.csv.
"""
TABLE = """
[{lesson}]
# due = 2027-03-01T23:59:00+01:00
grace_minutes = 15
percent_a_day = 10

[{lesson}.extensions]
# "jane" = 3
# "john" = 2027-03-08T12:00:00+01:00
"""
EXAMPLE = "2027-03-01T23:59:00+01:00"


@dataclass(frozen=True)
class Terms:
    """What holds for one lesson. Times are in UTC without a zone, as nbgrader has them."""

    due: datetime | None = None
    zone: tzinfo | None = None  # of the due date
    grace: timedelta = timedelta()
    percent_a_day: float = 0.0
    extensions: dict[str, timedelta] = field(default_factory=dict)

    def penalty(self, score: float, late_seconds: float) -> float:
        """What is taken of a score that is `late_seconds` late, counted from the own due date."""
        if late_seconds <= self.grace.total_seconds():
            return 0.0
        return score * min(1.0, self.percent_a_day / 100 * math.ceil(late_seconds / DAY))


@dataclass(frozen=True)
class Course:
    """The terms of those lessons that have a due date."""

    terms: dict[str, Terms] = field(default_factory=dict)

    def late_seconds(self, student: str, lesson: str, at: datetime | None) -> float:
        """How late, extensions counted and grace not; 0 where one of the times is not known."""
        terms = self.terms.get(lesson)
        if at is None or terms is None or terms.due is None:
            return 0.0
        due = terms.due + terms.extensions.get(student, timedelta())
        return max(0.0, (at - due).total_seconds())

    def utc(self, lesson: str, clock: datetime | None) -> datetime | None:
        """A time by a clock that says no zone, in UTC: that of the lesson's due date is taken.

        None where there is none, because then nobody knows.
        """
        zone = self.terms[lesson].zone if lesson in self.terms else None
        if clock is None or zone is None:
            return None
        return clock.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def make(out: Path) -> Path:
    """Write a course.toml to be filled in. Raises CannotBegin where there is one already."""
    path = out / COURSE
    if path.exists():
        raise CannotBegin(f"{path} is there already: edit it, or move it away first.")
    write_whole(path, HEAD + "".join(TABLE.format(lesson=each) for each in LESSONS))
    return path


def load(path: Path) -> Course:
    """The course as the file says; no terms where there is no file.

    Raises CannotBegin, with the line, where it says something that cannot be.
    """
    if not path.is_file():
        return Course()
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:  # tomllib says the line
        raise CannotBegin(f"{path} cannot be read: {error}.") from None
    reader = _Reader(path, text)
    return Course({lesson: reader.terms(lesson, table) for lesson, table in tables.items()})


class _Reader:
    """Turns tables into terms, and knows on which line a value stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.splitlines()

    def terms(self, lesson: str, table: Any) -> Terms:
        if lesson not in LESSONS:
            raise self._wrong(lesson, "", f"there is no such lesson; they are {', '.join(LESSONS)}")
        if not isinstance(table, dict):
            raise self._wrong(lesson, "", f"a lesson is a table: [{lesson}]")
        known = ("due", "grace_minutes", "percent_a_day", "extensions")
        for name in table:
            if name not in known:
                raise self._wrong(lesson, name, f"there is no such setting; {', '.join(known)} are")
        due = self._time(lesson, "due", table["due"]) if "due" in table else None
        extensions = table.get("extensions", {})
        if not isinstance(extensions, dict):
            raise self._wrong(lesson, "extensions", f"it is a table: [{lesson}.extensions]")
        if extensions and due is None:
            raise self._wrong(lesson, "extensions", "there is no due date that they could extend")
        return Terms(
            due,
            table["due"].tzinfo if due else None,
            timedelta(minutes=self._number(lesson, "grace_minutes", table, 365 * 24 * 60)),
            self._number(lesson, "percent_a_day", table, 100),
            {name: self._extension(lesson, name, value, due) for name, value in extensions.items()},
        )

    def _extension(self, lesson: str, student: str, value: Any, due: datetime | None) -> timedelta:
        if "\0" in student:  # PostgreSQL takes no such text, which would show when all is graded
            raise self._wrong(f"{lesson}.extensions", student, "no name has a NUL character")
        if is_number(value):
            days = self._number(f"{lesson}.extensions", student, {student: value}, 3650)
            return timedelta(days=days)
        later = self._time(f"{lesson}.extensions", student, value) - (due or datetime.max)
        if later < timedelta():
            raise self._wrong(f"{lesson}.extensions", student, "it lies before the due date")
        return later

    def _number(self, table: str, name: str, values: dict[str, Any], most: float) -> float:
        value = values.get(name, 0)
        if not is_number(value) or not 0 <= value <= most:
            raise self._wrong(table, name, f"it is a number from 0 to {most:g}, not {value!r}")
        return float(value)

    def _time(self, table: str, name: str, value: Any) -> datetime:
        if not isinstance(value, datetime) or value.tzinfo is None:
            lacks = "an offset from UTC" if isinstance(value, date) else "a date without quotes"
            raise self._wrong(table, name, f"{lacks} is expected, as in {EXAMPLE}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def _wrong(self, table: str, name: str, what: str) -> CannotBegin:
        """The error that says on which line something stands, as far as that can be found."""
        here, number = "", 0
        for count, line in enumerate(self._lines, start=1):
            if head := re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(#.*)?", line):
                here = re.sub(r"[\s\"']", "", head[1])
                number = number or count * (not name and here == table)
                number = number or count * (f"{table}.{name}" == here)
            elif re.match(rf"\s*[\"']?{re.escape(name or table)}[\"']?\s*=", line):
                number = number or count * (here == table or not name)
        where = f", line {number}" if number else ""
        of = f"[{table}] {name}".rstrip()
        return CannotBegin(f"{self._path}{where}: {of}: {what}.")
