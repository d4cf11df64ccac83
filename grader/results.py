"""What was graded: results.jsonl, and which version of each submission its lines are about."""

from __future__ import annotations

import csv
import io
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
    """

    def __init__(self, folder: Path) -> None:
        self._lines = JsonLines(folder / "results.jsonl")
        self._versions = JsonLines(folder / ".versions.jsonl")
        self._grades = folder / "grades.csv"
        self._done = {key(line): line for line in self._lines.read()}
        self._version_of = {key(entry): entry["version"] for entry in self._versions.read()}

    def lines(self) -> list[Line]:
        """All lines, sorted by student and lesson."""
        return [self._done[each] for each in sorted(self._done)]

    def __contains__(self, submission: Key) -> bool:
        return submission in self._done

    def line(self, submission: Key) -> Line:
        """The line of a submission that has one."""
        return self._done[submission]

    def has(self, submission: Key, version: str) -> bool:
        """Whether exactly this version of a submission was graded."""
        return submission in self._done and self._version_of.get(submission) == version

    def forget(self, submissions: set[Key]) -> None:
        """Drop the lines of submissions that are about to be graded again."""
        if submissions & self._done.keys():
            self._done = {k: line for k, line in self._done.items() if k not in submissions}
            self._lines.rewrite(self._done.values())

    def add(self, line: Line, version: str) -> None:
        """Append the line of a submission that was just graded."""
        student, lesson = key(line)
        self._versions.append({"student": student, "lesson": lesson, "version": version})
        self._lines.append(line)
        self._version_of[student, lesson] = version
        self._done[student, lesson] = line

    def write_grades(self) -> None:
        """Write grades.csv from all lines."""
        text = io.StringIO()
        table = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
        table.writeheader()
        table.writerows(self.lines())
        write_whole(self._grades, text.getvalue())
