"""Compute what follows from an answer: it is compared where an exercise has many right answers.

Each function takes a case and the answer's value, as plain data, and raises an exception, with a
sentence, on a value from which nothing follows.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from torch.optim.lr_scheduler import ReduceLROnPlateau

from .answer import Case
from .codec import Float32, Other
from .compare import is_float32, is_number
from .optimizers import lrs_of, make_optimizer


def schedule_designed(case: Case, value: Any) -> dict[str, Any]:
    """How often lr falls with a pair (step_size, gamma), and the lr of the last epoch."""
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("a pair (step_size, gamma) is expected")
    step_size, gamma = value
    if not is_number(step_size):
        raise ValueError("step_size must be a number")
    if step_size != int(step_size) or step_size < 1:
        raise ValueError("step_size must be a whole number, 1 or more")
    if not is_number(gamma):
        raise ValueError("gamma must be a number")
    if gamma <= 0:
        raise ValueError("gamma must be above 0: a learning rate is never negative")
    lrs = [case["lr0"] * gamma ** (epoch // step_size) for epoch in range(case["epochs"])]
    drops = sum(after < before for before, after in pairwise(lrs))
    last = Float32(lrs[-1]) if is_float32(gamma) else float(lrs[-1])
    return {"drops": drops, "last lr": last}


def drops_found(case: Case, value: Any) -> dict[str, Any]:
    """The calls at which torch's ReduceLROnPlateau lowers lr with these settings."""
    if not isinstance(value, dict) or any(isinstance(entry, Other) for entry in value.values()):
        raise ValueError("a dict of settings for ReduceLROnPlateau is expected")
    optimizer = make_optimizer([0.1])
    scheduler = ReduceLROnPlateau(optimizer, **value)
    drops = []
    for number, metric in enumerate(case["metrics"], start=1):
        (before,) = lrs_of(optimizer)
        scheduler.step(metric)
        if lrs_of(optimizer)[0] < before:
            drops.append(number)
    return {"drops": drops}
