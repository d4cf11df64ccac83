"""An exercise is a right answer, a set of named wrong answers, and a way to observe any answer."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lrlab.judge import Misconception, Verdict, judge
from lrlab.observe import Answer, Case, Observation, observe
from lrlab.observers import settle

Answers = Answer | tuple[Answer, ...]

VISIBLE_DRAWS = 4


@dataclass(frozen=True)
class NearMiss:
    """A wrong answer that still earns `credit`, a fraction of the points."""

    answer: Answers
    credit: float


@dataclass(frozen=True)
class Exercise:
    """One exercise: the truth, and every known way to miss it.

    Attributes:
        id: grade_id of the graded cell; the learner's function has the same name.
        lesson: folder name of the lesson.
        points: what a right answer earns.
        reference: the right answer (a tuple where the exercise asks for several functions).
        directed: hand-picked cases. The learner sees them; together they tell every misconception
            from the reference and from every other misconception.
        draw: makes one random case; the grader draws fresh ones from a secret seed.
        misconceptions: sentence → wrong answer, or NearMiss where part of the points is earned.
        abs_tol: absolute tolerance relative to a case's largest input, for exercises that subtract.
    """

    id: str
    lesson: str
    points: int
    reference: Answers
    directed: Sequence[Case]
    draw: Callable[[random.Random], Case]
    misconceptions: dict[str, Answers | NearMiss]
    abs_tol: float = 0.0

    def visible_cases(self) -> list[Case]:
        """The cases that a learner's `check` uses: the directed ones and a few random ones."""
        return [*self.directed, *self.draws(f"visible {self.id}", VISIBLE_DRAWS)]

    def draws(self, seed: str, count: int) -> list[Case]:
        """`count` random cases, the same for the same seed."""
        rng = random.Random(seed)
        return [self.draw(rng) for _ in range(count)]

    def observe(self, answer: Answers, cases: Sequence[Case]) -> list[Observation]:
        """What `answer` shows on each case. Warnings are part of many mistakes and of no answer."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [settle(self.id, case, observe(self.id, answer, case)) for case in cases]

    def expected(self, cases: Sequence[Case]) -> list[Observation]:
        """What the reference shows on each case."""
        return self.observe(self.reference, cases)

    def known_mistakes(self, cases: Sequence[Case]) -> Iterator[Misconception]:
        """What each misconception shows on each case."""
        for sentence, wrong in self.misconceptions.items():
            credit = wrong.credit if isinstance(wrong, NearMiss) else 0.0
            answer = wrong.answer if isinstance(wrong, NearMiss) else wrong
            observed = [_without_code(seen) for seen in self.observe(answer, cases)]
            yield Misconception(sentence, credit, observed)

    def judge(self, cases: Sequence[Case], observed: Sequence[Observation]) -> Verdict:
        """Compare observations of an answer, made on `cases`, with the truth."""
        settled = [settle(self.id, case, seen) for case, seen in zip(cases, observed, strict=True)]
        return judge(cases, self.expected(cases), self.known_mistakes(cases), settled, self.abs_tol)


def _without_code(observed: Observation) -> Observation:
    """The same without the line of code that raised: learners get to read what is compiled."""
    if "error" not in observed:
        return observed
    return {"error": {name: observed["error"][name] for name in ("type", "message")}}
