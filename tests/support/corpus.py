"""Wrong answers as learners write them, each with what a tutor would say about it.

One text file a lesson: `= exercise`, then for each answer a line `- words | what a tutor says` and
the function's body (or whole functions, where it begins with `def`). `words` are those of which a
fitting diagnosis has one; ` & ` stands between two mistakes.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from answering import typed

from grader import paths
from grader.exercises import EXERCISES, LESSONS
from grader.notebook import read
from lrlab.checking import codec
from lrlab.checking.judge import Verdict
from lrlab.checking.observe import observe

SEED = "a class"
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
            yield WrongAnswer(exercise, each, label, whole(exercise, body))


def whole(exercise: str, body: str) -> str:
    """The cell with this body of the function that is asked for; whole functions as they are."""
    if body.startswith("def "):
        return body
    return f"{_head(EXERCISES[exercise].lesson, exercise)}\n{textwrap.indent(body, '    ')}"


@cache
def _head(lesson: str, exercise: str) -> str:
    """The first lines of the answer cell, up to the colon that ends the signature."""
    cells = read(paths.released(lesson)).cells
    sources = [cell.source for cell in cells if cell.source.startswith(f"def {exercise}(")]
    return sources[0].partition('\n    """')[0]


def verdict_of(wrong: WrongAnswer, seed: str | None = SEED) -> Verdict:
    """What the grader says about one wrong answer; without a seed, what `check` says at home."""
    exercise = EXERCISES[wrong.exercise]
    answer = typed(wrong.exercise, wrong.source)
    hidden = exercise.hidden_cases(seed) if seed else []
    cases = [*exercise.visible_cases, *hidden]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        observed = [observe(wrong.exercise, answer, case) for case in cases]
    return exercise.judge(cases, codec.loads(codec.dumps(observed)))


def outcome(wrong: WrongAnswer, verdict: Verdict) -> str:
    """accepted | unnamed | named | partly | other: which of the label's words the verdict has."""
    if verdict.kind == "right":
        return "accepted"
    said = verdict.diagnosis.lower()
    hits = sum(any(word.lower() in said for word in words) for words in wrong.words)
    if verdict.kind != "wrong" or verdict.diagnosis.endswith(" expected."):
        return "unnamed"
    return "named" if hits == len(wrong.words) else "partly" if hits else "other"
