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
from .students import Person, Students

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
        lessons[line["lesson"]].add(line)
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
    return {
        "lessons": [lesson.values(mistakes) for lesson in in_order],
        "submissions": sum(len(lesson.scores) for lesson in in_order),
        "students": len(table.rows),
        "statuses": sum((lesson.statuses for lesson in in_order), Counter()),
        "stopped": stopped[:MAX_ROWS],
        "stopped_count": sum(lesson.stopped.count for lesson in in_order),
        "table": table,
        "number_of": table.number_of,
        "reteach": mistakes.reteach(),
        "unnamed": mistakes.unnamed(),
        "sections": [
            {**section, "reteach": mistakes.reteach(section["students"])}
            for section in table.sections()
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
    """Counts of one exercise by kind, and who was told what of a wrong answer."""

    def __init__(self) -> None:
        self.points = 0.0
        self.kinds: Counter[str] = Counter()
        self.wrong = 0
        self.said = Said()

    def add(self, student: str, mark: MarkLine) -> None:
        self.points = max(self.points, mark["max_score"])
        self.kinds[kind(mark)] += 1
        if mark["verdict"] == "wrong":
            self.wrong += 1
            self.said.add(student, mark)

    def values(self, name: str, mistakes: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """`mistakes` are those with a name, the commonest first."""
        common = mistakes[:MAX_MISCONCEPTIONS]
        return {
            "id": name,
            "points": self.points,
            "count": self.kinds.total(),
            "answered": self.kinds.total() - self.kinds["unanswered"],
            "kinds": {kind: self.kinds[kind] for kind in KINDS},
            "misconceptions": common,
            "other_wrong": self.wrong - sum(each["count"] for each in common),
        }


class _Lesson:
    """Counts of one lesson."""

    def __init__(self, name: str, has_page: HasPage) -> None:
        self.name = name
        self.max_score = 0.0
        self.scores = array("d")
        self.stopped = _First(_place)
        self.statuses: Counter[str] = Counter()
        self._has_page = has_page
        self._bins = [0] * BINS
        self._exercises: dict[str, _Exercise] = {}
        self._order: dict[bool, dict[str, None]] = {True: {}, False: {}}
        self._all = _First(_place)
        self._lowest = _First(lambda line: (final_score(line), _place(line)))

    def add(self, line: Line) -> None:
        graded = line["status"] == "graded"
        self.statuses[line["status"]] += 1
        self.max_score = max(self.max_score, max_score(line))
        if handed_in(line):
            self.scores.append(final_score(line))
            self._bins[_bin(line)] += 1
            for mark in line["exercises"]:
                self._order[graded].setdefault(mark["id"])
                if mark["id"] not in self._exercises:
                    self._exercises[mark["id"]] = _Exercise()
                self._exercises[mark["id"]].add(line["student"], mark)
        self._all.add(line)
        self._lowest.add(line)
        if line["status"] not in ("graded", "not_started"):
            self.stopped.add(line)

    def said(self) -> dict[str, Said]:
        """Who was told what, by exercise, in the order of what was graded."""
        ids = self._order[True] | self._order[False]
        return {each: self._exercises[each].said for each in ids}

    def values(self, mistakes: Mistakes) -> dict[str, Any]:
        ids = list(self.said())
        by_hand = any(each.kinds["manual"] for each in self._exercises.values())
        shown = self._all if self._all.count <= MAX_ROWS else self._lowest
        rows = [row(line, self._has_page, ids) for line in shown.lines()]
        return {
            "name": self.name,
            "count": len(self.scores),
            "listed": self._all.count,
            "max_score": self.max_score,
            "mean": fmean(self.scores) if self.scores else 0.0,
            "median": median(self.scores) if self.scores else 0.0,
            "statuses": self.statuses.most_common(),
            "bins": self._bins,
            "kinds": [kind for kind in KINDS if by_hand or kind != "manual"],
            "exercises": [
                self._exercises[each].values(each, mistakes.of(self.name, each)) for each in ids
            ],
            "rows": rows,
            "more_than_judged": any(_more_than_judged(each) for each in rows),
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
