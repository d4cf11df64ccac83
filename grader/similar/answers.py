"""The answers of a class, as its graded notebooks in DIR/autograded have them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader import paths
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.lines import Key
from grader.notebook import ANSWER_SUFFIX, read

from .shapes import Shapes, shapes


def answers(folder: Path, submission: Key) -> Iterator[tuple[str, str]]:
    """Each exercise of a submission with what was written; what nobody touched is left out."""
    student, lesson = submission
    path = folder / "autograded" / student / lesson / f"{lesson}.ipynb"
    if lesson not in LESSONS or not os.path.exists(path):
        return
    cells = _sources(json.loads(path.read_text("utf-8"))["cells"])
    for each in of_lesson(lesson):
        source = cells.get(each.id + ANSWER_SUFFIX, "").strip("\n")
        if source.strip() and source.strip() != stub(each.id).strip():
            yield each.id, source


def stub(exercise: str) -> str:
    """The answer cell as it was handed out."""
    return _cells(paths.released(EXERCISES[exercise].lesson))[exercise + ANSWER_SUFFIX]


def reference(exercise: str) -> Shapes:
    """The shapes of the answer in solutions/."""
    right = _cells(paths.solution(EXERCISES[exercise].lesson))[exercise + ANSWER_SUFFIX]
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
