"""A question that a learner answers in words and a person grades by hand, with its rubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Criterion:
    """One thing that an answer is graded by.

    Attributes:
        points: what it earns at most.
        asks: a phrase that learners read in the lesson, and again on their feedback page.
        notes: how to score it. Only an instructor gets to read this.
    """

    points: int
    asks: str
    notes: str


@dataclass(frozen=True)
class Written:
    """A written answer. Its place in an exercises' file is its place among the exercises.

    Attributes:
        id: grade_id of its Markdown cell, which is tagged `written-ID`.
        lesson: folder name of the lesson.
        rubric: what the answer is graded by; its points add up to those of the question.
    """

    id: str
    lesson: str
    rubric: Sequence[Criterion]

    @property
    def points(self) -> int:
        return sum(each.points for each in self.rubric)
