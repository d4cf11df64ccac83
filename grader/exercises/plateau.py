"""Lesson 3, `plateau`: ReduceLROnPlateau, one call at a time, and every known way to miss it.

Source of the truth: torch.optim.lr_scheduler.ReduceLROnPlateau.step, `_is_better`, `_reduce_lr`.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Iterator
from itertools import pairwise, product
from typing import Any

from grader.exercise import Exercise, NearMiss
from lrlab.checking.help import Help

Config = dict[str, Any]
State = dict[str, Any]

DEFAULTS: Config = {
    "mode": "min",
    "factor": 0.1,
    "patience": 10,
    "threshold": 1e-4,
    "threshold_mode": "rel",
    "cooldown": 0,
    "min_lr": 0.0,
    "eps": 1e-8,
}
NAN, INF = math.nan, math.inf


def _showing(
    rng: random.Random,
    draw: Callable[[random.Random], dict[str, Any]],
    right: Callable[..., Any],
    mistakes: list[Callable[..., Any]],
) -> dict[str, Any]:
    """A random case on which one of `mistakes` shows: left to chance, some hardly ever do."""
    wrong = rng.choice(mistakes)
    while True:
        case = draw(rng)
        if wrong(**copy.deepcopy(case)) != right(**case):
            return case


# --- is_better -------------------------------------------------------------------------------


def _bound(best: float, mode: str, threshold: float, threshold_mode: str) -> float:
    """The value that a metric has to pass, strictly, to count as better."""
    if threshold_mode == "rel":
        return best * (1 - threshold) if mode == "min" else best * (1 + threshold)
    return best - threshold if mode == "min" else best + threshold


def _is_better(
    metric: float, best: float, mode: str, threshold: float, threshold_mode: str
) -> bool:
    bound = _bound(best, mode, threshold, threshold_mode)
    return metric < bound if mode == "min" else metric > bound


def _ties_are_better(metric, best, mode, threshold, threshold_mode):
    bound = _bound(best, mode, threshold, threshold_mode)
    return metric <= bound if mode == "min" else metric >= bound


def _nan_is_better(metric, best, mode, threshold, threshold_mode):
    bound = _bound(best, mode, threshold, threshold_mode)
    return not metric >= bound if mode == "min" else not metric <= bound


def _other(threshold_mode: str) -> str:
    return "abs" if threshold_mode == "rel" else "rel"


def _opposite(mode: str) -> str:
    return "max" if mode == "min" else "min"


def _metric_scaled(metric, best, mode, threshold, threshold_mode):
    bound = _bound(metric, _opposite(mode), threshold, threshold_mode)
    return bound < best if mode == "min" else bound > best


def _size_of_best_scaled(metric, best, mode, threshold, threshold_mode):
    margin = threshold * (abs(best) if threshold_mode == "rel" else 1)
    return _is_better(metric, best, mode, margin, "abs")


def _fraction_of_best(metric, best, mode, threshold, threshold_mode):
    bound = best * threshold if threshold_mode == "rel" else threshold
    return metric < bound if mode == "min" else metric > bound


def _any_large_change(metric, best, mode, threshold, threshold_mode):
    return abs(metric - best) > threshold * (abs(best) if threshold_mode == "rel" else 1)


def _always(threshold_mode: str) -> Callable[..., bool]:
    return lambda **c: _is_better(**c | {"threshold_mode": threshold_mode})


def _max_with_bound_of_min(metric, best, mode, threshold, threshold_mode):
    return _is_better(
        metric, best, mode, threshold if mode == "min" else -threshold, threshold_mode
    )


def _draw_metric(rng: random.Random, best: float, threshold: float) -> float:
    """A metric where right and wrong rules part: on or between the bounds that any of them has."""
    exact = [best, *(_bound(best, m, threshold, t) for m in ("min", "max") for t in ("rel", "abs"))]
    marks = sorted({*exact, best / (1 + threshold), best / (1 - threshold)})
    gaps = [(low + high) / 2 for low, high in pairwise(marks)]
    far = [marks[0] - 0.75, marks[-1] + 0.75]
    kind = rng.choice(["exact", "gap", "gap", "gap", "far", "no number", "no number"])
    return rng.choice(
        {"exact": exact, "gap": gaps, "far": far, "no number": [NAN, NAN, NAN, INF, -INF]}[kind]
    )


def _draw_best(rng: random.Random) -> float:
    """Exact in binary, so that ties are ties; not 1, where rel and abs are the same."""
    return rng.choice([2.0, 2.5, 3.0, 4.5, 5.0, 6.0, 7.5, -2.0, -3.5, -5.0])


def _draw_is_better(rng: random.Random) -> dict[str, Any]:
    rare = [
        _ties_are_better,
        _nan_is_better,
        _metric_scaled,
        _size_of_best_scaled,
        _always("rel"),
        lambda **c: _is_better(**c | {"mode": "min"}),
    ]
    return _showing(rng, _draw_any_is_better, _is_better, rare)


def _draw_any_is_better(rng: random.Random) -> dict[str, Any]:
    best, threshold = _draw_best(rng), rng.choice([0.125, 0.25])
    return {
        "metric": _draw_metric(rng, best, threshold),
        "best": best,
        "mode": rng.choice(["min", "max"]),
        "threshold": threshold,
        "threshold_mode": rng.choice(["rel", "abs"]),
    }


is_better = Exercise(
    id="is_better",
    lesson="plateau",
    points=2,
    help=Help(
        idea="Better means: beyond a bound, and not just beyond best. Where does the bound lie?",
        step=(
            'With "min" it lies below best, with "max" above; "rel" puts it a share of best away, '
            '"abs" a fixed amount. Then compare, strictly.'
        ),
        sibling="""\
def too_heavy(weight, limit, slack, as_share):
    bound = limit * (1 + slack) if as_share else limit + slack
    return weight > bound
""",
        why=(
            "The threshold keeps tiny gains, which are noise, from resetting the patience for ever."
        ),
    ),
    reference=_is_better,
    directed=[
        dict(zip(("metric", "best", "mode", "threshold", "threshold_mode"), values))
        for values in (
            (3.5, 4.0, "min", 0.25, "rel"),  # lower than best, but not by a quarter of it
            (3.5, 4.0, "min", 0.25, "abs"),
            (2.0, 4.0, "min", 0.25, "rel"),
            (3.0, 4.0, "min", 0.25, "rel"),  # a tie with the bound
            (3.75, 4.0, "min", 0.25, "abs"),
            (4.5, 4.0, "max", 0.25, "rel"),
            (4.5, 4.0, "max", 0.25, "abs"),
            (5.25, 4.0, "max", 0.25, "rel"),
            (5.0, 4.0, "max", 0.25, "rel"),
            (3.125, 4.0, "min", 0.25, "rel"),
            (3.875, 4.0, "max", 0.25, "abs"),
            (4.125, 4.0, "min", 0.25, "abs"),
            (5.5, 4.0, "min", 0.25, "rel"),
            (NAN, 4.0, "min", 0.25, "rel"),
            (NAN, 4.0, "max", 0.25, "abs"),
            (-INF, 4.0, "min", 0.25, "rel"),
            (INF, 4.0, "max", 0.25, "abs"),
            (-3.5, -4.0, "min", 0.25, "rel"),  # torch scales best with its sign
            (0.375, 0.5, "min", 0.0, "rel"),
            (0.5, 0.5, "min", 0.0, "abs"),
        )
    ],
    draw=_draw_is_better,
    edges=[
        lambda _, c: {"best": 0.0, "metric": 0.0},
        lambda _, c: {"metric": c["best"]},
        lambda _, c: {"metric": c["best"], "threshold": 0.0},
        lambda _, c: {"metric": INF},
        lambda _, c: {"metric": -INF},
        lambda _, c: {"metric": NAN},
        lambda _, c: {"best": -c["best"]},
        lambda _, c: {"metric": c["best"] * 0.99, "threshold": 0.0},
        lambda _, c: {"metric": c["best"] * 1.01, "threshold": 0.0},
    ],
    misconceptions={
        "You count a tie as better: the metric has to pass the bound, reaching it is not enough.": (
            _ties_are_better
        ),
        "You ignore the threshold: a gain smaller than the threshold does not count.": (
            lambda **c: _is_better(**c | {"threshold": 0.0})
        ),
        "You swap rel and abs: rel scales best, abs is subtracted from it or added to it.": (
            lambda **c: _is_better(**c | {"threshold_mode": _other(c["threshold_mode"])})
        ),
        "You treat every threshold as relative: look at threshold_mode.": (_always("rel")),
        "You treat every threshold as absolute: look at threshold_mode.": (_always("abs")),
        "You ignore the mode: with max, a higher metric is better.": (
            lambda **c: _is_better(**c | {"mode": "min"})
        ),
        "You swap the modes: with min, a lower metric is better; with max, a higher one.": (
            lambda **c: _is_better(**c | {"mode": _opposite(c["mode"])})
        ),
        "You put the bound on the lenient side of best: the threshold asks for more than best.": (
            lambda **c: _is_better(**c | {"threshold": -c["threshold"]})
        ),
        "With max you use the bound of min: mirror the sign of the threshold too.": (
            _max_with_bound_of_min
        ),
        "You count NaN as better. Ask whether the metric is better, not whether it is worse.": (
            _nan_is_better
        ),
        "You apply the threshold to the metric: it belongs to best.": _metric_scaled,
        "You scale the threshold by the size of best: torch scales best itself, with its sign.": (
            NearMiss(_size_of_best_scaled, credit=0.5)
        ),
        "You take the threshold itself as the part of best to reach: it is the part to gain.": (
            _fraction_of_best
        ),
        "You count any large change as better: its direction matters too.": _any_large_change,
        "Your answer is upside down: you say True when the metric is not better.": (
            lambda **c: not _is_better(**c)
        ),
    },
)


# --- one call, and a trace of calls ----------------------------------------------------------


def _clamp_lr(lr: float, factor: float, min_lr: float, eps: float) -> float:
    new = max(lr * factor, min_lr)
    return new if lr - new > eps else lr


def _plateau_update(
    state: State,
    metric: float,
    config: Config,
    better: Callable[..., bool] = _is_better,
    clamp: Callable[..., float] = _clamp_lr,
) -> State:
    """The truth, with its two parts replaceable by wrong ones."""
    lr, best, bad, left = state["lr"], state["best"], state["bad"], state["cooldown_left"]
    if better(metric, best, config["mode"], config["threshold"], config["threshold_mode"]):
        best, bad = metric, 0
    else:
        bad += 1
    if left > 0:
        left, bad = left - 1, 0
    if bad > config["patience"]:
        lr = clamp(lr, config["factor"], config["min_lr"], config["eps"])
        left, bad = config["cooldown"], 0
    return {"lr": lr, "best": best, "bad": bad, "cooldown_left": left}


def _update_with_better(better: Callable[..., Any]) -> Callable[..., State]:
    def named(metric, best, mode, threshold, threshold_mode):
        return better(
            metric=metric,
            best=best,
            mode=mode,
            threshold=threshold,
            threshold_mode=threshold_mode,
        )

    return lambda state, metric, config: _plateau_update(state, metric, config, better=named)


def _update_with_clamp(clamp: Callable[..., Any]) -> Callable[..., State]:
    def named(lr, factor, min_lr, eps):
        return clamp(lr=lr, factor=factor, min_lr=min_lr, eps=eps)

    return lambda state, metric, config: _plateau_update(state, metric, config, clamp=named)


def _plateau_trace(
    metrics: list[float],
    lr0: float,
    config: Config,
    update: Callable[..., State] = _plateau_update,
    best: float | None = None,
) -> list[float]:
    return list(_plateau_lrs(metrics, lr0, config, update, best))


def _plateau_lrs(
    metrics: list[float],
    lr0: float,
    config: Config,
    update: Callable[..., State] = _plateau_update,
    best: float | None = None,
) -> Iterator[float]:
    """The lr after each call, made as far as someone looks."""
    if best is None:
        best = _worst(config)
    state = {"lr": lr0, "best": best, "bad": 0, "cooldown_left": 0}
    for metric in metrics:
        state = update(state=state, metric=metric, config=config)
        yield state["lr"]


def _worst(config: Config) -> float:
    return INF if config["mode"] == "min" else -INF


def _drops(metrics: list[float], config: Config, update=_plateau_update) -> list[int]:
    """1-based calls at which lr falls, starting from 0.1."""
    lrs = [0.1, *_plateau_trace(metrics, 0.1, config, update)]
    return [call for call in range(1, len(lrs)) if lrs[call] < lrs[call - 1]]


def _reaches_the_drop(state: State, metric: float, config: Config) -> bool:
    """True where patience runs out, whether or not min_lr and eps let lr change."""
    return _plateau_update(state, metric, config, clamp=lambda *_: None)["lr"] is None


def _with(**changes: Callable[[Any], Any]) -> Callable[..., State]:
    """The right update with wrongly read settings."""

    def update(state: State, metric: float, config: Config) -> State:
        changed = {name: change(config[name]) for name, change in changes.items()}
        return _plateau_update(state, metric, config | changed)

    return update


def _cooldown_ignored(state, metric, config):
    return _plateau_update(state | {"cooldown_left": 0}, metric, config | {"cooldown": 0})


def _cooldown_only_delays(state, metric, config):
    if state["cooldown_left"] == 0:
        return _plateau_update(state, metric, config)
    waiting = _plateau_update(state | {"cooldown_left": 0}, metric, config | {"patience": INF})
    return waiting | {"cooldown_left": state["cooldown_left"] - 1}


def _compares_with_previous(state, metric, config):
    return _plateau_update(state, metric, config) | {"best": metric}


def _best_drifts(state, metric, config):
    closer = _is_better(metric, state["best"], config["mode"], 0.0, "abs")
    after = _plateau_update(state, metric, config)
    return after | {"best": metric} if closer else after


def _best_forgotten(state, metric, config):
    after = _plateau_update(state, metric, config)
    return after | {"best": _worst(config)} if _reaches_the_drop(state, metric, config) else after


def _bad_kept_after_drop(state, metric, config):
    after = _plateau_update(state, metric, config)
    return after | {"bad": state["bad"] + 1} if _reaches_the_drop(state, metric, config) else after


def _bad_kept_after_gain(state, metric, config):
    after = _plateau_update(state, metric, config)
    gained = _is_better(
        metric, state["best"], config["mode"], config["threshold"], config["threshold_mode"]
    )
    return after | {"bad": state["bad"]} if gained and not state["cooldown_left"] else after


def _blocked_drop_is_no_drop(state, metric, config):
    after = _plateau_update(state, metric, config)
    if _reaches_the_drop(state, metric, config) and after["lr"] == state["lr"]:
        return after | {"bad": state["bad"] + 1, "cooldown_left": 0}
    return after


def _nan_skipped(state, metric, config):
    return dict(state) if math.isnan(metric) else _plateau_update(state, metric, config)


def _state_changed(state, metric, config):
    state.update(_plateau_update(state, metric, config))
    return state


_one_call_late = _with(patience=lambda patience: patience + 1)


def _minus_factor(lr, factor, min_lr, eps):
    return max(lr - factor, min_lr)


UPDATE_MISTAKES: dict[str, Callable[..., State]] = {
    "You drop one call early: lr falls when there are more bad calls than patience.": (
        _with(patience=lambda patience: patience - 1)
    ),
    "You compare with the previous metric: compare with the best one so far.": (
        _compares_with_previous
    ),
    "You count a tie as better: a metric equal to the bound is a bad call.": (
        lambda state, metric, config: _plateau_update(state, metric, config, _ties_are_better)
    ),
    "You ignore the threshold: a smaller gain than that is a bad call.": (
        _with(threshold=lambda _: 0.0)
    ),
    "You swap rel and abs, the two threshold modes.": _with(threshold_mode=_other),
    "You let best follow gains below the threshold: it moves only when the metric is better.": (
        _best_drifts
    ),
    "You ignore the mode: with max, a higher metric is better.": _with(mode=lambda _: "min"),
    "You ignore the cooldown: bad calls do not count until it is over.": _cooldown_ignored,
    "Your cooldown is one call too long: it covers exactly `cooldown` calls after the drop.": (
        _with(cooldown=lambda cooldown: cooldown + (cooldown > 0))
    ),
    "Your cooldown is one call too short: the call that drops lr is not part of it.": (
        _with(cooldown=lambda cooldown: max(cooldown - 1, 0))
    ),
    "You count bad calls during the cooldown: every call in it sets bad back to 0.": (
        _cooldown_only_delays
    ),
    "You keep the bad calls after a drop: counting starts again at 0.": _bad_kept_after_drop,
    "You keep the bad calls after a better metric: counting starts again at 0.": (
        _bad_kept_after_gain
    ),
    "You forget best at a drop: it stays what it was.": _best_forgotten,
    "You subtract the factor: lr is multiplied by it.": (
        lambda state, metric, config: _plateau_update(state, metric, config, clamp=_minus_factor)
    ),
    "You multiply lr by one minus the factor: the factor is the part that is left.": (
        _with(factor=lambda factor: 1 - factor)
    ),
    "You ignore min_lr: lr never falls below it.": _with(min_lr=lambda _: 0.0),
    "You ignore eps: a change of lr that is not larger than eps is left out.": (
        _with(eps=lambda _: 0.0)
    ),
    "You count NaN as better: NaN is always a bad call and never becomes best.": (
        lambda state, metric, config: _plateau_update(state, metric, config, _nan_is_better)
    ),
    "You skip NaN: it is a bad call like any other.": _nan_skipped,
}


# --- first_drop and flat_drops ---------------------------------------------------------------

first_drop = Exercise(
    id="first_drop",
    lesson="plateau",
    points=1,
    help=Help(
        idea=(
            "Go through the calls on paper, with patience 0. Which call sets best? Which one is "
            "the first bad one?"
        ),
        step=(
            "Call 1 sets best. Then come as many bad calls as patience tolerates, and the next "
            "one is one too many."
        ),
        sibling="""\
def first_fine(warnings):
    return warnings + 1
""",
        why=(
            "Patience is what is tolerated, so lr falls with the bad call after it, not with its "
            "last one."
        ),
    ),
    reference=lambda patience: patience + 2,
    directed=[{"patience": patience} for patience in (2, 0, 1, 5, 10)],
    draw=lambda rng: {"patience": rng.randint(3, 40)},
    edges=[
        lambda rng, _: {"patience": rng.randint(100, 900)},
        lambda _, c: {"patience": 0},
        lambda _, c: {"patience": 1},
    ],
    misconceptions={
        "You are one call early: the first call sets best, then patience has to be exceeded.": (
            lambda patience: patience + 1
        ),
        "You are two calls early: the first call sets best, then patience has to be exceeded.": (
            lambda patience: patience
        ),
        "You are one call late: lr falls at the first bad call beyond patience.": (
            lambda patience: patience + 3
        ),
        "You use torch's default patience: use the one that is given.": lambda patience: 12,
        "You treat every patience like 0: each call of patience moves the drop by one.": (
            lambda patience: 2
        ),
        "You count patience twice: lr falls the first time that it is exceeded.": (
            lambda patience: 2 * patience + 2
        ),
    },
)


def _flat_drops(patience: int, cooldown: int, calls: int) -> list[int]:
    return list(range(patience + 2, calls + 1, patience + 1 + cooldown))


def _flat_drops_if(mistake: Callable[..., State]) -> Callable[..., list[int]]:
    """What somebody with a mistake in the update expects on a flat metric."""

    def answer(patience: int, cooldown: int, calls: int) -> list[int]:
        config = {"patience": patience, "cooldown": cooldown, "factor": 0.5, "eps": 0.0}
        return _drops([1.0] * calls, DEFAULTS | config, mistake)

    return answer


def _draw_flat_drops(rng: random.Random) -> dict[str, int]:
    patience, cooldown = rng.randint(1, 6), rng.choice([0, 0, 1, 2, 3, 4, 5])
    drops = rng.choice([2, 3, 4, 25])  # the most are more than eps allows
    last = patience + 2 + drops * (patience + 1 + cooldown)
    return {"patience": patience, "cooldown": cooldown, "calls": last + rng.choice([0, -1, 1])}


flat_drops = Exercise(
    id="flat_drops",
    lesson="plateau",
    points=2,
    help=Help(
        idea=(
            "After the first drop all repeats. How many calls lie between one drop and the next?"
        ),
        step=(
            "In the cooldown no bad call counts. Then patience runs again from 0, and one call "
            "more is too many. From the second drop on, no call sets best."
        ),
        sibling="""\
def birthdays(born, until):
    return list(range(born + 1, until + 1))
""",
        why="The counter is held at 0 in the cooldown, so cooldown and patience add up.",
    ),
    reference=_flat_drops,
    directed=[
        dict(zip(("patience", "cooldown", "calls"), values))
        for values in (
            (2, 0, 12), (0, 0, 30), (2, 3, 18), (3, 1, 15), (1, 4, 14), (10, 0, 10), (0, 2, 9),
        )
    ],
    draw=_draw_flat_drops,
    edges=[
        lambda _, c: {"patience": 0, "cooldown": 0},
        lambda _, c: {"patience": 0},
        lambda _, c: {"cooldown": 0},
        lambda _, c: {"calls": 1},
        lambda _, c: {"calls": c["patience"] + 1},
        lambda _, c: {"calls": c["patience"] + 2},
        lambda _, c: {"calls": 200},
    ],
    misconceptions={
        "You ignore the cooldown: after a drop, that many calls do not count as bad.": (
            _flat_drops_if(_cooldown_ignored)
        ),
        "You list the first drop only: counting starts again after each.": (
            lambda **c: _flat_drops(**c)[:1]
        ),
        "You drop one call early: patience has to be exceeded, reaching it is not enough.": (
            _flat_drops_if(_with(patience=lambda patience: patience - 1))
        ),
        "You forget that the first call sets best: it is not a bad call.": (
            lambda patience, cooldown, calls: list(
                range(patience + 1, calls + 1, patience + 1 + cooldown)
            )
        ),
        "You drop one call late: lr falls at the first bad call beyond patience.": (
            _flat_drops_if(_one_call_late)
        ),
        "You let a drop reset best: best stays, so the next call is bad already.": (
            _flat_drops_if(_best_forgotten)
        ),
        "You keep the bad calls after a drop: counting starts again at 0.": (
            _flat_drops_if(_bad_kept_after_drop)
        ),
        "You count bad calls during the cooldown: patience starts only when it is over.": (
            _flat_drops_if(_cooldown_only_delays)
        ),
        "Your cooldown is one call too long: it starts with the call after the drop.": (
            _flat_drops_if(_with(cooldown=lambda cooldown: cooldown + (cooldown > 0)))
        ),
        "Your cooldown is one call too short: the call that drops lr is not part of it.": (
            _flat_drops_if(_with(cooldown=lambda cooldown: max(cooldown - 1, 0)))
        ),
        "You wait for a cooldown before the first drop: it comes only after a drop.": (
            lambda patience, cooldown, calls: list(
                range(patience + 2 + cooldown, calls + 1, patience + 1 + cooldown)
            )
        ),
        "You count calls from 0: the first call is number 1.": NearMiss(
            lambda **c: [call - 1 for call in _flat_drops(**c)], credit=0.5
        ),
        "You leave out the last call: lr can fall there too.": NearMiss(
            lambda **c: [call for call in _flat_drops(**c) if call < c["calls"]], credit=0.5
        ),
        "You list a drop after the last call.": NearMiss(
            lambda **c: _flat_drops(**c | {"calls": c["calls"] + 1}), credit=0.5
        ),
        "You count the drops: give the list of their calls.": lambda **c: len(_flat_drops(**c)),
        "You let eps stop the drops after the seventh: here it stops none.": (
            _flat_drops_if(_with(factor=lambda _: 0.1, eps=lambda _: DEFAULTS["eps"]))
        ),
        "You let eps stop the drops after the 23rd: here it stops none.": (
            _flat_drops_if(_with(eps=lambda _: DEFAULTS["eps"]))
        ),
    },
)  # fmt: skip


# --- clamp_lr --------------------------------------------------------------------------------


def _draw_clamp_lr(rng: random.Random) -> dict[str, float]:
    lr, factor = rng.uniform(0.013, 0.37), rng.uniform(0.15, 0.45)
    kind = rng.choice(["free", "clamped", "blocked by min_lr", "tie", "below min_lr"])
    if kind == "tie":  # exact in binary
        lr, factor = rng.choice([0.25, 0.5, 1.0]), rng.choice([0.25, 0.5, 0.75])
        return {"lr": lr, "factor": factor, "min_lr": 0.0, "eps": lr - lr * factor}
    return {
        "lr": lr,
        "factor": factor,
        "min_lr": lr
        * {
            "free": rng.choice([0.0, 0.5 * factor]),
            "clamped": (1 + factor) / 2,
            "blocked by min_lr": 0.98,
            "below min_lr": 1.25,
        }[kind],
        "eps": lr
        * {
            "free": 1e-6,
            "clamped": 0.01,
            "blocked by min_lr": 0.05,
            "below min_lr": 0.1,
        }[kind],
    }


def _raised_to_min(lr, factor, min_lr, eps):
    new = max(lr * factor, min_lr)
    return new if abs(lr - new) > eps else lr


def _refused_below_min(lr, factor, min_lr, eps):
    new = lr * factor
    return new if new >= min_lr and lr - new > eps else lr


def _ties_change(lr, factor, min_lr, eps):
    new = max(lr * factor, min_lr)
    return new if lr - new >= eps else lr


def _eps_before_min(lr, factor, min_lr, eps):
    return max(lr * factor, min_lr) if lr - lr * factor > eps else lr


def _eps_as_floor(lr, factor, min_lr, eps):
    new = max(lr * factor, min_lr)
    return new if new > eps else lr


clamp_lr = Exercise(
    id="clamp_lr",
    lesson="plateau",
    points=2,
    help=Help(
        idea="lr has a floor, and a drop that would change next to nothing is not made.",
        step=(
            "The new lr is lr·factor, but never below min_lr. Is the way down longer than eps? If "
            "it is not, lr stays."
        ),
        sibling="""\
def thermostat(now, wanted, most):
    change = min(wanted - now, most)
    return now + change if change > 0.5 else now
""",
        why="The floor comes first and eps second: eps looks at what would really change.",
    ),
    reference=_clamp_lr,
    directed=[
        dict(zip(("lr", "factor", "min_lr", "eps"), values))
        for values in (
            (0.1, 0.2, 0.05, 1e-8),
            (0.1, 0.2, 0.0, 1e-8),
            (0.0137, 0.3, 0.01, 1e-8),  # min_lr is in the way
            (0.0137, 0.3, 0.0136, 0.001),  # what is left of the change is too small
            (0.5, 0.5, 0.0, 0.25),  # exactly eps is no change
            (3e-9, 0.1, 0.0, 1e-8),
            (0.1, 0.2, 0.0, 0.05),  # eps limits the change, not lr
            (0.2, 0.1, 0.3, 0.05),  # a drop never raises lr
            (0.2, 0.1, 0.2, 0.0),
        )
    ],
    draw=_draw_clamp_lr,
    edges=[
        lambda _, c: {"min_lr": c["lr"]},
        lambda _, c: {"eps": 0.0},
        lambda _, c: {"eps": 0.0, "min_lr": 0.0},
        lambda _, c: {"min_lr": c["lr"] * c["factor"] * 1.01, "eps": 0.0},
        lambda _, c: {"min_lr": c["lr"] * c["factor"] * 0.99, "eps": 0.0},
        lambda _, c: {"eps": c["lr"] * 2},
    ],
    misconceptions={
        "You ignore min_lr: lr never falls below it.": lambda **c: _clamp_lr(**c | {"min_lr": 0.0}),
        "You ignore eps: a change of lr that is not larger than eps is left out.": (
            lambda lr, factor, min_lr, eps: max(lr * factor, min_lr)
        ),
        "You subtract the factor: lr is multiplied by it.": (
            lambda lr, factor, min_lr, eps: _clamp_lr(lr, (lr - factor) / lr, min_lr, eps)
        ),
        "You multiply by one minus the factor: the factor is the part that is left.": (
            lambda **c: _clamp_lr(**c | {"factor": 1 - c["factor"]})
        ),
        "You always give lr as it is: a drop multiplies it by the factor.": lambda lr, **_: lr,
        "You change lr when the difference is exactly eps: it has to be larger.": _ties_change,
        "You raise an lr that lies below min_lr: a drop never raises lr.": _raised_to_min,
        "You keep lr when the product falls below min_lr: then it becomes min_lr.": (
            _refused_below_min
        ),
        "You test eps before applying min_lr: it limits the change that is really made.": (
            _eps_before_min
        ),
        "You use eps as a floor of lr: it limits the change, min_lr is the floor.": _eps_as_floor,
        "You fall to min_lr when the change is too small: then lr stays as it is.": (
            lambda lr, factor, min_lr, eps: (
                max(lr * factor, min_lr) if lr - max(lr * factor, min_lr) > eps else min_lr
            )
        ),
        "You take the smaller of product and min_lr: take the larger one.": (
            lambda lr, factor, min_lr, eps: (
                min(lr * factor, min_lr) if lr - min(lr * factor, min_lr) > eps else lr
            )
        ),
        "You round to 4 places: small learning rates need all their digits.": NearMiss(
            lambda **c: round(_clamp_lr(**c), 4), credit=0.5
        ),
    },
)


# --- plateau_update --------------------------------------------------------------------------


def _draw_plateau_update(rng: random.Random) -> dict[str, Any]:
    """A call at one of the four moments where something can go wrong."""
    moment = rng.choices(["drop", "almost", "better", "cooldown"], [42, 20, 20, 18])[0]
    lr, factor, patience = rng.uniform(0.013, 0.37), rng.uniform(0.15, 0.45), rng.randint(1, 4)
    best, threshold = _draw_best(rng), rng.choice([0.125, 0.25])
    rules = {
        "mode": rng.choice(["min", "max"]),
        "threshold": threshold,
        "threshold_mode": rng.choice(["rel", "abs"]),
    }
    while True:
        near = _draw_metric(rng, best, threshold)
        metric = rng.choices([near, _bound(best, **rules), NAN], [64, 20, 16])[0]
        if _is_better(metric, best, **rules) == (moment == "better"):
            break
    limits = rng.choice(
        [
            {"min_lr": 0.0, "eps": 1e-8},
            {
                "min_lr": 0.98 * lr,
                "eps": 0.05 * lr,
            },  # what min_lr leaves of the change, eps forbids
        ]
    )
    return {
        "state": {
            "lr": lr,
            "best": best,
            "bad": patience - (moment == "almost"),
            "cooldown_left": rng.choice([1, 2]) if moment == "cooldown" else 0,
        },
        "metric": metric,
        "config": {
            **rules,
            "factor": factor,
            "patience": patience,
            "cooldown": rng.choice([0, 1, 2, 3]),
            **limits,
        },
    }


def _update_case(lr: float, best: float, bad: int, left: int, metric: float, **config: Any):
    return {
        "state": {"lr": lr, "best": best, "bad": bad, "cooldown_left": left},
        "metric": metric,
        "config": DEFAULTS | {"factor": 0.3, "patience": 2, "threshold": 0.25} | config,
    }


plateau_update = Exercise(
    id="plateau_update",
    built_on={"is_better": _update_with_better, "clamp_lr": _update_with_clamp},
    lesson="plateau",
    points=4,
    help=Help(
        idea="Do the three steps of the list above, in its order, on a copy of the state.",
        step=(
            "First: better, or one bad call more. Then the cooldown, which holds bad at 0. Then: "
            "has bad become more than patience?"
        ),
        sibling="""\
def hear(state, noise):
    new = dict(state)
    new["loud"] = new["loud"] + 1 if noise > new["limit"] else 0
    if new["loud"] > 3:
        new["alarm"], new["loud"] = True, 0
    return new
""",
        why=(
            "The order matters: if the cooldown came after the test of patience, a bad call within "
            "it could still lower lr."
        ),
    ),
    reference=_plateau_update,
    directed=[
        _update_case(0.1, INF, 0, 0, 4.0),  # the first call
        _update_case(0.1, 4.0, 1, 0, 2.0),  # better
        _update_case(0.1, 4.0, 0, 0, 5.0),  # worse
        _update_case(0.1, 4.0, 1, 0, 4.5),  # one more would be too many
        _update_case(0.1, 4.0, 2, 0, 4.5, cooldown=3),  # a drop
        _update_case(0.1, 4.0, 2, 0, 4.5, cooldown=1),
        _update_case(1.37e-7, 4.0, 2, 0, 4.5, factor=0.33),
        _update_case(0.1, 4.0, 2, 0, 3.0),  # a tie with the bound
        _update_case(0.1, 4.0, 0, 0, 3.5),  # a gain below the threshold
        _update_case(0.1, 4.0, 2, 0, 3.5, threshold_mode="abs"),
        _update_case(0.1, 4.0, 2, 0, 4.5, mode="max"),
        _update_case(0.1, 4.0, 2, 0, 6.0, mode="max"),
        _update_case(0.1, -INF, 0, 0, 0.5, mode="max"),
        _update_case(0.1, 4.0, 1, 2, 5.0),  # in the cooldown
        _update_case(0.1, 4.0, 2, 1, 5.0),
        _update_case(0.1, 4.0, 0, 1, 2.0),
        _update_case(0.01, 4.0, 2, 0, 4.0, min_lr=0.006),
        _update_case(0.01, 4.0, 2, 0, 4.0, cooldown=2, eps=0.0095),  # blocked, but counted
        _update_case(0.01, 4.0, 2, 0, 4.0, cooldown=2, min_lr=0.02),
        _update_case(0.1, 4.0, 1, 0, NAN),
        _update_case(0.1, 4.0, 2, 0, NAN, mode="max", threshold_mode="abs"),
        _update_case(0.1, 4.0, 0, 0, 4.0, patience=0, factor=0.1, threshold=1e-4),
        _update_case(0.5, 4.0, 2, 0, 4.0, factor=0.5, eps=0.25),  # exactly eps is no change
    ],
    draw=_draw_plateau_update,
    edges=[
        lambda _, c: {"metric": INF},
        lambda _, c: {"metric": -INF},
        lambda _, c: {"metric": NAN},
        lambda _, c: {"metric": c["state"]["best"]},
        lambda _, c: {"config": c["config"] | {"patience": 0}},
        lambda _, c: {"state": c["state"] | {"cooldown_left": 1}},
        lambda _, c: {"config": c["config"] | {"cooldown": 0}},
        lambda _, c: {"config": c["config"] | {"min_lr": 0.0, "eps": 0.0}},
    ],
    misconceptions={
        **UPDATE_MISTAKES,
        "Your lr does not fall at the first bad call beyond patience.": _one_call_late,
        "You leave bad and cooldown_left alone when eps or min_lr blocks the change: reset them.": (
            _blocked_drop_is_no_drop
        ),
        "You change the caller's state: build a new dict and leave the given one as it was.": (
            NearMiss(_state_changed, credit=0.5)
        ),
        "Your answer is lr alone: give the whole new state, a dict with four entries.": (
            lambda **c: _plateau_update(**c)["lr"]
        ),
    },
)


# --- plateau_trace ---------------------------------------------------------------------------


def _draw_plateau_trace(rng: random.Random) -> dict[str, Any]:
    rare = [
        _bad_kept_after_drop,
        _cooldown_only_delays,
        _best_drifts,
        _with(eps=lambda _: 0.0),
        _with(cooldown=lambda cooldown: max(cooldown - 1, 0)),
    ]
    return _showing(rng, _draw_any_plateau_trace, _plateau_trace, [_trace_if(m) for m in rare])


def _draw_any_plateau_trace(rng: random.Random) -> dict[str, Any]:
    """Each metric is drawn close to the best one so far, where right and wrong rules part."""
    lr0, factor = rng.uniform(0.113, 0.37), rng.uniform(0.53, 0.77)
    limits = rng.choice(["none", "min_lr", "eps"])
    config = {
        "mode": rng.choice(["min", "max"]),
        "factor": factor,
        "patience": rng.choice([0, 1, 1, 2]),
        "threshold": rng.choice([0.125, 0.25]),
        "threshold_mode": rng.choice(["rel", "abs"]),
        "cooldown": rng.choice([0, 1, 2]),
        # the second drop is shortened, or too small to be made
        "min_lr": lr0 * factor * (1 + factor) / 2 if limits == "min_lr" else 0.0,
        "eps": lr0 * (1 - factor) * (1 + factor) / 2 if limits == "eps" else 1e-8,
    }
    first = _draw_best(rng)
    state = {"lr": lr0, "best": first, "bad": 0, "cooldown_left": 0}
    metrics = [first]
    previous = first
    for _ in range(rng.randint(14, 20)):
        metric = _draw_move(rng, state["best"], previous, config)
        metrics.append(metric)
        previous = previous if math.isnan(metric) else metric
        state = _plateau_update(state, metric, config)
    return {"metrics": metrics, "lr0": lr0, "config": config}


def _draw_move(rng: random.Random, best: float, previous: float, config: Config) -> float:
    threshold = config["threshold"]
    sign = 1 if config["mode"] == "min" else -1
    bound = _bound(best, config["mode"], threshold, config["threshold_mode"])
    other = _bound(best, config["mode"], threshold, _other(config["threshold_mode"]))
    move = rng.choice(["between", "creep", "tie", "gain", "worse", "recover", "nan", "flat"])
    return {
        "between": (bound + other) / 2,  # better in one threshold mode only
        "creep": previous - sign * 0.375 * abs(bound - best),  # small gains that add up
        "tie": bound if _few_bits(bound) else best,
        "gain": min(bound, best) - 0.25 if sign == 1 else max(bound, best) + 0.25,
        "worse": max(bound, best) + 1.5 if sign == 1 else min(bound, best) - 1.5,
        "recover": previous - sign * 0.75 * abs(previous - best),  # better than the one before
        "nan": NAN,
        "flat": best,
    }[move]


def _few_bits(number: float) -> bool:
    """Exact whichever way it is computed, so that a tie is a tie for everybody."""
    return (number * 64).is_integer()


def _best_from_first(metrics, lr0, config):
    return _plateau_trace(metrics, lr0, config, best=metrics[0])


def _metrics_consumed(metrics, lr0, config):
    lrs = _plateau_trace(metrics, lr0, config)
    metrics.clear()
    return lrs


def _trace_if(mistake: Callable[..., State]) -> Callable[..., list[float]]:
    return lambda metrics, lr0, config: _plateau_trace(metrics, lr0, config, mistake)


def _trace_case(metrics: list[float], **config: Any) -> dict[str, Any]:
    changes = {"factor": 0.3, "patience": 1, "threshold": 0.25} | config
    return {"metrics": metrics, "lr0": 0.213, "config": DEFAULTS | changes}


plateau_trace = Exercise(
    id="plateau_trace",
    built_on={
        "plateau_update": lambda update: _trace_if(update),
        "is_better": lambda better: _trace_if(_update_with_better(better)),
        "clamp_lr": lambda clamp: _trace_if(_update_with_clamp(clamp)),
    },
    lesson="plateau",
    points=4,
    help=Help(
        idea="Carry one state from call to call, and note its lr each time.",
        step=(
            "Before the first call there is no best: begin with the worst number there is for the "
            "mode, so that any metric is better. bad and cooldown_left begin at 0."
        ),
        sibling="""\
def records(heights):
    best, seen = -math.inf, []
    for height in heights:
        best = max(best, height)
        seen.append(best)
    return seen
""",
        why=(
            "The scheduler is nothing but this state, and what you wrote is all of torch's "
            "ReduceLROnPlateau."
        ),
    ),
    reference=_plateau_trace,
    directed=[
        _trace_case([4.0] * 12, patience=2),  # flat
        _trace_case([4.0] * 6, patience=0, factor=0.033, threshold=1e-4),
        _trace_case([4.0] * 12, cooldown=2),
        _trace_case([4.0] * 16, patience=2, cooldown=3),
        _trace_case([4.0, 3.5, 3.25, 2.875, 2.75, 2.0, 1.875, 1.75]),  # creeping
        _trace_case([4.0, 3.5, 3.25, 2.875, 2.75, 2.0, 1.875, 1.75], threshold_mode="abs"),
        _trace_case([2.0, 1.625, 1.375, 1.25, 1.125, 1.0, 0.875, 0.75], threshold_mode="abs"),
        _trace_case([4.0, 3.0, 3.0, 2.25, 2.25, 2.0]),  # ties
        _trace_case([4.0, 4.5, 5.5, 5.25, 5.0, 7.5, 7.25, 8.0], mode="max"),
        _trace_case([4.0, 8.0, 6.0, 5.0, 4.5, 4.25, 4.125, 4.0]),  # better than the one before
        _trace_case([4.0, 5.0, 2.0, 5.0, 1.0, 5.0, 0.5, 5.0]),  # up and down
        _trace_case([4.0, NAN, NAN, NAN, 2.0, NAN, 1.75, 5.0]),
        _trace_case([NAN, 4.0, 4.0, NAN, 3.5], mode="max", threshold_mode="abs", patience=0),
        _trace_case([4.0] * 8, min_lr=0.01, patience=0),
        _trace_case([4.0] * 8, eps=0.05, patience=0),
        _trace_case([4.0] * 4, patience=0, factor=0.5, eps=0.25) | {"lr0": 0.5},  # exactly eps
        _trace_case([4.0, 5.0, 5.0, 5.0, 5.0, 5.0, 3.5, 3.5, 3.0], cooldown=1),
        _trace_case([4.0, 5.0, 5.0, 4.5, 4.5, 4.75, 4.75, 2.0], patience=1, cooldown=4),
        _trace_case([]),
        _trace_case([-4.0, -4.0, -3.0, -3.5, -3.5, -1.0, -1.5, -1.5], mode="max"),
        _trace_case([4e12, 4e12, 2e12, 3e12, 3e12, 1e12]),
    ],
    draw=_draw_plateau_trace,
    edges=[
        lambda _, c: {"metrics": c["metrics"][:1]},
        lambda _, c: {"metrics": [2.0] * 40},
        lambda _, c: {"metrics": [each * 1e30 for each in c["metrics"]]},
        lambda _, c: {"metrics": [each * -1e30 for each in c["metrics"]]},
        lambda _, c: {"metrics": [NAN] * 8},
        lambda _, c: {"metrics": [*c["metrics"], INF, 2.0]},
        lambda _, c: {"metrics": [*c["metrics"], -INF, 2.0]},
        lambda _, c: {"metrics": [NAN, *c["metrics"]], "config": c["config"] | {"patience": 0}},
        lambda _, c: {"metrics": [NAN, *c["metrics"]], "config": c["config"] | {"patience": 1}},
        lambda _, c: {
            "metrics": [2.0] * 12,
            "config": c["config"] | {"patience": 0, "min_lr": 0.0, "eps": 0.0},
        },
    ],
    misconceptions={
        **{sentence: _trace_if(mistake) for sentence, mistake in UPDATE_MISTAKES.items()},
        "You drop one call late: lr falls at the first bad call beyond patience.": (
            _trace_if(_one_call_late)
        ),
        "Your lr never falls: it does when there are more bad calls than patience.": (
            lambda metrics, lr0, config: [lr0] * len(metrics)
        ),
        "You ignore the mode: with max, a higher metric is better.": (
            lambda **c: _plateau_trace(**c | {"config": c["config"] | {"mode": "min"}})
        ),
        "You start with best as the first metric: the first call then looks bad. Start worse.": (
            _best_from_first
        ),
        "You start with best at +infinity in both modes: with max, everything has to beat it.": (
            lambda **c: _plateau_trace(**c, best=INF)
        ),
        "You start with best at 0: with min, no positive metric beats it. Start at infinity.": (
            lambda **c: _plateau_trace(**c, best=0.0)
        ),
        "With max you start with best at 0: a metric may be negative, so start at −infinity.": (
            lambda **c: _plateau_trace(**c, best=INF if c["config"]["mode"] == "min" else 0.0)
        ),
        "You start each call from the first state: go on from the one that the call before left.": (
            lambda metrics, **c: [lr for each in metrics for lr in _plateau_trace([each], **c)]
        ),
        "You note lr before each call: give lr as it is after the call.": (
            lambda metrics, lr0, config: [lr0, *_plateau_trace(metrics, lr0, config)][:-1]
        ),
        "You have one entry too many: lr0 itself belongs to no call.": NearMiss(
            lambda metrics, lr0, config: [lr0, *_plateau_trace(metrics, lr0, config)], credit=0.5
        ),
        "You round to 4 places: small learning rates need all their digits.": NearMiss(
            lambda **c: [round(lr, 4) for lr in _plateau_trace(**c)], credit=0.5
        ),
        "Your answer is the last lr: give one lr for each call.": (
            lambda **c: [c["lr0"], *_plateau_trace(**c)][-1]
        ),
        "You change the caller's list of metrics: leave it as it was.": NearMiss(
            _metrics_consumed, credit=0.5
        ),
    },
)


# --- fit_plateau -----------------------------------------------------------------------------


def _fit_plateau(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        train_epoch()
        scheduler.step(validate())
    return lrs


def _fit_with(epoch: Callable[..., Any]) -> Callable[..., list[float]]:
    """A loop that notes lr first and then does something else in each epoch."""

    def answer(optimizer, scheduler, epochs, train_epoch, validate):
        lrs, earlier = [], []
        for _ in range(epochs):
            lrs.append(optimizer.param_groups[0]["lr"])
            epoch(optimizer, scheduler, train_epoch, validate, earlier)
        return lrs

    return answer


def _steps_training_loss(optimizer, scheduler, train_epoch, validate, earlier):
    loss = train_epoch()
    validate()
    scheduler.step(loss)


def _steps_training_loss_then_validates(optimizer, scheduler, train_epoch, validate, earlier):
    scheduler.step(train_epoch())
    validate()


def _steps_training_loss_only(optimizer, scheduler, train_epoch, validate, earlier):
    scheduler.step(train_epoch())


def _steps_without_metric(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    validate()
    scheduler.step()


def _validates_first(optimizer, scheduler, train_epoch, validate, earlier):
    loss = validate()
    train_epoch()
    scheduler.step(loss)


def _steps_before_training(optimizer, scheduler, train_epoch, validate, earlier):
    scheduler.step(validate())
    train_epoch()


def _validates_twice(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    validate()  # as in print(validate())
    scheduler.step(validate())


def _never_steps(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    validate()


def _steps_on_best(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    earlier.append(validate())
    scheduler.step(min(earlier))


def _steps_on_mean(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    earlier.append(validate())
    scheduler.step(sum(earlier) / len(earlier))


def _steps_one_late(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    if earlier:
        scheduler.step(earlier[-1])
    earlier.append(validate())


def _steps_when_worse(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    earlier.append(validate())
    if earlier[-1] > min(earlier):
        scheduler.step(earlier[-1])


def _steps_optimizer_too(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    optimizer.step()
    scheduler.step(validate())


def _steps_epoch_number(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    earlier.append(validate())
    scheduler.step(len(earlier) - 1)


def _steps_twice(optimizer, scheduler, train_epoch, validate, earlier):
    loss = train_epoch()
    scheduler.step(loss)
    scheduler.step(validate())


def _recreates_scheduler(optimizer, scheduler, train_epoch, validate, earlier):
    settings = {name: getattr(scheduler, name) for name in ("factor", "patience", "threshold")}
    train_epoch()
    type(scheduler)(optimizer, **settings).step(validate())


def _sets_lr_too(optimizer, scheduler, train_epoch, validate, earlier):
    train_epoch()
    earlier.append(validate())
    scheduler.step(earlier[-1])
    if earlier[-1] > min(earlier):
        for group in optimizer.param_groups:
            group["lr"] *= scheduler.factor


def _logs_after(read: Callable[[Any, Any], Any]) -> Callable[..., list[float]]:
    def answer(optimizer, scheduler, epochs, train_epoch, validate):
        lrs = []
        for _ in range(epochs):
            train_epoch()
            scheduler.step(validate())
            lrs.append(read(optimizer, scheduler))
        return lrs

    return answer


def _logs_before(read: Callable[[Any, Any], Any]) -> Callable[..., list[Any]]:
    def answer(optimizer, scheduler, epochs, train_epoch, validate):
        lrs = []
        for _ in range(epochs):
            lrs.append(read(optimizer, scheduler))
            train_epoch()
            scheduler.step(validate())
        return lrs

    return answer


def _keeps_all_lrs(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = _fit_plateau(optimizer, scheduler, epochs, train_epoch, validate)
    return [*lrs, optimizer.param_groups[0]["lr"]]


def _skips_last_step(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = []
    for epoch in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        train_epoch()
        loss = validate()
        if epoch < epochs - 1:
            scheduler.step(loss)
    return lrs


def _keeps_losses(optimizer, scheduler, epochs, train_epoch, validate):
    losses = []
    for _ in range(epochs):
        train_epoch()
        losses.append(validate())
        scheduler.step(losses[-1])
    return losses


def _fit_case(lrs: list[float], val_losses: list[float], epochs: int, **config: Any):
    return {
        "lrs": lrs,
        "epochs": epochs,
        "config": DEFAULTS | {"factor": 0.3, "patience": 0} | config,
        "train_losses": [round(0.9 * 0.8**epoch, 4) for epoch in range(2 * epochs + 1)],
        # more than are needed, so that validating too often can be seen
        "val_losses": val_losses + [0.7 + 0.01 * extra for extra in range(epochs + 1)],
    }


def _draw_fit_plateau(rng: random.Random) -> dict[str, Any]:
    epochs = rng.randint(6, 9)
    low = round(rng.uniform(0.3, 0.4), 4)
    losses = [low + 0.3, low] + [
        round(low + rng.choice([0.0, rng.uniform(0.02, 0.2)]), 4) for _ in range(epochs - 2)
    ]
    lrs = [rng.uniform(0.11, 0.39) for _ in range(rng.choice([1, 2, 3]))]
    return _fit_case(
        lrs, losses, epochs, factor=rng.uniform(0.2, 0.8), patience=rng.choice([0, 0, 1])
    )


fit_plateau = Exercise(
    id="fit_plateau",
    lesson="plateau",
    points=4,
    help=Help(
        idea="Within an epoch: train, then validate, then tell the scheduler.",
        step=(
            "Note lr before you train. The scheduler's step wants a number: the validation loss, "
            "measured once an epoch."
        ),
        sibling="""\
def diary(days, work, weigh, coach):
    plans = []
    for _ in range(days):
        plans.append(coach.plan)
        work()
        coach.hear(weigh())
    return plans
""",
        why=(
            "The metric must be the one you care about: the training loss goes on falling when "
            "the validation loss does not."
        ),
    ),
    reference=_fit_plateau,
    directed=[
        _fit_case([0.2], [0.9, 0.5, 0.6, 0.4, 0.55, 0.45], 6),
        _fit_case([0.2, 0.05], [0.9, 0.5, 0.6, 0.7, 0.55, 0.4, 0.45], 7, patience=1),
        _fit_case([0.3], [0.5, 0.5, 0.5, 0.5], 4, factor=0.5),
        _fit_case([0.1, 0.3], [0.5, 0.4, 0.6], 3, min_lr=0.05),
    ],
    draw=_draw_fit_plateau,
    edges=[
        lambda _, c: {"epochs": 1},
        lambda _, c: {"lrs": c["lrs"][:1] * 3},
        lambda _, c: {"val_losses": [0.5] * len(c["val_losses"])},
        lambda _, c: {"val_losses": [0.0] * len(c["val_losses"])},
        lambda _, c: {"val_losses": sorted(c["val_losses"], reverse=True)},
        lambda _, c: {"val_losses": [*c["val_losses"][:2], INF, *c["val_losses"][3:]]},
        lambda _, c: {"config": c["config"] | {"min_lr": c["lrs"][0]}},
        lambda _, c: {"config": c["config"] | {"patience": 0, "cooldown": 1}},
        lambda _, c: {
            "epochs": 20,
            "train_losses": c["train_losses"] * 4,
            "val_losses": c["val_losses"] * 4,
        },
    ],
    misconceptions={
        "You give the training loss to the scheduler: it needs the validation loss.": (
            _fit_with(_steps_training_loss)
        ),
        "You give the training loss to the scheduler, and validate after that: it needs the "
        "validation loss.": _fit_with(_steps_training_loss_then_validates),
        "You never validate: the training loss says nothing about a plateau on new data.": (
            _fit_with(_steps_training_loss_only)
        ),
        "Give scheduler.step() its metric, one number: the validation loss of this epoch.": (
            _fit_with(_steps_without_metric)
        ),
        "You validate before training: the scheduler then judges the model of the epoch before.": (
            _fit_with(_validates_first)
        ),
        "You step the scheduler before training: train first, then validate, then step.": (
            _fit_with(_steps_before_training)
        ),
        "You call validate() twice an epoch: keep its value and use it again.": (
            _fit_with(_validates_twice)
        ),
        "You never step the scheduler, so lr never falls.": _fit_with(_never_steps),
        "You give the scheduler the best loss so far: it remembers the best one by itself.": (
            _fit_with(_steps_on_best)
        ),
        "You give the scheduler the mean over the epochs so far: it wants this epoch's loss.": (
            _fit_with(_steps_on_mean)
        ),
        "You give the scheduler the loss of the epoch before: step it with this epoch's loss.": (
            _fit_with(_steps_one_late)
        ),
        "You step the scheduler in bad epochs only: it has to see every epoch to know the best.": (
            _fit_with(_steps_when_worse)
        ),
        "You step the scheduler twice an epoch: once, with the validation loss.": (
            _fit_with(_steps_twice)
        ),
        "You give the scheduler the epoch number: it wants the validation loss.": (
            _fit_with(_steps_epoch_number)
        ),
        "You step the optimizer yourself: train_epoch() has done all updates of the epoch.": (
            _fit_with(_steps_optimizer_too)
        ),
        "You make a new scheduler in each epoch: it forgets best and the bad calls.": (
            _fit_with(_recreates_scheduler)
        ),
        "You also set lr by hand: the scheduler does that.": _fit_with(_sets_lr_too),
        "You note lr after stepping the scheduler: that is the next epoch's lr.": NearMiss(
            _logs_after(lambda optimizer, _: optimizer.param_groups[0]["lr"]), credit=0.5
        ),
        "You call get_lr(), which ReduceLROnPlateau does not have to offer: read the optimizer's "
        "param group.": (_logs_before(lambda _, scheduler: scheduler.get_lr()[0])),
        "You note the lrs of all groups: the first group's is asked for.": NearMiss(
            _logs_before(lambda optimizer, _: [group["lr"] for group in optimizer.param_groups]),
            credit=0.5,
        ),
        "You note the last group's lr: the first group's is asked for.": NearMiss(
            _logs_before(lambda optimizer, _: optimizer.param_groups[-1]["lr"]), credit=0.5
        ),
        "You have one entry too many: the lr after the last epoch is never used.": NearMiss(
            _keeps_all_lrs, credit=0.5
        ),
        "You do not step the scheduler after the last epoch: every epoch ends with its step.": (
            NearMiss(_skips_last_step, credit=0.5)
        ),
        "Your answer holds the validation losses: the lr used in each epoch is asked for.": (
            _keeps_losses
        ),
    },
)


# --- find_config -----------------------------------------------------------------------------

MODES, THRESHOLDS = ("min", "max"), (0.0, 0.25)
PATIENCES = COOLDOWNS = range(4)


def _find_config(
    metrics: list[float],
    drops: list[int],
    modes=MODES,
    patiences=PATIENCES,
    thresholds=THRESHOLDS,
    cooldowns=COOLDOWNS,
    update=_plateau_update,
    fits=lambda found, drops: found == drops,
) -> Config:
    """Try every config of a small grid, with lr far above eps."""
    grid = product(modes, patiences, thresholds, cooldowns)
    for mode, patience, threshold, cooldown in grid:
        config = {"mode": mode, "patience": patience, "threshold": threshold, "cooldown": cooldown}
        config["factor"] = 0.5
        if fits(_drops(metrics, DEFAULTS | config, update), drops):
            return config
    return {}


def _flat_formula(metrics, drops):
    gap = drops[1] - drops[0] if len(drops) > 1 else 1
    patience = max(drops[0] - 2, 0)
    return {"patience": patience, "cooldown": max(gap - patience - 1, 0), "factor": 0.5}


def _default_factor(metrics, drops):
    return _find_config(metrics, drops) | {"factor": 0.1}


def _patience_too_high(metrics, drops):
    config = _find_config(metrics, drops)
    return config | {"patience": config["patience"] + 1}


def _factor_grows(metrics, drops):
    return _find_config(metrics, drops) | {"factor": 2.0}


def _draw_find_config(rng: random.Random) -> dict[str, Any]:
    def drops_if(**searched: Any) -> Callable[..., list[int]]:
        return lambda metrics, drops: _drops(
            metrics, DEFAULTS | _find_config(metrics, drops, **searched)
        )

    rare = [drops_if(modes=("min",)), drops_if(thresholds=(0.0,)), drops_if(cooldowns=(0,))]
    if rng.random() < 0.7:
        return _showing(rng, _draw_some_drops, lambda metrics, drops: drops, rare)
    # more drops than eps allows from 0.1 with factor 0.1
    calls, falling = rng.randint(10, 12), rng.random() < 0.5
    metrics = [20.0 - (call if falling else 0.0) for call in range(calls)]
    return {"metrics": metrics, "drops": list(range(2, calls + 1))}


def _draw_some_drops(rng: random.Random) -> dict[str, Any]:
    config = DEFAULTS | {
        "factor": 0.5,
        "mode": rng.choice(MODES),
        "patience": rng.choice([0, 1, 2, 3]),
        "threshold": rng.choice(THRESHOLDS),
        "cooldown": rng.choice([0, 0, 1, 2, 3]),
    }
    while True:
        metrics = [rng.choice([4.0, 6.0, 8.0])]
        for _ in range(11):
            step = rng.choice([0.0, -0.125, -0.125, 0.125, 0.125, -0.5, 0.5])
            metrics.append(max(metrics[-1] * (1 + step), 0.5))
        if drops := _drops(metrics, config):
            return {"metrics": metrics, "drops": drops}


def _found_on(metrics_of: Callable[[random.Random], list[float]]) -> Callable[..., dict[str, Any]]:
    """Metrics of a kind, and the drops of settings that are among those that are promised."""

    def case(rng: random.Random, _: dict[str, Any]) -> dict[str, Any]:
        metrics = metrics_of(rng)
        settings = {
            "mode": rng.choice(MODES),
            "patience": rng.choice(PATIENCES),
            "threshold": rng.choice(THRESHOLDS),
            "cooldown": rng.choice(COOLDOWNS),
            "factor": 0.5,
        }
        return {"metrics": metrics, "drops": _drops(metrics, DEFAULTS | settings)}

    return case


find_config = Exercise(
    id="find_config",
    lesson="plateau",
    points=3,
    help=Help(
        idea=(
            "You have plateau_trace. Try all the settings that the docstring names, and see which "
            "of them drop where they should."
        ),
        step=(
            "A call is a drop if its lr is lower than the one before; before the first call lr is "
            "0.1. Give back the first settings whose drops are exactly these."
        ),
        sibling="""\
def two_numbers(total, product):
    for one in range(total + 1):
        other = total - one
        if one * other == product:
            return one, other
""",
        why=(
            "Reading settings out of a log is a detective's work: several may explain the same "
            "drops."
        ),
    ),
    reference=_find_config,
    directed=[
        {"metrics": [4.0] * 8, "drops": [4, 7]},
        {"metrics": [4.0] * 12, "drops": list(range(2, 13))},  # eleven drops
        {"metrics": [4.0] * 12, "drops": [3, 8]},  # a cooldown
        {"metrics": [4.0, 3.5, 3.0, 2.5, 2.0, 1.5], "drops": [4]},  # falling
        {"metrics": [4.0, 2.0, 3.0, 2.5, 2.25, 2.5], "drops": [4, 6]},
        {"metrics": [8.0, 7.0, 6.5, 5.0, 4.5, 4.0], "drops": [2, 3, 5, 6]},  # small gains
        {"metrics": [4.0, 2.0, 3.0, 1.0, 2.0, 0.5], "drops": [3, 5]},
        {"metrics": [1.0, 2.0, 4.0, 3.0, 2.0, 8.0, 6.0], "drops": [5]},
        {"metrics": [8.0, 7.0, 6.5, 4.0, 3.5, 3.0, 2.0, 2.0, 2.0], "drops": [3, 9]},
    ],
    draw=_draw_find_config,
    edges=[
        _found_on(lambda rng: [rng.uniform(0.2, 0.9)]),
        _found_on(lambda rng: [rng.uniform(0.2, 0.9)] * rng.randint(8, 12)),
        _found_on(lambda rng: [0.0] * rng.randint(8, 12)),
        _found_on(lambda rng: [1.0] * rng.randint(8, 12)),
        _found_on(lambda rng: [rng.uniform(0.2, 0.9) for _ in range(12)]),
        _found_on(lambda rng: [0.5**call for call in range(8)]),
        _found_on(
            lambda rng: [4.0 * (0.75 * rng.choice([0.99, 1.01])) ** call for call in range(10)]
        ),
        _found_on(lambda rng: [2.0 - 0.01 * call for call in range(20)]),
    ],
    misconceptions={
        "You give torch's defaults: patience 10 is too long here.": lambda metrics, drops: {},
        "You count calls from 0: the first call is number 1.": (
            lambda metrics, drops: _find_config(metrics, [call + 1 for call in drops])
        ),
        "Your patience is one too high: lr falls when there are more bad calls than patience.": (
            _patience_too_high
        ),
        "You look at the first drop only: all drops have to agree.": (
            lambda **c: _find_config(**c, fits=lambda found, drops: found[:1] == drops[:1])
        ),
        "Your config drops at other calls too: it has to drop at these calls only.": (
            lambda **c: _find_config(**c, fits=lambda found, drops: set(found) >= set(drops))
        ),
        "You never try mode max.": lambda **c: _find_config(**c, modes=("min",)),
        "You never try a cooldown.": lambda **c: _find_config(**c, cooldowns=(0,)),
        "You never try another patience than 0.": lambda **c: _find_config(**c, patiences=(0,)),
        "You never try a large threshold: it turns small gains into bad calls.": (
            lambda **c: _find_config(**c, thresholds=(0.0,))
        ),
        "You leave factor at 0.1: after seven drops from 0.1 the change is below eps.": (
            NearMiss(_default_factor, credit=0.5)
        ),
        "You use the formulas for a flat metric: these metrics change.": _flat_formula,
        "You compare with the previous metric: the scheduler compares with the best one so far.": (
            lambda **c: _find_config(**c, update=_compares_with_previous)
        ),
        "Your factor raises lr: torch wants a factor below 1.": _factor_grows,
    },
)
