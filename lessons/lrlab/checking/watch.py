"""How each exercise is watched, in one table.

An exercise without a row is a pure function of one case whose value is compared as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import consequences, loops, observers
from .answer import Answer, Case, Observation
from .curves import Curves, ResumedRuns
from .messages import Along
from .trace import LR_BY_EPOCH, LR_BY_UPDATE, Axes

Observer = Callable[..., Observation]  # takes the exercise's functions, then a case
Consequence = Callable[[Case, Any], Any]  # takes a case and the answer's value


@dataclass(frozen=True)
class Watch:
    """How one exercise is watched.

    Attributes:
        observe: lets the answer meet a case and says, as plain data, what was seen.
        functions: how many functions the exercise asks for.
        halves: where a new process would go on: what the first function leaves, as files, and what
            the second one makes of them. Grading runs them in two processes.
        consequence: where many answers are right: turns a value into what is compared.
        curves: which lists of numbers the card can draw, and what they mean.
    """

    observe: Observer = observers.pure
    functions: int = 1
    halves: tuple[Callable[[Answer, Case], list[bytes]], Observer] | None = None
    consequence: Consequence | None = None
    curves: Curves = field(default_factory=Curves)

    @property
    def along(self) -> Along:
        """What the entries of the value are, where it is a list."""
        axes = self.curves.value
        name = "" if axes.along == Axes().along else axes.along
        return Along(name, axes.start, axes.kind == "rail")


LR_OF_UPDATE = Axes("lr", "update", kind="stairs")
DROPS_BY_CALL = Axes("drop", "call", start=1, kind="rail")

WATCH = {
    # constant-lr
    "quadratic_path": Watch(curves=Curves(Axes("theta", "step"))),
    "log_grid": Watch(curves=Curves(Axes("lr"))),
    "read_lrs": Watch(observers.read_lrs),
    # steplr
    "step_lr_trace": Watch(curves=Curves(LR_BY_EPOCH)),
    "drop_epochs": Watch(curves=Curves(Axes("drop", "epoch", kind="rail"))),
    "make_scheduler": Watch(observers.make_scheduler, curves=Curves(lrs=LR_BY_EPOCH)),
    "fit": Watch(loops.fit, curves=Curves(LR_BY_EPOCH, lrs=LR_BY_UPDATE)),
    "chained_trace": Watch(curves=Curves(LR_BY_EPOCH)),
    "group_traces": Watch(curves=Curves(LR_BY_EPOCH)),
    "resume": Watch(
        observers.resume,
        functions=2,
        halves=(observers.save_runs, observers.resume_runs),
        curves=ResumedRuns(),
    ),
    "design_schedule": Watch(consequence=consequences.schedule_designed),
    # plateau
    "flat_drops": Watch(curves=Curves(DROPS_BY_CALL)),
    "plateau_trace": Watch(curves=Curves(Axes("lr after the call", "call", 1, "stairs"))),
    "fit_plateau": Watch(loops.fit_plateau, curves=Curves(LR_BY_EPOCH)),
    "find_config": Watch(consequence=consequences.drops_found, curves=Curves(DROPS_BY_CALL)),
    # shapes
    "make_schedule": Watch(observers.make_schedule, curves=Curves(lrs=LR_OF_UPDATE)),
    "sequence_trace": Watch(curves=Curves(LR_OF_UPDATE)),
    "fit_updates": Watch(loops.fit_updates, curves=Curves(LR_OF_UPDATE, lrs=LR_OF_UPDATE)),
    "fit_accumulate": Watch(loops.fit_accumulate, curves=Curves(LR_OF_UPDATE, lrs=LR_OF_UPDATE)),
}


PLAIN = Watch()


def watch_of(exercise: str) -> Watch:
    """The row of an exercise; the plain one where it has none."""
    return WATCH.get(exercise, PLAIN)
