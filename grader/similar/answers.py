"""The answers of a class, as its graded notebooks in DIR/autograded have them.

All comes from notebooks, so that nothing here needs torch.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader import paths
from grader.exercises import LESSONS
from grader.lines import Key
from grader.notebook import read
from lrlab.checking.answer import ANSWER_SUFFIX

from .shapes import Shapes, shapes


def answers(folder: Path, submission: Key) -> Iterator[tuple[str, str]]:
    """Each exercise of a submission with what was written; what nobody touched is left out."""
    student, lesson = submission
    path = folder / "autograded" / student / lesson / f"{lesson}.ipynb"
    if lesson not in LESSONS or not os.path.exists(path):
        return
    cells = _sources(json.loads(path.read_text("utf-8"))["cells"])
    for exercise in (each for each, its in lessons().items() if its == lesson):
        source = cells.get(exercise + ANSWER_SUFFIX, "").strip("\n")
        if source.strip() and source.strip() != stub(exercise).strip():
            yield exercise, source


@cache
def lessons() -> dict[str, str]:
    """The lesson of each exercise that has an answer cell."""
    return {
        name.removesuffix(ANSWER_SUFFIX): lesson
        for lesson in LESSONS
        for name in _cells(paths.released(lesson))
        if name.endswith(ANSWER_SUFFIX)
    }


def stub(exercise: str) -> str:
    """The answer cell as it was handed out."""
    return _cells(paths.released(lessons()[exercise]))[exercise + ANSWER_SUFFIX]


def reference(exercise: str) -> Shapes:
    """The shapes of the answer in solutions/."""
    right = _cells(paths.solution(lessons()[exercise]))[exercise + ANSWER_SUFFIX]
    return shapes(right, stub(exercise))


@cache
def _cells(path: Path) -> dict[str, str]:
    return _sources(read(path).cells)


def _sources(cells: Iterable[Any]) -> dict[str, str]:
    """The sources of cells by their grade_id; one that was split stands under one id."""
    found: dict[str, str] = {}
    for cell in cells:
        if name := cell["metadata"].get("nbgrader", {}).get("grade_id"):
            found[name] = "\n".join(filter(None, (found.get(name), "".join(cell["source"]))))
    return found
