"""A generated class: as many submissions as wanted, of all lessons, from the answers of the demo.

Nothing in it loops for ever: one endless cell costs its 20 s whatever the grader, and how many of
them a class holds would decide every number.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from grader import paths
from grader.demo.answers import ANSWERS
from grader.demo.rows import Answers
from grader.demo.students import CLASS
from grader.demo.write import answer_source
from grader.exercises import LESSONS, of_lesson
from grader.notebook import ANSWER_SUFFIX

SHARES = {"right": 45, "mistaken": 30, "partly": 10, "untouched": 10, "broken": 3, "hostile": 2}
OWN_CELLS = [
    source
    for lessons in CLASS.values()
    for hand_in in lessons.values()
    for source in hand_in.own_cells.values()
]
HONEST = ("right", "mistaken", "partly", "untouched")


def hand_in(folder: Path, count: int) -> Iterator[tuple[Path, str]]:
    """Write submissions in nbgrader's layout; yield each notebook with its kind. Always the same.

    Each student hands in one notebook, of one lesson after the other.
    """
    for number in range(count):
        rng = random.Random(number)
        lesson = LESSONS[number % len(LESSONS)]
        (kind,) = rng.choices(list(SHARES), list(SHARES.values()))
        path = folder / f"student-{number:06d}" / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text(lesson, kind, rng), encoding="utf-8")
        yield path, kind


def text(lesson: str, kind: str, rng: random.Random) -> str:
    """One submission of a kind, one of SHARES."""
    notebook = copy.deepcopy(_released(lesson))
    cells = notebook["cells"]
    by_id = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in cells}
    for exercise in of_lesson(lesson):
        word = _word(exercise.id, kind, rng)
        by_id[exercise.id + ANSWER_SUFFIX]["source"] = answer_source(exercise.id, word)
    if kind == "hostile":
        own = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}}
        source = rng.choice(OWN_CELLS)
        cells.insert(2, {**own, "outputs": [], "source": source})
    whole = json.dumps(notebook, indent=1)
    return rng.choice([whole[: len(whole) // 2], "", "[]"]) if kind == "broken" else whole


def _word(exercise: str, kind: str, rng: random.Random) -> str:
    """The word for an answer of the example class."""
    answers = ANSWERS.get(exercise, Answers())
    if kind == "untouched" or (kind == "partly" and rng.random() < 0.5):
        return "-"
    if kind == "mistaken" and rng.random() < 0.5 and answers.mistakes:
        return rng.choice(list(answers.mistakes))
    return rng.choice(["right", *answers.right])


@cache
def _released(lesson: str) -> dict[str, Any]:
    return json.loads(paths.released(lesson).read_text(encoding="utf-8"))
