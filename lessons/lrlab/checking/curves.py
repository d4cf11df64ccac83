"""Find the two curves behind a difference between two observations."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from .answer import Observation
from .codec import Float32
from .compare import Difference, difference, is_number
from .trace import LR_BY_EPOCH, LR_BY_UPDATE, METRIC_BY_CALL, Axes, Trace

MIN_ENTRIES = 3  # A table shows fewer entries better than a chart.
MAX_POSITION = 60
# One observation has another shape than the other.
NOT_THERE = (KeyError, IndexError, TypeError, ValueError)


@dataclass(frozen=True)
class Curves:
    """Which lists of numbers an exercise shows, and what they mean.

    Attributes:
        value: the axes of the value, or of the drops that follow from it.
        lrs: the axes of `lrs`, where the observer notes them beside the value.
    """

    value: Axes = field(default_factory=Axes)
    lrs: Axes | None = None

    def trace(
        self, expected: Observation, got: Observation, found: Difference, abs_tol: float = 0.0
    ) -> Trace | None:
        """The two curves behind a difference, or None where a table says it better.

        Args:
            expected, got: the two observations of one case.
            found: their first difference.
            abs_tol: as for `difference`.
        """
        try:
            return self._find(expected, got, found.path, abs_tol)
        except NOT_THERE:
            return None

    def _find(
        self, expected: Observation, got: Observation, path: tuple[Any, ...], abs_tol: float
    ) -> Trace | None:
        head = path[0]
        if head == "consequence" and "drops" in path:
            return _rail(expected[head]["drops"], got[head]["drops"], self.value)
        if head == "value" and self.value.kind == "rail":
            return _rail(expected[head], got[head], self.value)
        if head == "value":
            return _first_that_parts(expected[head], got[head], self.value, abs_tol)
        # The value is right and something else is not: the lr tells most about torch objects.
        if self.lrs is not None:
            sides = _turned(expected["lrs"]), _turned(got["lrs"])
            return _first_that_parts(*sides, self.lrs, abs_tol)
        if head == "events":
            for pick, axes in ((_lrs_used, LR_BY_UPDATE), (_metrics_given, METRIC_BY_CALL)):
                sides = pick(expected[head]), pick(got[head])
                if trace := _first_that_parts(*sides, axes, abs_tol):
                    return trace
        return None


class ResumedRuns(Curves):
    """The value is one run for each epoch before which the training was broken off."""

    def _find(
        self, expected: Observation, got: Observation, path: tuple[Any, ...], abs_tol: float
    ) -> Trace | None:
        """The lr, or the parameter, of the group that goes astray in the first such run."""
        _, break_at, _, what, group, *rest = path

        def pick(seen: dict[str, Any]) -> Any:
            return seen[what][group] if what == "lrs" else seen[what][group][rest[0]]

        axes = LR_BY_EPOCH if what == "lrs" else Axes("parameter", "epoch")
        axes = replace(axes, start=break_at, about=f"resumed before epoch {break_at}")
        runs = (side["value"][break_at] for side in (expected, got))
        right, mine = ([pick(seen) for seen in run] for run in runs)
        return _first_that_parts(right, mine, axes, abs_tol)


def _first_that_parts(expected: Any, got: Any, axes: Axes, abs_tol: float) -> Trace | None:
    """Trace the list itself, or the first that differs of several (one for each param group)."""
    if expected and all(isinstance(row, list) for row in expected):
        for number, row in enumerate(expected):
            theirs = got[number] if number < len(got) else []
            about = f"param group {number}" if len(expected) > 1 else ""
            if trace := _first_that_parts(row, theirs, replace(axes, about=about), abs_tol):
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


def _turned(rows: list[list[Any]]) -> list[list[Any]]:
    """Turn one list per update into one list per param group."""
    return [list(column) for column in zip(*rows)]


def _lrs_used(events: list[Any]) -> list[list[Any]]:
    return _turned([e for e in events if isinstance(e, list) and e[0] != "scheduler.step"])


def _metrics_given(events: list[Any]) -> list[Any]:
    return [e[1] for e in events if isinstance(e, list) and e[0] == "scheduler.step"]


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_number, value))


def _floats(values: list[Any]) -> list[float]:
    return [item if isinstance(item, Float32) else float(item) for item in values]
