"""What was graded: results.jsonl, and which version of each submission its lines are about."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from .files import JsonLines, write_whole

Line = dict[str, Any]
Key = tuple[str, str]
COLUMNS = ("student", "lesson", "score", "max_score", "status")


def key(line: Line) -> Key:
    """The submission that a line is about: (student, lesson)."""
    return line["student"], line["lesson"]


class Results:
    """The lines of results.jsonl in a folder: exactly one per submission, ever.

    Beside it `.versions.jsonl` notes the digest of what each line graded. It is written first, and
    a line whose submission changed is dropped before that submission is graded again; so whenever
    the process is killed, a line that is there belongs to the version noted last.

    In memory are the places of the lines in the file, not the lines.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = JsonLines(folder / "results.jsonl")
        self._versions = JsonLines(folder / ".versions.jsonl")
        self._grades = folder / "grades.csv"
        self._place = {key(line): place for place, line in self._lines.scan()}
        self._version_of = {key(entry): entry["version"] for _, entry in self._versions.scan()}

    def lines(self) -> Iterator[Line]:
        """All lines, one after the other, sorted by student and lesson."""
        places = [self._place[each] for each in sorted(self._place)]
        return self._lines.read(places) if places else iter(())  # there may be no file yet

    def __contains__(self, submission: Key) -> bool:
        return submission in self._place

    def line(self, submission: Key) -> Line:
        """The line of a submission that has one."""
        return next(self._lines.read([self._place[submission]]))

    def has(self, submission: Key, version: str) -> bool:
        """Whether exactly this version of a submission was graded."""
        return submission in self._place and self._version_of.get(submission) == version

    def forget(self, submissions: set[Key]) -> None:
        """Drop the lines of submissions that are about to be graded again."""
        if submissions & self._place.keys():
            kept = [place for each, place in self._place.items() if each not in submissions]
            self._lines.rewrite(self._lines.read(kept))
            self._place = {key(line): place for place, line in self._lines.scan()}

    def add(self, graded: Sequence[tuple[Line, str]]) -> None:
        """Append the lines of submissions that were just graded, with their versions."""
        versions = {key(line): version for line, version in graded}
        lines = {key(line): line for line, _ in graded}
        self._versions.append(
            {"student": student, "lesson": lesson, "version": version}
            for (student, lesson), version in versions.items()
        )
        places = self._lines.append(lines.values())
        self._version_of.update(versions)
        self._place.update(zip(lines, places))

    def write_grades(self) -> None:
        """Write grades.csv from all lines."""
        table = csv.DictWriter(_Rows(), COLUMNS, extrasaction="ignore")
        write_whole(self._grades, chain([table.writeheader()], map(table.writerow, self.lines())))


class _Rows:
    """What csv writes to: it hands each row back."""

    def write(self, row: str) -> str:
        return row
