"""results.jsonl: one line for each submission that was graded, and of which version it is.

grades.csv says of the same submissions what the gradebook says of them.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from grader.lines import Key, Line, key
from grader.untrusted import csv_cell, one_line

from .files import JsonLines, write_whole

COLUMNS = (
    "student",
    "name",
    "email",
    "lesson",
    "score",
    "max_score",
    "status",
    "auto",
    "manual",
    "extra",
    "penalty",
    "late_seconds",
    "comment",
)


class Results:
    """The lines of results.jsonl in a folder: exactly one per submission, ever.

    A line's `version` tells what exactly it graded; one that has none is graded again. In memory
    are the places of the lines in the file and their versions, not the lines.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = JsonLines(folder / "results.jsonl", ("student", "lesson"))
        self._grades = folder / "grades.csv"
        self._scan()

    def _scan(self) -> None:
        self._place: dict[Key, int] = {}
        self._version_of: dict[Key, str] = {}
        for place, line in self._lines.scan():
            self._place[key(line)] = place
            self._version_of[key(line)] = line.get("version", "")

    def lines(self) -> Iterator[Line]:
        """All lines, one after the other, sorted by student and lesson."""
        places = [self._place[each] for each in self]
        return self._lines.read(places) if places else iter(())  # there may be no file yet

    def __contains__(self, submission: Key) -> bool:
        return submission in self._place

    def line(self, submission: Key) -> Line:
        """The line of a submission that has one."""
        return next(self._lines.read([self._place[submission]]))

    def has(self, submission: Key, version: str) -> bool:
        """Whether exactly this version of a submission was graded."""
        return submission in self._place and self._version_of.get(submission) == version

    def fingerprint(self) -> str:
        """It changes when anything is graded that was not, or is forgotten."""
        versions = sorted((*each, self._version_of[each]) for each in self._place)
        return hashlib.sha256(json.dumps(versions).encode()).hexdigest()

    def forget(self, submissions: set[Key]) -> None:
        """Drop the lines of submissions that are about to be graded again."""
        if submissions & self._place.keys():
            kept = [place for each, place in self._place.items() if each not in submissions]
            self._lines.rewrite(self._lines.read(kept))
            self._scan()

    def add(self, graded: Sequence[Line]) -> None:
        """Append the lines of submissions that were just graded."""
        lines = {key(line): line for line in graded}
        places = self._lines.append(lines.values())
        self._place.update(zip(lines, places))
        self._version_of.update({each: line["version"] for each, line in lines.items()})

    def __iter__(self) -> Iterator[Key]:
        """All submissions that have a line, sorted."""
        return iter(sorted(self._place))

    def write_grades(self, lines: Iterable[Line]) -> None:
        """Write grades.csv from lines with the gradebook's marks."""
        table = csv.DictWriter(_Rows(), COLUMNS)
        rows = map(table.writerow, map(_row, lines))
        write_whole(self._grades, chain([table.writeheader()], rows))


def _row(line: Line) -> dict[str, object]:
    texts = {"student": line["student"], "lesson": line["lesson"]}
    numbers: dict[str, object] = {
        "score": line["score"],
        "max_score": line["max_score"],
        "auto": line["score"],
    }
    if "marks" in line:
        marks = line["marks"]
        texts |= {
            "name": marks["name"],
            "email": marks["email"],
            "comment": "; ".join(each["comment"] for each in marks["by_hand"] if each["comment"]),
        }
        columns = ("score", "max_score", "auto", "manual", "extra", "penalty", "late_seconds")
        numbers = {column: marks[column] for column in columns}  # type: ignore[literal-required]
    safe = {column: csv_cell(one_line(text)) for column, text in texts.items()}
    return {**safe, **numbers, "status": line["status"]}


class _Rows:
    """A file for csv to write to that hands each row back."""

    def write(self, row: str) -> str:
        return row
