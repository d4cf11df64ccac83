"""A line of results.jsonl: what the grader found in one submission. Its form is a contract."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Key = tuple[str, str]  # (student, lesson)
Status = Literal["graded", "unreadable", "unrecognised", "crashed", "timeout", "memory", "failed"]


class MarkLine(TypedDict):
    """One exercise of a line."""

    id: str
    score: float
    max_score: float
    verdict: str  # right | wrong | unanswered | error | timeout
    diagnosis: str


class Line(TypedDict):
    """One submission. `version` is the digest of all that the result depends on.

    Lines that were written before there was a `version` have none.
    """

    student: str
    lesson: str
    score: float
    max_score: float
    status: Status
    detail: str
    seconds: float
    exercises: list[MarkLine]
    version: NotRequired[str]


def key(line: Line) -> Key:
    """The submission that a line is about: (student, lesson)."""
    return line["student"], line["lesson"]
