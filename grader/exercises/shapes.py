"""Lesson 4, `shapes`: the schedules of today, one lr per update, and every known way to miss them.

Sources of the truth: LinearLR, CosineAnnealingLR, LambdaLR, SequentialLR and OneCycleLR of
torch.optim.lr_scheduler.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from torch.optim.lr_scheduler import LambdaLR, MultiplicativeLR

from grader.exercise import Exercise, NearMiss
from grader.exercises.loops import ACTIONS, begin, order, quiet
from lrlab.checking.help import Help

LESSON = "shapes"
CLOSE_TO_0 = {"abs_tol": 1e-12, "relative_to": "lr0"}  # Where a right formula ends near 0.


def _odd_lr(rng: random.Random) -> float:
    """A rate with digits of its own, so that a value fixed in the code shows."""
    return round(rng.uniform(0.05, 0.9), 3) + 0.0007


def _low_lr(rng: random.Random, lr0: float) -> float:
    """An lr to end at: most often below lr0, sometimes above it."""
    share = rng.uniform(1.2, 2) if rng.random() < 0.3 else rng.uniform(0.05, 0.4)
    return round(lr0 * share, 5)


def _cosine(share: float) -> float:
    """What is left after a share of the way: 1 at its beginning, 0 at its end."""
    return (1 + math.cos(math.pi * share)) / 2


# --- linear_decay ---------------------------------------------------------------------------


def _linear_decay(lr0: float, total: int, step: int) -> float:
    return lr0 * (1 - step / total)


def _draw_linear_decay(rng: random.Random) -> dict[str, Any]:
    total = rng.randint(5, 400)
    step = rng.choice([0, total, *(rng.randint(1, total - 1) for _ in range(4))])
    return {"lr0": _odd_lr(rng), "total": total, "step": step}


linear_decay = Exercise(
    id="linear_decay",
    lesson=LESSON,
    points=1,
    help=Help(
        idea="Which share of the updates is behind you, and which share is still to come?",
        step="At step 0 all of lr0 is left, at step total nothing, half way half of it.",
        sibling="""\
def candle(height, hours, burnt):
    return height - height / hours * burnt + 1  # it stands on a holder 1 cm high
""",
        why="lr goes down by the same amount at each update, so it meets 0 exactly at the end.",
    ),
    reference=_linear_decay,
    directed=[
        {"lr0": 0.4, "total": 8, "step": 6},
        {"lr0": 0.1, "total": 10, "step": 0},
        {"lr0": 0.1, "total": 10, "step": 3},
        {"lr0": 0.1, "total": 10, "step": 9},
        {"lr0": 0.1, "total": 10, "step": 10},
        {"lr0": 0.3, "total": 3870, "step": 3869},
        {"lr0": 0.7, "total": 1, "step": 0},
        {"lr0": 0.7, "total": 1, "step": 1},
    ],
    draw=_draw_linear_decay,
    edges=[
        lambda _, c: {"step": 0},
        lambda _, c: {"step": c["total"]},
        lambda _, c: {"step": c["total"] - 1},
        lambda _, c: {"total": 1, "step": 0},
        lambda _, c: {"total": 1, "step": 1},
        lambda _, c: {"lr0": 1.0},
        lambda rng, c: {"total": 10_000, "step": rng.randint(1, 9_999)},
    ],
    **CLOSE_TO_0,
    misconceptions={
        "Your lr rises: it begins at lr0 and goes down to 0.": (
            lambda lr0, total, step: lr0 * step / total
        ),
        "You are one update ahead: step 0 still has the whole lr0.": (
            lambda lr0, total, step: lr0 * (1 - (step + 1) / total)
        ),
        "You are at 0 one update too early: that happens at step total.": (
            lambda lr0, total, step: lr0 * (1 - step / (total - 1))
        ),
        "You get to 0 one update too late: at step total nothing is left.": (
            lambda lr0, total, step: lr0 * (1 - step / (total + 1))
        ),
        "You subtract the share itself: take away that share of lr0.": (
            lambda lr0, total, step: lr0 - step / total
        ),
        "Your lr stays at lr0 until the very end: the share of the way is no whole number.": (
            lambda lr0, total, step: lr0 * (1 - step // total)
        ),
        "You divide 1 − step by total: only step is divided.": (
            lambda lr0, total, step: lr0 * (1 - step) / total
        ),
        "You give the factor alone: multiply it by lr0.": lambda lr0, total, step: 1 - step / total,
        "You take away lr0 at every step: each update takes one part in total of it.": (
            lambda lr0, total, step: lr0 - lr0 * step
        ),
        "You take the same share of what is left each time: that is exponential. Take equal "
        "amounts.": lambda lr0, total, step: lr0 * (1 - 1 / total) ** step,
        "This is a half cosine: the linear one is a straight line.": (
            lambda lr0, total, step: lr0 * _cosine(step / total)
        ),
        "You square the share that is left: a straight line takes it as it is.": (
            lambda lr0, total, step: lr0 * (1 - step / total) ** 2
        ),
        "You have step and total swapped.": lambda lr0, total, step: lr0 * (1 - total / step),
        "Your lr never falls.": lambda lr0, total, step: lr0,
        "You count the updates that are left and do not divide by total.": (
            lambda lr0, total, step: lr0 * (total - step)
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, total, step: round(_linear_decay(lr0, total, step), 4), credit=0.5
        ),
    },
)


# --- cosine_lr ------------------------------------------------------------------------------


def _cosine_lr(lr0: float, lr_min: float, total: int, step: int) -> float:
    return lr_min + (lr0 - lr_min) * _cosine(step / total)


def _between(left: Callable[[float], float]) -> Callable[..., float]:
    """cosine_lr with something else for what is left after a share of the way."""
    return lambda lr0, lr_min, total, step: lr_min + (lr0 - lr_min) * left(step / total)


def _draw_cosine_lr(rng: random.Random) -> dict[str, Any]:
    case = _draw_linear_decay(rng)
    return {"lr0": case["lr0"], "lr_min": _low_lr(rng, case["lr0"])} | case


cosine_lr = Exercise(
    id="cosine_lr",
    lesson=LESSON,
    points=2,
    help=Help(
        idea="A cosine falls from 1 to −1 in half a turn. Stretch that between lr0 and lr_min.",
        step=(
            "First the share of the way, 0 to 1; then the angle, 0 to π; then (1 + cosine) / 2, "
            "which goes from 1 to 0. That much of the distance from lr_min to lr0 is left."
        ),
        sibling="""\
def tide(low, high, hour):
    return low + (high - low) * (1 + math.sin(math.pi * hour / 6)) / 2
""",
        why="A cosine is flat at both ends: lr stays high for long, and settles gently.",
    ),
    reference=_cosine_lr,
    directed=[
        {"lr0": 0.4, "lr_min": 0.2, "total": 10, "step": 5},
        {"lr0": 0.1, "lr_min": 0.0, "total": 10, "step": 0},
        {"lr0": 0.1, "lr_min": 0.0, "total": 10, "step": 3},
        {"lr0": 0.1, "lr_min": 0.02, "total": 10, "step": 5},
        {"lr0": 0.1, "lr_min": 0.02, "total": 10, "step": 8},
        {"lr0": 0.3, "lr_min": 0.0, "total": 3870, "step": 3870},
        {"lr0": 0.3, "lr_min": 0.01, "total": 3870, "step": 3869},
        {"lr0": 0.2, "lr_min": 0.5, "total": 6, "step": 4},
        {"lr0": 0.2, "lr_min": 0.2, "total": 6, "step": 1},
        {"lr0": 0.7, "lr_min": 0.1, "total": 1, "step": 0},
        {"lr0": 0.7, "lr_min": 0.1, "total": 1, "step": 1},
    ],
    draw=_draw_cosine_lr,
    edges=[
        lambda _, c: {"step": 0},
        lambda _, c: {"step": c["total"]},
        lambda _, c: {"total": 1, "step": 1},
        lambda _, c: {"lr_min": 0.0},
        lambda _, c: {"lr_min": c["lr0"]},
        lambda _, c: {"lr_min": 2 * c["lr0"]},
        lambda rng, c: {"total": 10_000, "step": rng.randint(1, 9_999)},
    ],
    **CLOSE_TO_0,
    misconceptions={
        "You ignore lr_min: the decay ends there, not at 0.": (
            lambda lr0, lr_min, total, step: lr0 * _cosine(step / total)
        ),
        "You add lr_min on top of a decay from lr0: the decay has only the distance between the "
        "two.": lambda lr0, lr_min, total, step: lr_min + lr0 * _cosine(step / total),
        "You cut at lr_min: the curve is to be squeezed so that it ends there.": (
            lambda lr0, lr_min, total, step: max(lr_min, lr0 * _cosine(step / total))
        ),
        "You use lr_min as a share of lr0: it is a learning rate.": (
            lambda lr0, lr_min, total, step: lr0 * (lr_min + (1 - lr_min) * _cosine(step / total))
        ),
        "Your lr starts too high: 1 + cosine goes from 2 to 0, so halve it.": _between(
            lambda share: 1 + math.cos(math.pi * share)
        ),
        "You take the cosine without adding 1: half of it lies below 0.": _between(
            lambda share: math.cos(math.pi * share)
        ),
        "You halve the cosine before adding 1: both are halved.": _between(
            lambda share: 1 + math.cos(math.pi * share) / 2
        ),
        "You leave π out: at the end the angle is half a turn.": _between(
            lambda share: (1 + math.cos(share)) / 2
        ),
        "You take a whole turn: lr comes back up to lr0. Half a turn ends at lr_min.": _between(
            lambda share: (1 + math.cos(2 * math.pi * share)) / 2
        ),
        "You take a quarter turn: lr then falls steeply at the end. Half a turn is flat there.": (
            _between(lambda share: math.cos(math.pi / 2 * share))
        ),
        "You measure the angle in degrees: math.cos takes radians.": _between(
            lambda share: (1 + math.cos(180 * share)) / 2
        ),
        "Your curve goes from lr_min to lr0: add the cosine to 1, do not subtract it.": _between(
            lambda share: (1 - math.cos(math.pi * share)) / 2
        ),
        "You use the sine: the cosine is the one that starts at 1.": _between(
            lambda share: (1 + math.sin(math.pi * share)) / 2
        ),
        "This is a straight line: the way from lr0 to lr_min is half a cosine.": _between(
            lambda share: 1 - share
        ),
        "You are one update ahead: step 0 still has lr0.": (
            lambda lr0, lr_min, total, step: _cosine_lr(lr0, lr_min, total, step + 1)
        ),
        "You arrive one update too early: lr_min is reached at step total.": (
            lambda lr0, lr_min, total, step: _cosine_lr(lr0, lr_min, total - 1, step)
        ),
        "You never let lr rise: an lr_min above lr0 is allowed, and lr then goes up to it.": (
            lambda lr0, lr_min, total, step: min(lr0, _cosine_lr(lr0, lr_min, total, step))
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, lr_min, total, step: round(_cosine_lr(lr0, lr_min, total, step), 4),
            credit=0.5,
        ),
    },
)


# --- warmup_lr ------------------------------------------------------------------------------


def _warmup_lr(lr0: float, warmup: int, step: int) -> float:
    return lr0 * min(1, (step + 1) / warmup)


def _ramp(share: Callable[[int, int], float]) -> Callable[..., float]:
    """warmup_lr with another share of lr0 while it warms up, given (step, warmup)."""
    return lambda lr0, warmup, step: lr0 * min(1, share(step, warmup))


def _draw_warmup_lr(rng: random.Random) -> dict[str, Any]:
    warmup = rng.randint(4, 60)
    step = rng.choice(
        [
            0,
            rng.randrange(1, warmup - 1),
            warmup - 2,
            warmup - 1,
            warmup,
            warmup + rng.randint(1, 9),
        ]
    )
    return {"lr0": _odd_lr(rng), "warmup": warmup, "step": step}


warmup_lr = Exercise(
    id="warmup_lr",
    lesson=LESSON,
    points=1,
    help=Help(
        idea="In equal steps up to lr0, and then no further.",
        step=(
            "Update 0 has one part in warmup, update 1 two parts; the last one of the warm-up has "
            "them all. Which function keeps a number from growing past 1?"
        ),
        sibling="""\
def filled(litres, seconds, second):
    return min(litres, second * litres / seconds) / 2  # two buckets share the water
""",
        why="Counting from step + 1 lets update 0 train a little; with step its lr would be 0.",
    ),
    reference=_warmup_lr,
    directed=[
        {"lr0": 0.4, "warmup": 4, "step": 1},
        *({"lr0": 0.2, "warmup": 5, "step": step} for step in (0, 1, 3, 4, 5, 12)),
        {"lr0": 0.1, "warmup": 430, "step": 10},
        {"lr0": 0.3, "warmup": 1, "step": 0},
        {"lr0": 0.3, "warmup": 1, "step": 7},
    ],
    draw=_draw_warmup_lr,
    edges=[
        lambda _, c: {"step": 0},
        lambda _, c: {"warmup": 1, "step": 0},
        lambda _, c: {"warmup": 1, "step": 1},
        lambda _, c: {"warmup": 2, "step": 0},
        lambda _, c: {"step": c["warmup"]},
        lambda _, c: {"step": c["warmup"] - 2},
        lambda _, c: {"lr0": 1.0},
        lambda _, c: {"step": 10_000},
    ],
    misconceptions={
        "Your update 0 has lr 0 and trains nothing: its share is one part in warmup.": _ramp(
            lambda step, warmup: step / warmup
        ),
        "Your lr goes on rising after the warm-up: it stays at lr0.": (
            lambda lr0, warmup, step: lr0 * (step + 1) / warmup
        ),
        "Your warm-up takes one update too long: update warmup − 1 has lr0.": _ramp(
            lambda step, warmup: (step + 1) / (warmup + 1)
        ),
        "Your update 0 has lr 0, as if the warm-up had one update less.": _ramp(
            lambda step, warmup: step / (warmup - 1)
        ),
        "Your warm-up is one update too short: update warmup − 1 is the first with lr0.": _ramp(
            lambda step, warmup: (step + 2) / warmup
        ),
        "Your lr jumps: all updates of the warm-up have one part of lr0. It rises in equal "
        "steps.": _ramp(lambda step, warmup: 1 / warmup if step < warmup - 1 else 1),
        "You take the larger of the two: the smaller one is what keeps lr at lr0.": (
            lambda lr0, warmup, step: lr0 * max(1, (step + 1) / warmup)
        ),
        "You compare with lr0 but do not multiply by it: the ramp leads to 1.": (
            lambda lr0, warmup, step: min(lr0, (step + 1) / warmup)
        ),
        "You give the factor alone: multiply it by lr0.": (
            lambda lr0, warmup, step: min(1, (step + 1) / warmup)
        ),
        "Your lr falls: a warm-up rises.": (
            lambda lr0, warmup, step: lr0 * max(0, 1 - (step + 1) / warmup)
        ),
        "Your fraction is upside down: lr starts at lr0 and falls.": _ramp(
            lambda step, warmup: warmup / (step + 1)
        ),
        "Your lr is 0 until the warm-up ends: the share is no whole number.": _ramp(
            lambda step, warmup: (step + 1) // warmup
        ),
        "After the warm-up your lr is 0: it stays at lr0.": (
            lambda lr0, warmup, step: lr0 * (step + 1) / warmup if step < warmup else 0.0
        ),
        "You begin at a third of lr0: that is torch's LinearLR by default, not this warm-up.": (
            _ramp(lambda step, warmup: 1 / 3 + 2 / 3 * step / warmup)
        ),
        "Your ramp is a curve: lr rises in equal steps.": _ramp(
            lambda step, warmup: math.sqrt((step + 1) / warmup)
        ),
        "You divide lr0 by the number of the update: the ramp is missing.": (
            lambda lr0, warmup, step: lr0 / (step + 1)
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, warmup, step: round(_warmup_lr(lr0, warmup, step), 4), credit=0.5
        ),
    },
)


# --- warmup_cosine --------------------------------------------------------------------------


def _warmup_cosine(lr0: float, lr_min: float, warmup: int, total: int, step: int) -> float:
    if step < warmup:
        return _warmup_lr(lr0, warmup, step)
    return _cosine_lr(lr0, lr_min, total - warmup, step - warmup)


def _then(decay: Callable[..., float]) -> Callable[..., float]:
    """The right warm-up, then another decay."""
    return lambda lr0, lr_min, warmup, total, step: (
        _warmup_lr(lr0, warmup, step)
        if step < warmup
        else decay(lr0=lr0, lr_min=lr_min, warmup=warmup, total=total, step=step)
    )


def _after(rise: Callable[..., float]) -> Callable[..., float]:
    """Another warm-up, then the right decay."""
    return lambda lr0, lr_min, warmup, total, step: (
        rise(lr0=lr0, lr_min=lr_min, warmup=warmup, total=total, step=step)
        if step < warmup
        else _warmup_cosine(lr0, lr_min, warmup, total, step)
    )


def _then_between(left: Callable[[int, int, int], float]) -> Callable[..., float]:
    """The right warm-up, then something else for what is left, given (step, warmup, total)."""
    return _then(
        lambda lr0, lr_min, warmup, total, step: lr_min + (lr0 - lr_min) * left(step, warmup, total)
    )


def _draw_warmup_cosine(rng: random.Random) -> dict[str, Any]:
    warmup = rng.randint(3, 40)
    total = warmup + rng.randint(5, 200)
    step = rng.choice(
        [0, warmup - 1, warmup, total, rng.randrange(warmup)]
        + [rng.randint(warmup + 1, total - 2) for _ in range(4)]
    )
    lr0 = _odd_lr(rng)
    return {
        "lr0": lr0,
        "lr_min": _low_lr(rng, lr0),
        "warmup": warmup,
        "total": total,
        "step": step,
    }


warmup_cosine = Exercise(
    id="warmup_cosine",
    lesson=LESSON,
    points=3,
    help=Help(
        idea="Two functions that you have, one after the other. Who is in charge at this step?",
        step=(
            "Before step warmup the warm-up is. After it, the decay counts its own steps: how many "
            "has it had, and how many does it have in all?"
        ),
        sibling="""\
def height(climb, glide, minute):
    if minute < climb:
        return 100 * minute
    return 100 * climb * (1 - (minute - climb) / glide)
""",
        why=(
            "Counted from the end of the warm-up, the decay starts at lr0 without a jump and "
            "arrives at lr_min on time."
        ),
    ),
    reference=_warmup_cosine,
    directed=[
        {"lr0": 0.4, "lr_min": 0.2, "warmup": 4, "total": 14, "step": 9},
        *(
            {"lr0": 0.1, "lr_min": 0.01, "warmup": 4, "total": 12, "step": step}
            for step in (0, 1, 3, 4, 5, 8, 11, 12)
        ),
        {"lr0": 0.2, "lr_min": 0.0, "warmup": 430, "total": 3870, "step": 1000},
        {"lr0": 0.2, "lr_min": 0.0, "warmup": 430, "total": 3870, "step": 3870},
        {"lr0": 0.1, "lr_min": 0.3, "warmup": 3, "total": 9, "step": 7},
        {"lr0": 0.4, "lr_min": 0.1, "warmup": 1, "total": 2, "step": 0},
        {"lr0": 0.4, "lr_min": 0.1, "warmup": 1, "total": 2, "step": 1},
        {"lr0": 0.4, "lr_min": 0.1, "warmup": 1, "total": 2, "step": 2},
    ],
    draw=_draw_warmup_cosine,
    edges=[
        lambda _, c: {"step": 0},
        lambda _, c: {"step": c["total"]},
        lambda _, c: {"step": c["warmup"]},
        lambda _, c: {"warmup": 1, "step": 0},
        lambda _, c: {"warmup": 1, "step": 1},
        lambda _, c: {"warmup": c["total"] - 1, "step": c["total"]},
        lambda _, c: {"lr_min": 0.0},
        lambda _, c: {"lr_min": c["lr0"]},
        lambda rng, c: {"total": 10_000, "step": rng.randint(c["warmup"], 10_000)},
    ],
    **CLOSE_TO_0,
    misconceptions={
        "Your lr jumps at the end of the warm-up: the decay counts its steps from there, not from "
        "0.": _then_between(lambda step, warmup, total: _cosine(step / total)),
        "Your decay has as many steps as the whole run, so it never gets to lr_min: it has total − "
        "warmup.": _then_between(lambda step, warmup, total: _cosine((step - warmup) / total)),
        "Your decay takes total − warmup steps but counts from 0, so it runs past its end.": (
            _then_between(lambda step, warmup, total: _cosine(step / (total - warmup)))
        ),
        "You leave out the warm-up.": lambda lr0, lr_min, warmup, total, step: _cosine_lr(
            lr0, lr_min, total, step
        ),
        "You use the decay before the warm-up has ended, too.": (
            lambda lr0, lr_min, warmup, total, step: _cosine_lr(
                lr0, lr_min, total - warmup, step - warmup
            )
        ),
        "You multiply warm-up and decay: one follows the other.": (
            lambda lr0, lr_min, warmup, total, step: (
                min(1, (step + 1) / warmup) * _cosine_lr(lr0, lr_min, total, step)
            )
        ),
        "Your update 0 has lr 0 and trains nothing: its share is one part in warmup.": _after(
            lambda lr0, warmup, step, **_: lr0 * step / warmup
        ),
        "Your warm-up begins at lr_min: it is as in `warmup_lr`.": _after(
            lambda lr0, lr_min, warmup, step, **_: lr_min + (lr0 - lr_min) * (step + 1) / warmup
        ),
        "You warm up for one update too long, and lr rises above lr0: step warmup belongs to the "
        "decay.": lambda lr0, lr_min, warmup, total, step: (
            lr0 * (step + 1) / warmup
            if step <= warmup
            else _warmup_cosine(lr0, lr_min, warmup, total, step)
        ),
        "Your decay arrives one update too early: lr_min is reached at step total.": _then_between(
            lambda step, warmup, total: _cosine((step - warmup) / (total - warmup - 1))
        ),
        "Your decay is one step ahead: at step warmup lr is still lr0.": _then_between(
            lambda step, warmup, total: _cosine((step - warmup + 1) / (total - warmup))
        ),
        "You ignore lr_min: the decay ends there, not at 0.": _then(
            lambda lr0, warmup, total, step, **_: lr0 * _cosine((step - warmup) / (total - warmup))
        ),
        "You cut at lr_min: the curve is to be squeezed so that it ends there.": _then(
            lambda lr0, lr_min, warmup, total, step: max(
                lr_min, lr0 * _cosine((step - warmup) / (total - warmup))
            )
        ),
        "Your decay is a straight line: half a cosine is asked for.": _then_between(
            lambda step, warmup, total: 1 - (step - warmup) / (total - warmup)
        ),
        "Your lr stays at lr0 after the warm-up: the decay is missing.": _then(
            lambda lr0, **_: lr0
        ),
        "After the warm-up your lr jumps to lr_min and rises: add the cosine to 1, do not subtract "
        "it.": _then_between(
            lambda step, warmup, total: 1 - _cosine((step - warmup) / (total - warmup))
        ),
        "You take a whole turn: lr comes back up to lr0. Half a turn ends at lr_min.": (
            _then_between(
                lambda step, warmup, total: _cosine(2 * (step - warmup) / (total - warmup))
            )
        ),
        "You leave π out: at the end the angle is half a turn.": _then_between(
            lambda step, warmup, total: (1 + math.cos((step - warmup) / (total - warmup))) / 2
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda lr0, lr_min, warmup, total, step: round(
                _warmup_cosine(lr0, lr_min, warmup, total, step), 4
            ),
            credit=0.5,
        ),
    },
)


# --- make_schedule --------------------------------------------------------------------------


def _lr(optimizer: Any) -> float:
    return optimizer.param_groups[0]["lr"]


def _make_schedule(optimizer: Any, rate: Callable[[int], float]) -> LambdaLR:
    lr = _lr(optimizer)
    return LambdaLR(optimizer, lambda step: rate(step) / lr)


def _lambda(factor: Callable[..., float]) -> Callable[..., LambdaLR]:
    """A LambdaLR with another factor, given (rate, lr0, step)."""

    @quiet
    def make(optimizer, rate):
        lr = _lr(optimizer)
        return LambdaLR(optimizer, lambda step: factor(rate, lr, step))

    return make


@quiet
def _lr_read_too_late(optimizer, rate):
    return LambdaLR(optimizer, lambda step: rate(step) / _lr(optimizer))


def _lr_changed_first(optimizer, rate):
    lr = _lr(optimizer)
    optimizer.param_groups[0]["lr"] = rate(0)
    return LambdaLR(optimizer, lambda step: rate(step) / lr)


def _base_1_and_divided(optimizer, rate):
    lr = _lr(optimizer)
    optimizer.param_groups[0]["lr"] = 1.0
    return LambdaLR(optimizer, lambda step: rate(step) / lr)


def _multiplied(optimizer, rate):
    lr = _lr(optimizer)
    return MultiplicativeLR(optimizer, lambda step: rate(step) / lr)


def _on_a_copy(optimizer, rate):
    return _make_schedule(copy.deepcopy(optimizer), rate)


def _last_epoch_0(optimizer, rate):
    return LambdaLR(optimizer, rate, last_epoch=0)


def _draw_make_schedule(rng: random.Random) -> dict[str, Any]:
    rates = [round(rng.uniform(0.01, 0.6), 4) + step * 1e-6 for step in range(rng.randint(5, 9))]
    # Two of them are 0, and update 0 sometimes is one of these.
    for step in rng.sample(range(2, len(rates)), 2):
        rates[step] = 0.0
    if rng.random() < 0.3:
        rates[0] = 0.0
    return {"lr": _odd_lr(rng), "rates": rates}


make_schedule = Exercise(
    id="make_schedule",
    fresh_draws=8,
    lesson=LESSON,
    points=2,
    help=Help(
        idea="LambdaLR multiplies: what your function returns is a factor of the first lr.",
        step=(
            "Which factor turns that lr into the rate? Read the lr once, before the scheduler is "
            "made: afterwards it changes."
        ),
        sibling="""\
def make_inverse(optimizer):
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + step))
""",
        why=(
            "rate(step) divided by the first lr is the factor that cancels it, so each update "
            "trains with the rate itself."
        ),
    ),
    reference=_make_schedule,
    directed=[
        {"lr": 0.2, "rates": [0.02, 0.05, 0.1, 0.07, 0.03, 0.0]},
        {"lr": 0.1, "rates": [0.0, 0.03, 0.0, 0.3, 0.2]},
        {"lr": 1.0, "rates": [0.5, 0.25, 0.125]},
    ],
    draw=_draw_make_schedule,
    edges=[
        lambda _, c: {"lr": 1.0},
        lambda _, c: {"rates": c["rates"][:1]},
        lambda _, c: {"rates": [0.0] * len(c["rates"])},
        lambda _, c: {"rates": c["rates"][:1] * 4},
        lambda _, c: {"rates": [0.0, 1.0, 0.0, 1.0]},
        lambda _, c: {"rates": sorted(c["rates"])},
        lambda _, c: {"rates": c["rates"] * 4},
    ],
    misconceptions={
        "You hand over the rate where LambdaLR wants a factor: each lr is the optimizer's lr times "
        "your rate.": lambda optimizer, rate: LambdaLR(optimizer, rate),
        "You divide by the lr of the moment, which the scheduler itself changes: read the first lr "
        "once, before it is made.": _lr_read_too_late,
        "You multiply the rate by the optimizer's lr: LambdaLR does that already, so divide.": (
            _lambda(lambda rate, lr, step: rate(step) * lr)
        ),
        "Your factor is upside down: it is the rate divided by lr.": _lambda(
            lambda rate, lr, step: lr / rate(step)
        ),
        "Your factor is the difference of rate and lr: LambdaLR multiplies.": _lambda(
            lambda rate, lr, step: rate(step) - lr
        ),
        "You are one update ahead: update 0 trains with rate(0). The constructor sees to "
        "that.": _lambda(lambda rate, lr, step: rate(step + 1) / lr),
        "You are one update behind: update 1 trains with rate(1).": _lambda(
            lambda rate, lr, step: rate(max(step - 1, 0)) / lr
        ),
        "Your lr never changes: ask for the rate of each step, not of step 0.": _lambda(
            lambda rate, lr, step: rate(0) / lr
        ),
        "You do not let lr be 0: rate may be 0, and then nothing is to change.": _lambda(
            lambda rate, lr, step: max(rate(step), 1e-4) / lr
        ),
        "You set lr to rate(0) first, so every factor is taken of that: leave lr as it is.": (
            _lr_changed_first
        ),
        "You set lr to 1 and divide by the old lr as well: one of the two is enough.": (
            _base_1_and_divided
        ),
        "You attach the scheduler to another optimizer: the lr of the given one never changes.": (
            _on_a_copy
        ),
        "You make a MultiplicativeLR, which multiplies the lr that it finds: use LambdaLR.": (
            quiet(_multiplied)
        ),
        "LambdaLR cannot use what you hand over: it wants a function from step to factor.": (
            lambda optimizer, rate: LambdaLR(optimizer, rate(0) / _lr(optimizer))
        ),
        "You pass last_epoch: that is for resuming. A new run starts at the default, −1.": (
            _last_epoch_0
        ),
        "LambdaLR takes no verbose any more: torch has removed it, so print lr yourself.": (
            lambda optimizer, rate: LambdaLR(optimizer, rate, verbose=True)
        ),
        "You give the function: the scheduler object that uses it is asked for.": (
            lambda optimizer, rate: rate
        ),
        "You give the learning rate: the scheduler object is asked for.": (
            lambda optimizer, rate: _make_schedule(optimizer, rate).get_last_lr()
        ),
    },
)


# --- sequence_trace -------------------------------------------------------------------------


def _sequence(
    lr0: float, start_factor: float, warmup: int, step_size: int, gamma: float, steps: int
) -> list[float]:
    return [
        lr0 * (start_factor + (1 - start_factor) * t / warmup)
        if t < warmup
        else lr0 * gamma ** ((t - warmup) // step_size)
        for t in range(steps)
    ]


def _parts(
    rise: Callable[[float, int, int], float] = lambda f, t, w: f + (1 - f) * t / w,
    drops: Callable[[int, int, int], int] = lambda t, w, s: (t - w) // s,
    switch: int = 0,
) -> Callable[..., list[float]]:
    """sequence_trace with another rise, given (start_factor, t, warmup), or another count of drops,
    given (t, warmup, step_size), or the milestone moved by `switch`."""
    return lambda lr0, start_factor, warmup, step_size, gamma, steps: [
        lr0 * rise(start_factor, t, warmup)
        if t < warmup + switch
        else lr0 * gamma ** drops(t, warmup, step_size)
        for t in range(steps)
    ]


def _rates_not_factors(lr0, start_factor, warmup, step_size, gamma, steps):
    rise = [start_factor + (lr0 - start_factor) * t / warmup for t in range(warmup)]
    return [*rise, *_sequence(lr0, 1, warmup, step_size, gamma, max(steps, warmup))[warmup:]][
        :steps
    ]


def _in_a_chain(lr0, start_factor, warmup, step_size, gamma, steps):
    return [
        lr0
        * (start_factor + (1 - start_factor) * min(t, warmup) / warmup)
        * gamma ** (t // step_size)
        for t in range(steps)
    ]


def _goes_on_from_the_start(lr0, start_factor, warmup, step_size, gamma, steps):
    """The second part scales the lr with which the first one began."""
    trace = _sequence(lr0, start_factor, warmup, step_size, gamma, steps)
    return [lr if t < warmup else lr * start_factor for t, lr in enumerate(trace)]


def _sequence_more(more: int) -> Callable[..., list[float]]:
    return lambda steps, **case: _sequence(steps=steps + more, **case)


def _draw_sequence_trace(rng: random.Random) -> dict[str, Any]:
    warmup, step_size = rng.randint(3, 6), rng.randint(3, 5)
    return {
        "lr0": _odd_lr(rng),
        "start_factor": round(rng.uniform(0.05, 0.3), 3),
        "warmup": warmup,
        "step_size": step_size,
        "gamma": round(rng.choice([rng.uniform(0.15, 0.45), rng.uniform(0.55, 0.85)]), 3),
        "steps": warmup + 2 * step_size + rng.randint(1, 4),
    }


sequence_trace = Exercise(
    id="sequence_trace",
    lesson=LESSON,
    points=3,
    help=Help(
        idea="Until the milestone the first scheduler is in charge, from there on the second.",
        step=(
            "For t below warmup: a straight line from start_factor towards 1, which it would reach "
            "at t = warmup. From there: StepLR, with t counted from the milestone."
        ),
        sibling="""\
def relay(first, second, change, steps):
    return [first if t < change else second * (t - change) for t in range(steps)]
""",
        why=(
            "At the milestone the second scheduler starts at lr0 and at 0 steps, whatever came "
            "before."
        ),
    ),
    reference=_sequence,
    directed=[
        {
            "lr0": 0.4,
            "start_factor": 0.5,
            "warmup": 2,
            "step_size": 2,
            "gamma": 0.5,
            "steps": 6,
        },
        {
            "lr0": 0.1,
            "start_factor": 0.1,
            "warmup": 4,
            "step_size": 3,
            "gamma": 0.033,
            "steps": 17,
        },
        {
            "lr0": 0.2,
            "start_factor": 0.25,
            "warmup": 3,
            "step_size": 2,
            "gamma": 0.7,
            "steps": 9,
        },
        # One update of warm-up; no warm-up at all; a run that ends within it, and at its end.
        {"lr0": 0.3, "start_factor": 0.5, "warmup": 1, "step_size": 2, "gamma": 0.6, "steps": 6},
        {"lr0": 0.3, "start_factor": 1.0, "warmup": 3, "step_size": 2, "gamma": 0.6, "steps": 8},
        {"lr0": 0.3, "start_factor": 0.2, "warmup": 5, "step_size": 2, "gamma": 0.6, "steps": 3},
        {"lr0": 0.3, "start_factor": 0.2, "warmup": 5, "step_size": 2, "gamma": 0.6, "steps": 5},
        {"lr0": 0.3, "start_factor": 0.2, "warmup": 2, "step_size": 1, "gamma": 1.0, "steps": 5},
    ],
    draw=_draw_sequence_trace,
    edges=[
        lambda _, c: {"warmup": 1},
        lambda _, c: {"start_factor": 1.0},
        lambda _, c: {"step_size": 1},
        lambda _, c: {"gamma": 1.0},
        lambda _, c: {"steps": 0},
        lambda _, c: {"steps": 1},
        lambda _, c: {"steps": c["warmup"]},
        lambda _, c: {"steps": c["warmup"] + 1},
        lambda _, c: {"steps": c["warmup"] + 12 * c["step_size"]},
    ],
    misconceptions={
        "You multiply the two schedules, as ChainedScheduler does: in a sequence one follows the "
        "other.": _in_a_chain,
        "StepLR counts from update 0 in your trace: in a sequence it starts to count at the "
        "milestone.": _parts(drops=lambda t, w, s: t // s),
        "You leave out the warm-up.": _parts(rise=lambda f, t, w: 1.0),
        "You leave out the drops after the warm-up.": _parts(drops=lambda t, w, s: 0),
        "Your warm-up is one update ahead: update 0 has start_factor times lr0.": _parts(
            rise=lambda f, t, w: f + (1 - f) * (t + 1) / w
        ),
        "Your warm-up starts at 0: it starts at start_factor times lr0.": _parts(
            rise=lambda f, t, w: t / w
        ),
        "You add start_factor to the ramp: it ends above lr0. The ramp has only what is missing.": (
            _parts(rise=lambda f, t, w: f + t / w)
        ),
        "You use start_factor as a rate: it is a share of lr0.": _rates_not_factors,
        "Your lr jumps at the milestone: LinearLR rises in equal steps until then.": _parts(
            rise=lambda f, t, w: f
        ),
        "You begin at a third of lr0: that is only torch's default for start_factor.": _parts(
            rise=lambda f, t, w: 1 / 3 + 2 / 3 * t / w
        ),
        "Your second part comes one update late: lr0 is reached at t = warmup, and StepLR counts "
        "from there.": _parts(drops=lambda t, w, s: (t - w - 1) // s, switch=1),
        "You drop at the milestone already: StepLR begins with step_size updates at lr0.": _parts(
            drops=lambda t, w, s: (t - w) // s + 1
        ),
        "You drop one update early.": _parts(drops=lambda t, w, s: (t - w + 1) // s),
        "You multiply by gamma in every update: lr stays flat for step_size updates.": _parts(
            drops=lambda t, w, s: t - w
        ),
        "You drop only once: lr falls again after every further step_size updates.": _parts(
            drops=lambda t, w, s: min((t - w) // s, 1)
        ),
        "After the milestone you go on from the first lr of the warm-up: the second part starts at "
        "lr0.": _goes_on_from_the_start,
        "The updates of the warm-up are missing from your list.": lambda warmup, **case: _sequence(
            warmup=warmup, **case
        )[warmup:],
        "You give only the last lr: one entry per update is asked for.": (
            lambda **case: _sequence(**case)[-1]
        ),
        "One entry too many: updates 0 to steps − 1 are asked for.": NearMiss(
            _sequence_more(1), credit=0.5
        ),
        "One entry too few: update steps − 1 has an lr, too.": NearMiss(
            _sequence_more(-1), credit=0.5
        ),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda **case: [round(lr, 4) for lr in _sequence(**case)], credit=0.5
        ),
    },
)


# --- one_cycle ------------------------------------------------------------------------------


def _cycle(
    peak: Callable[[float, int], float] = lambda pct, total: pct * total - 1,
    last: Callable[[int], int] = lambda total: total - 1,
    start: Callable[[float], float] = lambda div: 1 / div,
    end: Callable[[float, float], float] = lambda div, final: 1 / (div * final),
    left: Callable[[float], float] = _cosine,
    early: int = 0,
) -> Callable[..., float]:
    """one_cycle with another step of the peak, another last step, another start or end (as shares
    of max_lr), another curve, or `early` steps ahead."""

    def value(max_lr, total, pct_start, div_factor, final_div_factor, step):
        step += early
        top, bottom = peak(pct_start, total), last(total)
        first, final = start(div_factor), end(div_factor, final_div_factor)
        if step <= top:
            return max_lr * (1 + (first - 1) * left(step / top))
        return max_lr * (final + (1 - final) * left((step - top) / (bottom - top)))

    return value


_one_cycle = _cycle()


def _cycle_with(**fixed: float) -> Callable[..., float]:
    """An argument is ignored: torch's default is used whatever it says."""
    return lambda **case: _one_cycle(**(case | fixed))


def _up_only(max_lr, total, pct_start, step, **factors):
    if step > pct_start * total - 1:
        return max_lr
    return _one_cycle(max_lr=max_lr, total=total, pct_start=pct_start, step=step, **factors)


def _down_only(max_lr, total, pct_start, step, **factors):
    if step < pct_start * total - 1:
        return max_lr
    return _one_cycle(max_lr=max_lr, total=total, pct_start=pct_start, step=step, **factors)


def _down_from_0(max_lr, total, pct_start, div_factor, final_div_factor, step):
    if step <= pct_start * total - 1:
        return _one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step)
    low = max_lr / (div_factor * final_div_factor)
    return low + (max_lr - low) * _cosine(step / (total - 1))


def _max_is_the_start(max_lr, div_factor, **case):
    return _one_cycle(max_lr=max_lr * div_factor, div_factor=div_factor, **case)


def _draw_one_cycle(rng: random.Random) -> dict[str, Any]:
    total = rng.randint(12, 90)
    pct_start = round(rng.choice([rng.uniform(0.17, 0.28), rng.uniform(0.32, 0.6)]), 3)
    peak = math.floor(pct_start * total - 1)
    step = rng.choice(
        [0, total - 1, *(rng.randint(1, peak) for _ in range(2))]
        + [rng.randint(peak + 1, total - 2) for _ in range(3)]
    )
    return {
        "max_lr": _odd_lr(rng),
        "total": total,
        "pct_start": pct_start,
        "div_factor": round(rng.uniform(4, 20), 1),
        "final_div_factor": round(rng.uniform(50, 900), 1),
        "step": step,
    }


_USUAL_CYCLE = {
    "max_lr": 0.1,
    "total": 25,
    "pct_start": 0.3,
    "div_factor": 10.0,
    "final_div_factor": 100.0,
}

one_cycle = Exercise(
    id="one_cycle",
    lesson=LESSON,
    points=3,
    help=Help(
        idea="Two half cosines: one up to max_lr, one down from it. Find the three corners first.",
        step=(
            "Corner 1: step 0, the low lr to start with. Corner 2: step pct_start·total − 1, as it "
            "is, without rounding. Corner 3: step total − 1. Between two corners: how much of the "
            "way is done?"
        ),
        sibling="""\
def daylight(sunrise, noon, dark, light, hour):
    done = (hour - sunrise) / (noon - sunrise)
    return dark + (light - dark) * (1 - math.cos(math.pi * done)) / 2
""",
        why="It is warm-up and cosine decay in one curve, with smooth corners.",
    ),
    reference=_one_cycle,
    directed=[
        {
            "max_lr": 0.4,
            "total": 9,
            "pct_start": 1 / 3,
            "div_factor": 4.0,
            "final_div_factor": 10.0,
            "step": 1,
        },
        *(_USUAL_CYCLE | {"step": step} for step in (0, 3, 6, 7, 15, 24)),
        {
            "max_lr": 0.1,
            "total": 3870,
            "pct_start": 0.3,
            "div_factor": 25.0,
            "final_div_factor": 30000.0,
            "step": 3869,
        },
        # A whole number as the peak, and its neighbours; the shortest way up; the longest.
        *(_USUAL_CYCLE | {"total": 20, "pct_start": 0.25, "step": step} for step in (4, 5)),
        *(_USUAL_CYCLE | {"total": 8, "pct_start": 0.25, "step": step} for step in (0, 1, 2)),
        _USUAL_CYCLE | {"total": 10, "pct_start": 0.95, "step": 8},
        _USUAL_CYCLE | {"total": 10, "pct_start": 0.95, "step": 9},
        _USUAL_CYCLE | {"div_factor": 1.0, "step": 3},
    ],
    draw=_draw_one_cycle,
    edges=[
        lambda _, c: {"step": 0},
        lambda _, c: {"step": c["total"] - 1},
        lambda _, c: {"pct_start": 0.99, "step": 1},
        lambda _, c: {"pct_start": 0.5, "total": 20, "step": 9},
        lambda _, c: {"pct_start": 2.02 / c["total"], "step": 1},
        lambda _, c: {"div_factor": 1.0, "step": 1},
        lambda _, c: {"final_div_factor": 1.0, "step": c["total"] - 1},
        lambda rng, c: {"total": 10_000, "step": rng.randint(1, 9_999)},
    ],
    abs_tol=CLOSE_TO_0["abs_tol"],
    relative_to="max_lr",
    misconceptions={
        "Your last lr is max_lr divided by final_div_factor: the first lr is what that divides.": (
            _cycle(end=lambda div, final: 1 / final)
        ),
        "You come back down to the first lr: final_div_factor makes the end lower still.": _cycle(
            end=lambda div, final: 1 / div
        ),
        "You come down to 0: the last lr is the first one divided by final_div_factor.": _cycle(
            end=lambda div, final: 0
        ),
        "Your lr starts at 0: it starts at max_lr divided by div_factor.": _cycle(
            start=lambda div: 0
        ),
        "Your peak is one step late: steps count from 0, so it is at pct_start·total − 1.": _cycle(
            peak=lambda pct, total: pct * total
        ),
        "Your peak is at pct_start of the last step: it is at pct_start·total − 1.": _cycle(
            peak=lambda pct, total: pct * (total - 1)
        ),
        "You round the peak down to a whole step: torch leaves it between two steps.": _cycle(
            peak=lambda pct, total: math.floor(pct * total - 1)
        ),
        "You round the peak up to a whole step: torch leaves it between two steps.": _cycle(
            peak=lambda pct, total: math.ceil(pct * total - 1)
        ),
        "You reach the end at step total: the last update is total − 1.": _cycle(
            last=lambda total: total
        ),
        "Both ways are straight lines: they are half cosines.": _cycle(
            left=lambda share: 1 - share
        ),
        "You take a quarter turn for each way: lr is then steep at one end. Take half a turn.": (
            _cycle(left=lambda share: math.cos(math.pi / 2 * share))
        ),
        "You leave π out: each way is half a turn.": _cycle(
            left=lambda share: (1 + math.cos(share)) / 2
        ),
        "Each way of yours is upside down, so lr jumps: add the cosine to 1 on the way down.": (
            _cycle(left=lambda share: 1 - _cosine(share))
        ),
        "You leave out the way down: after the peak lr falls.": _up_only,
        "You leave out the way up: until the peak lr rises.": _down_only,
        "Your way down counts from step 0, so lr jumps at the peak: count from the peak.": (
            _down_from_0
        ),
        "You take max_lr for the first lr: it is the highest one.": _max_is_the_start,
        "You are one update ahead: step 0 has the first lr.": _cycle(early=1),
        "You use pct_start 0.3 whatever the argument says: that is only torch's default.": (
            _cycle_with(pct_start=0.3)
        ),
        "You use div_factor 25 whatever the argument says: that is only torch's default.": (
            _cycle_with(div_factor=25.0)
        ),
        "You use final_div_factor 10,000 whatever the argument says: that is only torch's "
        "default.": _cycle_with(final_div_factor=1e4),
        "You round lr: keep every digit, small rates matter.": NearMiss(
            lambda **case: round(_one_cycle(**case), 4), credit=0.5
        ),
    },
)


# --- fit_updates ----------------------------------------------------------------------------


def _recreate(run: SimpleNamespace) -> None:
    """Make a new scheduler, which starts over at the first lr."""
    run.scheduler = LambdaLR(run.optimizer, run.scheduler.lr_lambdas)


def _last_of_all(run: SimpleNamespace) -> bool:
    return run.epoch + 1 == run.epochs and run.batch is run.batches[-1]


_order = partial(
    order,
    actions=ACTIONS
    | {
        "recreate": _recreate,
        "scheduler-unless-last": lambda run: _last_of_all(run) or run.scheduler.step(),
        "scheduler-unless-first": lambda run: run.batch is run.batches[0] or run.scheduler.step(),
    },
)


def _fit_updates(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        for batch in batches:
            lrs.append(optimizer.param_groups[0]["lr"])
            train_batch(batch)
            optimizer.step()
            scheduler.step()
    return lrs


def _updates_planned_first(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs * len(batches)):
        lrs.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    _fit_updates(optimizer, scheduler, batches, epochs, train_batch)
    return lrs


def _updates_use_batches_up(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        while batches:
            lrs.append(optimizer.param_groups[0]["lr"])
            train_batch(batches.pop(0))
            optimizer.step()
            scheduler.step()
    return lrs


def _updates_in_epochs(epochs_of: Callable[[int], int]) -> Callable[..., list[float]]:
    return lambda optimizer, scheduler, batches, epochs, train_batch: _fit_updates(
        optimizer, scheduler, batches, epochs_of(epochs), train_batch
    )


def _lists_of_epochs(optimizer, scheduler, batches, epochs, train_batch):
    lrs = _fit_updates(optimizer, scheduler, batches, epochs, train_batch)
    return [lrs[i : i + len(batches)] for i in range(0, len(lrs), len(batches))]


def _draw_fit_updates(rng: random.Random) -> dict[str, Any]:
    return {
        "lrs": [_odd_lr(rng) for _ in range(rng.randint(1, 3))],
        "num_batches": rng.randint(2, 3),
        "epochs": rng.randint(2, 4),
    }


fit_updates = Exercise(
    id="fit_updates",
    fresh_draws=4,
    lesson=LESSON,
    points=4,
    help=Help(
        idea="The loops are those of `fit`. Which call has moved to the other loop?",
        step=(
            "For each batch, four things: note lr, train_batch, update the weights, step the "
            "scheduler. At the end of an epoch nothing is left to do."
        ),
        sibling="""\
def eat(meals, bite, breathe):
    for meal in meals:
        for piece in meal:
            bite(piece)
            breathe()
""",
        why=(
            "The schedule's unit is one call of scheduler.step(): here an update, in `fit` an "
            "epoch."
        ),
    ),
    reference=_fit_updates,
    directed=[
        {"lrs": [0.1], "num_batches": 3, "epochs": 2},
        {"lrs": [0.2, 0.05], "num_batches": 2, "epochs": 3},
        {"lrs": [0.1], "num_batches": 1, "epochs": 4},
        {"lrs": [0.1], "num_batches": 4, "epochs": 1},
    ],
    draw=_draw_fit_updates,
    edges=[
        lambda _, c: {"num_batches": 1},
        lambda _, c: {"epochs": 1},
        lambda _, c: {"num_batches": 1, "epochs": 1},
        lambda _, c: {"lrs": c["lrs"][:1] * 2},
        lambda _, c: {"lrs": [0.0, *c["lrs"]]},
        lambda _, c: {"num_batches": 2, "epochs": 10},
    ],
    misconceptions={
        "You step the scheduler once per epoch: this schedule counts updates, so step it after "
        "each.": _order("", "log train optimizer", "scheduler"),
        "You step the scheduler after every batch and again after the epoch: once per update is "
        "enough.": _order("", "log train optimizer scheduler", "scheduler"),
        "You never step the scheduler, so lr stays constant.": _order(
            "", "log train optimizer", ""
        ),
        "You step the scheduler once, after all epochs: it belongs inside the loop over batches.": (
            _order("", "log train optimizer", "", after="scheduler")
        ),
        "You step the scheduler before the optimizer: the first lr is skipped.": _order(
            "", "scheduler log train optimizer", ""
        ),
        "You note lr, then step the scheduler, then the optimizer: the lr you note is not the lr "
        "used.": _order("", "log train scheduler optimizer", ""),
        "You skip the scheduler's step at the first batch of an epoch: it follows every update.": (
            _order("", "log train optimizer scheduler-unless-first", "")
        ),
        "You leave out the scheduler's step after the last update: a run that is continued would "
        "repeat an lr.": NearMiss(
            _order("", "log train optimizer scheduler-unless-last", ""), credit=0.5
        ),
        "You make a new scheduler in each epoch: it counts from 0 again. Use the one you are "
        "given.": _order("recreate", "log train optimizer scheduler", ""),
        "You make a scheduler of your own: step the one you are given, or its owner loses "
        "count.": NearMiss(
            _order("", "log train optimizer scheduler", "", before="recreate"), credit=0.5
        ),
        "You pass the epoch to the scheduler's step: it counts updates by itself.": _order(
            "", "log train optimizer scheduler(epoch)", ""
        ),
        "You never call the optimizer's step: gradients alone train nothing.": _order(
            "", "log train scheduler", ""
        ),
        "You clear the gradients after train_batch has computed them: the optimizer's step has "
        "nothing left to apply.": _order("", "log train zero optimizer scheduler", ""),
        "You step the optimizer once per epoch: it updates the weights after every batch.": _order(
            "", "log train scheduler", "optimizer"
        ),
        "You step the optimizer before train_batch: there are no fresh gradients yet.": _order(
            "", "log optimizer train scheduler", ""
        ),
        "You step the optimizer in the loop but train on no batch: call train_batch for each.": (
            _order("", "log optimizer scheduler", "")
        ),
        "You note lr after the scheduler has stepped: that is the next update's lr. Note it "
        "before.": NearMiss(_order("", "train optimizer scheduler log", ""), credit=0.5),
        "You note lr once per epoch: one entry per update is asked for.": NearMiss(
            _order("log", "train optimizer scheduler", ""), credit=0.5
        ),
        "You note the lr of every group: only the first group's is asked for.": NearMiss(
            _order("", "log-all-groups train optimizer scheduler", ""), credit=0.5
        ),
        "You note the last group's lr: the first group's is asked for.": NearMiss(
            _order("", "log-last-group train optimizer scheduler", ""), credit=0.5
        ),
        "You note the lr that the optimizer started with, and that never changes: read the param "
        "group.": NearMiss(_order("", "log-default train optimizer scheduler", ""), credit=0.5),
        "You make one list per epoch: a single list with one lr per update is asked for.": NearMiss(
            _lists_of_epochs, credit=0.5
        ),
        "You call backward: train_batch has done that already, and gives a plain number.": _order(
            "", "log train.backward optimizer scheduler", ""
        ),
        "You step the real scheduler to write down its rates, so it is used up before training: "
        "note lr while you train.": quiet(_updates_planned_first),
        "You use up the caller's list of batches, so later epochs see none: loop over it without "
        "changing it.": _updates_use_batches_up,
        "You stop after the first epoch: is the `return` inside the loop?": _updates_in_epochs(
            lambda epochs: 1
        ),
        "You train one epoch too many.": _updates_in_epochs(lambda epochs: epochs + 1),
        "You train one epoch too few.": _updates_in_epochs(lambda epochs: epochs - 1),
    },
)


# --- fit_accumulate -------------------------------------------------------------------------


def _scale(run: SimpleNamespace, factor: float) -> None:
    for group in run.optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.grad is not None:
                parameter.grad *= factor


_ACCUMULATING = ACTIONS | {
    "backward": lambda run: run.backward(run.batch),
    "divide-by-every": lambda run: _scale(run, 1 / run.every),
    "divide-by-count": lambda run: _scale(run, 1 / ((run.number - 1) % run.every + 1)),
    "scheduler-if-full": lambda run: run.number % run.every == 0 and run.scheduler.step(),
}


def _full_or_last(run: SimpleNamespace) -> bool:
    return run.number % run.every == 0 or run.number == len(run.batches)


def _full(run: SimpleNamespace) -> bool:
    return run.number % run.every == 0


def _accumulating(
    update: str = "log optimizer zero scheduler",
    batch: str = "backward",
    before: str = "zero",
    after: str = "",
    due: Callable[[SimpleNamespace], bool] = _full_or_last,
) -> Callable[..., Any]:
    """fit_accumulate with these actions for an update, for each batch, before and after them all,
    and another moment at which an update is due."""

    @quiet
    def fit(batches, **others):
        run, act = begin(_ACCUMULATING, batches=batches, **others)
        act(before)
        for run.number, run.batch in enumerate(batches, start=1):
            act(batch)
            if due(run):
                act(update)
        act(after)
        return run.lrs

    return fit


def _fit_accumulate(optimizer, scheduler, batches, every, backward):
    lrs = []
    for start in range(0, len(batches), every):
        optimizer.zero_grad()
        for batch in batches[start : start + every]:
            backward(batch)
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs


def _accumulating_uses_batches_up(optimizer, scheduler, batches, every, backward):
    lrs = _fit_accumulate(optimizer, scheduler, batches, every, backward)
    batches.clear()
    return lrs


def _returns_after_the_first_update(optimizer, scheduler, batches, every, backward):
    return _fit_accumulate(optimizer, scheduler, batches[:every], every, backward)


def _draw_fit_accumulate(rng: random.Random) -> dict[str, Any]:
    every = rng.randint(2, 4)
    left = rng.choice([0, rng.randint(1, every - 1)])
    return {
        "lrs": [_odd_lr(rng) for _ in range(rng.randint(1, 3))],
        "num_batches": every * rng.randint(2, 3) + left,
        "every": every,
        "old_gradient": rng.choice([0.0, round(rng.uniform(0.5, 2), 2)]),
    }


fit_accumulate = Exercise(
    id="fit_accumulate",
    fresh_draws=9,
    lesson=LESSON,
    points=4,
    help=Help(
        idea="Gradients add up until someone clears them. Cut the batches into groups of `every`.",
        step=(
            "For each group: clear the gradients, call backward for each of its batches, note lr, "
            "update, step the scheduler. The last group may be smaller."
        ),
        sibling="""\
def post(letters, size, collect, drive):
    for start in range(0, len(letters), size):
        for letter in letters[start : start + size]:
            collect(letter)
        drive()
""",
        why=(
            "A schedule counts updates, and with accumulation there are fewer of them than "
            "batches: plan it for that many."
        ),
    ),
    reference=_fit_accumulate,
    directed=[
        {"lrs": [0.1], "num_batches": 6, "every": 2, "old_gradient": 0.0},
        {"lrs": [0.1], "num_batches": 7, "every": 3, "old_gradient": 1.5},
        {"lrs": [0.2, 0.05], "num_batches": 8, "every": 3, "old_gradient": 0.0},
        {"lrs": [0.2], "num_batches": 3, "every": 1, "old_gradient": 0.5},
        {"lrs": [0.2], "num_batches": 2, "every": 5, "old_gradient": 0.0},
        {"lrs": [0.2], "num_batches": 4, "every": 4, "old_gradient": 1.0},
    ],
    draw=_draw_fit_accumulate,
    edges=[
        lambda _, c: {"every": 1},
        lambda _, c: {"num_batches": 1},
        lambda _, c: {"num_batches": c["every"]},
        lambda _, c: {"num_batches": c["every"] + 1},
        lambda _, c: {"every": c["num_batches"] + 1},
        lambda _, c: {"lrs": c["lrs"][:1] * 2},
        lambda _, c: {"old_gradient": -1.0},
        lambda _, c: {"num_batches": 20, "every": 2},
    ],
    misconceptions={
        "You update after every batch: gradients are gathered over `every` of them first.": (
            _accumulating(due=lambda run: True)
        ),
        "You never clear the gradients, so each update repeats all the earlier ones.": (
            _accumulating("log optimizer scheduler", before="")
        ),
        "You clear the gradients once, at the start: each update repeats all the earlier ones.": (
            _accumulating("log optimizer scheduler")
        ),
        "You do not clear old gradients before the first batch: they get into the first update.": (
            _accumulating(before="")
        ),
        "You clear the gradients before every batch, so an update knows its last batch only.": (
            _accumulating(batch="zero backward")
        ),
        "You clear the gradients just before the optimizer's step: nothing is left to apply.": (
            _accumulating("log zero optimizer scheduler")
        ),
        "You drop the batches that are left over at the end: they get an update, too.": (
            _accumulating(due=_full)
        ),
        "You always make one more update at the end, even if no batch is left over.": (
            _accumulating(due=_full, after="log optimizer zero scheduler")
        ),
        "You put the batches that are left over into the last full group: they get an update of "
        "their own.": _accumulating(
            due=lambda run: (
                (run.number % run.every == 0 and run.number + run.every <= len(run.batches))
                or run.number == len(run.batches)
            )
        ),
        "You make one update at the very end: one is due after every `every` batches.": (
            _accumulating(due=lambda run: run.number == len(run.batches))
        ),
        "You count the batches from 0, so your first update has one batch only.": _accumulating(
            due=lambda run: (run.number - 1) % run.every == 0 or run.number == len(run.batches)
        ),
        "You step the scheduler after every batch: it counts updates.": _accumulating(
            "log optimizer zero", batch="backward scheduler"
        ),
        "You step the scheduler once, at the end: it counts updates.": _accumulating(
            "log optimizer zero", after="scheduler"
        ),
        "You never step the scheduler, so lr stays constant.": _accumulating("log optimizer zero"),
        "You do not step the scheduler after the update of the batches that are left over.": (
            NearMiss(_accumulating("log optimizer zero scheduler-if-full"), credit=0.5)
        ),
        "You step the scheduler before the optimizer: the first lr is skipped.": _accumulating(
            "scheduler log optimizer zero"
        ),
        "You note lr, then step the scheduler, then the optimizer: the lr you note is not the lr "
        "used.": _accumulating("log scheduler optimizer zero"),
        "You divide the gradients by `every`: their sum is asked for.": _accumulating(
            "divide-by-every log optimizer zero scheduler"
        ),
        "You divide the gradients by the size of their group: their sum is asked for.": (
            _accumulating("divide-by-count log optimizer zero scheduler")
        ),
        "You never call the optimizer's step: gradients alone train nothing.": _accumulating(
            "log zero scheduler"
        ),
        "You note lr after the scheduler has stepped: that is the next update's lr. Note it "
        "before.": NearMiss(_accumulating("optimizer zero scheduler log"), credit=0.5),
        "You note lr for every batch: one entry per update is asked for.": NearMiss(
            _accumulating("optimizer zero scheduler", batch="log backward"), credit=0.5
        ),
        "You note the lr of every group: only the first group's is asked for.": NearMiss(
            _accumulating("log-all-groups optimizer zero scheduler"), credit=0.5
        ),
        "You note the last group's lr: the first group's is asked for.": NearMiss(
            _accumulating("log-last-group optimizer zero scheduler"), credit=0.5
        ),
        "You change the caller's list of batches: loop over it and leave it as it is.": NearMiss(
            _accumulating_uses_batches_up, credit=0.5
        ),
        "You stop after the first update: is the `return` inside the loop?": (
            _returns_after_the_first_update
        ),
    },
)
