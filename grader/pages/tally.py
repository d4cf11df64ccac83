"""What report.html says about a class, counted line by line.

Of each submission a few numbers and words are kept, for the row of its student, and of each wrong
answer who gave it; of all else, as many rows as a page shows.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from statistics import fmean, median
from typing import Any

from grader import paths
from grader.exercises import LESSONS
from grader.lines import Line, MarkLine, final_score, handed_in, max_score

from .mistakes import Mistakes, Said
from .rows import KINDS, HasPage, kind, row, student_place, written
from .students import Person, Students, Table

MAX_ROWS = 200
MAX_MISCONCEPTIONS = 5
BINS = 10


def class_tally(
    lines: Iterable[Line],
    people: Mapping[str, Person] | None = None,
    has_page: HasPage = written,
) -> dict[str, Any]:
    """The values of report.html, from the lines of results.jsonl, one for each submission.

    Args:
        people: who is in the class, by student, where there is a list of them.
        has_page: whether a line's feedback page is there, so that no link is dead.
    """
    lessons: dict[str, _Lesson] = {}
    students = Students(people or {}, has_page)
    for line in lines:
        if line["lesson"] not in lessons:
            lessons[line["lesson"]] = _Lesson(line["lesson"], has_page)
        lessons[line["lesson"]].add(line, students.section_of(line["student"]))
        students.add(line)
    in_order = sorted(lessons.values(), key=lambda lesson: _course_place(lesson.name))
    table = students.table({each.name: each.max_score for each in in_order})
    mistakes = Mistakes(
        {each.name: each.said() for each in in_order},
        {each.name: _named(each.name) for each in in_order},
        students.handed_in,
        table.number_of,
        students.link,
    )
    stopped = [row(line, has_page) for lesson in in_order for line in lesson.stopped.lines()]
    sections = table.sections()
    return {
        "lessons": [lesson.values(mistakes, table, sections) for lesson in in_order],
        "submissions": sum(len(lesson.counts.scores) for lesson in in_order),
        "students": len(table.rows),
        "statuses": sum((lesson.counts.statuses for lesson in in_order), Counter()),
        "stopped": stopped[:MAX_ROWS],
        "stopped_count": sum(lesson.stopped.count for lesson in in_order),
        "table": table,
        "number_of": table.number_of,
        "reteach": mistakes.reteach(),
        "unnamed": mistakes.unnamed(),
        "sections": [
            {**section, "reteach": mistakes.reteach(section["students"])} for section in sections
        ],
    }


class _First:
    """The first MAX_ROWS lines in some order, of any number of lines."""

    def __init__(self, order: Callable[[Line], Any]) -> None:
        self._order = order
        self._kept: list[Line] = []
        self.count = 0

    def add(self, line: Line) -> None:
        self.count += 1
        self._kept.append(line)
        if len(self._kept) >= 2 * MAX_ROWS:
            self._kept = self.lines()

    def lines(self) -> list[Line]:
        return sorted(self._kept, key=self._order)[:MAX_ROWS]


class _Exercise:
    """Counts of one exercise by kind."""

    def __init__(self) -> None:
        self.points = 0.0
        self.kinds: Counter[str] = Counter()
        self.wrong = 0

    def add(self, mark: MarkLine) -> None:
        self.points = max(self.points, mark["max_score"])
        self.kinds[kind(mark)] += 1
        self.wrong += mark["verdict"] == "wrong"

    def values(self, name: str, points: float, mistakes: list[dict[str, Any]]) -> dict[str, Any]:
        """`mistakes` are those with a name, the commonest first."""
        common = mistakes[:MAX_MISCONCEPTIONS]
        return {
            "id": name,
            "points": points,
            "count": self.kinds.total(),
            "answered": self.kinds.total() - self.kinds["unanswered"],
            "kinds": {kind: self.kinds[kind] for kind in KINDS},
            "misconceptions": common,
            "other_wrong": self.wrong - sum(each["count"] for each in common),
        }


class _Counts:
    """What is counted of one lesson: of the class, or of a section."""

    def __init__(self) -> None:
        self.scores = array("d")
        self.statuses: Counter[str] = Counter()
        self.exercises: dict[str, _Exercise] = {}
        self._bins = [0] * BINS

    def add(self, line: Line) -> None:
        self.statuses[line["status"]] += 1
        if handed_in(line):
            self.scores.append(final_score(line))
            self._bins[_bin(line)] += 1
            for mark in line["exercises"]:
                self.exercises.setdefault(mark["id"], _Exercise()).add(mark)

    def values(self) -> dict[str, Any]:
        return {
            "count": len(self.scores),
            "mean": fmean(self.scores) if self.scores else 0.0,
            "median": median(self.scores) if self.scores else 0.0,
            "statuses": self.statuses.most_common(),
            "bins": self._bins,
        }


class _Lesson:
    """What is said of one lesson: counts of the class and of each section, and rows."""

    def __init__(self, name: str, has_page: HasPage) -> None:
        self.name = name
        self.max_score = 0.0
        self.counts = _Counts()
        self.stopped = _First(_place)
        self._of_section: dict[str, _Counts] = {}
        self._said: dict[str, Said] = {}
        self._has_page = has_page
        self._order: dict[bool, dict[str, None]] = {True: {}, False: {}}
        self._all = _First(_place)
        self._lowest = _First(lambda line: (final_score(line), _place(line)))

    def add(self, line: Line, section: str) -> None:
        self.counts.add(line)
        self._of_section.setdefault(section, _Counts()).add(line)
        graded = line["status"] == "graded"
        self.max_score = max(self.max_score, max_score(line))
        for mark in line["exercises"] if handed_in(line) else ():
            self._order[graded].setdefault(mark["id"])
            said = self._said.setdefault(mark["id"], Said())
            if mark["verdict"] == "wrong":
                said.add(line["student"], mark)
        self._all.add(line)
        self._lowest.add(line)
        if line["status"] not in ("graded", "not_started"):
            self.stopped.add(line)

    def said(self) -> dict[str, Said]:
        """Who was told what, by exercise, in the order of what was graded."""
        return {each: self._said[each] for each in self._order[True] | self._order[False]}

    def values(
        self, mistakes: Mistakes, table: Table, sections: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """`parts` are the counts, of the class first, then of each section."""
        by_hand = any(each.kinds["manual"] for each in self.counts.exercises.values())
        shown = self._all if self._all.count <= MAX_ROWS else self._lowest
        rows = [row(line, self._has_page, list(self.said())) for line in shown.lines()]
        parts = [self._part(self.counts, mistakes, table)]
        for each in sections:
            counts = self._of_section.get(each["name"], _Counts())
            parts.append(self._part(counts, mistakes, table, each))
        return {
            "name": self.name,
            "parts": parts,
            "listed": self._all.count,
            "max_score": self.max_score,
            "kinds": [kind for kind in KINDS if by_hand or kind != "manual"],
            "rows": rows,
            "more_than_judged": any(_more_than_judged(each) for each in rows),
        }

    def _part(
        self,
        counts: _Counts,
        mistakes: Mistakes,
        table: Table,
        section: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        among = section["students"] if section else None
        return {
            # A section may have no name, so what a choice of it is called begins with a sign.
            "section": "=" + section["name"] if section else "",
            **counts.values(),
            "turnout": table.turnout(self.name, among),
            "exercises": [
                counts.exercises.get(each, _Exercise()).values(
                    each, self.counts.exercises[each].points, mistakes.of(self.name, each, among)
                )
                for each in self.said()
            ],
        }


def _course_place(lesson: str) -> tuple[int, str]:
    """Sorts lessons by the order of the course."""
    known = list(LESSONS)
    return known.index(lesson) if lesson in known else len(known), lesson


def _place(line: Line) -> list[Any]:
    return student_place(line["student"])


def _bin(line: Line) -> int:
    """The tenth of the points in which a score lies; a full score is in the last one."""
    most = max_score(line)
    share = final_score(line) / most if most else 0.0
    return min(BINS - 1, max(0, int(share * BINS + 1e-9)))


@cache
def _named(lesson: str) -> frozenset[str]:
    """The sentences of a lesson's known mistakes; checks.json has them without their code."""
    if lesson not in LESSONS:
        return frozenset()
    checks = json.loads(paths.checks(lesson).read_text(encoding="utf-8"))
    known = (mistake for each in checks.values() for mistake in each["misconceptions"])
    return frozenset(mistake["sentence"] for mistake in known)


def _more_than_judged(row: dict[str, Any]) -> bool:
    """Whether somebody gave marks by hand, or lateness cost some."""
    marks = row["marks"]
    return bool(marks and (marks["by_hand"] or marks["penalty"] or marks["late_seconds"]))
