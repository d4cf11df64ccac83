"""Lesson 1, `constant-lr`: one learning rate, what it does, and every known way to miss it.

Sources of the truth: torch.optim.SGD without momentum (`sgd_step`, `quadratic_path`), the length
of a torch DataLoader (`count_updates`), optimizer.param_groups (`read_lrs`).
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from typing import Any

from grader.exercise import Exercise, NearMiss
from lrlab.checking.help import Help

LESSON = "constant-lr"
NAN, INF = math.nan, math.inf


# --- sgd_step --------------------------------------------------------------------------------


def _draw_sgd_step(rng: random.Random) -> dict[str, float]:
    return {
        "w": round(rng.choice([-1, 1]) * rng.uniform(0.3, 3), 3),
        "grad": round(rng.choice([-1, 1]) * rng.uniform(1.1, 4), 3),
        "lr": round(10 ** rng.uniform(-3, -0.3), 5),
    }


sgd_step = Exercise(
    id="sgd_step",
    lesson=LESSON,
    points=1,
    help=Help(
        idea="The gradient points uphill, to where the loss grows. You want to go the other way.",
        step=(
            "Begin at w and take a piece away. How long is the piece: what do grad and lr have to "
            "do with it?"
        ),
        sibling="""\
def discounted(price, percent):
    return price - price * percent / 100
""",
        why=(
            "The minus makes it a descent, and lr alone decides how much of the slope becomes a "
            "step."
        ),
    ),
    reference=lambda w, grad, lr: w - lr * grad,
    directed=[
        {"w": 1.0, "grad": -2.0, "lr": 0.5},
        {"w": 2.0, "grad": 4.0, "lr": 0.1},
        {"w": 2.0, "grad": -4.0, "lr": 0.1},
        {"w": -1.5, "grad": -0.5, "lr": 0.25},
        {"w": 0.5, "grad": 3.0, "lr": 0.00125},
        {"w": 0.5, "grad": 0.0, "lr": 0.5},
    ],
    draw=_draw_sgd_step,
    abs_tol=1e-12,
    edges=[
        lambda _, c: {"w": 0.0},
        lambda _, c: {"grad": 0.0},
        lambda _, c: {"grad": -c["grad"]},
        lambda _, c: {"w": 0.0, "grad": 1.0, "lr": 1.0},
        lambda _, c: {"w": 0.25 * c["grad"], "lr": 0.25},  # exactly 0, in 32 bits too
        lambda _, c: {"lr": 1.0},
    ],
    misconceptions={
        "You climb: the gradient points uphill, so the step goes against it.": (
            lambda w, grad, lr: w + lr * grad
        ),
        "Your step ignores lr: it is lr times the gradient.": lambda w, grad, lr: w - grad,
        "You give back the size of the step: the new weight is wanted.": (
            lambda w, grad, lr: lr * grad
        ),
        "You give back the change of the weight: the new weight is wanted.": (
            lambda w, grad, lr: -lr * grad
        ),
        "You divide by lr: a larger lr has to make a larger step.": (
            lambda w, grad, lr: w - grad / lr
        ),
        "You scale the weight by lr too: only the gradient is multiplied by lr.": (
            lambda w, grad, lr: (w - grad) * lr
        ),
        "You use only the sign of the gradient: its size belongs to the step too.": (
            lambda w, grad, lr: w - lr * ((grad > 0) - (grad < 0))
        ),
        "You lose the sign of the gradient: where it is negative, the weight has to grow.": (
            lambda w, grad, lr: w - lr * abs(grad)
        ),
        "Your gradient has no effect: you shrink the weight by lr times itself.": (
            lambda w, grad, lr: w - lr * w
        ),
        "You exchanged the weight and the gradient.": lambda w, grad, lr: grad - lr * w,
        "You multiply the weight by the step: subtract the step from the weight.": (
            lambda w, grad, lr: w * (1 - lr * grad)
        ),
        "You subtract lr itself and forget to multiply it by the gradient.": (
            lambda w, grad, lr: w - grad - lr
        ),
        "You round the result: keep all digits, small steps matter.": NearMiss(
            lambda w, grad, lr: round(w - lr * grad, 4), credit=0.5
        ),
    },
)


# --- read_lrs --------------------------------------------------------------------------------


def _read_lrs(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def _optimizer_lr(optimizer):
    return [optimizer.lr]


def _last_lr_of_optimizer(optimizer):
    return optimizer.get_last_lr()


def _word_in_groups(optimizer):
    return [optimizer.param_groups["lr"]]


def _initial_lrs(optimizer):
    return [group["initial_lr"] for group in optimizer.param_groups]


def _pops_lr(optimizer):
    return [group.pop("lr") for group in optimizer.param_groups]


def _sets_first_lr(optimizer):
    lrs = _read_lrs(optimizer)
    for group in optimizer.param_groups:
        group["lr"] = lrs[0]
    return lrs


def _draw_read_lrs(rng: random.Random) -> dict[str, Any]:
    lrs = [round(10 ** rng.uniform(-2.9, -0.3), 5) for _ in range(rng.randint(2, 4))]
    if rng.random() < 0.5:  # two groups may share a rate
        lrs.insert(0, lrs[-1])
    return {"lrs": lrs, "optimizer": rng.choice(["SGD", "Adam", "RMSprop"])}


read_lrs = Exercise(
    id="read_lrs",
    lesson=LESSON,
    points=1,
    help=Help(
        idea=(
            "An optimizer keeps its settings in optimizer.param_groups: a list with one dict for "
            "each group."
        ),
        step=(
            "Go through that list and take one entry out of each dict. Print the keys of the "
            "first dict to see its name."
        ),
        sibling="""\
def weight_decays(optimizer):
    return [group["weight_decay"] for group in optimizer.param_groups]
""",
        why=(
            "The dicts in param_groups are where step() itself looks lr up, so they cannot be out "
            "of date."
        ),
    ),
    reference=_read_lrs,
    directed=[
        {"lrs": [0.1], "optimizer": "SGD"},
        {"lrs": [0.1, 0.01], "optimizer": "SGD"},
        {"lrs": [0.02, 0.3, 0.02], "optimizer": "Adam"},
        {"lrs": [0.5, 0.25, 0.125, 0.0625], "optimizer": "RMSprop"},
    ],
    draw=_draw_read_lrs,
    edges=[
        lambda _, c: {"lrs": c["lrs"][:1]},
        lambda _, c: {"lrs": c["lrs"][:1] * 3},
        lambda _, c: {"lrs": sorted(c["lrs"], reverse=True)},
        lambda _, c: {"lrs": [0.0, *c["lrs"]]},
    ],
    misconceptions={
        "You read the first param group only: every group has its own lr.": (
            lambda optimizer: _read_lrs(optimizer)[:1]
        ),
        "You read the last param group only: every group has its own lr.": (
            lambda optimizer: _read_lrs(optimizer)[-1:]
        ),
        "You give one lr for every parameter: a param group holds several, and has one lr.": (
            lambda optimizer: [g["lr"] for g in optimizer.param_groups for _ in g["params"]]
        ),
        "You give a bare number: a list is wanted, with one lr per param group.": (
            lambda optimizer: _read_lrs(optimizer)[0]
        ),
        "You read `defaults`: a group may differ from them, and only the groups' lr is used.": (
            lambda optimizer: [optimizer.defaults["lr"] for _ in optimizer.param_groups]
        ),
        "You read the default lr once: every param group has its own lr.": (
            lambda optimizer: [optimizer.defaults["lr"]]
        ),
        "You drop repeated rates: there is one entry per group, even when two are equal.": (
            lambda optimizer: list(dict.fromkeys(_read_lrs(optimizer)))
        ),
        "You sort the rates: keep the order of the param groups.": (
            lambda optimizer: sorted(_read_lrs(optimizer))
        ),
        "You ask for an attribute `lr`, which does not exist: lr is a key of each group's dict.": (
            _optimizer_lr
        ),
        "You call get_last_lr() on what is no scheduler: only schedulers have it.": (
            _last_lr_of_optimizer
        ),
        "The list param_groups is not a dict: go through it, and take lr from each of its dicts.": (
            _word_in_groups
        ),
        "You read initial_lr, which only a scheduler adds: the lr in use is called lr.": (
            _initial_lrs
        ),
        "You take lr out of the caller's optimizer: read it, and leave it there.": _pops_lr,
        "You change the caller's optimizer: its rates are not the same after your call.": (
            _sets_first_lr
        ),
    },
)


# --- quadratic_path --------------------------------------------------------------------------


def _walk(theta0: float, step: Callable[[float], float], steps: int) -> list[float]:
    path = [theta0]
    for _ in range(steps):
        path.append(path[-1] - step(path[-1]))
    return path


def _quadratic_path(theta0: float, curvature: float, lr: float, steps: int) -> list[float]:
    return _walk(theta0, lambda theta: lr * curvature * theta, steps)


def _descends_half_slope(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: lr * curvature * theta / 2, steps)


def _descends_double_slope(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: lr * curvature * theta * 2, steps)


def _descends_by_the_loss(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: lr * curvature * theta * theta / 2, steps)


def _no_curvature(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: lr * theta, steps)


def _no_lr(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: curvature * theta, steps)


def _newton(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: lr * theta / curvature, steps)


def _climbs(theta0, curvature, lr, steps):
    return _walk(theta0, lambda theta: -lr * curvature * theta, steps)


def _first_gradient_only(theta0, curvature, lr, steps):
    return _walk(theta0, lambda _: lr * curvature * theta0, steps)


def _exponential(theta0, curvature, lr, steps):
    return [theta0 * math.exp(-lr * curvature * t) for t in range(steps + 1)]


def _draw_quadratic_path(rng: random.Random) -> dict[str, Any]:
    low, high = rng.choice([(0.15, 0.85), (1.15, 1.85), (1.15, 1.85), (2.15, 2.6)])
    curvature = round(rng.choice([rng.uniform(0.3, 0.8), rng.uniform(2.2, 6)]), 2)
    return {
        "theta0": round(rng.choice([-1, 1]) * rng.uniform(0.5, 3), 3),
        "curvature": curvature,
        "lr": round(rng.uniform(low, high) / curvature, 4),
        "steps": rng.randint(3, 10),
    }


quadratic_path = Exercise(
    id="quadratic_path",
    lesson=LESSON,
    points=2,
    help=Help(
        idea=(
            "Gradient descent is one step, again and again: each begins where the last one ended."
        ),
        step=(
            "The slope of ½·curvature·θ² is curvature·θ. Keep a list that begins with theta0; "
            "take its last value, make one step with sgd_step, append the result."
        ),
        sibling="""\
def balances(start, interest, years):
    values = [start]
    for _ in range(years):
        values.append(values[-1] + interest * values[-1])
    return values
""",
        why=(
            "Each step multiplies θ by 1 − lr·curvature: that one factor decides all that this "
            "lesson shows."
        ),
    ),
    reference=_quadratic_path,
    directed=[
        {"theta0": 2.0, "curvature": 1.0, "lr": 0.5, "steps": 3},
        {"theta0": 2.0, "curvature": 1.0, "lr": 0.1, "steps": 3},
        {"theta0": 1.0, "curvature": 4.0, "lr": 0.4, "steps": 4},
        {"theta0": -1.5, "curvature": 0.5, "lr": 5.0, "steps": 5},
        {"theta0": 3.0, "curvature": 8.0, "lr": 0.0625, "steps": 12},
        {"theta0": 2.5, "curvature": 2.0, "lr": 0.5, "steps": 3},
        {"theta0": 0.75, "curvature": 3.0, "lr": 0.2, "steps": 0},
    ],
    draw=_draw_quadratic_path,
    abs_tol=1e-12,
    edges=[
        lambda _, c: {"steps": 0},
        lambda _, c: {"steps": 1},
        lambda _, c: {"steps": 40},
        lambda _, c: {"theta0": 0.0},
        lambda _, c: {"curvature": 2.0, "lr": 0.5},
        lambda _, c: {"curvature": 2.0, "lr": 1.0},
        lambda _, c: {"theta0": -c["theta0"]},
    ],
    misconceptions={
        "You leave out theta0: the path begins where you start, before any step.": NearMiss(
            lambda **c: _quadratic_path(**c)[1:], credit=0.5
        ),
        "Your path has one entry too many: with that many steps it has steps + 1 values.": NearMiss(
            lambda **c: _quadratic_path(**c | {"steps": c["steps"] + 1}), credit=0.5
        ),
        "Your path has one entry too few: the value after the last step is missing.": NearMiss(
            lambda **c: _quadratic_path(**c)[:-1], credit=0.5
        ),
        "You keep the ½ in the gradient: the derivative of ½·curvature·θ² is curvature·θ.": (
            _descends_half_slope
        ),
        "Your gradient is twice too large: the ½ in the loss cancels the 2 of the derivative.": (
            _descends_double_slope
        ),
        "You step by lr times the loss: step by lr times its gradient.": _descends_by_the_loss,
        "Your gradient leaves out the curvature: a steeper bowl has a larger gradient.": (
            _no_curvature
        ),
        "Your step leaves out lr: it is lr times the gradient.": _no_lr,
        "You divide by the curvature: a steeper bowl has a larger gradient.": _newton,
        "You climb: the gradient points uphill, so the step goes against it.": _climbs,
        "You use the gradient at theta0 for every step: compute it anew where you are.": (
            _first_gradient_only
        ),
        "You shrink θ by an exponential: real steps multiply it by 1 − lr·curvature.": _exponential,
        "All your values are the last one: do you append one tensor again and again?": (
            lambda **c: _quadratic_path(**c)[-1:] * (c["steps"] + 1)
        ),
        "You give the end of the path only: all values on the way are wanted.": (
            lambda **c: _quadratic_path(**c)[-1]
        ),
        "You list the losses: the values of θ are wanted.": (
            lambda **c: [c["curvature"] * theta * theta / 2 for theta in _quadratic_path(**c)]
        ),
        "You lose the sign of θ: after a step that is too long it stands on the other side.": (
            lambda **c: [math.copysign(theta, c["theta0"]) for theta in _quadratic_path(**c)]
        ),
        "You round the values: keep all digits.": NearMiss(
            lambda **c: [round(theta, 4) for theta in _quadratic_path(**c)], credit=0.5
        ),
    },
)


# --- classify_lr -----------------------------------------------------------------------------


def _classify(lr: float, first: float, second: float) -> str:
    return "monotone" if lr <= first else "oscillating" if lr < second else "diverging"


def _classify_lr(curvature: float, lr: float) -> str:
    return _classify(lr, 1 / curvature, 2 / curvature)


def _first_limit_strict(curvature, lr):
    return "oscillating" if lr == 1 / curvature else _classify_lr(curvature, lr)


def _second_limit_settles(curvature, lr):
    return "oscillating" if lr == 2 / curvature else _classify_lr(curvature, lr)


def _both_limits_wrong(curvature, lr):
    return "oscillating" if lr * curvature in (1, 2) else _classify_lr(curvature, lr)


def _names_exchanged(curvature, lr):
    name = _classify_lr(curvature, lr)
    return {"monotone": "oscillating", "oscillating": "monotone"}.get(name, name)


def _order_reversed(curvature, lr):
    name = _classify_lr(curvature, lr)
    return {"monotone": "diverging", "diverging": "monotone"}.get(name, name)


def _draw_classify_lr(rng: random.Random) -> dict[str, float]:
    kind = rng.choice(["first limit", "second limit", "between", "between"])
    if kind != "between":  # powers of two: every way of computing the limit is exact
        curvature = 2.0 ** rng.choice([-3, -2, -1, 1, 2, 3, 4])
        return {"curvature": curvature, "lr": (1 if kind == "first limit" else 2) / curvature}
    curvature = round(rng.choice([rng.uniform(0.1, 0.45), rng.uniform(2.2, 9)]), 3)
    low, high = rng.choice([(0.2, 0.95), (1.05, 1.95), (1.05, 1.95), (2.05, 6)])
    return {"curvature": curvature, "lr": round(rng.uniform(low, high) / curvature, 5)}


classify_lr = Exercise(
    id="classify_lr",
    lesson=LESSON,
    points=2,
    help=Help(
        idea=(
            "One step multiplies θ by 1 − lr·curvature. What does the sign of that factor do, and "
            "what its size?"
        ),
        step=(
            "The factor becomes negative beyond lr = 1/curvature, and its size reaches 1 at lr = "
            "2/curvature. The table above says to which side each border belongs."
        ),
        sibling="""\
def water(celsius):
    if celsius < 0:
        return "ice"
    if celsius <= 100:
        return "liquid"
    return "steam"
""",
        why=(
            "Between 1/curvature and 2/curvature each step goes past the valley, but lands lower "
            "than it began."
        ),
    ),
    reference=_classify_lr,
    directed=[
        {"curvature": 1.0, "lr": 1.5},
        {"curvature": 4.0, "lr": 0.1},
        {"curvature": 4.0, "lr": 0.2},
        {"curvature": 4.0, "lr": 0.4},
        {"curvature": 4.0, "lr": 0.75},
        {"curvature": 4.0, "lr": 1.5},
        {"curvature": 4.0, "lr": 0.25},  # exactly 1/curvature
        {"curvature": 4.0, "lr": 0.5},  # exactly 2/curvature
        {"curvature": 0.25, "lr": 3.0},
        {"curvature": 0.25, "lr": 7.0},
        {"curvature": 0.25, "lr": 9.0},
    ],
    draw=_draw_classify_lr,
    edges=[
        lambda _, c: {"curvature": 4.0, "lr": 0.25 * 0.99},
        lambda _, c: {"curvature": 4.0, "lr": 0.25 * 1.01},
        lambda _, c: {"curvature": 4.0, "lr": 0.5 * 0.99},
        lambda _, c: {"curvature": 4.0, "lr": 0.5 * 1.01},
        lambda _, c: {"curvature": 0.5, "lr": 2.0},
        lambda _, c: {"curvature": 0.5, "lr": 4.0},
        lambda _, c: {"lr": 1e-6},
        lambda _, c: {"lr": 1000.0},
    ],
    misconceptions={
        "At lr = 1/curvature you say oscillating: the step ends exactly at 0 and stays on "
        "its side, so it is monotone.": NearMiss(_first_limit_strict, credit=0.5),
        "At lr = 2/curvature you say oscillating: θ jumps from side to side and never gets "
        "closer, which counts as diverging.": NearMiss(_second_limit_settles, credit=0.5),
        "Both limits fall on the wrong side: 1/curvature is still monotone, 2/curvature is "
        "already diverging.": _both_limits_wrong,
        "Your limits ignore the curvature: the steeper the bowl, the smaller they are.": (
            lambda curvature, lr: _classify(lr, 1, 2)
        ),
        "Your limits grow with the curvature: a steeper bowl needs a smaller lr.": (
            lambda curvature, lr: _classify(lr, curvature, 2 * curvature)
        ),
        "Your limits are half of what they should be: they are 1/curvature and 2/curvature.": (
            lambda curvature, lr: _classify(lr, 0.5 / curvature, 1 / curvature)
        ),
        "Your limits are twice what they should be: they are 1/curvature and 2/curvature.": (
            lambda curvature, lr: _classify(lr, 2 / curvature, 4 / curvature)
        ),
        "You say diverging as soon as θ changes sides: up to 2/curvature it still gets closer.": (
            lambda curvature, lr: _classify(lr, 1 / curvature, 1 / curvature)
        ),
        "You never say oscillating: from 1/curvature to 2/curvature θ changes sides each step.": (
            lambda curvature, lr: "monotone" if lr < 2 / curvature else "diverging"
        ),
        "You never say diverging: from 2/curvature on θ moves away from the minimum.": (
            lambda curvature, lr: _classify(lr, 1 / curvature, INF)
        ),
        "You exchanged monotone and oscillating.": _names_exchanged,
        "You turned the order around: a small lr is monotone, a large one diverging.": (
            _order_reversed
        ),
        "Your words begin with a capital: the words are monotone, oscillating, diverging.": (
            NearMiss(lambda **c: _classify_lr(**c).capitalize(), credit=0.5)
        ),
    },
)


# --- count_updates ---------------------------------------------------------------------------


def _batches(num_examples: int, batch_size: int, drop_last: bool) -> int:
    full, rest = divmod(num_examples, batch_size)
    return full if drop_last or not rest else full + 1


def _count_updates(num_examples: int, batch_size: int, epochs: int, drop_last: bool) -> int:
    return epochs * _batches(num_examples, batch_size, drop_last)


def _drops_a_full_batch(num_examples, batch_size, epochs, drop_last):
    return epochs * (math.ceil(num_examples / batch_size) - drop_last)


def _always_one_more(num_examples, batch_size, epochs, drop_last):
    return epochs * (num_examples // batch_size + (not drop_last))


def _no_new_start(num_examples, batch_size, epochs, drop_last):
    return _batches(num_examples * epochs, batch_size, drop_last)


def _fractions(num_examples, batch_size, epochs, drop_last):
    return num_examples / batch_size * epochs


def _rounds(num_examples, batch_size, epochs, drop_last):
    return round(num_examples / batch_size) * epochs


def _draw_count_updates(rng: random.Random) -> dict[str, Any]:
    batch_size = rng.choice([16, 32, 50, 64, 100, 128])
    rest = rng.choice([0, 0, rng.randint(1, batch_size // 3), batch_size - rng.randint(1, 5)])
    return {
        "num_examples": rng.randint(3, 400) * batch_size + rest,
        "batch_size": batch_size,
        "epochs": rng.randint(3, 20),
        "drop_last": rng.random() < 0.5,
    }


count_updates = Exercise(
    id="count_updates",
    fresh_draws=30,
    lesson=LESSON,
    points=1,
    help=Help(
        idea="Count the batches of a single epoch first.",
        step=(
            "divmod(num_examples, batch_size) gives the full batches and how many images are left "
            "over. The left over ones are one more batch, unless drop_last says otherwise."
        ),
        sibling="""\
def boxes(eggs, per_box):
    full, left_over = divmod(eggs, per_box)
    return full + 1 if left_over else full
""",
        why=(
            "The optimizer steps once a batch, so the same number of epochs means fewer updates "
            "with larger batches."
        ),
    ),
    reference=_count_updates,
    directed=[
        {"num_examples": 10, "batch_size": 4, "epochs": 2, "drop_last": False},
        {"num_examples": 55_000, "batch_size": 128, "epochs": 9, "drop_last": False},
        {"num_examples": 55_000, "batch_size": 128, "epochs": 9, "drop_last": True},
        {"num_examples": 1_000, "batch_size": 100, "epochs": 3, "drop_last": False},
        {"num_examples": 1_000, "batch_size": 100, "epochs": 3, "drop_last": True},
        {"num_examples": 19, "batch_size": 10, "epochs": 4, "drop_last": True},
        {"num_examples": 21, "batch_size": 10, "epochs": 4, "drop_last": False},
        {"num_examples": 7, "batch_size": 10, "epochs": 5, "drop_last": True},
    ],
    draw=_draw_count_updates,
    edges=[
        lambda _, c: {"num_examples": c["batch_size"]},
        lambda _, c: {"num_examples": c["batch_size"] - 1},
        lambda _, c: {"num_examples": c["batch_size"] + 1},
        lambda _, c: {"batch_size": 1},
        lambda _, c: {"epochs": 1},
        lambda _, c: {"num_examples": 60_000, "batch_size": 128},
    ],
    misconceptions={
        "You always leave out the incomplete batch: it counts unless drop_last is True.": (
            lambda **c: _count_updates(**c | {"drop_last": True})
        ),
        "You always count the incomplete batch: with drop_last it is left out.": (
            lambda **c: _count_updates(**c | {"drop_last": False})
        ),
        "You turned drop_last around: True leaves the incomplete batch out.": (
            lambda **c: _count_updates(**c | {"drop_last": not c["drop_last"]})
        ),
        "You count one epoch only: all epochs are asked for.": (
            lambda **c: _count_updates(**c | {"epochs": 1})
        ),
        "You are one epoch short: epochs are counted, not the gaps between them.": (
            lambda **c: _count_updates(**c | {"epochs": c["epochs"] - 1})
        ),
        "Your batches run over the end of an epoch: each epoch starts with a new batch.": (
            _no_new_start
        ),
        "You count fractions of a batch: an update is made for a whole batch or not at all.": (
            _fractions
        ),
        "You round: drop_last alone decides about the incomplete batch.": _rounds,
        "You add a batch even when the last one is full: there is no incomplete one then.": (
            _always_one_more
        ),
        "With drop_last you leave out a full batch too: only an incomplete one is dropped.": (
            _drops_a_full_batch
        ),
        "You count examples: one update is made per batch.": (
            lambda num_examples, batch_size, epochs, drop_last: num_examples * epochs
        ),
        "You count epochs: one update is made per batch.": (
            lambda num_examples, batch_size, epochs, drop_last: epochs
        ),
        "You multiply by the batch size: larger batches mean fewer updates.": (
            lambda num_examples, batch_size, epochs, drop_last: num_examples * batch_size * epochs
        ),
    },
)


# --- epoch_loss ------------------------------------------------------------------------------


def _epoch_loss(batch_losses: list[float], batch_sizes: list[int]) -> float:
    total = sum(loss * size for loss, size in zip(batch_losses, batch_sizes))
    return total / sum(batch_sizes)


def _pops_the_sizes(batch_losses, batch_sizes):
    seen = sum(batch_sizes)
    return sum(loss * batch_sizes.pop(0) for loss in batch_losses) / seen


def _divides_by_batches(batch_losses, batch_sizes):
    return sum(loss * size for loss, size in zip(batch_losses, batch_sizes)) / len(batch_sizes)


def _never_divides(batch_losses, batch_sizes):
    return sum(loss * size for loss, size in zip(batch_losses, batch_sizes))


def _takes_all_as_full(batch_losses, batch_sizes):
    return _never_divides(batch_losses, batch_sizes) / (batch_sizes[0] * len(batch_sizes))


def _divides_each_loss(batch_losses, batch_sizes):
    return sum(loss / size for loss, size in zip(batch_losses, batch_sizes))


def _halves_again_and_again(batch_losses, batch_sizes):
    mean, *rest = batch_losses
    for loss in rest:
        mean = (mean + loss) / 2
    return mean


def _scales_in_place(batch_losses, batch_sizes):
    for index, size in enumerate(batch_sizes):
        batch_losses[index] *= size
    return sum(batch_losses) / sum(batch_sizes)


def _pops_the_lists(batch_losses, batch_sizes):
    total, seen = 0.0, sum(batch_sizes)
    while batch_losses:
        total += batch_losses.pop() * batch_sizes.pop()
    return total / seen


def _draw_epoch_loss(rng: random.Random) -> dict[str, Any]:
    size = rng.choice([16, 32, 64, 100, 128])
    losses = [round(2.3 * 0.8**i * rng.uniform(0.8, 1.2), 5) for i in range(rng.randint(3, 7))]
    sizes = [size] * (len(losses) - 1) + [rng.randint(1, size // 2)]
    losses[-1] = round(losses[-1] * rng.choice([0.3, 3.1]), 5)  # few images: far off the others
    return {"batch_losses": losses, "batch_sizes": sizes}


epoch_loss = Exercise(
    id="epoch_loss",
    lesson=LESSON,
    points=2,
    help=Help(
        idea="Every image counts the same, so a small batch must count less than a full one.",
        step=(
            "A batch's mean times its size is the sum over its images. Add these sums, then "
            "divide by the number of all images."
        ),
        sibling="""\
def mean_speed(kilometres, hours):
    return sum(kilometres) / sum(hours)
""",
        why=(
            "The mean of the batch means is the mean over images only if all batches are equally "
            "large; the last one often is not."
        ),
    ),
    reference=_epoch_loss,
    directed=[
        {"batch_losses": [1.0, 4.0], "batch_sizes": [2, 1]},
        {"batch_losses": [2.0, 1.0, 4.0], "batch_sizes": [4, 4, 2]},
        {"batch_losses": [0.5, 0.3, 0.4], "batch_sizes": [8, 8, 8]},
        {"batch_losses": [0.9, 0.7, 0.6, 0.1], "batch_sizes": [128, 128, 128, 24]},
        {"batch_losses": [1.75, 0.625, 1.5, 0.5, 3.0], "batch_sizes": [10, 30, 20, 5, 1]},
    ],
    draw=_draw_epoch_loss,
    abs_tol=1e-12,
    edges=[
        lambda _, c: {"batch_losses": [0.7], "batch_sizes": [5]},
        lambda _, c: {"batch_losses": [0.5] * 4, "batch_sizes": [8, 8, 8, 3]},
        lambda _, c: {"batch_losses": [0.0, 0.0], "batch_sizes": [4, 1]},
        lambda _, c: {"batch_losses": [1.0, 2.0, 4.0], "batch_sizes": [1, 1, 2]},
        lambda _, c: {"batch_losses": [3.0, 0.5, 1.5], "batch_sizes": [1, 64, 7]},
        lambda _, c: {"batch_losses": c["batch_losses"] * 20, "batch_sizes": c["batch_sizes"] * 20},
    ],
    misconceptions={
        "You count every batch alike: the last one is smaller and has to count for less.": (
            lambda batch_losses, batch_sizes: sum(batch_losses) / len(batch_losses)
        ),
        "You add the losses up: a mean over all images is wanted.": (
            lambda batch_losses, batch_sizes: sum(batch_losses)
        ),
        "You weight each loss, but never divide: divide by the number of images.": _never_divides,
        "You divide by the number of batches: divide by the number of images.": (
            _divides_by_batches
        ),
        "You add up batch means and divide by images: first multiply each mean by its batch "
        "size.": lambda batch_losses, batch_sizes: sum(batch_losses) / sum(batch_sizes),
        "You divide each loss by its batch size: it is a mean already, so multiply.": (
            _divides_each_loss
        ),
        "You divide as if all batches were as large as the first: count the images.": (
            _takes_all_as_full
        ),
        "You leave out the last batch: it counts, for less.": (
            lambda batch_losses, batch_sizes: _epoch_loss(batch_losses[:-1], batch_sizes[:-1])
        ),
        "You keep the last batch's sum only: add all of them up, with +=.": (
            lambda batch_losses, batch_sizes: batch_losses[-1] * batch_sizes[-1] / sum(batch_sizes)
        ),
        "You give the last batch's loss: the mean over the whole epoch is wanted.": (
            lambda batch_losses, batch_sizes: batch_losses[-1]
        ),
        "You take the median: the mean over all images is wanted.": (
            lambda batch_losses, batch_sizes: statistics.median(batch_losses)
        ),
        "You average the running mean with each new loss: so later batches count for more.": (
            _halves_again_and_again
        ),
        "You change the caller's batch_losses: leave the list as it was given.": NearMiss(
            _scales_in_place, credit=0.5
        ),
        "You change the caller's batch_sizes: leave the list as it was given.": NearMiss(
            _pops_the_sizes, credit=0.5
        ),
        "You change both of the caller's lists: leave them as they were given.": NearMiss(
            _pops_the_lists, credit=0.5
        ),
        "You round the result: keep all digits.": NearMiss(
            lambda **c: round(_epoch_loss(**c), 4), credit=0.5
        ),
    },
)


# --- log_grid --------------------------------------------------------------------------------


def _log_grid(low: float, high: float, num: int) -> list[float]:
    return [low * (high / low) ** (i / (num - 1)) for i in range(num)]


def _even_steps(low, high, num):
    return [low + (high - low) * i / (num - 1) for i in range(num)]


def _as_exponents(low, high, num):
    return [10**exponent for exponent in _even_steps(low, high, num)]


def _logarithms(low, high, num):
    return _even_steps(math.log10(low), math.log10(high), num)


def _without_high(low, high, num):
    return [low * (high / low) ** (i / num) for i in range(num)]


def _without_low(low, high, num):
    return [low * (high / low) ** ((i + 1) / num) for i in range(num)]


def _without_both(low, high, num):
    return [low * (high / low) ** ((i + 1) / (num + 1)) for i in range(num)]


def _times_ten(low, high, num):
    return [low * 10**i for i in range(num)]


def _times_the_whole_ratio(low, high, num):
    return [low * (high / low) ** i for i in range(num)]


def _back_with_e(low, high, num):
    return [math.exp(exponent) for exponent in _logarithms(low, high, num)]


def _back_with_10(low, high, num):
    return _as_exponents(math.log(low), math.log(high), num)


def _draw_log_grid(rng: random.Random) -> dict[str, Any]:
    num = rng.randint(3, 9)
    low = round(10 ** rng.uniform(-4, -2), 6)
    factor = rng.choice([rng.uniform(1.5, 3), rng.uniform(3.5, 8)])
    return {"low": low, "high": round(low * min(factor ** (num - 1), 3e3), 5), "num": num}


log_grid = Exercise(
    id="log_grid",
    lesson=LESSON,
    points=1,
    help=Help(
        idea="Equal distances on a log axis are equal factors.",
        step=(
            "From low to high it takes num − 1 equal factors, and together they are high / low. "
            "Which power of high / low is one of them?"
        ),
        sibling="""\
def evenly(low, high, num):
    step = (high - low) / (num - 1)
    return [low + i * step for i in range(num)]
""",
        why=(
            "What an lr does depends on its size relative to others, so we try factors, not "
            "differences."
        ),
    ),
    reference=_log_grid,
    directed=[
        {"low": 0.01, "high": 1.0, "num": 3},
        {"low": 2e-8, "high": 2e-5, "num": 3},
        {"low": 0.01, "high": 0.16, "num": 5},
        {"low": 0.0003, "high": 0.3, "num": 10},  # the last product exceeds high
        {"low": 0.02, "high": 0.5, "num": 2},
    ],
    draw=_draw_log_grid,
    edges=[
        lambda _, c: {"num": 2},
        lambda _, c: {"num": 25},
        lambda _, c: {"low": 1.0, "high": 1000.0},
        lambda _, c: {"low": 1e-8, "high": 1e-2},
        lambda _, c: {"high": c["low"] * 1.01},
    ],
    misconceptions={
        "Your values lie at equal distances: on a log grid each is the one before times the same "
        "factor.": _even_steps,
        "You use low and high as exponents: they are the rates themselves, take their "
        "logarithms first.": _as_exponents,
        "You give the logarithms of the rates: turn them back into rates.": _logarithms,
        "You mix base 10 and base e: go back with the base of your logarithm.": _back_with_e,
        "You mix base e and base 10: go back with the base of your logarithm.": _back_with_10,
        "Your grid stops short of high: both ends are included.": NearMiss(
            _without_high, credit=0.5
        ),
        "Your grid starts above low: both ends are included.": NearMiss(_without_low, credit=0.5),
        "Your grid lacks both ends: low and high are included.": NearMiss(
            _without_both, credit=0.5
        ),
        "Your grid has one entry too many: num counts the values, not the gaps.": NearMiss(
            lambda low, high, num: _log_grid(low, high, num + 1), credit=0.5
        ),
        "Your grid lacks its last entry, high: both ends are included.": NearMiss(
            lambda **c: _log_grid(**c)[:-1], credit=0.5
        ),
        "Your grid runs from high to low: begin with low.": NearMiss(
            lambda **c: _log_grid(**c)[::-1], credit=0.5
        ),
        "You multiply by 10 each time: choose the factor so that the last value is high.": (
            _times_ten
        ),
        "You multiply by high/low each time: this factor has to be spread over all the gaps.": (
            _times_the_whole_ratio
        ),
        "You round the rates: small rates lose their digits.": NearMiss(
            lambda **c: [round(lr, 4) for lr in _log_grid(**c)], credit=0.5
        ),
    },
)


# --- pick_lr ---------------------------------------------------------------------------------

Losses = dict[float, float]


def _finite(val_loss_by_lr: Losses) -> Losses:
    return {lr: loss for lr, loss in val_loss_by_lr.items() if math.isfinite(loss)}


def _lowest(losses: Losses) -> float:
    return min(losses, key=losses.get)


def _pick_lr(val_loss_by_lr: Losses) -> tuple[float, bool]:
    best = _lowest(_finite(val_loss_by_lr))
    return best, best in (min(val_loss_by_lr), max(val_loss_by_lr))


def _with_edge(lr: float, val_loss_by_lr: Losses) -> tuple[float, bool]:
    return lr, lr in (min(val_loss_by_lr), max(val_loss_by_lr))


def _nan_may_win(val_loss_by_lr):
    return _with_edge(_lowest(val_loss_by_lr), val_loss_by_lr)


def _failed_count_as_zero(val_loss_by_lr):
    losses = {lr: loss if math.isfinite(loss) else 0 for lr, loss in val_loss_by_lr.items()}
    return _with_edge(_lowest(losses), val_loss_by_lr)


def _edge_of_finite(val_loss_by_lr):
    return _pick_lr(_finite(val_loss_by_lr))


def _edge_of_dict(val_loss_by_lr):
    lrs, (best, _) = list(val_loss_by_lr), _pick_lr(val_loss_by_lr)
    return best, best in (lrs[0], lrs[-1])


def _deletes_failed(val_loss_by_lr):
    for lr in set(val_loss_by_lr) - set(_finite(val_loss_by_lr)):
        del val_loss_by_lr[lr]
    return _pick_lr(val_loss_by_lr)


def _refuses_edges(val_loss_by_lr):
    ends = (min(val_loss_by_lr), max(val_loss_by_lr))
    inner = {lr: loss for lr, loss in _finite(val_loss_by_lr).items() if lr not in ends}
    return (_lowest(inner) if inner else None), False


def _draw_pick_lr(rng: random.Random) -> dict[str, Losses]:
    num = rng.randint(5, 7)
    lrs = [round(10 ** (-4 + 0.7 * i + rng.uniform(0, 0.5)), 6) for i in range(num)]
    losses = [round(rng.uniform(0.3, 2), 4) + 0.00001 * i for i in range(num)]
    where = rng.choice(["smallest", "largest", "inside", "beside a failure"])
    failed = num - 1 if where == "beside a failure" else 2
    best = {"smallest": 0, "largest": num - 1, "inside": 1, "beside a failure": num - 2}[where]
    losses[best] = round(rng.uniform(0.05, 0.2), 4)
    losses[failed] = rng.choice([NAN, NAN, INF])
    order = rng.sample(range(num), num)
    if rng.random() < 0.6:  # a NaN that comes first beats everything in Python's min
        order.remove(failed)
        order.insert(0, failed)
    return {"val_loss_by_lr": {lrs[i]: losses[i] for i in order}}


pick_lr = Exercise(
    id="pick_lr",
    lesson=LESSON,
    points=2,
    help=Help(
        idea=(
            "Two questions: who wins among the runs that did not fail? And does the winner lie at "
            "the edge of all that were tried?"
        ),
        step=(
            "Leave nan and inf out first (math.isfinite): every < and > with nan is False, "
            "so min does not see it. Then compare the winner with the smallest and the largest lr "
            "of the whole dict."
        ),
        sibling="""\
def warmest(celsius_by_city):
    known = {city: value for city, value in celsius_by_city.items() if value is not None}
    return max(known, key=known.get)
""",
        why=(
            "A winner at the edge says that the best lr may lie outside: widen the grid before "
            "you trust it."
        ),
    ),
    reference=_pick_lr,
    directed=[
        {"val_loss_by_lr": {0.01: 0.3, 0.1: 0.2, 1.0: NAN}},
        {"val_loss_by_lr": {0.001: 0.4, 0.01: 0.2, 0.1: 0.3, 1.0: 2.3}},
        {"val_loss_by_lr": {0.001: 0.2, 0.01: 0.3, 0.1: 0.4}},
        {"val_loss_by_lr": {0.001: 0.5, 0.01: 0.4, 0.1: 0.3}},
        {"val_loss_by_lr": {1.0: NAN, 0.01: 0.3, 0.1: 0.2, 0.001: 0.4}},  # best beside a failure
        {"val_loss_by_lr": {0.1: 0.3, 1.0: INF, 0.001: 0.2, 0.0001: 0.6, 0.01: 0.5}},
        {"val_loss_by_lr": {0.01: 0.4, 0.0001: 0.25, 0.1: 0.7, 0.001: 0.5}},
        {"val_loss_by_lr": {1.0: 5.1e9, 10.0: 3.2e9, 100.0: 6.7e9}},  # all came out badly
    ],
    draw=_draw_pick_lr,
    edges=[
        lambda _, c: {"val_loss_by_lr": {0.1: 0.5, 0.01: NAN}},
        lambda _, c: {"val_loss_by_lr": {0.1: NAN, 0.01: 0.5, 1.0: INF}},
        lambda _, c: {"val_loss_by_lr": {0.001: NAN, 0.1: 0.5, 0.01: NAN, 1.0: INF}},
        lambda _, c: {"val_loss_by_lr": {1.0: 0.3, 0.1: 0.2, 10.0: 0.4}},
        lambda _, c: {"val_loss_by_lr": {0.1: -0.2, 0.01: 0.0, 1.0: 0.3}},
        # A difference that float32 still tells.
        lambda _, c: {"val_loss_by_lr": {0.1: 0.2, 0.01: 0.2 + 1e-6}},
    ],
    misconceptions={
        "You let NaN win: every < and > with NaN is False, so leave failed runs out first.": (
            _nan_may_win
        ),
        "You count a failed run as loss 0, so it wins: leave failed runs out of the contest.": (
            _failed_count_as_zero
        ),
        "You take the highest loss: the lowest is the best.": (
            lambda val_loss_by_lr: _with_edge(
                max(_finite(val_loss_by_lr), key=val_loss_by_lr.get), val_loss_by_lr
            )
        ),
        "You give the loss: the lr that reached it is wanted.": (
            lambda val_loss_by_lr: (
                min(_finite(val_loss_by_lr).values()),
                _pick_lr(val_loss_by_lr)[1],
            )
        ),
        "You look for the edge among the finite runs only: a rate that failed was tried too.": (
            NearMiss(_edge_of_finite, credit=0.5)
        ),
        "You take the first and last entry of the dict as the edge: compare the rates.": (
            _edge_of_dict
        ),
        "You call only the largest rate an edge: the smallest is one too.": (
            lambda val_loss_by_lr: (
                _pick_lr(val_loss_by_lr)[0],
                _pick_lr(val_loss_by_lr)[0] == max(val_loss_by_lr),
            )
        ),
        "You call only the smallest rate an edge: the largest is one too.": (
            lambda val_loss_by_lr: (
                _pick_lr(val_loss_by_lr)[0],
                _pick_lr(val_loss_by_lr)[0] == min(val_loss_by_lr),
            )
        ),
        "You never report an edge: say True when the best rate is the smallest or largest.": (
            lambda val_loss_by_lr: (_pick_lr(val_loss_by_lr)[0], False)
        ),
        "Your flag is turned around: True means that the best rate lies at the edge.": (
            lambda val_loss_by_lr: (
                _pick_lr(val_loss_by_lr)[0],
                not _pick_lr(val_loss_by_lr)[1],
            )
        ),
        "You give the rate only: say also whether it lies at the edge.": NearMiss(
            lambda **c: _pick_lr(**c)[0], credit=0.5
        ),
        "You give the flag first: the rate comes first.": NearMiss(
            lambda **c: _pick_lr(**c)[::-1], credit=0.5
        ),
        "You take the largest rate that did not fail: the lowest loss decides.": (
            lambda val_loss_by_lr: _with_edge(max(_finite(val_loss_by_lr)), val_loss_by_lr)
        ),
        "You take the smallest rate: the lowest loss decides.": (
            lambda val_loss_by_lr: _with_edge(min(_finite(val_loss_by_lr)), val_loss_by_lr)
        ),
        "You refuse a best rate at the edge: name it, and report the edge.": _refuses_edges,
        "You delete entries from the caller's dict: work on a copy.": _deletes_failed,
    },
)
