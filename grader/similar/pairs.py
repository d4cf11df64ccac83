"""Pairs of students whose answers are alike more often than chance explains.

Two answers to an exercise are alike where they share a shape, and the fewer others have it, the
more that says: minus the logarithm of the share that has it. Over its exercises this adds up for a
pair. How much two learners who work alone would share is known from the class itself: of each
exercise, how much its pairs do share. The convolution of these is what chance gives, exercise by
exercise; a pair is named only where that would give less than one such pair in a hundred classes.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from .shapes import Shapes

EXPECTED = 0.01  # pairs by chance in a class
MOST_HAVING = 60  # A shape that more students have brings no pair up by itself: it makes very many.
MOST_PAIRS = 60_000  # about, from each exercise, so that large classes do not fill the memory
GRID = 0.05  # The steps in which evidence is counted.
Pair = tuple[str, str]


@dataclass(frozen=True)
class Alike:
    """An exercise in which two students wrote the same shape.

    Attributes:
        having: how many students have the rarest shape that they share
        of: how many answered the exercise
    """

    exercise: str
    having: int
    of: int

    @property
    def evidence(self) -> float:
        """0 where everybody has it."""
        return -math.log((self.having - 1) / (self.of - 1))


@dataclass(frozen=True)
class SimilarPair:
    """Two students, what is alike, and how many such pairs chance would give in the class."""

    students: Pair
    alike: tuple[Alike, ...]
    expected: float


def similar_pairs(
    answers: Mapping[str, Mapping[str, Shapes]], trivial: Mapping[str, Shapes]
) -> list[SimilarPair]:
    """The pairs to look at, the least likely first.

    Args:
        answers: the shapes of each student's answer, by exercise, then by student
        trivial: by exercise, the shapes that say nothing: the reference's
    """
    asked = [_Exercise(each, its, trivial[each]) for each, its in answers.items()]
    by_chance = [1.0]
    for exercise in asked:
        by_chance = _convolved(by_chance, exercise.by_chance())
    tail = _tail(by_chance)
    pairs = math.comb(len({student for its in answers.values() for student in its}), 2)
    named = []
    for pair in {pair for exercise in asked for pair in exercise.candidates()}:
        alike = tuple(filter(None, (exercise.alike(pair) for exercise in asked)))
        step = sum(_step(each.evidence) for each in alike)
        expected = pairs * tail[min(step, len(tail) - 1)]
        if expected < EXPECTED:
            named.append(SimilarPair(pair, alike, expected))
    return sorted(named, key=lambda each: (each.expected, each.students))


class _Exercise:
    """Which shapes the answers to one exercise have in common."""

    def __init__(self, name: str, answers: Mapping[str, Shapes], trivial: Shapes) -> None:
        self._name, self._of = name, len(answers)
        by_shape: dict[int, list[str]] = defaultdict(list)
        for student in sorted(answers):
            for shape in answers[student] - trivial:
                by_shape[shape].append(student)
        # A part that all have who have the whole says nothing more.
        shared = {tuple(students): shape for shape, students in by_shape.items() if students[1:]}
        self._having = {shape: len(students) for students, shape in shared.items()}
        self._shared = list(shared)
        kept = self._having.keys()
        self._shapes = {student: its & kept for student, its in answers.items() if its & kept}

    def candidates(self) -> Iterator[Pair]:
        """The pairs that share a shape that few have."""
        most = max(2, min(MOST_HAVING, MOST_PAIRS // self._of))
        for students in self._shared:
            if len(students) <= most:
                yield from combinations(students, 2)

    def alike(self, pair: Pair) -> Alike | None:
        """What two students share, by the rarest shape; None where they share none."""
        none: Shapes = frozenset()
        one, other = (self._shapes.get(student, none) for student in pair)
        having = min((self._having[shape] for shape in one & other), default=0)
        return Alike(self._name, having, self._of) if having else None

    def by_chance(self) -> list[float]:
        """The probability of each step of evidence, for two of those who answered.

        A pair that shares a shape and a part of it counts twice, so it is a little too high.
        """
        steps: Counter[int] = Counter()
        for students in self._shared:
            having = len(students)
            evidence = Alike(self._name, having, self._of).evidence
            steps[_step(evidence)] += math.comb(having, 2)
        pairs = max(math.comb(self._of, 2), steps.total(), 1)
        chances = [0.0] * (max(steps, default=0) + 1)
        for step, count in steps.items():
            chances[step] = count / pairs
        chances[0] += 1 - sum(chances)
        return chances


def _step(evidence: float) -> int:
    return round(evidence / GRID)


def _convolved(one: list[float], other: list[float]) -> list[float]:
    summed = [0.0] * (len(one) + len(other) - 1)
    for step, chance in enumerate(other):
        if chance:
            for before, theirs in enumerate(one):
                summed[before + step] += chance * theirs
    return summed


def _tail(chances: list[float]) -> list[float]:
    """For each step, the probability of at least so much."""
    total, tail = 0.0, []
    for chance in reversed(chances):
        total += chance
        tail.append(total)
    return tail[::-1]
