"""The table of students: one row each, over all lessons, so that nobody who is behind is missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cached_property
from statistics import fmean
from typing import Any, NamedTuple

from grader.exercises import LESSONS
from grader.lines import Line, final_score, handed_in

from .rows import HasPage, link, student_place, symbol

NOT_HANDED_IN = "not handed in"
WORDS = {"graded": "", "not_started": "not started", "missing": NOT_HANDED_IN}
# What the table can be filtered by, in the order in which it is offered.
FLAGS = {
    "behind": "Behind",
    "none": "Something not handed in",
    "not-started": "Something not started",
    "late": "Something late",
    "stopped": "Not graded to the end",
    "waiting": "To be graded by hand",
    "by-hand": "Marked by hand",
}


class Person(NamedTuple):
    """A learner as the list of the class has them; what it does not say is empty."""

    name: str = ""
    section: str = ""


class Cell(NamedTuple):
    """What the row of a student says of one lesson."""

    score: float = 0.0
    signs: str = ""  # one for each exercise, in their order
    right: int = 0
    words: str = NOT_HANDED_IN  # "" where it was graded to the end
    late: float = 0.0  # in seconds
    by_hand: bool = False
    waiting: bool = False  # for somebody to grade it by hand
    counts: bool = False  # something was handed in
    link: str | None = None


NOTHING = Cell()


class Students:
    """Collects what is known of each student."""

    def __init__(self, people: Mapping[str, Person], has_page: HasPage) -> None:
        self._people = people
        self._has_page = has_page
        self._cells: dict[str, dict[str, Cell]] = {student: {} for student in people}
        self._names: dict[str, str] = {}

    def add(self, line: Line) -> None:
        """Take in one line of results.jsonl."""
        cells = self._cells.setdefault(line["student"], {})
        if line["lesson"] in LESSONS:
            cells[line["lesson"]] = self._cell(line)
        if name := line.get("marks", {}).get("name", ""):
            self._names[line["student"]] = name

    def section_of(self, student: str) -> str:
        """The section of a student; "" where the list of the class has none."""
        return self._people.get(student, Person()).section

    def link(self, student: str, lesson: str) -> str | None:
        """Where the feedback on a submission lies, if there is any."""
        return self._cells[student].get(lesson, NOTHING).link

    def handed_in(self, lesson: str) -> set[str]:
        """Who handed in a lesson."""
        return {who for who, cells in self._cells.items() if cells.get(lesson, NOTHING).counts}

    def table(self, max_scores: Mapping[str, float]) -> Table:
        """The rows, given the points of each lesson in the order of the course."""
        lessons = [each for each in max_scores if each in LESSONS]
        most = {lesson: max_scores[lesson] for lesson in lessons}
        people = {
            student: self._people.get(student, Person(self._names.get(student, "")))
            for student in self._cells
        }
        return Table(most, self._cells, people)

    def _cell(self, line: Line) -> Cell:
        marks = line.get("marks")
        counts = handed_in(line)
        by_hand = marks["by_hand"] if marks else []
        given = {each["id"] for each in by_hand if each["manual"] is not None}
        return Cell(
            final_score(line),
            "".join(map(symbol, line["exercises"])) if counts else "",
            sum(mark["verdict"] == "right" for mark in line["exercises"]),
            WORDS.get(line["status"], line["status"]),
            marks["late_seconds"] if marks and counts else 0.0,
            bool(by_hand),
            any(
                mark["verdict"] == "manual" for mark in line["exercises"] if mark["id"] not in given
            ),
            counts,
            link(line["student"], line["lesson"]) if self._has_page(line) else None,
        )


class Table:
    """The rows of all students, those who are behind first, then those with the fewest points."""

    def __init__(
        self,
        max_scores: Mapping[str, float],
        cells: Mapping[str, Mapping[str, Cell]],
        people: Mapping[str, Person],
    ) -> None:
        self.max_scores = max_scores
        self.most = sum(max_scores.values())
        self._people = people
        have = Counter(
            lesson for each in cells.values() for lesson, cell in each.items() if cell.counts
        )
        # A lesson is due when half of the class has handed it in: dates are not always known.
        self.due = [each for each in max_scores if 2 * have[each] >= len(cells)]
        rows = (self._row(student, each) for student, each in cells.items())
        order = {student: student_place(student) for student in cells}
        self.rows = sorted(
            rows, key=lambda row: (-row["behind"], row["total"], order[row["student"]])
        )

    @cached_property
    def number_of(self) -> dict[str, int]:
        """By student, the number by which the page's script knows them."""
        return {row["student"]: number for number, row in enumerate(self.rows)}

    @cached_property
    def flags(self) -> dict[str, tuple[str, int]]:
        """The filters that find somebody: their words, and how many they find."""
        found = Counter(flag for row in self.rows for flag in row["flags"])
        return {flag: (words, found[flag]) for flag, words in FLAGS.items() if found[flag]}

    def turnout(self, lesson: str, among: Collection[str] | None = None) -> dict[str, int]:
        """How many students handed in a lesson, and how many not, of all or `among` some.

        Nothing for a lesson that is none of the course.
        """
        if lesson not in self.max_scores:
            return {}
        place = list(self.max_scores).index(lesson)
        rows = (row for row in self.rows if among is None or row["student"] in among)
        cells = [row["cells"][place] for row in rows]
        found = {
            "on time": sum(cell.counts and not cell.late for cell in cells),
            "late": sum(cell.late > 0 for cell in cells),
            "not started": sum(
                cell.words == WORDS["not_started"] and not cell.counts for cell in cells
            ),
        }
        return {**found, NOT_HANDED_IN: len(cells) - sum(found.values())}

    def sections(self) -> list[dict[str, Any]]:
        """Each section with its students and numbers; none where there are no two of them."""
        members: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            members.setdefault(row["section"], []).append(row)
        if len(members) < 2:
            return []
        return [
            {
                "name": name,
                "students": {row["student"] for row in rows},
                "mean": fmean(row["total"] for row in rows),
                "behind": sum(row["behind"] > 0 for row in rows),
            }
            for name, rows in sorted(members.items(), key=lambda each: student_place(each[0]))
        ]

    def _row(self, student: str, cells: Mapping[str, Cell]) -> dict[str, Any]:
        person = self._people[student]
        shown = [cells.get(lesson, NOTHING) for lesson in self.max_scores]
        behind = sum(not cells.get(lesson, NOTHING).counts for lesson in self.due)
        return {
            "student": student,
            "name": person.name if person.name != student else "",
            "section": person.section,
            "total": sum(cell.score for cell in shown),
            "behind": behind,
            "cells": shown,
            "flags": list(_flags(shown, behind)),
        }


def _flags(cells: Collection[Cell], behind: int) -> list[str]:
    has = {
        "behind": behind > 0,
        "none": any(cell.words == NOT_HANDED_IN for cell in cells),
        "not-started": any(cell.words == WORDS["not_started"] for cell in cells),
        "late": any(cell.late for cell in cells),
        "stopped": any(cell.words not in WORDS.values() for cell in cells),
        "waiting": any(cell.waiting for cell in cells),
        "by-hand": any(cell.by_hand for cell in cells),
    }
    return [flag for flag in FLAGS if has[flag]]
