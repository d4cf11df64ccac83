"""results.jsonl: one line for each submission that was graded, and of which version it is."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from grader.lines import Key, Line, key
from grader.untrusted import csv_cell, one_line

from .files import JsonLines, write_whole

COLUMNS = ("student", "lesson", "score", "max_score", "status")


class Results:
    """The lines of results.jsonl in a folder: exactly one per submission, ever.

    A line's `version` tells what exactly it graded; one that has none is graded again. In memory
    are the places of the lines in the file and their versions, not the lines.
    """

    def __init__(self, folder: Path) -> None:
        self._lines = JsonLines(folder / "results.jsonl")
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
            self._scan()

    def add(self, graded: Sequence[Line]) -> None:
        """Append the lines of submissions that were just graded."""
        lines = {key(line): line for line in graded}
        places = self._lines.append(lines.values())
        self._place.update(zip(lines, places))
        self._version_of.update({each: line["version"] for each, line in lines.items()})

    def write_grades(self) -> None:
        """Write grades.csv from all lines."""
        table = csv.DictWriter(_Rows(), COLUMNS)
        write_whole(self._grades, chain([table.writeheader()], map(table.writerow, self._rows())))

    def _rows(self) -> Iterator[dict[str, object]]:
        for line in self.lines():
            yield {
                "student": csv_cell(one_line(line["student"])),
                "lesson": csv_cell(one_line(line["lesson"])),
                "score": line["score"],
                "max_score": line["max_score"],
                "status": line["status"],
            }


class _Rows:
    """A file for csv to write to that hands each row back."""

    def write(self, row: str) -> str:
        return row
