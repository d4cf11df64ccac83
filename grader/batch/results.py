"""results.jsonl: one line for each submission that was graded, and of which version it is.

grades.csv says of the same submissions what the gradebook says of them.
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count
from pathlib import Path

from grader.lines import Key, Line, key
from grader.untrusted import csv_cell, one_line

from .files import JsonLines, write_whole

log = logging.getLogger(__name__)
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
        self._grades, self._written = folder / "grades.csv", folder / ".grades"
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
        """Write grades.csv from lines with the gradebook's marks.

        Whatever a person has changed in it is kept in another file.
        """
        there = self._digest_of_grades()
        if there and self._written.exists() and there not in self._written.read_text().split():
            self._keep_edited()
        table = csv.DictWriter(_Rows(), COLUMNS)
        rows = map(table.writerow, map(_row, lines))
        write_whole(self._grades, self._noted(chain([table.writeheader()], rows), there))

    def _digest_of_grades(self) -> str:
        """A fingerprint of grades.csv, "" if there is none; a link in its place is none."""
        if self._grades.is_symlink() or not self._grades.is_file():
            return ""
        with open(self._grades, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _keep_edited(self) -> None:
        ends = chain([""], (f"-{number}" for number in count(2)))
        copies = (self._grades.with_name(f"grades-edited{end}.csv") for end in ends)
        copy = next(each for each in copies if not each.exists())
        write_whole(copy, self._grades.read_bytes())
        log.warning(
            "%s was changed since it was written, and has the gradebook's marks again; %s keeps "
            "what it said. Change marks in formgrader, then run grader report.",
            *(self._grades, copy),
        )

    def _noted(self, parts: Iterable[str], there: str) -> Iterator[str]:
        """The parts as they are. Before they take their place, it is noted that they are ours.

        So is what is there now: a process may be killed before they do.
        """
        digest = hashlib.sha256()
        for part in parts:
            digest.update(part.encode())
            yield part
        write_whole(self._written, f"{there} {digest.hexdigest()}")


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
