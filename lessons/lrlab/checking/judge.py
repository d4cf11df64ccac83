"""Compare what was observed with what was expected, and name the mistake.

Pure data in, a verdict out: the same code serves the learner's `check` (on the visible cases) and
the grader (on cases that nobody has seen).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .answer import Case, Observation
from .codec import Other
from .compare import Difference, difference, tolerance

TIMEOUT = {"timeout": True}
ERROR_IDENTITY = ("type", "missing", "raised_in")


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
) -> Verdict:
    """Judge the observations of one answer.

    `abs_tol` is relative to an input of each case, `relative_to`, or else to its largest number.

    `expected` and `misconceptions` may be generators: nothing is computed that decides nothing.

    Example:
        >>> forgotten = Misconception("You forget the drop.", 0.0, [{"value": 0.4}])
        >>> judge([{"epoch": 2}], [{"value": 0.2}], [forgotten], [{"value": 0.4}]).diagnosis
        'You forget the drop.'
    """
    tolerances = [tolerance(case, abs_tol, relative_to) for case in cases]
    if all("unanswered" in each for each in observed):
        return Verdict("unanswered", diagnosis="Not answered yet.")
    differing = (
        (case, seen, found)
        for case, right, seen, tol in zip(cases, expected, observed, tolerances, strict=True)
        if (found := _difference(right, seen, tol))
    )
    case, differs, first = next(differing, (None, {}, None))
    if first is None:
        return Verdict("right", credit=1.0)
    if "error" in differs:  # Show the exception in place of the value that it prevented.
        first = replace(first, got=Other(_exception(differs["error"])))
    for known in misconceptions:
        if all(
            _difference(theirs, seen, tol) is None
            for theirs, seen, tol in zip(known.observed, observed, tolerances, strict=True)
        ):
            return Verdict("wrong", known.credit, known.sentence, case, first, named=True)
    if TIMEOUT in observed:
        return Verdict("timeout", diagnosis="Your function did not come to an end in time.")
    error = next((seen["error"] for seen in observed if "error" in seen), None)
    if error is not None:
        failed = next(case for case, seen in zip(cases, observed) if "error" in seen)
        return Verdict("error", diagnosis=_error_sentence(error), case=failed)
    return Verdict("wrong", 0.0, _difference_sentence(first, observed), case, first)


def _difference(one: Observation, other: Observation, abs_tol: float) -> Difference | None:
    return difference(identity(one), identity(other), abs_tol)


def identity(observed: Observation) -> Observation:
    """The same without the texts of exceptions, which differ from one Python to the next.

    An exception is known by its type, by the attribute or key that is missing, and by the function
    of torch that raised it, wherever in the learner's code that happens.
    """
    if "error" in observed:
        error = observed["error"]
        return {"error": {name: error[name] for name in ERROR_IDENTITY if error.get(name)}}
    if "reason" in observed:
        return {name: value for name, value in observed.items() if name != "reason"}
    return observed


def _exception(error: dict[str, Any]) -> str:
    return f"{error['type']}: {error['message']}" if error.get("message") else error["type"]


def _error_sentence(error: dict[str, Any]) -> str:
    where = f", at line {error['line']}: `{error['source']}`" if error.get("source") else ""
    if error["type"] == "NotImplementedError" and error.get("source", "").startswith("raise"):
        return "Remove the line `raise NotImplementedError` and return your result."
    if error["type"] == "WrongSignature":
        return f"Not called: {error['message']}."
    return f"Your function raises {_exception(error)}{where}"


def _difference_sentence(first: Difference, observed: Sequence[Observation]) -> str:
    reason = next((seen["reason"] for seen in observed if "unusable" in seen), None)
    if reason is not None:
        return f"Your result cannot be used: {reason}."
    if all(seen.get("value", ...) is None for seen in observed):
        return "Your function returns None: is a `return` missing?"
    changed = next((seen["changed"] for seen in observed if seen.get("changed")), None)
    if changed:
        return f"Your function changes its argument `{changed[0]}`: work on a copy."
    expected, got, path = first.expected, first.got, first.path
    if path and path[-1] == "length":
        return f"{_place(path[:-1])} has {got} entries; {expected} are expected."
    if isinstance(got, Other):
        return f"{_place(path)} is a {got.type_name}; {_kind(expected)} is expected."
    if type(got) is not type(expected) and not _both_numbers(expected, got):
        return f"{_place(path)} is {_kind(got)}; {_kind(expected)} is expected."
    if show(got) == show(expected):  # They differ in digits that `show` leaves out.
        return f"{_place(path)} is {got!r}; exactly {expected!r} is expected."
    return f"{_place(path)} is {show(got)}; {show(expected)} is expected."


def _place(path: tuple[Any, ...]) -> str:
    head, *rest = path or ("value",)
    if head == "consequence" and rest:
        return f"With your result, `{rest[0]}`" + "".join(f"[{key!r}]" for key in rest[1:])
    name = "Your result" if head in ("value", "consequence") else f"What was seen in `{head}`"
    return name + "".join(f"[{key!r}]" for key in rest)


def _both_numbers(*values: Any) -> bool:
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)


def _kind(value: Any) -> str:
    if value is None:
        return "missing"
    for kind, name in (
        (bool, "True or False"),
        ((int, float), "a number"),
        (str, "a text"),
        (list, "a list"),
        (dict, "a dict"),
    ):
        if isinstance(value, kind):
            return f"{show(value)} ({name})" if kind in (bool, str) else name
    return str(value)


def show(value: Any, width: int = 60) -> str:
    """A value as a learner reads it: numbers with up to 10 digits, long lists shortened."""
    if isinstance(value, Other):
        return value.type_name
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{float(value):.10g}"
    if isinstance(value, list):
        text = "[" + ", ".join(show(item, width) for item in value) + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{show(k)}: {show(v, width)}" for k, v in value.items()) + "}"
    else:
        text = repr(value)
    return text if len(text) <= width else text[: width - 2] + " …"
