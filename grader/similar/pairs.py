"""Pairs of students whose answers are alike more often than chance explains.

What two answers to an exercise say is weighed as Fellegi and Sunter weigh what two records have in
common (A theory for record linkage, 1969): by the logarithm of how much likelier it is where one
was copied from the other than where two learners worked alone. Answers of one shape say the more
the fewer have that shape; a shared part says less; answers that share nothing speak for two who
worked alone. This adds up over the exercises of a lesson, because whoever copies seldom stops at
one; and over the lessons, except that one who worked alone in a lesson may have copied another.

How often learners who work alone would come so far is known from the class itself: of each
exercise, what its pairs share. The convolution of these is what chance gives; a pair is named only
where that would give less than EXPECTED such pairs in the class.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from .answers import lessons
from .shapes import Shapes

EXPECTED = 0.03  # pairs by chance in a class
# What becomes of an answer that is copied: all of its shape stays, a large part of it, or nothing.
COPIED_WHOLE, COPIED_PART, COPIED_NOTHING = 0.6, 0.2, 0.2
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
        evidence: how much that says for a copy; below 0, for two who worked alone
    """

    exercise: str
    having: int
    of: int
    evidence: float


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
    asked: dict[str, list[_Exercise]] = defaultdict(list)
    for each, its in answers.items():
        asked[lessons()[each]].append(_Exercise(each, its, trivial[each]))
    by_chance = _Chances.of({0: 1.0})
    for exercises in asked.values():
        of_lesson = _Chances.of({0: 1.0})
        for exercise in exercises:
            of_lesson = of_lesson.plus(exercise.by_chance())
        by_chance = by_chance.plus(of_lesson.from_zero())
    pairs = math.comb(len({student for its in answers.values() for student in its}), 2)
    named = []
    for pair in {pair for exercises in asked.values() for pair in _candidates(exercises)}:
        evidence = 0.0
        alike: list[Alike] = []
        for exercises in asked.values():
            found = [each.alike(pair) for each in exercises]
            evidence += max(0.0, sum(each.evidence for each in found))
            alike += [each for each in found if each.evidence > 0]
        expected = pairs * by_chance.at_least(_step(evidence))
        if expected < EXPECTED:
            named.append(SimilarPair(pair, tuple(alike), expected))
    return sorted(named, key=lambda each: (each.expected, each.students))


def _candidates(exercises: list[_Exercise]) -> Iterator[Pair]:
    """The pairs that share a shape that few have, or the shapes of two answers in a row."""
    for exercise in exercises:
        for students in exercise.groups():
            if len(students) <= exercise.most:
                yield from combinations(students, 2)
    for one, other in pairwise(exercises):
        by_both: dict[tuple[int, int], list[str]] = defaultdict(list)
        for student in sorted(one.whole.keys() & other.whole.keys()):
            by_both[one.whole[student], other.whole[student]].append(student)
        for students in by_both.values():
            if len(students) <= min(one.most, other.most):
                yield from combinations(students, 2)


class _Exercise:
    """Which shapes the answers to one exercise have in common.

    Attributes:
        whole: the shape of each student's answer that can be read
        most: how many students may have a shape that brings up pairs
    """

    def __init__(self, name: str, answers: Mapping[str, Shapes], trivial: Shapes) -> None:
        self._name, self._trivial = name, trivial.whole
        self.whole = {
            student: its.whole for student, its in answers.items() if its.whole is not None
        }
        self._of = len(self.whole)
        self.most = max(2, min(MOST_HAVING, MOST_PAIRS // max(1, self._of)))
        self._wholes, by_part = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
        for student, whole in sorted(self.whole.items()):
            self._wholes[whole].append(student)
            for part in answers[student].parts - trivial.parts:
                by_part[part].append(student)
        # A part that all have who have the whole says nothing more.
        unique = {tuple(students): part for part, students in by_part.items() if students[1:]}
        self._shared = {part: students for students, part in unique.items()}
        kept = self._shared.keys()
        self._parts = {student: answers[student].parts & kept for student in self.whole}
        self._pairs = max(1, math.comb(self._of, 2))
        alike = sum(math.comb(len(students), 2) for students in self._wholes.values())
        differing = max(1, self._pairs - alike) / self._pairs
        self._nothing = math.log(COPIED_NOTHING / differing)

    def groups(self) -> Iterator[Collection[str]]:
        """Who has each shape that says something."""
        yield from (its for whole, its in self._wholes.items() if whole != self._trivial)
        yield from self._shared.values()

    def alike(self, pair: Pair) -> Alike:
        """What two students share, and how much that says; 0 where one of them has no answer."""
        one, other = (self.whole.get(student) for student in pair)
        if one is None or other is None:
            return self._alike(0, 0.0)
        if one == other:
            return self._whole(one)
        common = self._parts[pair[0]] & self._parts[pair[1]]
        having = min((len(self._shared[part]) for part in common), default=0)
        return self._part(having) if having else self._alike(0, self._nothing)

    def by_chance(self) -> _Chances:
        """How probable each evidence is, for two of those who answered.

        A pair that shares a shape and a part of it counts twice, so it is a little too high.
        """
        steps: Counter[int] = Counter()
        for whole, students in self._wholes.items():
            steps[_step(self._whole(whole).evidence)] += math.comb(len(students), 2)
        for sharing in self._shared.values():
            same = Counter(self.whole[student] for student in sharing).values()
            unlike = math.comb(len(sharing), 2) - sum(math.comb(each, 2) for each in same)
            steps[_step(self._part(len(sharing)).evidence)] += unlike
        steps[_step(self._nothing)] += max(0, self._pairs - steps.total())
        return _Chances.of(steps)

    def _whole(self, whole: int) -> Alike:
        having = len(self._wholes[whole])
        says_nothing = whole == self._trivial or having < 2
        return self._alike(having, 0.0 if says_nothing else self._likelier(COPIED_WHOLE, having))

    def _part(self, having: int) -> Alike:
        return self._alike(having, max(self._nothing, self._likelier(COPIED_PART, having)))

    def _likelier(self, copied: float, having: int) -> float:
        """How much likelier a shape is in a copy than in another's own answer."""
        return math.log(copied * (self._of - 1) / (having - 1))

    def _alike(self, having: int, evidence: float) -> Alike:
        return Alike(self._name, having, self._of, evidence)


class _Chances:
    """How probable each step of evidence is, from the lowest one on."""

    def __init__(self, lowest: int, chances: np.ndarray) -> None:
        self._lowest, self._chances = lowest, chances

    @classmethod
    def of(cls, steps: Mapping[int, float]) -> _Chances:
        """The chances in proportion to how often each step was seen."""
        lowest = min(steps)
        chances = np.zeros(max(steps) - lowest + 1)
        for step, count in steps.items():
            chances[step - lowest] = count
        return cls(lowest, chances / chances.sum())

    def plus(self, other: _Chances) -> _Chances:
        """The chances of the sum of both, where neither depends on the other."""
        lowest = self._lowest + other._lowest
        return _Chances(lowest, np.convolve(self._chances, other._chances))

    def from_zero(self) -> _Chances:
        """The chances where all that is below 0 counts as 0."""
        below = min(max(0, -self._lowest), len(self._chances) - 1)
        lumped = [self._chances[: below + 1].sum()]
        return _Chances(max(0, self._lowest), np.concatenate([lumped, self._chances[below + 1 :]]))

    def at_least(self, step: int) -> float:
        """How probable so much evidence is, or more."""
        return float(self._chances[max(0, step - self._lowest) :].sum())


def _step(evidence: float) -> int:
    return round(evidence / GRID)
