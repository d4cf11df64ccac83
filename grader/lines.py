"""A line of results.jsonl: what the grader found in one submission. Its form is a contract."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Key = tuple[str, str]  # (student, lesson)
Status = Literal[
    "graded",
    "not_started",
    "unreadable",
    "unrecognised",
    "missing",
    "crashed",
    "timeout",
    "memory",
    "failed",
]
NO_HAND_IN = ("not_started", "missing")  # nothing was handed in: it counts in no mean
NOT_IN_VERSION = "Not in your version: this exercise came into the lesson after you got it."


class MarkLine(TypedDict):
    """One exercise of a line.

    A wrong answer whose mistake has no name has a `cluster`, the same for all answers that show the
    same on the visible cases, and its code, cut, as a `sample`.
    """

    id: str
    score: float
    max_score: float
    verdict: str  # right | wrong | unanswered | error | timeout | memory | manual
    diagnosis: str
    cluster: NotRequired[str]
    sample: NotRequired[str]


class ByHand(TypedDict):
    """What an instructor gave or wrote at one exercise in formgrader.

    `auto` is None for an answer in words, which nothing but a person grades.
    """

    id: str
    auto: float | None
    manual: float | None
    extra: float
    comment: str


class Marks(TypedDict):
    """One submission as the gradebook has it. `score` is final: nobody computes another one.

    `manual` is the sum of the scores given by hand, each of which replaces an automatic one; None
    where there is none. `waiting` are the points of answers that nobody has graded yet.
    `late_seconds` counts from the due date, extensions included.
    """

    name: str
    email: str
    score: float
    max_score: float
    auto: float
    manual: float | None
    extra: float
    penalty: float
    waiting: float
    late_seconds: float
    by_hand: list[ByHand]


class Line(TypedDict):
    """One submission. `version` is the digest of all that the result depends on.

    Lines that were written before there was a `version` have none. `timestamp` says when it was
    handed in, in the words of its timestamp.txt. `marks` stands in no file: whoever shows a line
    reads it from the gradebook.
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
    timestamp: NotRequired[str]
    marks: NotRequired[Marks]


def key(line: Line) -> Key:
    """The submission that a line is about: (student, lesson)."""
    return line["student"], line["lesson"]


def final_score(line: Line) -> float:
    """The score that counts: the gradebook's, where it has the submission."""
    return line["marks"]["score"] if "marks" in line else line["score"]


def max_score(line: Line) -> float:
    """The points that there are: the gradebook's, where it has the submission."""
    return line["marks"]["max_score"] if "marks" in line else line["max_score"]


def handed_in(line: Line) -> bool:
    """Whether a line counts as a hand-in: something was, or points were given by hand."""
    return line["status"] not in NO_HAND_IN or final_score(line) > 0
