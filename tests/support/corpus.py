"""Wrong answers as learners write them, each with what a tutor would say about it.

One text file a lesson: `= exercise`, then for each answer a line `- words | what a tutor says` and
the function's body (or whole functions, where it begins with `def`). `words` are those of which a
fitting diagnosis has one; ` & ` stands between two mistakes.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader import paths
from grader.exercises import EXERCISES, LESSONS
from grader.notebook import read

FOLDER = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True)
class WrongAnswer:
    """One wrong answer.

    Attributes:
        exercise: its id
        words: for each mistake in it, words of which a fitting diagnosis contains one
        label: what a tutor would say
        source: the cell that defines the answer
    """

    exercise: str
    words: tuple[tuple[str, ...], ...]
    label: str
    source: str

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.exercise}\n{self.source}".encode()).hexdigest()[:8]

    @property
    def held_back(self) -> bool:
        """Whether it is in the half that nobody looks at before the end."""
        return int(self.id, 16) % 2 == 1


@cache
def corpus() -> tuple[WrongAnswer, ...]:
    """All wrong answers, in the order of the files."""
    return tuple(each for lesson in LESSONS for each in _of_lesson(lesson))


def _of_lesson(lesson: str) -> Iterator[WrongAnswer]:
    path = FOLDER / f"{lesson}.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for part in re.split(r"^= ", text, flags=re.MULTILINE)[1:]:
        exercise, _, answers = part.partition("\n")
        assert exercise in EXERCISES
        for answer in re.split(r"^- ", answers, flags=re.MULTILINE)[1:]:
            head, _, body = answer.partition("\n")
            words, _, label = head.partition(" | ")
            each = tuple(tuple(mistake.split(", ")) for mistake in words.split(" & "))
            yield WrongAnswer(exercise, each, label, _whole(lesson, exercise, body))


def _whole(lesson: str, exercise: str, body: str) -> str:
    if body.startswith("def "):
        return body
    return f"{_head(lesson, exercise)}\n{textwrap.indent(body, '    ')}"


@cache
def _head(lesson: str, exercise: str) -> str:
    """The first lines of the answer cell, up to the colon that ends the signature."""
    cells = read(paths.released(lesson)).cells
    sources = [cell.source for cell in cells if cell.source.startswith(f"def {exercise}(")]
    return sources[0].partition('\n    """')[0]
