"""Two curves, the expected one and the learner's, and the place where they part."""

from __future__ import annotations

from dataclasses import dataclass

from .messages import show

NAMED_VALUES = 12


@dataclass(frozen=True)
class Axes:
    """The meaning of a list of numbers: one `quantity` per `along`, counted from `start`.

    `kind` is how it is drawn: "stairs" hold until the next entry, "line" joins points, and "rail"
    marks the positions that the list names.
    """

    quantity: str = "value"
    along: str = "entry"
    start: int = 0
    kind: str = "line"
    about: str = ""


LR_BY_EPOCH = Axes("lr", "epoch", kind="stairs")
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
        if yours == expected:  # They differ in digits that `show` leaves out.
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


def _listed(values: list[float]) -> str:
    more = f" … ({len(values)} entries)" if len(values) > NAMED_VALUES else ""
    return ", ".join(map(show, values[:NAMED_VALUES])) + more if values else "nothing"
