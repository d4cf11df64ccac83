"""Who the students of a class are for an LMS: what the roster and the collected files say."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from grader.lines import Key, Line
from grader.untrusted import FORMULA

COLLECTED = "collected.jsonl"
ROSTER = "roster.csv"


@dataclass(frozen=True)
class Person:
    """A student; what is not known is empty. The names are those of roster.csv's columns."""

    student: str
    name: str = ""
    email: str = ""
    section: str = ""
    lms_id: str = ""
    sis_id: str = ""
    login: str = ""


NAMES = tuple(each.name for each in fields(Person))


class People:
    """The students of a class folder: of its roster, and all that have a line.

    Args:
        out: the class folder.
        lines: those of results.jsonl with the gradebook's marks.
    """

    def __init__(self, out: Path, lines: list[Line]) -> None:
        self._by_student = {each.student: each for each in _roster(out / ROSTER)}
        for line in lines:
            person = self._by_student.get(line["student"], Person(line["student"]))
            if marks := line.get("marks"):
                person = replace(
                    person,
                    name=person.name or marks["name"],
                    email=person.email or marks["email"],
                )
            self._by_student[line["student"]] = person
        self._taken: dict[str, dict[Key, str]] = {}
        for row in collected(out):
            if row["kept"] and row["lms"] and row["lms_id"]:
                key = row["student"], row["lesson"]
                self._taken.setdefault(row["lms"], {})[key] = row["lms_id"]

    def __iter__(self) -> Iterator[Person]:
        """All of them, by the name of their folder."""
        return iter(each for _, each in sorted(self._by_student.items()))

    def __getitem__(self, student: str) -> Person:
        return self._by_student.get(student, Person(student))

    def lms_id(self, lms: str, submission: Key) -> str:
        """What an LMS calls the student: as its download says, else as the roster does.

        Moodle numbers the same people anew in each assignment.
        """
        return self._taken.get(lms, {}).get(submission) or self[submission[0]].lms_id

    def lessons_with(self, lms: str, ids: set[str]) -> set[str]:
        """The lessons whose hand-ins came with one of these ids."""
        return {key[1] for key, known in self._taken.get(lms, {}).items() if known in ids}


def collected(out: Path) -> list[dict[str, Any]]:
    """The lines of collected.jsonl; none where nothing was collected."""
    path = out / COLLECTED
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def _roster(path: Path) -> Iterator[Person]:
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("student"):
                    yield Person(**{name: _plain(row.get(name) or "") for name in NAMES})


def _plain(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from computing it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
