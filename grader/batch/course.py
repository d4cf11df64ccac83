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
from grader.foreign import text_of
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
EXAMPLES = {
    "due": "due = 2027-03-01T23:59:00+01:00",
    "grace_minutes": "grace_minutes = 15",
    "percent_a_day": "percent_a_day = 10.5",
}
EXTENSIONS = '"jane" = 3', '"jane" = 2027-03-08T12:00:00+01:00'
TOO_FAR = (
    "the time lies too far away: write a nearer one, or leave the line out where nothing is ever "
    "late"
)
WHERE = re.compile(r"(.*) \(at line (\d+), column \d+\)")  # what tomllib says


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
        try:
            return clock.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # it is as far from today as a calendar goes
            return None


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
        text = text_of(path.read_bytes())
        tables = tomllib.loads(text)
    except OSError as error:
        raise CannotBegin(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise CannotBegin(_unreadable(path, text, str(error))) from None
    reader = _Reader(path, text)
    return Course({lesson: reader.terms(lesson, table) for lesson, table in tables.items()})


def _unreadable(path: Path, text: str, error: str) -> str:
    """The sentence on a line that is no TOML, with one that is."""
    found = WHERE.fullmatch(error)
    if not found:
        return f"{path} cannot be read: {error}."
    number = int(found[2])
    line = text.split("\n")[number - 1].strip()
    setting = re.match(r"\w*", line)
    example = "[steplr]" if line.startswith("[") else _example(setting[0] if setting else "")
    return f"{path}, line {number}: {line} is no TOML ({found[1]}): write it as in {example}."


def _example(setting: str) -> str:
    """A line that can be read; any other name than a setting's is that of a student."""
    return EXAMPLES.get(setting, EXTENSIONS[0])


class _Reader:
    """Turns tables into terms, and knows on which line a value stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.split("\n")

    def terms(self, lesson: str, table: Any) -> Terms:
        if lesson not in LESSONS:
            raise self._wrong(lesson, "", f"there is no such lesson; they are {', '.join(LESSONS)}")
        if not isinstance(table, dict):
            raise self._wrong(lesson, "", f"a lesson is a table: [{lesson}]")
        known = ("due", "grace_minutes", "percent_a_day", "extensions")
        for name in table:
            if name not in known:
                raise self._wrong(lesson, name, f"there is no such setting; {', '.join(known)} are")
        due = self._time(lesson, "due", table["due"], EXAMPLES["due"]) if "due" in table else None
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
        table = f"{lesson}.extensions"
        if "\0" in student:  # PostgreSQL takes no such text, which would show when all is graded
            raise self._wrong(table, student, "no name has a NUL character")
        if isinstance(value, dict):
            raise self._wrong(table, student, f"a name stands in quotes, as in {EXTENSIONS[0]}")
        if not is_number(value) and not isinstance(value, date):
            what = f"a number of days or a date, without quotes, is expected, as in {EXTENSIONS[0]}"
            raise self._wrong(table, student, what)
        due = due or datetime.max
        if isinstance(value, date):
            later = self._time(table, student, value, EXTENSIONS[1]) - due
        else:
            later = timedelta(days=self._number(table, student, {student: value}, 3650))
        if later < timedelta():
            raise self._wrong(table, student, "it lies before the due date")
        if later > datetime.max - due:
            raise self._wrong(table, student, TOO_FAR)
        return later

    def _number(self, table: str, name: str, values: dict[str, Any], most: float) -> float:
        value = values.get(name, 0)
        if not is_number(value) or not 0 <= value <= most:
            what = f"it is a number from 0 to {most:g}, not {value!r}, as in {_example(name)}"
            raise self._wrong(table, name, what)
        return float(value)

    def _time(self, table: str, name: str, value: Any, example: str) -> datetime:
        if not isinstance(value, datetime) or value.tzinfo is None:
            lacks = "an offset from UTC" if isinstance(value, date) else "a date without quotes"
            raise self._wrong(table, name, f"{lacks} is expected, as in {example}")
        try:
            return value.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise self._wrong(table, name, TOO_FAR) from None

    def _wrong(self, table: str, name: str, what: str) -> CannotBegin:
        """The error that says on which line something stands, as far as that can be found."""
        here, number = "", 0
        for count, line in enumerate(self._lines, start=1):
            if head := re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(#.*)?", line):
                here = re.sub(r"[\s\"']", "", head[1])
                number = number or count * (not name and here == table)
                number = number or count * (f"{table}.{name}" == here)
            elif re.match(rf"\s*[\"']?{re.escape(name or table)}[\"']?\s*[.=]", line):
                number = number or count * (here == table or not name)
        where = f", line {number}" if number else ""
        of = f"[{table}] {name}".rstrip()
        return CannotBegin(f"{self._path}{where}: {of}: {what}.")
