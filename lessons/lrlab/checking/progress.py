"""How far a learner has come in a lesson, as the checks of this kernel have seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from lrlab.palette import SYMBOLS

from .judge import Verdict

# The states of an exercise, in words, and the verdict whose symbol stands for each.
STATES = {"right": "right", "partly right": "partial", "not yet": "wrong", "open": "unanswered"}

# Since this kernel started: the last verdict on each exercise, and how many checks of it failed
# since it was right.
_last: dict[str, Verdict] = {}
_failed: Counter[str] = Counter()


@dataclass(frozen=True)
class Mark:
    """One exercise: what it is worth, what was earned, and its state in words."""

    exercise: str
    points: float
    earned: float
    state: str


@dataclass(frozen=True)
class Progress:
    """The marks of a lesson's exercises in order; `current` is the one just checked."""

    marks: tuple[Mark, ...]
    current: str

    @property
    def right(self) -> int:
        return sum(mark.state == "right" for mark in self.marks)

    @property
    def done(self) -> bool:
        return self.right == len(self.marks)

    @property
    def next(self) -> str:
        """The exercise to go on with: the next one that is not right yet; empty if all are."""
        names = [mark.exercise for mark in self.marks]
        at = names.index(self.current) + 1
        around = (*self.marks[at:], *self.marks[:at])
        return next((mark.exercise for mark in around if mark.state != "right"), "")

    @property
    def words(self) -> str:
        earned = round(sum(mark.earned for mark in self.marks), 2)
        points = sum(mark.points for mark in self.marks)
        return f"{self.right} of {len(self.marks)} right · {earned:g} of {points:g} points"


def note(exercise: str, verdict: Verdict) -> None:
    """Remember the last verdict of an exercise, and count it if it is a failure."""
    _last[exercise] = verdict
    if verdict.kind == "right":
        del _failed[exercise]
    elif verdict.kind not in ("unanswered", "stale"):
        _failed[exercise] += 1


def forget() -> None:
    """Be as a kernel that has just started."""
    _last.clear()
    _failed.clear()


def failed(exercise: str) -> int:
    """How many checks of an exercise failed since it was last right."""
    return _failed[exercise]


def progress(points: Mapping[str, float], current: str) -> Progress:
    """The state of a lesson, given the points of its exercises in order."""
    return Progress(tuple(_mark(exercise, of) for exercise, of in points.items()), current)


def _mark(exercise: str, points: float) -> Mark:
    verdict = _last.get(exercise, Verdict("unanswered"))
    if verdict.kind in ("right", "unanswered"):
        state = "right" if verdict.kind == "right" else "open"
    else:
        state = "partly right" if verdict.credit else "not yet"
    return Mark(exercise, points, points * verdict.credit, state)


def html(shown: Progress) -> str:
    """One line: a symbol per exercise, the current one outlined, and the sum in words."""
    spoken = ", ".join(f"{mark.exercise} {mark.state}" for mark in shown.marks)
    symbols = " ".join(_symbol(mark, mark.exercise == shown.current) for mark in shown.marks)
    done = (
        '<p style="margin:.5em 0 0"><strong>Every exercise of this lesson is right. '
        "That is all that check judges: well done.</strong></p>"
        if shown.done
        else ""
    )
    return (
        f'{done}<div style="margin:.7em 0 0;display:flex;flex-wrap:wrap;align-items:center;'
        'gap:.2em .9em" title="Counted since this kernel was started">'
        f'<span role="img" aria-label="{escape(spoken)}" style="white-space:nowrap">{symbols}'
        f"</span> <span>{shown.words}</span></div>"
    )


def _symbol(mark: Mark, current: bool) -> str:
    line = "currentColor" if current else "transparent"
    return (
        f'<span title="{escape(mark.exercise)}: {mark.state}" style="display:inline-block;'
        "width:1.35em;line-height:1.35em;text-align:center;border-radius:4px;"
        f'border:1px solid {line}">{SYMBOLS[STATES[mark.state]]}</span>'
    )
