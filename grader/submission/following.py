"""Answers that are right but for an earlier answer of the learner, which they call.

The reference never enters the sandbox. Out here it is built anew, with the learner's named mistake
in the place of the helper: where that shows what was seen, the answer itself has no mistake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.exercise import Exercise
from lrlab.checking.answer import Answer, Case, Observation
from lrlab.checking.judge import Verdict

from .code import read_code
from .graded import Cell


class Following:
    """Goes through the exercises of one submission, in their order."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells
        self._answers: dict[str, Answer] = {}  # what the wrong ones do, as far as that is known

    def verdict(
        self,
        exercise: Exercise,
        found: Verdict,
        cases: Sequence[Case],
        observed: Sequence[Observation] | None,
    ) -> Verdict:
        """The verdict, or a better one where only a helper of the answer is wrong.

        Args:
            exercise: the exercise, after all those that its answer may call.
            found: the verdict on it alone.
            cases: what it was observed on.
            observed: what was seen; None where there is nothing.
        """
        if found.kind != "wrong":
            return found
        wrong = dict(exercise.wrong_answers()).get(found.diagnosis)
        if observed is not None:
            for helper in self._helpers(exercise):
                answer = exercise.built_on[helper](self._answers[helper])
                if _shows(exercise, answer, cases, observed):
                    self._answers[exercise.id] = answer
                    return Verdict("right", 1.0, f"Right, but for `{helper}`, which it calls.")
        if wrong is not None and not isinstance(wrong, tuple):
            self._answers[exercise.id] = wrong
        return found

    def _helpers(self, exercise: Exercise) -> list[str]:
        """The wrong answers that this one calls, as its code says: a copied mistake is its own."""
        called: set[str] = set()
        own: set[str] = set()
        for cell in self._cells:
            if cell.origin == "answer" and cell.exercise == exercise.id:
                code = read_code(cell.source)
                called |= code.reads_later
                own |= code.binds
        return [
            name for name in exercise.built_on if name in self._answers and name in called - own
        ]


def _shows(
    exercise: Exercise, answer: Answer, cases: Sequence[Case], observed: Sequence[Observation]
) -> bool:
    """Whether an answer shows what was seen, on every case."""
    built = replace(exercise, reference=answer, directed=(), misconceptions={})
    return built.judge(cases, observed).kind == "right"
