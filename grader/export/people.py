"""Who the students of a class are for an LMS: what the roster and the collected files say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.batch import roster
from grader.batch.persons import Person
from grader.collect.write import collected
from grader.lines import Key, Line


class People:
    """The students of a class folder: of its roster, and all that have a line.

    Args:
        out: the class folder.
        lines: those of results.jsonl with the gradebook's marks.
    """

    def __init__(self, out: Path, lines: list[Line]) -> None:
        self._by_student = {each.student: each for each in roster.load(out).people}
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
