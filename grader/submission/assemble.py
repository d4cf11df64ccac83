"""Rebuild a notebook from the trusted lesson and nothing but cell sources of the submission.

Any bytes may come in. Answers are found by nbgrader's grade_id; the learner's own extra cells keep
their order. Metadata, outputs, points, test cells and everything else of the submission is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from grader.errors import Unreadable
from grader.exercises import LESSONS
from grader.notebook import ANSWER_SUFFIX, graded_id, released
from lrlab.checking.text import writable

from .graded import Cell

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE_CHARS = 500_000
MAX_CODE_CHARS = 2_000_000  # of all code cells together
AT_THE_END = ""  # where cells stand that no known cell follows


def assemble(submission: bytes, lesson: str) -> list[Cell]:
    """Return the cells to run, in order. Raises Unreadable, with a sentence, and nothing else."""
    trusted, ids = released(lesson).cells, _ids(lesson)
    answers, extras = _sort(_cells(submission), {each for each in ids if each})
    assembled = []
    for cell, grade_id in zip(trusted, ids, strict=True):
        if cell.cell_type != "code" or not grade_id:
            continue
        assembled += [Cell(source, "extra") for source in extras.pop(grade_id, [])]
        if exercise := graded_id(cell):
            assembled.append(Cell(cell.source, "graded", exercise, cell.id))
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            exercise = grade_id.removesuffix(ANSWER_SUFFIX)
            assembled.append(Cell(answers.get(grade_id, ""), "answer", exercise, cell.id))
        elif "demo" not in cell.metadata.get("tags", []):
            assembled.append(Cell(cell.source, "given", cell_id=cell.id))
    return assembled + [Cell(source, "extra") for source in extras.pop(AT_THE_END, [])]


def lesson_of(submission: bytes) -> str:
    """The lesson that most of a notebook's cells come from, "" if none does."""
    try:
        ids = {grade_id for grade_id, _, _ in _cells(submission)}
    except Unreadable:
        return ""
    shared = {lesson: len(ids & set(_ids(lesson)) - {None}) for lesson in LESSONS}
    best = max(shared, key=shared.__getitem__)
    return best if shared[best] else ""


def too_big(size: int) -> str:
    """What to say of a file of `size` bytes."""
    return (
        f"The file has {size / 2**20:.0f} MiB, more than {MAX_BYTES // 2**20}: "
        "clear its outputs (Edit, Clear Outputs of All Cells) and hand it in again."
    )


def _ids(lesson: str) -> list[str | None]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in released(lesson).cells]


def _sort(
    cells: Iterator[tuple[str | None, str, bool]], known: set[str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Answers by grade_id, and the learner's own code cells by the known cell that follows them.

    Of several cells with the same grade_id (people copy cells) the last one that is no stub counts,
    as it does in a notebook that is run from top to bottom.
    """
    answers: dict[str, str] = {}
    extras: dict[str, list[str]] = {}
    waiting: list[str] = []
    for grade_id, source, is_code in cells:
        if grade_id not in known:
            if is_code and source.strip():
                waiting.append(source)
            continue
        if grade_id not in answers or "NotImplementedError" not in source:
            answers[grade_id] = source
        extras.setdefault(grade_id, []).extend(waiting)
        waiting = []
    extras[AT_THE_END] = waiting
    return answers, extras


def _cells(submission: bytes) -> Iterator[tuple[str | None, str, bool]]:
    """(grade_id, source, is code) of each cell, whatever else the file holds."""
    if len(submission) > MAX_BYTES:
        raise Unreadable(too_big(len(submission)))
    try:
        notebook = json.loads(submission)
    except (ValueError, RecursionError):
        raise Unreadable("The file is not a Jupyter notebook: it is not valid JSON.") from None
    sheets = [notebook, *_field(notebook, "worksheets", list)]  # as saved before 2015
    cells = [cell for sheet in sheets for cell in _field(sheet, "cells", list)]
    if not cells:
        raise Unreadable("The file is not a Jupyter notebook: it has no cells.")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(cells)} cells, more than {MAX_CELLS}.")
    code_chars = 0
    for cell in cells:
        meta = _field(_field(cell, "metadata", dict), "nbgrader", dict)
        source = _source(cell)
        if len(source) > MAX_SOURCE_CHARS:
            raise Unreadable(f"A cell has more than {MAX_SOURCE_CHARS:,} characters.")
        grade_id = meta.get("grade_id")
        is_code = isinstance(cell, dict) and cell.get("cell_type") == "code"
        code_chars += len(source) * is_code
        if code_chars > MAX_CODE_CHARS:
            raise Unreadable(f"The code cells have more than {MAX_CODE_CHARS:,} characters.")
        yield grade_id if isinstance(grade_id, str) else None, source, is_code


def _field(value: Any, name: str, kind: type) -> Any:
    """`value[name]` if it is of that kind, else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()


def _source(cell: Any) -> str:
    source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return writable(source) if isinstance(source, str) else ""
