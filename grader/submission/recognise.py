"""Which cell of the lesson each cell of a submission is, by whatever is left to know it by.

nbgrader's grade_id, else the cell's id, else its text as it was handed out, else the function that
it defines or the check that it calls. Front ends, cleaners and exports drop one or the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from nbformat import NotebookNode

from grader.errors import Unreadable
from grader.exercises import LESSONS
from grader.notebook import checked_names, graded_id, released
from lrlab.checking.answer import ANSWER_SUFFIX

from .code import Code
from .reading import HandedInCell, cells_of

Kind = Literal["given", "demo", "answer", "graded", "own"]


@dataclass(frozen=True)
class Trusted:
    """One code cell of the lesson as it was handed out; `place` is its number among them."""

    place: int
    kind: Kind
    source: str
    grade_id: str
    cell_id: str
    exercise: str = ""

    def unchanged(self, source: str) -> bool:
        """Whether a text is this cell's, but for white space around it."""
        return source.strip() == self.source.strip()


@dataclass(frozen=True)
class Lesson:
    """The code cells of a lesson, and the names of the functions that each exercise asks for."""

    cells: tuple[Trusted, ...]
    asked: dict[str, tuple[str, ...]]

    def exercises_of(self, names: frozenset[str]) -> list[str]:
        """The exercises that ask for one of these names, in the lesson's order."""
        return [exercise for exercise, asked in self.asked.items() if names.intersection(asked)]

    def cell(self, exercise: str, kind: Kind) -> Trusted:
        """The answer cell or the graded cell of an exercise."""
        return next(each for each in self.cells if (each.exercise, each.kind) == (exercise, kind))


@cache
def lesson_cells(lesson: str) -> Lesson:
    """What is known of a lesson's cells, from the notebook that was handed out."""
    code = [cell for cell in released(lesson).cells if cell.cell_type == "code"]
    cells = tuple(_trusted(place, cell) for place, cell in enumerate(code))
    asked = {
        each.exercise: tuple(checked_names(each.source)) for each in cells if each.kind == "graded"
    }
    return Lesson(cells, asked)


def _trusted(place: int, cell: NotebookNode) -> Trusted:
    grader = cell.metadata.get("nbgrader", {})
    grade_id = grader.get("grade_id", "")
    kind: Kind = "given"
    if exercise := graded_id(cell) or "":
        kind = "graded"
    elif grader.get("solution"):
        kind, exercise = "answer", grade_id.removesuffix(ANSWER_SUFFIX)
    elif not grade_id:
        kind = "own"
    elif "demo" in cell.metadata.get("tags", []):
        kind = "demo"
    return Trusted(place, kind, cell.source, grade_id, cell.id, exercise)


def unmerged(cell: HandedInCell, lesson: str) -> Iterator[HandedInCell]:
    """A cell in parts, where the text of other cells that the lesson gives was merged into it."""
    text = f"\n{cell.source}\n"
    given = [each for each in lesson_cells(lesson).cells if each.kind in ("given", "demo")]
    found = [
        (place, each) for each in given if cell.is_code and (place := _within(text, each)) >= 0
    ]
    if not found or any(each.unchanged(cell.source) for _, each in found):
        yield cell
        return
    begin = 0
    for place, each in sorted(found, key=lambda pair: pair[0]):
        if place < begin:
            continue
        if text[begin:place].strip():
            yield replace(cell, source=text[begin:place].strip("\n"))
        yield HandedInCell(each.grade_id, each.cell_id, each.source, is_code=True)
        begin = place + len(each.source.strip()) + 1
    if text[begin:].strip():
        yield replace(cell, source=text[begin:].strip("\n"))


def _within(text: str, cell: Trusted) -> int:
    return text.find(f"\n{cell.source.strip()}\n")


def recognise(cells: Sequence[HandedInCell], lesson: str) -> list[Trusted | None]:
    """The lesson's cell that each cell of a submission is; None for the learner's own and texts."""
    known = lesson_cells(lesson)
    by_grade_id = {each.grade_id: each for each in known.cells if each.grade_id}
    by_id = {each.cell_id: each for each in known.cells}
    by_source = {text: each for each in known.cells if (text := each.source.strip())}
    return [
        by_grade_id.get(cell.grade_id)
        or by_id.get(cell.cell_id)
        or (by_source.get(cell.source.strip()) if cell.is_code else None)
        or (_by_content(cell.code, known) if cell.is_code else None)
        for cell in cells
    ]


def _by_content(code: Code, lesson: Lesson) -> Trusted | None:
    if answered := lesson.exercises_of(code.binds):
        return lesson.cell(answered[0], "answer")
    checked = [check.exercise for check in code.checks if check.exercise in lesson.asked]
    return lesson.cell(checked[0], "graded") if checked else None


def lesson_of(submission: bytes) -> str:
    """The lesson that most of a notebook's cells come from, "" if none does."""
    try:
        return most_like(cells_of(submission))
    except Unreadable:
        return ""


def most_like(cells: Sequence[HandedInCell]) -> str:
    """The lesson that most cells come from, "" if none does."""
    shared = {lesson: _shared(cells, lesson) for lesson in LESSONS}
    best = max(shared, key=shared.__getitem__)
    return best if shared[best] else ""


def _shared(cells: Sequence[HandedInCell], lesson: str) -> int:
    """How many of a lesson's cells are there, told without reading any code."""
    known = lesson_cells(lesson)
    ids = {name for each in cells for name in (each.grade_id, each.cell_id)}
    texts = "\n".join(each.source for each in cells if each.is_code)
    words = set(re.findall(r"""\bdef (\w+)|\bcheck\(\s*["'](\w+)["']""", texts))
    named = {word for pair in words for word in pair if word}
    return sum(
        each.grade_id in ids or each.cell_id in ids or each.exercise in named
        for each in known.cells
        if each.grade_id
    )
