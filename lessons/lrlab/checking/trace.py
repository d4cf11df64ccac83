"""Where an answer and the truth are two curves: which two, and where they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .codec import Float32
from .compare import Difference, difference
from .judge import show
from .observe import Observation

MIN_ENTRIES = 3  # fewer are read faster in a table
MAX_POSITION = 60
NAMED_VALUES = 12
NOT_THERE = (KeyError, IndexError, TypeError, ValueError)  # an observation has another shape


@dataclass(frozen=True)
class Axes:
    """What a list of numbers means: one `quantity` per `along`, counted from `start`.

    `kind` is how it is drawn: "stairs" hold until the next entry, "line" joins points, and "rail"
    marks the positions that the list names.
    """

    quantity: str = "value"
    along: str = "entry"
    start: int = 0
    kind: str = "line"
    about: str = ""


LR_BY_EPOCH = Axes("lr", "epoch", kind="stairs")
AXES = {
    "quadratic_path": Axes("theta", "step"),
    "log_grid": Axes("lr"),
    "step_lr_trace": LR_BY_EPOCH,
    "chained_trace": LR_BY_EPOCH,
    "group_traces": LR_BY_EPOCH,
    "make_scheduler": LR_BY_EPOCH,
    "fit": LR_BY_EPOCH,
    "fit_plateau": LR_BY_EPOCH,
    "plateau_trace": Axes("lr after the call", "call", start=1, kind="stairs"),
    "drop_epochs": Axes("drop", "epoch", kind="rail"),
    "flat_drops": Axes("drop", "call", start=1, kind="rail"),
    "find_config": Axes("drop", "call", start=1, kind="rail"),
}
LR_BY_UPDATE = Axes("lr used", "update", start=1, kind="stairs")
METRIC_BY_CALL = Axes("metric given to scheduler.step", "call", start=1)


@dataclass(frozen=True)
class Trace:
    """Two lists of numbers that differ first at entry `parts_at` (for a rail: at this position)."""

    expected: list[float]
    got: list[float]
    parts_at: int
    axes: Axes

    @property
    def sentence(self) -> str:
        """Where they part, with the values."""
        at, along = self.parts_at, self.axes.along
        if self.axes.kind == "rail":
            if at in self.expected:
                return f"First difference: {along} {at} is expected, but not in yours."
            return f"First difference: {along} {at} is in yours, but not expected."
        where = f"{along} {at + self.axes.start}"
        lengths = f"{len(self.got)} entries, {len(self.expected)} expected"
        if at >= len(self.got):
            return f"First difference: yours has no {where} ({lengths})."
        if at >= len(self.expected):
            return f"First difference: yours goes on at {where} ({lengths})."
        pair = self.got[at], self.expected[at]
        yours, expected = map(show, pair)
        if yours == expected:  # they differ in digits that show leaves out
            yours, expected = (repr(float(number)) for number in pair)
        return f"First difference at {where}: yours {yours}, expected {expected}."

    @property
    def description(self) -> str:
        """The picture in words, for those who do not see it."""
        about = f", {self.axes.about}" if self.axes.about else ""
        return (
            f"Chart of {self.axes.quantity} by {self.axes.along}{about}. "
            f"Expected: {_listed(self.expected)}. Yours: {_listed(self.got)}. {self.sentence}"
        )


def find_trace(
    exercise: str, expected: Observation, got: Observation, found: Difference, abs_tol: float = 0.0
) -> Trace | None:
    """The two curves behind a difference, or None where a table says it better.

    Args:
        exercise: its id tells what the numbers mean.
        expected, got: the two observations of one case.
        found: their first difference.
        abs_tol: as for `difference`.
    """
    try:
        return _find(exercise, expected, got, found, abs_tol)
    except NOT_THERE:
        return None


def _find(
    exercise: str, expected: Observation, got: Observation, found: Difference, abs_tol: float
) -> Trace | None:
    head = found.path[0]
    axes = AXES.get(exercise, Axes())
    if exercise == "resume":
        return _resumed(expected, got, found.path, abs_tol)
    if head == "consequence" and "drops" in found.path:
        return _rail(expected[head]["drops"], got[head]["drops"], axes)
    if head == "value" and axes.kind == "rail":
        return _rail(expected[head], got[head], axes)
    if head == "value":
        return _first_that_parts(expected[head], got[head], axes, abs_tol)
    # An exercise on torch objects in which other things were seen: the lr tells most about them.
    if "lrs" in expected:
        axes = LR_BY_EPOCH if exercise == "make_scheduler" else LR_BY_UPDATE
        return _first_that_parts(_turned(expected["lrs"]), _turned(got["lrs"]), axes, abs_tol)
    if head == "events":
        for pick, axes in ((_lrs_used, LR_BY_UPDATE), (_metrics_given, METRIC_BY_CALL)):
            sides = pick(expected[head]), pick(got[head])
            if trace := _first_that_parts(*sides, axes, abs_tol):
                return trace
    return None


def _first_that_parts(expected: Any, got: Any, axes: Axes, abs_tol: float) -> Trace | None:
    """The trace itself, or the first of several (one per param group) that differs."""
    if expected and all(isinstance(row, list) for row in expected):
        for number, row in enumerate(expected):
            theirs = got[number] if number < len(got) else []
            about = f"param group {number}" if len(expected) > 1 else ""
            named = Axes(axes.quantity, axes.along, axes.start, axes.kind, about)
            if trace := _first_that_parts(row, theirs, named, abs_tol):
                return trace
        return None
    if not (_is_numbers(expected) and _is_numbers(got)) or len(expected) < MIN_ENTRIES:
        return None
    found = difference(expected, got, abs_tol)
    if found is None:
        return None
    at = found.path[0] if found.path[0] != "length" else min(len(expected), len(got))
    return Trace(_floats(expected), _floats(got), at, axes)


def _rail(expected: Any, got: Any, axes: Axes) -> Trace | None:
    positions = range(axes.start, MAX_POSITION)
    for side in (expected, got):
        if not _is_numbers(side) or any(each not in positions for each in side):
            return None
        if side != sorted(set(side)):
            return None
    apart = set(expected) ^ set(got)
    return Trace(_floats(expected), _floats(got), int(min(apart)), axes) if apart else None


def _resumed(
    expected: Observation, got: Observation, path: tuple[Any, ...], abs_tol: float
) -> Trace | None:
    """The run that was broken off: the lr, or the parameter, of the group that goes astray."""
    _, break_at, _, what, group, *rest = path

    def pick(seen: dict[str, Any]) -> Any:
        return seen[what][group] if what == "lrs" else seen[what][group][rest[0]]

    about = f"resumed before epoch {break_at}"
    if what == "lrs":
        axes = Axes("lr", "epoch", break_at, "stairs", about)
    else:
        axes = Axes("parameter", "epoch", break_at, "line", about)
    sides = ([pick(seen) for seen in side["value"][break_at]] for side in (expected, got))
    return _first_that_parts(*sides, axes, abs_tol)


def _turned(rows: list[list[Any]]) -> list[list[Any]]:
    """From one list per update to one list per param group."""
    return [list(column) for column in zip(*rows)]


def _lrs_used(events: list[Any]) -> list[list[Any]]:
    return _turned([e for e in events if isinstance(e, list) and e[0] != "scheduler.step"])


def _metrics_given(events: list[Any]) -> list[Any]:
    return [e[1] for e in events if isinstance(e, list) and e[0] == "scheduler.step"]


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, (int, float)) and not isinstance(item, bool) for item in value
    )


def _floats(values: list[Any]) -> list[float]:
    return [item if isinstance(item, Float32) else float(item) for item in values]


def _listed(values: list[float]) -> str:
    more = f" … ({len(values)} entries)" if len(values) > NAMED_VALUES else ""
    return ", ".join(map(show, values[:NAMED_VALUES])) + more if values else "nothing"
