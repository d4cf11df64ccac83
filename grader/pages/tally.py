"""What report.html says about a class, counted line by line: memory does not grow with the class.

Only a number is kept of each submission; of rows, as many as a page shows.
"""

from __future__ import annotations

import json
import os
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from statistics import fmean, median
from typing import Any
from urllib.parse import quote

from grader import paths
from grader.exercises import LESSONS
from grader.lines import Line, MarkLine, final_score, handed_in
from lrlab.palette import SYMBOLS

MAX_ROWS = 200
MAX_MISCONCEPTIONS = 5
# Unnamed diagnoses quote the learner's values, so their number is unbounded.
MAX_SENTENCES = 5_000
BINS = 10

KINDS = ("right", "partial", "wrong", "unanswered", "error", "manual")


def class_tally(lines: Iterable[Line]) -> dict[str, Any]:
    """The values of report.html, from the lines of results.jsonl, one for each submission."""
    lessons: dict[str, _Lesson] = {}
    students = set()
    for line in lines:
        students.add(line["student"])
        if line["lesson"] not in lessons:
            lessons[line["lesson"]] = _Lesson(line["lesson"])
        lessons[line["lesson"]].add(line)
    in_order = sorted(lessons.values(), key=lambda lesson: _course_place(lesson.name))
    stopped = [_row(line) for lesson in in_order for line in lesson.stopped.lines()]
    return {
        "lessons": [lesson.values() for lesson in in_order],
        "submissions": sum(len(lesson.scores) for lesson in in_order),
        "students": len(students),
        "statuses": sum((lesson.statuses for lesson in in_order), Counter()),
        "stopped": stopped[:MAX_ROWS],
        "stopped_count": sum(lesson.stopped.count for lesson in in_order),
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
    """Counts of one exercise: by kind, and by the sentence that was said of a wrong answer."""

    def __init__(self) -> None:
        self.points = 0.0
        self.kinds: Counter[str] = Counter()
        self.wrong = 0
        self.said: Counter[str] = Counter()

    def add(self, mark: MarkLine) -> None:
        self.points = max(self.points, mark["max_score"])
        self.kinds[_kind(mark["verdict"], mark["score"])] += 1
        if mark["verdict"] == "wrong":
            self.wrong += 1
            self.said[mark["diagnosis"]] += 1
            if len(self.said) > MAX_SENTENCES:
                self.said = Counter(dict(self.said.most_common(MAX_SENTENCES // 2)))

    def values(self, name: str, named: frozenset[str]) -> dict[str, Any]:
        """`named` are the sentences of known mistakes."""
        # An unnamed sentence is listed only if at least two learners got it.
        found = [(text, n) for text, n in self.said.most_common() if text in named or n > 1]
        common = found[:MAX_MISCONCEPTIONS]
        return {
            "id": name,
            "points": self.points,
            "count": self.kinds.total(),
            "answered": self.kinds.total() - self.kinds["unanswered"],
            "kinds": {kind: self.kinds[kind] for kind in KINDS},
            "misconceptions": common,
            "other_wrong": self.wrong - sum(count for _, count in common),
        }


class _Lesson:
    """Counts of one lesson."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scores = array("d")
        self.stopped = _First(_student_place)
        self._max_score = 0.0
        self.statuses: Counter[str] = Counter()
        self._bins = [0] * BINS
        self._exercises: dict[str, _Exercise] = {}
        self._order: dict[bool, dict[str, None]] = {True: {}, False: {}}
        self._all = _First(_student_place)
        self._lowest = _First(lambda line: (final_score(line), _student_place(line)))

    def add(self, line: Line) -> None:
        graded = line["status"] == "graded"
        self.statuses[line["status"]] += 1
        self._max_score = max(self._max_score, _max_score(line))
        if handed_in(line):
            self.scores.append(final_score(line))
            self._bins[_bin(line)] += 1
            for mark in line["exercises"]:
                self._order[graded].setdefault(mark["id"])
                self._exercises.setdefault(mark["id"], _Exercise()).add(mark)
        self._all.add(line)
        self._lowest.add(line)
        if line["status"] not in ("graded", "not_started"):
            self.stopped.add(line)

    def values(self) -> dict[str, Any]:
        ids = list(self._order[True] | self._order[False])  # in the order of what was graded
        by_hand = any(each.kinds["manual"] for each in self._exercises.values())
        shown = self._all if self._all.count <= MAX_ROWS else self._lowest
        return {
            "name": self.name,
            "count": len(self.scores),
            "listed": self._all.count,
            "max_score": self._max_score,
            "mean": fmean(self.scores) if self.scores else 0.0,
            "median": median(self.scores) if self.scores else 0.0,
            "statuses": self.statuses.most_common(),
            "bins": self._bins,
            "kinds": [kind for kind in KINDS if by_hand or kind != "manual"],
            "exercises": [self._exercises[each].values(each, _named(self.name)) for each in ids],
            "rows": (rows := [_row(line, ids) for line in shown.lines()]),
            "more_than_judged": any(_more_than_judged(row) for row in rows),
        }


def _course_place(lesson: str) -> tuple[int, str]:
    """Sorts lessons by the order of the course."""
    known = list(LESSONS)
    return known.index(lesson) if lesson in known else len(known), lesson


def _student_place(line: Line) -> list[Any]:
    """Sorts by student, s9 before s10."""
    student = re.split(r"(\d{1,18})", line["student"].casefold())
    return [int(part) if odd % 2 else part for odd, part in enumerate(student)]


def _bin(line: Line) -> int:
    """The tenth of the points in which a score lies; a full score is in the last one."""
    most = _max_score(line)
    share = final_score(line) / most if most else 0.0
    return min(BINS - 1, max(0, int(share * BINS + 1e-9)))


def _max_score(line: Line) -> float:
    return line["marks"]["max_score"] if "marks" in line else line["max_score"]


@cache
def _named(lesson: str) -> frozenset[str]:
    """The sentences of a lesson's known mistakes; checks.json has them without their code."""
    if lesson not in LESSONS:
        return frozenset()
    checks = json.loads(paths.checks(lesson).read_text(encoding="utf-8"))
    known = (mistake for each in checks.values() for mistake in each["misconceptions"])
    return frozenset(mistake["sentence"] for mistake in known)


def _kind(verdict: str, score: float) -> str:
    """What a result counts as, one of KINDS."""
    if verdict == "wrong" and score > 0:
        return "partial"
    return "error" if verdict == "timeout" else verdict


def _row(line: Line, ids: Sequence[str] = ()) -> dict[str, Any]:
    """One submission: where its feedback lies, and a cell (or None) for each exercise in `ids`."""
    marks = {mark["id"]: mark for mark in line["exercises"]}
    for each in line["marks"]["by_hand"] if "marks" in line else ():
        if each["auto"] is None and each["id"] in marks:
            marks[each["id"]] = {**marks[each["id"]], "score": each["manual"] or 0.0}
    student, lesson = _quoted(line["student"]), _quoted(line["lesson"])
    return {
        **{name: line[name] for name in ("student", "lesson", "status", "detail")},
        "score": final_score(line),
        "marks": line.get("marks"),
        "link": f"feedback/{student}/{lesson}/{lesson}.html",
        "cells": [marks[each] | _look(marks[each]) if each in marks else None for each in ids],
    }


def _more_than_judged(row: dict[str, Any]) -> bool:
    """Whether somebody gave marks by hand, or lateness cost some."""
    marks = row["marks"]
    return bool(marks and (marks["by_hand"] or marks["penalty"] or marks["late_seconds"]))


def _look(mark: MarkLine) -> dict[str, str]:
    kind = _kind(mark["verdict"], mark["score"])
    return {"kind": kind, "symbol": SYMBOLS["partial" if kind == "partial" else mark["verdict"]]}


def _quoted(name: str) -> str:
    """A folder's name in a URL. Names that are no text come as surrogates of their bytes."""
    try:
        return quote(os.fsencode(name), safe="")
    except UnicodeEncodeError:
        return quote(name.encode("utf-8", "replace"), safe="")
