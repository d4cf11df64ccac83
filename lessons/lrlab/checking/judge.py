"""Compare what was observed with what was expected, and name the mistake.

Pure data in, a verdict out: the same code serves the learner's `check` (on the visible cases) and
the grader (on cases that nobody has seen).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from .alike import differs
from .answer import Case, Observation
from .codec import Other
from .compare import Difference, tolerance
from .messages import Along, difference_sentence, error_sentence, exception
from .naming import Readings, Shown, explain

TIMEOUT = {"timeout": True}
# On so many of the hidden cases a mistake has to fit to earn its part of the points: a tie in
# rounding costs nothing, and a table of the visible cases earns nothing.
FITTING = 0.9
ONLY_VISIBLE = (
    "Right on the cases that `check` shows you, wrong on the one below: follow your function there."
)


@dataclass(frozen=True)
class Misconception:
    """A named wrong answer: its sentence, what it earns (0 … 1), what it shows on each case."""

    sentence: str
    credit: float
    observed: Iterable[Observation]


@dataclass(frozen=True)
class Verdict:
    """The judgement on an answer.

    Attributes:
        kind: right | wrong | unanswered | error | timeout; and, at home only, stale: not judged,
            because the cell that defined the answer no longer does
        credit: fraction of the points, 0 … 1
        diagnosis: a sentence for the learner, empty if right
        case: the inputs of the first case that differs, if any
        difference: where and how it differs
        named: whether the diagnosis names a mistake, and does not only tell the difference
    """

    kind: str
    credit: float = 0.0
    diagnosis: str = ""
    case: Case | None = field(default=None, compare=False)
    difference: Difference | None = field(default=None, compare=False)
    named: bool = field(default=False, compare=False)


def judge(
    cases: Sequence[Case],
    expected: Iterable[Observation],
    misconceptions: Iterable[Misconception],
    observed: Sequence[Observation],
    abs_tol: float = 0.0,
    relative_to: str = "",
    readings: Readings | None = None,
    visible: int | None = None,
    along: Along | None = None,
) -> Verdict:
    """Judge the observations of one answer.

    All cases decide whether it is right. A mistake is named by the visible ones alone, so that it
    has the same name at home and for everybody; the others only say whether part of the points is
    earned.

    Args:
        cases: the visible cases, then those that nobody has seen.
        expected: the reference's observations. This and the next may be lazy: nothing is computed
            that decides nothing.
        misconceptions: each with its observations.
        observed: the answer's observations.
        abs_tol: absolute tolerance, relative to `relative_to`.
        relative_to: an input of each case; the largest number of the case where it is not given.
        readings: what else was observed on the visible cases, for mistakes that have no name.
        visible: how many of the cases are visible; all of them where it is not given.
        along: what the entries of a list are, where the exercise has a word for them.

    Example:
        >>> forgotten = Misconception("You forget the drop.", 0.0, [{"value": 0.4}])
        >>> judge([{"epoch": 2}], [{"value": 0.2}], [forgotten], [{"value": 0.4}]).diagnosis
        'You forget the drop.'
    """
    tolerances = [tolerance(case, abs_tol, relative_to) for case in cases]
    if all("unanswered" in each for each in observed):
        return Verdict("unanswered", diagnosis="Not answered yet.")
    count = len(cases) if visible is None else visible
    expected = iter(expected)
    shown = list(islice(expected, count))
    everything = zip(cases, chain(shown, expected), observed, tolerances, strict=True)
    found = (
        (number, case, seen, first)
        for number, (case, right, seen, tol) in enumerate(everything)
        if (first := differs(right, seen, tol))
    )
    number, case, seen, first = next(found, (0, None, {}, None))
    if first is None:
        return Verdict("right", credit=1.0)
    if "error" in seen:  # Show the exception in place of the value that it prevented.
        first = replace(first, got=Other(exception(seen["error"])))
    if number >= count:
        return _failure(seen, case) or Verdict("wrong", 0.0, ONLY_VISIBLE, case, first)
    kept: list[tuple[str, list[Observation]]] = []
    for known in misconceptions:
        theirs = iter(known.observed)
        on_visible = list(islice(theirs, count))
        if _fitting(on_visible, observed[:count], tolerances) == count:
            hidden = len(cases) - count
            fits = _fitting(theirs, observed[count:], tolerances[count:]) >= FITTING * hidden
            credit = known.credit if fits else 0.0
            return Verdict("wrong", credit, known.sentence, case, first, named=True)
        kept.append((known.sentence, on_visible))
    failures = [each for each in map(_failure, observed[:count], cases) if each]
    if failures:  # One that did not end is told first.
        return min(failures, key=lambda each: each.kind != "timeout")
    known_cases = Shown(cases[:count], shown, kept, readings or Readings(), tolerances[:count])
    mine = observed[:count]
    said = explain(known_cases, mine)
    return Verdict(
        "wrong",
        0.0,
        said or difference_sentence(first, shown, mine, known_cases.cases, along or Along()),
        case,
        first,
        named=bool(said),
    )


def _fitting(
    theirs: Iterable[Observation], observed: Sequence[Observation], tolerances: Sequence[float]
) -> int:
    """On how many cases two answers agree."""
    return sum(differs(*each) is None for each in zip(theirs, observed, tolerances))


def _failure(seen: Observation, case: Case | None) -> Verdict | None:
    """The verdict on an answer that gave no value on a case; None where it gave one."""
    if seen == TIMEOUT:
        return Verdict("timeout", diagnosis="Your function did not come to an end in time.")
    if "error" in seen:
        return Verdict("error", diagnosis=error_sentence(seen["error"]), case=case)
    return None
