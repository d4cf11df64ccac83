"""Lesson 2, `steplr`: the staircase, the loop that walks it, and every known way to stumble.

Source of the truth: torch.optim.lr_scheduler.StepLR, in its closed and its chained form.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from torch.optim import lr_scheduler
from torch.optim.lr_scheduler import StepLR

from grader.exercise import Exercise, NearMiss
from grader.exercises.loops import ACTIONS, order, quiet
from lrlab.checking.help import Help

# --- draws: where a mistake could hide ------------------------------------------------------------


def _odd_lr(rng: random.Random) -> float:
    """A rate with digits of its own, so that a value fixed in the code shows."""
    return round(rng.uniform(0.05, 0.9), 3) + 0.0007


def _odd_gamma(rng: random.Random) -> float:
    """Neither 0.1 (torch's default) nor 0.5 (its own complement)."""
    return round(rng.choice([rng.uniform(0.15, 0.45), rng.uniform(0.55, 0.85)]), 3)


def _long_enough(rng: random.Random, step_size: int) -> int:
    """Epochs with two drops or three, that do not end on a whole block."""
    return rng.choice([2, 3]) * step_size + rng.randint(2, step_size - 1)


def _draw_schedule(rng: random.Random) -> dict[str, Any]:
    step_size = rng.randint(3, 7)
    return {
        "lr0": _odd_lr(rng),
        "step_size": step_size,
        "gamma": _odd_gamma(rng),
        "epochs": _long_enough(rng, step_size),
    }


# --- step_lr ----------------------------------------------------------------------------------


def _step_lr(lr0: float, step_size: int, gamma: float, epoch: int) -> float:
    return lr0 * gamma ** (epoch // step_size)


def _decays(drops: Callable[[int, int], float]) -> Callable[..., float]:
    """step_lr with another count of drops, given (epoch, step_size)."""
    return lambda lr0, step_size, gamma, epoch: lr0 * gamma ** drops(epoch, step_size)


def _draw_step_lr(rng: random.Random) -> dict[str, Any]:
    step_size, drops = rng.randint(3, 7), rng.randint(2, 4)
    within = rng.choice([0, step_size - 1, rng.randrange(step_size)])
    return {
        "lr0": _odd_lr(rng),
        "step_size": step_size,
        "gamma": _odd_gamma(rng),
        "epoch": drops * step_size + within,
    }


# What can go wrong with one value goes wrong in a trace of them, too.
VALUE_MISTAKES: dict[str, Callable[..., Any]] = {
    "You multiply by gamma in every epoch: lr must stay flat for step_size epochs.": _decays(
        lambda e, s: e
    ),
    "You drop one epoch early: with epochs counted from 0, the first reduced epoch is "
    "step_size itself.": _decays(lambda e, s: (e + 1) // s),
    "You drop one epoch late: epoch step_size is already reduced.": _decays(
        lambda e, s: max(e - 1, 0) // s
    ),
    "You drop one epoch late, and at epoch 0 lr is higher than lr0: count whole blocks of "
    "step_size epochs from epoch 0.": _decays(lambda e, s: (e - 1) // s),
    "Your lr slides down inside a block: only completed blocks count, so use floor division.": (
        _decays(lambda e, s: e / s)
    ),
    "You round the number of blocks to the nearest: a block counts once it is complete.": _decays(
        lambda e, s: round(e / s)
    ),
    "You round the number of blocks up: a block counts once it is complete.": _decays(
        lambda e, s: math.ceil(e / s)
    ),
    "You drop at epoch 0 already: training starts with lr0 itself.": _decays(
        lambda e, s: e // s + 1
    ),
    "You use the remainder of epoch and step_size, so lr starts over in each block: count the "
    "completed blocks.": _decays(lambda e, s: e % s),
    "You drop only once: lr falls again after every further step_size epochs.": _decays(
        lambda e, s: min(e // s, 1)
    ),
    "You reduce lr only in the epochs that are multiples of step_size: a drop lasts, and drops add "
    "up.": _decays(lambda e, s: int(e > 0 and e % s == 0)),
    "Your blocks are step_size + 1 epochs long.": _decays(lambda e, s: e // (s + 1)),
    "Your blocks are step_size − 1 epochs long.": _decays(lambda e, s: e // (s - 1)),
    "You divide by epoch, which begins at 0: divide epoch by step_size.": _decays(
        lambda e, s: s // e
    ),
    "Your lr rises: multiply by gamma at each drop, do not divide.": _decays(
        lambda e, s: -(e // s)
    ),
    "You multiply by gamma times epoch: gamma is raised to a power.": (
        lambda lr0, step_size, gamma, epoch: lr0 * gamma * epoch
    ),
    "You multiply by gamma times the number of drops: each drop multiplies by gamma once more, "
    "which is a power.": lambda lr0, step_size, gamma, epoch: lr0 * gamma * (epoch // step_size),
    "You subtract gamma at each drop: StepLR multiplies by it.": (
        lambda lr0, step_size, gamma, epoch: lr0 - gamma * (epoch // step_size)
    ),
    "You multiply by 1 − gamma: gamma is what is left of lr after a drop, not what is taken.": (
        lambda lr0, step_size, gamma, epoch: lr0 * (1 - gamma) ** (epoch // step_size)
    ),
    "You use gamma 0.1 whatever the argument says: that is only torch's default.": (
        lambda lr0, step_size, gamma, epoch: lr0 * 0.1 ** (epoch // step_size)
    ),
    "You use the exponential of −gamma: the factor at each drop is gamma itself.": (
        lambda lr0, step_size, gamma, epoch: lr0 * math.exp(-gamma * (epoch // step_size))
    ),
    "You have step_size and gamma swapped.": (
        lambda lr0, step_size, gamma, epoch: lr0 * step_size ** (epoch // gamma)
    ),
    "You raise lr0 to the power as well: only gamma is.": (
        lambda lr0, step_size, gamma, epoch: (lr0 * gamma) ** (epoch // step_size)
    ),
    "You give the factor alone: multiply it by lr0.": (
        lambda lr0, step_size, gamma, epoch: gamma ** (epoch // step_size)
    ),
}

step_lr = Exercise(
    id="step_lr",
    lesson="steplr",
    points=2,
    help=Help(
        idea="How often has lr dropped by this epoch?",
        step=(
            "Epochs come in blocks of step_size. The number of blocks that are complete is a "
            "division that rounds down, and each of them multiplies by gamma."
        ),
        sibling="""\
def fare(start, per_block, metres, block):
    return start + per_block * (metres // block)
""",
        why=(
            "Rounding down is the staircase: within a block nothing changes, at its end one more "
            "gamma comes in."
        ),
    ),
    reference=_step_lr,
    directed=[
        {"lr0": 0.2, "step_size": 3, "gamma": 0.5, "epoch": 7},
        *({"lr0": 0.1, "step_size": 3, "gamma": 0.3, "epoch": epoch} for epoch in range(8)),
        {"lr0": 0.25, "step_size": 4, "gamma": 0.7, "epoch": 13},
        {"lr0": 0.04, "step_size": 2, "gamma": 0.8, "epoch": 9},
        {"lr0": 0.04, "step_size": 2, "gamma": 0.8, "epoch": 301},
    ],
    draw=_draw_step_lr,
    edges=[
        lambda _, c: {"epoch": 0},
        lambda _, c: {"step_size": 1},
        lambda rng, c: {"epoch": c["step_size"] * rng.randint(10, 30)},
        lambda _, c: {"epoch": c["step_size"] - 1},
        lambda _, c: {"epoch": c["step_size"]},
        lambda _, c: {"epoch": c["step_size"] + 1},
        lambda _, c: {"gamma": 1.0},
    ],
    misconceptions=VALUE_MISTAKES
    | {
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, step_size, gamma, epoch: round(_step_lr(lr0, step_size, gamma, epoch), 4),
            credit=0.5,
        ),
    },
)


# --- step_lr_trace ----------------------------------------------------------------------------


def _trace(lr0: float, step_size: int, gamma: float, epochs: int) -> list[float]:
    return [_step_lr(lr0, step_size, gamma, epoch) for epoch in range(epochs)]


def _each_epoch(value: Callable[..., Any]) -> Callable[..., list[Any]]:
    """The trace whose entry for each epoch is `value`."""
    return lambda lr0, step_size, gamma, epochs: [
        value(lr0=lr0, step_size=step_size, gamma=gamma, epoch=epoch) for epoch in range(epochs)
    ]


def _compounded(lr0, step_size, gamma, epochs):
    trace = []
    for epoch in range(epochs):
        lr0 *= gamma ** (epoch // step_size)
        trace.append(lr0)
    return trace


step_lr_trace = Exercise(
    id="step_lr_trace",
    built_on={"step_lr": lambda step_lr: _each_epoch(step_lr)},
    lesson="steplr",
    points=2,
    help=Help(
        idea="A trace asks the rule once for each epoch.",
        step=(
            "range(epochs) gives 0, 1, … up to epochs − 1. Make a list of what step_lr gives for "
            "each of them."
        ),
        sibling="""\
def squares(count):
    return [number**2 for number in range(count)]
""",
        why=(
            "A trace before training costs nothing and shows every mistake in a schedule at a "
            "glance."
        ),
    ),
    reference=_trace,
    directed=[
        {"lr0": 0.2, "step_size": 2, "gamma": 0.5, "epochs": 5},
        {"lr0": 0.2, "step_size": 3, "gamma": 0.3, "epochs": 8},
        {"lr0": 0.05, "step_size": 2, "gamma": 0.15, "epochs": 13},
        {"lr0": 0.1, "step_size": 4, "gamma": 0.6, "epochs": 1},
        {"lr0": 0.1, "step_size": 4, "gamma": 0.6, "epochs": 12},
    ],
    draw=_draw_schedule,
    edges=[
        lambda _, c: {"epochs": 1},
        lambda _, c: {"step_size": 1},
        lambda _, c: {"epochs": c["step_size"]},
        lambda _, c: {"epochs": c["step_size"] + 1},
        lambda _, c: {"epochs": 12 * c["step_size"] + 1},
        lambda _, c: {"gamma": 1.0},
    ],
    misconceptions={mistake: _each_epoch(value) for mistake, value in VALUE_MISTAKES.items()}
    | {
        "You apply the whole power to an lr that is reduced already: either start from lr0 in each "
        "epoch, or multiply once per drop.": _compounded,
        "All your entries are the last lr: do you append one tensor again and again?": (
            lambda lr0, step_size, gamma, epochs: (
                _trace(lr0, step_size, gamma, epochs)[-1:] * epochs
            )
        ),
        "You give only the last lr: one entry per epoch is asked for.": (
            lambda lr0, step_size, gamma, epochs: _trace(lr0, step_size, gamma, epochs)[-1]
        ),
        "You give one lr per block: write down one for each epoch.": (
            lambda lr0, step_size, gamma, epochs: _trace(lr0, step_size, gamma, epochs)[::step_size]
        ),
        "One entry too many: epochs 0 to epochs − 1 are trained, and each has one lr.": NearMiss(
            lambda lr0, step_size, gamma, epochs: _trace(lr0, step_size, gamma, epochs + 1), 0.5
        ),
        "One entry too few: the last epoch has an lr, too.": NearMiss(
            lambda lr0, step_size, gamma, epochs: _trace(lr0, step_size, gamma, epochs - 1), 0.5
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, step_size, gamma, epochs: [
                round(lr, 4) for lr in _trace(lr0, step_size, gamma, epochs)
            ],
            0.5,
        ),
    },
)


# --- drop_epochs ------------------------------------------------------------------------------


def _drop_epochs(step_size: int, epochs: int) -> list[int]:
    return list(range(step_size, epochs, step_size))


def _draw_drop_epochs(rng: random.Random) -> dict[str, Any]:
    step_size = rng.randint(3, 8)
    # On a whole number of blocks it shows whether the drop after the last epoch is counted.
    within = rng.choice([0, rng.randint(1, step_size - 1)])
    return {"step_size": step_size, "epochs": rng.randint(2, 5) * step_size + within}


drop_epochs = Exercise(
    id="drop_epochs",
    lesson="steplr",
    points=1,
    help=Help(
        idea="Write down the lr of each epoch for step_size 3, and mark where it changes.",
        step=(
            "It changes in the multiples of step_size, though not in epoch 0, and only in epochs "
            "that are trained."
        ),
        sibling="""\
def mondays(first, days):
    return [day for day in range(days) if day % 7 == first]
""",
        why=(
            "Epoch 0 starts at lr0, so the first drop comes after step_size whole epochs: in "
            "epoch step_size."
        ),
    ),
    reference=_drop_epochs,
    directed=[
        {"step_size": 4, "epochs": 9},
        {"step_size": 3, "epochs": 10},
        {"step_size": 3, "epochs": 9},
        {"step_size": 4, "epochs": 4},
        {"step_size": 1, "epochs": 5},
        {"step_size": 5, "epochs": 19},
        {"step_size": 5, "epochs": 2},
    ],
    draw=_draw_drop_epochs,
    edges=[
        lambda _, c: {"step_size": 1},
        lambda _, c: {"epochs": 1},
        lambda _, c: {"epochs": c["step_size"]},
        lambda _, c: {"epochs": c["step_size"] + 1},
        lambda _, c: {"epochs": c["step_size"] - 1},
        lambda _, c: {"epochs": 30 * c["step_size"]},
    ],
    misconceptions={
        "You count epoch 0 as a drop: no epoch comes before it.": (
            lambda step_size, epochs: list(range(0, epochs, step_size))
        ),
        "You list a drop after the last epoch: the epochs end at epochs − 1.": NearMiss(
            lambda step_size, epochs: list(range(step_size, epochs + 1, step_size)), 0.5
        ),
        "You leave out a drop in the last epoch: epoch epochs − 1 is trained, too.": NearMiss(
            lambda step_size, epochs: list(range(step_size, epochs - 1, step_size)), 0.5
        ),
        "You name the last epoch of each block: the drop is in the epoch after it.": (
            lambda step_size, epochs: list(range(step_size - 1, epochs, step_size))
        ),
        "You are one epoch late: count epochs from 0.": (
            lambda step_size, epochs: [e + 1 for e in range(step_size, epochs, step_size)]
        ),
        "You list only the first drop: lr falls again after every further step_size epochs.": (
            lambda step_size, epochs: _drop_epochs(step_size, epochs)[:1]
        ),
        "You list every epoch whose lr is below lr0: asked are those below the epoch before.": (
            lambda step_size, epochs: list(range(step_size, epochs))
        ),
        "You list the epochs without a drop.": (
            lambda step_size, epochs: [
                e for e in range(epochs) if e not in _drop_epochs(step_size, epochs)
            ]
        ),
        "You give the number of drops: their epochs are asked for.": (
            lambda step_size, epochs: len(_drop_epochs(step_size, epochs))
        ),
        "You number the drops: the epochs in which they happen are asked for.": (
            lambda step_size, epochs: list(range(1, len(_drop_epochs(step_size, epochs)) + 1))
        ),
        "You have step_size and epochs swapped.": (
            lambda step_size, epochs: _drop_epochs(epochs, step_size)
        ),
    },
)


# --- make_scheduler ---------------------------------------------------------------------------


def _make_scheduler(optimizer: Any, step_size: int, gamma: float) -> StepLR:
    return StepLR(optimizer, step_size=step_size, gamma=gamma)


@quiet
def _stepped_while_made(optimizer, step_size, gamma):
    scheduler = StepLR(optimizer, step_size, gamma)
    scheduler.step()
    return scheduler


def _decayed_by_hand(optimizer, step_size, gamma):
    for group in optimizer.param_groups:
        group["lr"] *= gamma
    return StepLR(optimizer, step_size, gamma)


def _draw_make_scheduler(rng: random.Random) -> dict[str, Any]:
    return {
        "lrs": [_odd_lr(rng) for _ in range(rng.randint(1, 3))],
        "step_size": rng.randint(3, 5),
        "gamma": _odd_gamma(rng),
    }


make_scheduler = Exercise(
    id="make_scheduler",
    inputs={"step_size": "step_size", "gamma": "gamma"},
    lesson="steplr",
    points=1,
    help=Help(
        idea="torch has a class that does all of it. Make one and give it back.",
        step=(
            "StepLR wants the optimizer first, then step_size and gamma by name. It is ready for "
            "epoch 0 as soon as it is made."
        ),
        sibling="""\
def make_exponential(optimizer, gamma):
    return torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=gamma)
""",
        why=(
            "The constructor has made the first step itself: one more before training would shift "
            "every drop."
        ),
    ),
    reference=_make_scheduler,
    directed=[
        {"lrs": [0.2], "step_size": 3, "gamma": 0.3},
        {"lrs": [0.1, 0.01], "step_size": 4, "gamma": 0.7},
    ],
    draw=_draw_make_scheduler,
    edges=[
        lambda _, c: {"step_size": 1},
        lambda _, c: {"lrs": c["lrs"][:1] * 2},
        lambda _, c: {"step_size": 100},
    ],
    misconceptions={
        "You have step_size and gamma swapped: name them in the call.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, gamma, step_size)
        ),
        "You do not pass gamma on, so torch takes its default, 0.1.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, step_size)
        ),
        "You pass 1 − gamma: gamma is what is left of lr after a drop, not what is taken.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, step_size, 1 - gamma)
        ),
        "You attach the scheduler to another optimizer: the lr of the given one never changes.": (
            lambda optimizer, step_size, gamma: StepLR(copy.deepcopy(optimizer), step_size, gamma)
        ),
        "Give StepLR the optimizer, step_size and gamma. It no longer takes verbose: torch has "
        "removed it, so print lr yourself.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, step_size, gamma, verbose=True)
        ),
        "You pass last_epoch: that is for resuming. A new run starts at the default, −1.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, step_size, gamma, 0)
        ),
        "The first argument of a scheduler is the optimizer itself: you give something else.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer.param_groups, step_size, gamma)
        ),
        "You step the scheduler while making it, so every drop comes one epoch early. It steps "
        "itself once, that is enough.": _stepped_while_made,
        "You reduce lr by hand as well: leave lr to the scheduler.": _decayed_by_hand,
        "You make an ExponentialLR, which drops in every epoch: use StepLR.": (
            lambda optimizer, step_size, gamma: lr_scheduler.ExponentialLR(optimizer, gamma)
        ),
        "You make a MultiStepLR with one milestone, which drops only once: use StepLR.": (
            lambda optimizer, step_size, gamma: lr_scheduler.MultiStepLR(
                optimizer, [step_size], gamma
            )
        ),
        "You make a ReduceLROnPlateau, which wants a metric at each step: use StepLR.": (
            lambda optimizer, step_size, gamma: lr_scheduler.ReduceLROnPlateau(optimizer)
        ),
        "Your LambdaLR has the right rates, but a StepLR is asked for.": NearMiss(
            lambda optimizer, step_size, gamma: lr_scheduler.LambdaLR(
                optimizer, lambda epoch: gamma ** (epoch // step_size)
            ),
            credit=0.5,
        ),
        "You give the learning rates: the scheduler object is asked for.": (
            lambda optimizer, step_size, gamma: StepLR(optimizer, step_size, gamma).get_last_lr()
        ),
    },
)


# --- fit --------------------------------------------------------------------------------------


def _recreate(run: SimpleNamespace) -> None:
    run.scheduler = StepLR(run.optimizer, run.scheduler.step_size, run.scheduler.gamma)


def _reduce_by_hand(run: SimpleNamespace) -> None:
    if (run.epoch + 1) % run.scheduler.step_size == 0:
        for group in run.optimizer.param_groups:
            group["lr"] *= run.scheduler.gamma


_order = partial(order, actions=ACTIONS | {"recreate": _recreate, "by-hand": _reduce_by_hand})


def _fit(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        for batch in batches:
            train_batch(batch)
            optimizer.step()
        scheduler.step()
    return lrs


def _fit_planned_first(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    _fit(optimizer, scheduler, batches, epochs, train_batch)
    return lrs


def _fit_uses_batches_up(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        while batches:
            train_batch(batches.pop(0))
            optimizer.step()
        scheduler.step()
    return lrs


def _fit_more(more: int) -> Callable[..., list[float]]:
    return lambda optimizer, scheduler, batches, epochs, train_batch: _fit(
        optimizer, scheduler, batches, epochs + more, train_batch
    )


def _draw_fit(rng: random.Random) -> dict[str, Any]:
    step_size = rng.randint(2, 4)
    return {
        "lrs": [_odd_lr(rng) for _ in range(rng.randint(1, 3))],
        "step_size": step_size,
        "gamma": _odd_gamma(rng),
        "num_batches": rng.randint(2, 4),
        "epochs": 2 * step_size + rng.randint(1, 3),
    }


fit = Exercise(
    id="fit",
    fresh_draws=4,
    lesson="steplr",
    points=4,
    help=Help(
        idea=(
            "Two loops, one inside the other: batches in epochs. To which of them does each call "
            "belong?"
        ),
        step=(
            "At the beginning of an epoch, note its lr. For each batch: train_batch, then update "
            "the weights. When the batches are done, step the scheduler."
        ),
        sibling="""\
def read_book(chapters, read_page, rest):
    for pages in chapters:
        for page in pages:
            read_page(page)
        rest()
""",
        why=(
            "step_size counts calls of scheduler.step(), so one call an epoch is what makes it "
            "mean epochs."
        ),
    ),
    reference=_fit,
    directed=[
        {"lrs": [0.1], "step_size": 2, "gamma": 0.3, "num_batches": 3, "epochs": 5},
        {"lrs": [0.2, 0.05], "step_size": 3, "gamma": 0.6, "num_batches": 2, "epochs": 7},
        # Re-creating a scheduler and never stepping one look alike until step_size is 1.
        {"lrs": [0.1], "step_size": 1, "gamma": 0.7, "num_batches": 2, "epochs": 3},
    ],
    draw=_draw_fit,
    edges=[
        lambda _, c: {"num_batches": 1},
        lambda _, c: {"epochs": 1},
        lambda _, c: {"step_size": 1},
    ],
    misconceptions={
        "You step the scheduler after every batch: step_size counts epochs, so step it once at the "
        "end of each epoch.": _order("log", "train optimizer scheduler", ""),
        "You step the scheduler at the start of the epoch, before the optimizer: the first lr is "
        "used for one epoch too few, and every drop comes early.": _order(
            "scheduler log", "train optimizer", ""
        ),
        "You note lr, then step the scheduler, then train: the lr you note is not the lr used. The "
        "scheduler's turn is after the batches.": _order("log scheduler", "train optimizer", ""),
        "You never step the scheduler, so lr stays constant.": _order("log", "train optimizer", ""),
        "You step the scheduler once, after all epochs: it belongs inside the loop over epochs.": (
            _order("log", "train optimizer", "", after="scheduler")
        ),
        "You make a new scheduler in each epoch: it counts from 0 again and never reaches "
        "step_size. Use the one you are given.": _order(
            "recreate log", "train optimizer", "scheduler"
        ),
        "You make a scheduler of your own: step the one you are given, or its owner loses "
        "count.": NearMiss(
            _order("log", "train optimizer", "scheduler", before="recreate"), credit=0.5
        ),
        "You never call the optimizer's step: gradients alone train nothing.": _order(
            "log", "train", "scheduler"
        ),
        "You clear the gradients after train_batch has computed them: the optimizer's step has "
        "nothing left to apply.": _order("log", "train zero optimizer", "scheduler"),
        "You step the optimizer once per epoch: it updates the weights after every batch.": _order(
            "log", "train", "optimizer scheduler"
        ),
        "You step the optimizer before train_batch: there are no fresh gradients yet.": _order(
            "log", "optimizer train", "scheduler"
        ),
        "You step the optimizer in the loop but train on no batch: call train_batch for each.": (
            _order("log", "optimizer", "scheduler")
        ),
        "You note lr after the scheduler has stepped: that is the next epoch's lr. Note it "
        "before.": NearMiss(_order("", "train optimizer", "scheduler log"), credit=0.5),
        "You note lr after every batch: one entry per epoch is asked for.": NearMiss(
            _order("", "train optimizer log", "scheduler"), credit=0.5
        ),
        "You note the lr of every group: only the first group's is asked for.": NearMiss(
            _order("log-all-groups", "train optimizer", "scheduler"), credit=0.5
        ),
        "You note the last group's lr: the first group's is asked for.": NearMiss(
            _order("log-last-group", "train optimizer", "scheduler"), credit=0.5
        ),
        "You note the lr that the optimizer started with, and that never changes: read the param "
        "group.": NearMiss(_order("log-default", "train optimizer", "scheduler"), credit=0.5),
        "You read lr with get_lr: outside of a step it applies gamma once more. Read the param "
        "group, or get_last_lr.": NearMiss(
            _order("log-get_lr", "train optimizer", "scheduler"), credit=0.5
        ),
        "You pass the epoch to the scheduler's step: it then repeats epoch 0, and each drop is one "
        "late. It counts by itself.": _order("log", "train optimizer", "scheduler(epoch)"),
        "You reduce lr by hand as well, so each drop happens twice: leave lr to the scheduler.": (
            _order("log", "train optimizer", "scheduler by-hand")
        ),
        "You leave out the scheduler's step after the last epoch: a run that is continued would "
        "repeat an lr.": NearMiss(
            _order("log", "train optimizer", "scheduler-unless-last"), credit=0.5
        ),
        "You call backward: train_batch has done that already, and gives a plain number.": _order(
            "log", "train.backward optimizer", "scheduler"
        ),
        "You step the real scheduler to write down its rates, so it is used up before training: "
        "note lr while you train.": quiet(_fit_planned_first),
        "You use up the caller's list of batches, so later epochs see none: loop over it without "
        "changing it.": _fit_uses_batches_up,
        "You stop after the first epoch: is the `return` inside the loop?": (
            lambda optimizer, scheduler, batches, epochs, train_batch: _fit(
                optimizer, scheduler, batches, 1, train_batch
            )
        ),
        "You train one epoch too many.": _fit_more(1),
        "You train one epoch too few.": _fit_more(-1),
    },
)


# --- chained_trace ----------------------------------------------------------------------------


def _chained_trace(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            lr *= gamma
        lr = edits.get(epoch, lr)
        trace.append(lr)
    return trace


def _edit_first(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        lr = edits.get(epoch, lr)
        if epoch > 0 and epoch % step_size == 0:
            lr *= gamma
        trace.append(lr)
    return trace


def _closed_until_edited(lr0, step_size, gamma, epochs, edits, freeze=False, restart=False):
    """Mistakes about what comes after the last edit: nothing, or a schedule that starts over."""
    trace, start, base = [], 0, lr0
    for epoch in range(epochs):
        if epoch in edits:
            start, base = epoch, edits[epoch]
        blocks = (epoch - start if restart else epoch) // step_size
        trace.append(base if freeze and start in edits else base * gamma**blocks)
    return trace


def _closed_again_at_the_next_drop(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        if epoch % step_size == 0:
            lr = _step_lr(lr0, step_size, gamma, epoch)
        lr = edits.get(epoch, lr)
        trace.append(lr)
    return trace


def _edit_is_a_factor(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            lr *= gamma
        lr *= edits.get(epoch, 1)
        trace.append(lr)
    return trace


def _drops_at_0(lr0, step_size, gamma, epochs, edits):
    return _chained_trace(lr0 * gamma, step_size, gamma, epochs, edits)


def _drops_early(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        if (epoch + 1) % step_size == 0:
            lr *= gamma
        lr = edits.get(epoch, lr)
        trace.append(lr)
    return trace


def _edits_used_up(lr0, step_size, gamma, epochs, edits):
    lr, trace = lr0, []
    for epoch in range(epochs):
        if epoch > 0 and epoch % step_size == 0:
            lr *= gamma
        lr = edits.pop(epoch, lr)
        trace.append(lr)
    return trace


def _edits_moved(by: int) -> Callable[..., list[float]]:
    return lambda lr0, step_size, gamma, epochs, edits: _chained_trace(
        lr0, step_size, gamma, epochs, {epoch + by: lr for epoch, lr in edits.items()}
    )


def _only_edit(which: int) -> Callable[..., list[float]]:
    return lambda lr0, step_size, gamma, epochs, edits: _chained_trace(
        lr0, step_size, gamma, epochs, dict(sorted(edits.items())[which:][:1])
    )


def _edits_past_the_end(lr0, step_size, gamma, epochs, edits):
    late = [lr for epoch, lr in sorted(edits.items()) if epoch >= epochs]
    return _chained_trace(lr0, step_size, gamma, epochs, edits) + late


def _draw_chained_trace(rng: random.Random) -> dict[str, Any]:
    case = _draw_schedule(rng)
    step_size, epochs = case["step_size"], case["epochs"]
    between = rng.randint(1, step_size - 1)
    on_drop = rng.choice([step_size, 2 * step_size])
    past_the_end = epochs + rng.randint(0, 3)
    epochs_edited = rng.choice(
        [
            [between],
            [between, on_drop],
            [on_drop, past_the_end],
            [0, between, past_the_end],
        ]
    )
    # Edits go up or down, and never to a value that the schedule has anyway.
    edits = {epoch: round(rng.uniform(0.011, 0.499), 4) for epoch in epochs_edited}
    if rng.random() < 0.3:
        edits[max(epoch for epoch in edits if epoch < epochs)] = 0.0
    return case | {"edits": edits}


chained_trace = Exercise(
    id="chained_trace",
    lesson="steplr",
    points=3,
    help=Help(
        idea="torch's StepLR forgets lr0: at a drop it multiplies whatever lr is there.",
        step=(
            "Keep one variable lr from epoch to epoch. In each: first the drop, if it is the "
            "epoch for one; then the edit, if there is one; then note lr."
        ),
        sibling="""\
def savings(start, months, deposits):
    money, months_end = start, []
    for month in range(months):
        money = money * 1.01 + deposits.get(month, 0)
        months_end.append(money)
    return months_end
""",
        why=(
            "Because it multiplies what it finds, your own lr survives until the next drop, and "
            "is then scaled, too."
        ),
    ),
    reference=_chained_trace,
    directed=[
        {"lr0": 0.2, "step_size": 2, "gamma": 0.5, "epochs": 5, "edits": {1: 0.4}},
        {"lr0": 0.2, "step_size": 3, "gamma": 0.033, "epochs": 13, "edits": {}},
        {"lr0": 0.2, "step_size": 3, "gamma": 0.3, "epochs": 8, "edits": {1: 0.05}},
        {"lr0": 0.2, "step_size": 3, "gamma": 0.3, "epochs": 10, "edits": {3: 0.15}},
        {"lr0": 0.1, "step_size": 2, "gamma": 0.7, "epochs": 7, "edits": {0: 0.3, 3: 0.02}},
        {"lr0": 0.1, "step_size": 2, "gamma": 0.7, "epochs": 5, "edits": {2: 0.4, 5: 0.9, 8: 0.8}},
        {"lr0": 0.2, "step_size": 3, "gamma": 0.5, "epochs": 7, "edits": {1: 0.3, 4: 0.0}},
    ],
    draw=_draw_chained_trace,
    edges=[
        lambda _, c: {"edits": {}},
        lambda _, c: {"step_size": 1},
        lambda _, c: {"edits": {0: 0.3}},
        lambda _, c: {"edits": {c["step_size"]: 0.3}},
        lambda _, c: {"edits": {c["epochs"] - 1: 0.3}},
        lambda _, c: {"edits": {epoch: 0.3 + epoch / 8 for epoch in range(c["epochs"])}},
        lambda _, c: {"edits": {c["epochs"]: 0.3}},
        lambda _, c: {"edits": {c["step_size"] - 1: 0.0}},
        lambda _, c: {"epochs": 12 * c["step_size"] + 1},
    ],
    misconceptions={
        "You ignore the edits.": (
            lambda lr0, step_size, gamma, epochs, edits: _trace(lr0, step_size, gamma, epochs)
        ),
        "You skip an edit to 0: Python takes it for False, but it is an lr like any other.": (
            lambda edits, **c: _chained_trace(
                **c, edits={epoch: lr for epoch, lr in edits.items() if lr}
            )
        ),
        "Your edit holds for one epoch only: the scheduler goes on from the lr that it finds.": (
            lambda lr0, step_size, gamma, epochs, edits: [
                edits.get(epoch, lr)
                for epoch, lr in enumerate(_trace(lr0, step_size, gamma, epochs))
            ]
        ),
        "On a drop epoch you reduce the edited lr: the edit comes after the scheduler's step, so "
        "it replaces the drop.": _edit_first,
        "Your edit is forgotten at the next drop, where you go back to the closed form: multiply "
        "the current lr instead.": _closed_again_at_the_next_drop,
        "You start counting again at an edit: the scheduler does not notice edits, drops stay at "
        "multiples of step_size.": lambda **case: _closed_until_edited(**case, restart=True),
        "After an edit lr never drops again in your trace: the scheduler goes on multiplying by "
        "gamma.": lambda **case: _closed_until_edited(**case, freeze=True),
        "You reduce an edited lr by the drops that came before it as well: only later drops touch "
        "it.": lambda **case: _closed_until_edited(**case),
        "You multiply lr by the edit: the edit is the new lr.": _edit_is_a_factor,
        "You apply an edit one epoch late: it holds for its own epoch already.": _edits_moved(1),
        "You apply an edit one epoch early.": _edits_moved(-1),
        "You apply only the first edit.": _only_edit(0),
        "You apply only the last edit.": _only_edit(-1),
        "You drop at epoch 0 already: 0 is a multiple of step_size, but the scheduler leaves lr0 "
        "alone there.": _drops_at_0,
        "You drop one epoch early: the first drop is in epoch step_size.": _drops_early,
        "You append edits that lie past the last epoch: they have no effect.": NearMiss(
            _edits_past_the_end, credit=0.5
        ),
        "You change the caller's `edits`: leave the dict as it was given.": NearMiss(
            _edits_used_up, credit=0.5
        ),
        "One entry too many: epochs 0 to epochs − 1 are trained, and each has one lr.": NearMiss(
            lambda lr0, step_size, gamma, epochs, edits: _chained_trace(
                lr0, step_size, gamma, epochs + 1, edits
            ),
            credit=0.5,
        ),
        "You note lr after the next step, so epoch 0 is missing: the first entry is the lr of "
        "epoch 0.": lambda lr0, step_size, gamma, epochs, edits: _chained_trace(
            lr0, step_size, gamma, epochs + 1, edits
        )[1:],
    },
)


# --- group_traces -----------------------------------------------------------------------------


def _group_traces(lrs: list[float], step_size: int, gamma: float, epochs: int) -> list[list[float]]:
    return [_trace(lr0, step_size, gamma, epochs) for lr0 in lrs]


def _each_group(trace: Callable[..., Any]) -> Callable[..., list[Any]]:
    """One `trace` per group."""
    return lambda lrs, step_size, gamma, epochs: [
        trace(lr0=lr0, step_size=step_size, gamma=gamma, epochs=epochs) for lr0 in lrs
    ]


def _reduced_in_place(lrs, step_size, gamma, epochs):
    traces = [[] for _ in lrs]
    for epoch in range(epochs):
        for number, trace in enumerate(traces):
            if epoch > 0 and epoch % step_size == 0:
                lrs[number] *= gamma
            trace.append(lrs[number])
    return traces


def _shared_list(lrs, step_size, gamma, epochs):
    traces = [[]] * len(lrs)
    for number, lr0 in enumerate(lrs):
        traces[number].extend(_trace(lr0, step_size, gamma, epochs))
    return traces


def _one_group_after_the_other(lrs, step_size, gamma, epochs):
    """lr is not reset: each group goes on counting epochs where the one before stopped."""
    return [
        [_step_lr(lr0, step_size, gamma, number * epochs + epoch) for epoch in range(epochs)]
        for number, lr0 in enumerate(lrs)
    ]


def _draw_group_traces(rng: random.Random) -> dict[str, Any]:
    case = _draw_schedule(rng)
    first = case.pop("lr0")
    return {"lrs": [first, *(_odd_lr(rng) / 3 for _ in range(rng.randint(1, 2)))]} | case


group_traces = Exercise(
    id="group_traces",
    built_on={
        "step_lr_trace": lambda trace: _each_group(trace),
        "step_lr": lambda step_lr: _each_group(_each_epoch(step_lr)),
    },
    lesson="steplr",
    points=2,
    help=Help(
        idea="Each group has a staircase of its own; only step_size and gamma are shared.",
        step=(
            "One list per entry of lrs, in their order. What makes a single one of them you have "
            "written already."
        ),
        sibling="""\
def times_tables(numbers, upto):
    return [[number * factor for factor in range(upto)] for number in numbers]
""",
        why=(
            "A scheduler multiplies every group by the same factor, so the ratio of their lrs "
            "never changes."
        ),
    ),
    reference=_group_traces,
    directed=[
        {"lrs": [0.2, 0.02], "step_size": 2, "gamma": 0.5, "epochs": 3},
        {"lrs": [0.2, 0.02], "step_size": 3, "gamma": 0.033, "epochs": 13},
        {"lrs": [0.01, 0.3, 0.05], "step_size": 2, "gamma": 0.7, "epochs": 5},
        {"lrs": [0.1], "step_size": 4, "gamma": 0.6, "epochs": 6},
    ],
    draw=_draw_group_traces,
    edges=[
        lambda _, c: {"lrs": c["lrs"][:1]},
        lambda _, c: {"lrs": c["lrs"][:1] * 3},
        lambda _, c: {"lrs": sorted(c["lrs"], reverse=True)},
        lambda _, c: {"lrs": sorted(c["lrs"])},
        lambda _, c: {"epochs": 1},
        lambda _, c: {"step_size": 1},
        lambda _, c: {"epochs": 12 * c["step_size"]},
    ],
    misconceptions={
        "You follow group 0 only: one trace per group is asked for.": (
            lambda lrs, step_size, gamma, epochs: _group_traces(lrs[:1], step_size, gamma, epochs)
        ),
        "You give a single flat trace of group 0: a list of traces is asked for, one per group.": (
            lambda lrs, step_size, gamma, epochs: _trace(lrs[0], step_size, gamma, epochs)
        ),
        "Every group has the trace of group 0: each group keeps its own lr.": (
            lambda lrs, step_size, gamma, epochs: [
                _trace(lrs[0], step_size, gamma, epochs) for _ in lrs
            ]
        ),
        "Only group 0 is reduced: the scheduler multiplies the lr of every group.": (
            lambda lrs, step_size, gamma, epochs: [
                _trace(lr0, step_size, 1 if number else gamma, epochs)
                for number, lr0 in enumerate(lrs)
            ]
        ),
        "You give one list per epoch: turn it around, one list per group.": NearMiss(
            lambda lrs, step_size, gamma, epochs: [
                list(rates) for rates in zip(*_group_traces(lrs, step_size, gamma, epochs))
            ],
            credit=0.5,
        ),
        "You put all groups into one flat list: one list per group is asked for.": NearMiss(
            lambda lrs, step_size, gamma, epochs: [
                lr for trace in _group_traces(lrs, step_size, gamma, epochs) for lr in trace
            ],
            credit=0.5,
        ),
        "All your groups share one list: make a new list for each group.": _shared_list,
        "Every group has the trace of the last one: do they share one list, or one lr?": (
            lambda lrs, step_size, gamma, epochs: [
                _trace(lrs[-1], step_size, gamma, epochs) for _ in lrs
            ]
        ),
        "You do not start at epoch 0 again for the next group: all groups see the same epochs.": (
            _one_group_after_the_other
        ),
        "You change the caller's `lrs`: leave the list as it was given.": NearMiss(
            _reduced_in_place, credit=0.5
        ),
        "One entry too many in each trace: epochs 0 to epochs − 1 are trained.": NearMiss(
            lambda lrs, step_size, gamma, epochs: _group_traces(lrs, step_size, gamma, epochs + 1),
            credit=0.5,
        ),
    }
    | {
        mistake: _each_group(step_lr_trace.misconceptions[mistake])
        for mistake in step_lr_trace.misconceptions
        if mistake.startswith(
            ("You multiply by gamma in every", "You drop one", "You drop at", "You apply the whole")
        )
    },
)


# --- resume: the functions save and resume ----------------------------------------------------


def _save(optimizer, scheduler):
    return {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}


def _resume(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])


def _resume_optimizer(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["optimizer"])


def _resume_scheduler(optimizer, scheduler, checkpoint):
    scheduler.load_state_dict(checkpoint["scheduler"])


def _resume_nothing(optimizer, scheduler, checkpoint):
    optimizer, scheduler = checkpoint["optimizer"], checkpoint["scheduler"]
    del optimizer, scheduler


def _resume_rates(optimizer, scheduler, checkpoint):
    scheduler.load_state_dict(checkpoint["scheduler"])
    for group, saved in zip(optimizer.param_groups, checkpoint["optimizer"]["param_groups"]):
        group["lr"] = saved["lr"]


def _resume_first_rate(optimizer, scheduler, checkpoint):
    scheduler.load_state_dict(checkpoint["scheduler"])
    optimizer.param_groups[0]["lr"] = checkpoint["optimizer"]["param_groups"][0]["lr"]


def _resume_and_step(optimizer, scheduler, checkpoint):
    _resume(optimizer, scheduler, checkpoint)
    scheduler.step()


def _resume_and_replay(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["optimizer"])
    for _ in range(checkpoint["scheduler"]["last_epoch"]):
        scheduler.step()


def _resume_and_start_low(optimizer, scheduler, checkpoint):
    _resume(optimizer, scheduler, checkpoint)
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"]


def _resume_swapped(optimizer, scheduler, checkpoint):
    optimizer.load_state_dict(checkpoint["scheduler"])


def _draw_resume(rng: random.Random) -> dict[str, Any]:
    step_size = rng.randint(2, 3)
    return {
        "lrs": [_odd_lr(rng) for _ in range(rng.randint(1, 3))],
        "momentum": rng.choice([0.9, 0.7, 0.5]),
        "step_size": step_size,
        "gamma": _odd_gamma(rng),
        "epochs": 2 * step_size + rng.randint(1, 2),
    }


resume = Exercise(
    id="resume",
    fresh_draws=3,
    lesson="steplr",
    points=3,
    help=Help(
        idea=(
            "Both objects remember something: the optimizer its momentum, the scheduler its "
            "epoch. What holds that memory?"
        ),
        step=(
            "state_dict() gives the memory, load_state_dict(…) puts it back. save needs one entry "
            "for each object; resume gives each its own entry, and returns nothing."
        ),
        sibling="""\
def save_model(model):
    return {"weights": model.state_dict()}

def restore_model(model, saved):
    model.load_state_dict(saved["weights"])
""",
        why=(
            "lr lies in the optimizer and the epoch in the scheduler: with one of them missing, "
            "drops or lr are wrong."
        ),
    ),
    reference=(_save, _resume),
    directed=[
        {"lrs": [0.1], "momentum": 0.9, "step_size": 2, "gamma": 0.3, "epochs": 5},
        {"lrs": [0.2, 0.05], "momentum": 0.5, "step_size": 3, "gamma": 0.6, "epochs": 7},
    ],
    draw=_draw_resume,
    edges=[
        lambda _, c: {"lrs": c["lrs"][:1] * 2},
        lambda _, c: {"momentum": 0.0},
        lambda _, c: {"step_size": 1},
        lambda _, c: {"epochs": 1},
    ],
    misconceptions={
        "You restore the optimizer but not the scheduler that is given: it counts from 0 again, "
        "and the next drop comes too late.": NearMiss((_save, _resume_optimizer), credit=0.5),
        "You restore the scheduler but not the optimizer: lr is back at its start, and momentum is "
        "lost.": (_save, _resume_scheduler),
        "After `resume` nothing is restored: load the states into the two objects that you are "
        "given. A new name for a saved state changes neither.": (_save, _resume_nothing),
        "You restore the rates but not the momentum: save and load the optimizer's whole "
        "state.": NearMiss((_save, _resume_rates), credit=0.5),
        "You restore the lr of the first group only, and no momentum: save and load the "
        "optimizer's whole state.": (_save, _resume_first_rate),
        "You step the scheduler while resuming: it was stepped before saving, so every later drop "
        "comes one epoch early.": (_save, quiet(_resume_and_step)),
        "You reduce a restored lr again for drops it has had already, so each counts twice: load "
        "the scheduler's state instead of replaying its steps.": (
            _save,
            quiet(_resume_and_replay),
        ),
        "You set lr back to its starting value after loading: training goes on with the reduced "
        "lr.": (_save, _resume_and_start_low),
        "What you load into the optimizer is not its state: is it the scheduler's, or the whole "
        "checkpoint?": (
            _save,
            _resume_swapped,
        ),
    },
)


# --- design_schedule --------------------------------------------------------------------------


def _design(lr0: float, lr_end: float, epochs: int, drops: int) -> tuple[int, float]:
    return (epochs - 1) // drops, (lr_end / lr0) ** (1 / drops)


def _design_step(step_size: Callable[[int, int], float]) -> Callable[..., tuple[float, float]]:
    """The right gamma with another step_size, given (epochs, drops)."""
    return lambda lr0, lr_end, epochs, drops: (
        step_size(epochs, drops),
        _design(lr0, lr_end, epochs, drops)[1],
    )


def _design_gamma(gamma: Callable[..., float]) -> Callable[..., tuple[int, float]]:
    """The right step_size with another gamma, given (ratio of end to start, epochs, drops)."""
    return lambda lr0, lr_end, epochs, drops: (
        (epochs - 1) // drops,
        gamma(lr_end / lr0, epochs, drops),
    )


def _draw_design_schedule(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.5:  # a whole number of blocks: the drop after the last does not count
        drops = rng.randint(1, 3)
        epochs = drops * (drops + rng.randint(1, 4))
    else:
        drops, step_size = rng.randint(2, 5), rng.randint(2, 6)
        epochs = drops * step_size + rng.randint(1, step_size)
    lr0 = _odd_lr(rng)
    return {
        "lr0": lr0,
        "lr_end": round(lr0 * rng.uniform(0.003, 0.4), 6),
        "epochs": epochs,
        "drops": drops,
    }


design_schedule = Exercise(
    id="design_schedule",
    lesson="steplr",
    points=2,
    help=Help(
        idea=(
            "Two questions: how long may a block be? And which factor, taken `drops` times, leads "
            "from lr0 to lr_end?"
        ),
        step=(
            "The last epoch is epochs − 1: the last drop must not lie behind it, and one more "
            "drop must. A factor that is taken n times is an n-th root."
        ),
        sibling="""\
def side_of_cube(volume):
    return volume ** (1 / 3)
""",
        why=(
            "Only the product of all drops fixes the end, so several block lengths do equally well."
        ),
    ),
    reference=_design,
    directed=[
        {"lr0": 0.4, "lr_end": 0.1, "epochs": 9, "drops": 2},
        {"lr0": 0.1, "lr_end": 0.001, "epochs": 9, "drops": 2},
        {"lr0": 0.2, "lr_end": 0.025, "epochs": 10, "drops": 3},
        {"lr0": 0.3, "lr_end": 0.06, "epochs": 6, "drops": 1},
        {"lr0": 0.4, "lr_end": 0.0004, "epochs": 8, "drops": 2},
        {"lr0": 0.5, "lr_end": 0.01, "epochs": 30, "drops": 4},
    ],
    draw=_draw_design_schedule,
    edges=[
        lambda _, c: {"drops": c["epochs"] - 1},
        lambda _, c: {"drops": 1},
        lambda _, c: {"epochs": 2, "drops": 1},
    ],
    misconceptions={
        "Your gamma covers the whole way in one drop: the drops share it, so take a root.": (
            _design_gamma(lambda ratio, epochs, drops: ratio)
        ),
        "You take one root too many for gamma: as many factors as drops, not one more.": (
            _design_gamma(lambda ratio, epochs, drops: ratio ** (1 / (drops + 1)))
        ),
        "You take the root over epochs: gamma is applied once per drop, not once per epoch.": (
            _design_gamma(lambda ratio, epochs, drops: ratio ** (1 / epochs))
        ),
        "You take the root over all epochs but the first: gamma is applied once per drop.": (
            _design_gamma(lambda ratio, epochs, drops: ratio ** (1 / (epochs - 1)))
        ),
        "You divide the ratio by the number of drops: equal factors multiply, so take a root.": (
            _design_gamma(lambda ratio, epochs, drops: ratio / drops)
        ),
        "You split the way into equal differences: StepLR multiplies by equal factors.": (
            _design_gamma(lambda ratio, epochs, drops: 1 - (1 - ratio) / drops)
        ),
        "Your gamma is above 1, so lr rises: divide lr_end by lr0, not the other way round.": (
            _design_gamma(lambda ratio, epochs, drops: (1 / ratio) ** (1 / drops))
        ),
        "You use gamma 0.1 whatever lr_end is.": _design_gamma(lambda ratio, epochs, drops: 0.1),
        "You round gamma: then the last lr misses lr_end. Keep every digit.": NearMiss(
            _design_gamma(lambda ratio, epochs, drops: round(ratio ** (1 / drops), 4)), credit=0.5
        ),
        "You divide all epochs among the drops, so the last drop may come after training: only "
        "epochs 1 to epochs − 1 can have one.": NearMiss(
            _design_step(lambda epochs, drops: epochs // drops), credit=0.5
        ),
        "Your blocks are too short, so there are too many drops: n drops make n + 1 blocks, and "
        "the last may be shorter, never longer.": NearMiss(
            _design_step(lambda epochs, drops: max(epochs // (drops + 1), 1)), credit=0.5
        ),
        "You use the number of drops as step_size: step_size is how many epochs lie between two "
        "drops.": _design_step(lambda epochs, drops: drops),
        "Your step_size is not a whole number: epochs are counted whole.": NearMiss(
            _design_step(lambda epochs, drops: (epochs - 1) / drops), credit=0.5
        ),
        "You give gamma first: step_size comes first, then gamma.": NearMiss(
            lambda **case: _design(**case)[::-1], credit=0.5
        ),
    },
)
