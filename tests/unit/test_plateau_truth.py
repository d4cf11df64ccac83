"""Lesson 3 against the installed torch: references, claims, and right answers in any style."""

import copy
import inspect
import io
import itertools
import math
import random
import warnings

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau

from grader.exercises import plateau as course
from grader.exercises.plateau import DEFAULTS, NAN
from lrlab.checking import codec

TRACES = 5_000


def _optimizer(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)


def _torch(lr, config):
    return ReduceLROnPlateau(_optimizer(lr), **config)


def _torch_state(scheduler):
    (group,) = scheduler.optimizer.param_groups
    return {
        "lr": group["lr"],
        "best": scheduler.best,
        "bad": scheduler.num_bad_epochs,
        "cooldown_left": scheduler.cooldown_counter,
    }


def _torch_trace(metrics, lr0, config):
    scheduler = _torch(lr0, config)
    lrs = []
    for metric in metrics:
        scheduler.step(metric)
        lrs.append(scheduler.optimizer.param_groups[0]["lr"])
    return lrs


def _random_case(rng):
    """Nothing chosen with care: what a course author would not think of."""
    config = {
        "mode": rng.choice(["min", "max"]),
        "factor": rng.uniform(0.05, 0.95),
        "patience": rng.randint(0, 4),
        "threshold": rng.choice([0.0, 1e-4, 0.1, 0.5, rng.random()]),
        "threshold_mode": rng.choice(["rel", "abs"]),
        "cooldown": rng.randint(0, 4),
        "min_lr": rng.choice([0.0, 0.01, 0.05, 0.2]),
        "eps": rng.choice([0.0, 1e-8, 0.01, 0.05]),
    }
    values = [0.0, 0.5, 1.0, 1.5, NAN, math.inf, -math.inf, -1.0]
    draw = rng.choice([rng.random, lambda: rng.choice(values), lambda: rng.gauss(0, 2)])
    return {"metrics": [draw() for _ in range(25)], "lr0": rng.uniform(0.01, 0.5), "config": config}


def test_the_trace_is_torchs_own_on_thousands_of_runs():
    rng = random.Random("plateau traces")
    cases = [_random_case(rng) for _ in range(TRACES)]
    cases += [*course.plateau_trace.visible_cases, *course.plateau_trace.draws("truth", 300)]
    modes = {(c["config"]["mode"], c["config"]["threshold_mode"]) for c in cases}
    assert modes == set(itertools.product(("min", "max"), ("rel", "abs")))
    for case in cases:
        # bit for bit, not only within the tolerance
        assert course._plateau_trace(**case) == _torch_trace(**case), case


def test_each_call_leaves_torchs_own_state():
    rng = random.Random("plateau states")
    for case in (_random_case(rng) for _ in range(500)):
        scheduler = _torch(case["lr0"], case["config"])
        state = _torch_state(scheduler)
        for metric in case["metrics"]:
            state = course._plateau_update(state, metric, case["config"])
            scheduler.step(metric)
            assert state == _torch_state(scheduler)


def test_one_call_is_torchs_own_on_the_exercises_cases():
    cases = [*course.plateau_update.visible_cases, *course.plateau_update.draws("truth", 2000)]
    for case in cases:
        state = case["state"]
        scheduler = _torch(state["lr"], case["config"])
        scheduler.best, scheduler.num_bad_epochs = state["best"], state["bad"]
        scheduler.cooldown_counter = state["cooldown_left"]
        scheduler.step(case["metric"])
        assert course._plateau_update(**case) == _torch_state(scheduler)


def test_better_is_torchs_own_better():
    cases = [*course.is_better.visible_cases, *course.is_better.draws("truth", 5000)]
    for case in cases:
        rest = {name: value for name, value in case.items() if name not in ("metric", "best")}
        scheduler = _torch(0.1, rest)
        expected = scheduler._is_better(case["metric"], case["best"])
        assert course._is_better(**case) is expected


def test_the_clamped_lr_is_torchs_own():
    for case in [*course.clamp_lr.visible_cases, *course.clamp_lr.draws("truth", 2000)]:
        rest = {name: case[name] for name in ("factor", "min_lr", "eps")}
        scheduler = _torch(case["lr"], rest)
        scheduler._reduce_lr(1)
        assert course._clamp_lr(**case) == scheduler.optimizer.param_groups[0]["lr"]


def test_drops_on_a_flat_metric_are_torchs_own():
    for patience, cooldown in itertools.product(range(6), range(5)):
        config = DEFAULTS | {"patience": patience, "cooldown": cooldown, "factor": 0.5, "eps": 0}
        lrs = [0.1, *_torch_trace([0.7] * 30, 0.1, config)]
        drops = [call for call in range(1, 31) if lrs[call] < lrs[call - 1]]
        assert course._flat_drops(patience, cooldown, 30) == drops
        assert course.first_drop.reference(patience=patience) == drops[0]


def test_every_find_config_case_has_a_solution_in_the_promised_grid():
    cases = [*course.find_config.visible_cases, *course.find_config.draws("truth", 200)]
    for case in cases:
        assert case["drops"]
        assert len(case["metrics"]) <= 12
        config = course._find_config(**case)
        assert set(config) <= set(DEFAULTS)
        lrs = [0.1, *_torch_trace(case["metrics"], 0.1, config)]
        drops = [call for call in range(1, len(lrs)) if lrs[call] < lrs[call - 1]]
        assert drops == case["drops"]


# --- what the lesson says about torch --------------------------------------------------------


def _steps(metrics, **config):
    return _torch_trace(metrics, 0.1, config)


def test_torchs_defaults_are_the_ones_of_the_lesson():
    signature = inspect.signature(ReduceLROnPlateau).parameters
    defaults = {name: p.default for name, p in signature.items() if name != "optimizer"}
    assert defaults == DEFAULTS


def test_a_tie_is_bad_so_patience_0_drops_on_every_call_from_the_second():
    lrs = _steps([0.5] * 4, patience=0)
    assert lrs == pytest.approx([0.1, 0.01, 0.001, 0.0001])
    assert "remains the same" in " ".join(ReduceLROnPlateau.__doc__.split())  # and is wrong


def test_the_default_patience_cannot_fire_in_ten_epochs():
    assert _steps([0.5] * 11) == [0.1] * 11
    assert _steps([0.5] * 12)[-1] == pytest.approx(0.01)


def test_creeping_below_the_threshold_never_moves_best():
    scheduler = _torch(0.1, {"patience": 100, "threshold": 0.2})
    for metric in (1.0, 0.95, 0.9, 0.85):
        scheduler.step(metric)
    assert (scheduler.best, scheduler.num_bad_epochs) == (1.0, 3)


def test_a_drop_does_not_reset_best():
    scheduler = _torch(0.1, {"patience": 0})
    for metric in (1.0, 2.0, 1.5):
        scheduler.step(metric)
    assert scheduler.best == 1.0
    assert scheduler.optimizer.param_groups[0]["lr"] == pytest.approx(0.001)


def test_nan_is_bad_and_never_best():
    scheduler = _torch(0.1, {"patience": 1})
    for metric in (NAN, NAN):
        scheduler.step(metric)
    assert scheduler.best == math.inf
    assert scheduler.optimizer.param_groups[0]["lr"] == pytest.approx(0.01)


def test_a_blocked_drop_still_resets_bad_and_starts_the_cooldown():
    scheduler = _torch(0.1, {"patience": 0, "cooldown": 3, "eps": 1.0})
    for metric in (1.0, 2.0):
        scheduler.step(metric)
    assert _torch_state(scheduler) == {"lr": 0.1, "best": 1.0, "bad": 0, "cooldown_left": 3}


def test_from_0_1_the_default_factor_drops_seven_times_at_most():
    lrs = _steps([0.5] * 12, patience=0)
    assert len(set(lrs)) == 8
    assert min(lrs) == pytest.approx(1e-8)


def test_rel_scales_a_negative_best_towards_zero():
    scheduler = _torch(0.1, {"threshold": 0.25})
    assert scheduler._is_better(-3.5, -4.0)  # higher, and yet "better" in mode min
    assert not _torch(0.1, {"threshold": 0.25, "threshold_mode": "abs"})._is_better(-3.5, -4.0)


def test_it_has_no_initial_lr_no_order_warning_and_no_get_lr():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scheduler = _torch(0.1, {})
        scheduler.step(1.0)  # before any optimizer.step()
    assert "initial_lr" not in scheduler.optimizer.param_groups[0]
    assert scheduler.get_last_lr() == [0.1]
    with pytest.raises(NotImplementedError):
        scheduler.get_lr()


def test_it_wants_a_metric_and_a_factor_below_1_and_knows_no_verbose():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'metrics'"):
        _torch(0.1, {}).step()
    with pytest.raises(ValueError, match=r"Factor should be < 1\.0"):
        _torch(0.1, {"factor": 1.0})
    with pytest.raises(TypeError, match="verbose"):
        _torch(0.1, {"verbose": True})


def test_resuming_without_its_state_changes_the_trace():
    metrics = [1.0, 1.2, 1.3, 1.1, 1.2, 1.3]
    whole = _steps(metrics, patience=1)
    for with_state in (True, False):
        first = _torch(0.1, {"patience": 1})
        for metric in metrics[:2]:
            first.step(metric)
        file = io.BytesIO()
        torch.save(first.state_dict(), file)
        file.seek(0)
        second = _torch(first.optimizer.param_groups[0]["lr"], {"patience": 1})
        if with_state:
            second.load_state_dict(torch.load(file))
        resumed = []
        for metric in metrics[2:]:
            second.step(metric)
            resumed.append(second.optimizer.param_groups[0]["lr"])
        assert (resumed == whole[2:]) is with_state


def test_the_new_lr_applies_to_the_next_epoch():
    case = course._fit_case([0.2], [0.5, 0.6, 0.6], 3, factor=0.5)
    (seen,) = course.fit_plateau.observe(course._fit_plateau, [case])
    assert seen["value"] == [0.2, 0.2, 0.1]


# --- right answers in other styles -----------------------------------------------------------


def _judged(exercise, answer):
    cases = codec.loads(codec.dumps([*exercise.visible_cases, *exercise.draws("other styles", 30)]))
    observed = codec.loads(codec.dumps(exercise.observe(answer, cases)))
    return exercise.judge(cases, observed)


def better_with_numpy(metric, best, mode, threshold, threshold_mode):
    sign = np.float64(1 if mode == "min" else -1)
    bound = best * (1 - sign * threshold) if threshold_mode == "rel" else best - sign * threshold
    return np.bool_(sign * np.float64(metric) < sign * bound)


def better_with_torch(metric, best, **settings):
    return _torch(0.1, settings)._is_better(metric, best)


def better_by_cases(metric, best, mode, threshold, threshold_mode):
    if math.isnan(metric):
        return False
    if mode == "max":
        return metric > (best * (1 + threshold) if threshold_mode == "rel" else best + threshold)
    return metric < (best * (1 - threshold) if threshold_mode == "rel" else best - threshold)


def first_drop_by_counting(patience):
    bad, call = 0, 1
    while bad <= patience:
        bad, call = bad + 1, call + 1
    return call


def first_drop_with_torch(patience):
    lrs = _steps([1.0] * (patience + 5), patience=patience)
    return torch.tensor(lrs).lt(0.09).int().argmax() + 1


def flat_drops_by_looping(patience, cooldown, calls):
    drops, call = (), patience + 2
    while call <= calls:
        drops, call = (*drops, call), call + patience + 1 + cooldown
    return drops


def flat_drops_with_numpy(patience, cooldown, calls):
    return np.arange(patience + 2, calls + 1, patience + 1 + cooldown)


def clamp_with_torch(lr, **limits):
    scheduler = _torch(lr, limits)
    scheduler._reduce_lr(0)
    return scheduler.optimizer.param_groups[0]["lr"]


def clamp_with_tensors(lr, factor, min_lr, eps):
    old = torch.as_tensor(lr, dtype=torch.float64)
    new = torch.maximum(old * factor, torch.tensor(min_lr, dtype=torch.float64))
    return torch.where(old - new > eps, new, old)


def update_with_torch(state, metric, config):
    scheduler = _torch(state["lr"], config)
    scheduler.load_state_dict(
        {
            "best": state["best"],
            "num_bad_epochs": state["bad"],
            "cooldown_counter": state["cooldown_left"],
        }
    )
    scheduler.step(metric)
    return _torch_state(scheduler)


def update_step_by_step(state, metric, config):
    new = copy.copy(state)
    names = ("mode", "threshold", "threshold_mode")
    settings = {name: config[name] for name in names}
    if better_with_numpy(metric, state["best"], **settings):
        new["best"] = np.float64(metric)
        new["bad"] = 0
    else:
        new["bad"] = state["bad"] + 1
    if new["cooldown_left"]:
        new["cooldown_left"] -= 1
        new["bad"] = 0
    if new["bad"] > config["patience"]:
        new["cooldown_left"] = config["cooldown"]
        new["bad"] = 0
        limits = {name: config[name] for name in ("factor", "min_lr", "eps")}
        new["lr"] = clamp_with_tensors(state["lr"], **limits)
    return new


def trace_with_torch(metrics, lr0, config):
    return np.array(_torch_trace(metrics, lr0, config))


def trace_by_recursion(metrics, lr0, config):
    def after(state, rest):
        if not rest:
            return ()
        new = update_step_by_step(state, rest[0], config)
        return (new["lr"], *after(new, rest[1:]))

    best = float("inf") * (1 if config["mode"] == "min" else -1)
    return after({"lr": lr0, "best": best, "bad": 0, "cooldown_left": 0}, metrics)


def fit_with_tensors(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = torch.zeros(epochs, dtype=torch.float64)
    for epoch in range(epochs):
        lrs[epoch] = scheduler.get_last_lr()[0]
        optimizer.zero_grad()
        train_epoch()
        scheduler.step(metrics=torch.tensor(validate(), dtype=torch.float64))
    return lrs


def fit_with_while(optimizer, scheduler, epochs, train_epoch, validate):
    lrs = []
    while len(lrs) < epochs:
        lrs += [group["lr"] for group in optimizer.param_groups][:1]
        _, loss = train_epoch(), validate()
        scheduler.step(loss)
    return tuple(lrs)


def config_with_torch(metrics, drops):
    grid = itertools.product(("max", "min"), (0.25, 0.0), range(3, -1, -1), range(4))
    for mode, threshold, cooldown, patience in grid:
        config = dict(mode=mode, threshold=threshold, cooldown=cooldown, patience=patience)
        config |= {"factor": 0.9, "eps": 0}
        lrs = np.array([0.1, *_torch_trace(metrics, 0.1, config)])
        if list(np.flatnonzero(np.diff(lrs)) + 1) == drops:
            return config
    raise LookupError("no config")


def config_with_numpy_numbers(metrics, drops):
    config = course._find_config(metrics, drops)
    return config | {name: np.float64(config[name]) for name in ("factor", "threshold")}


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (course.is_better, better_with_numpy),
        (course.is_better, better_with_torch),
        (course.is_better, better_by_cases),
        (course.first_drop, first_drop_by_counting),
        (course.first_drop, first_drop_with_torch),
        (course.flat_drops, flat_drops_by_looping),
        (course.flat_drops, flat_drops_with_numpy),
        (course.clamp_lr, clamp_with_torch),
        (course.clamp_lr, clamp_with_tensors),
        (course.plateau_update, update_with_torch),
        (course.plateau_update, update_step_by_step),
        (course.plateau_trace, trace_with_torch),
        (course.plateau_trace, trace_by_recursion),
        (course.fit_plateau, fit_with_tensors),
        (course.fit_plateau, fit_with_while),
        (course.find_config, config_with_torch),
        (course.find_config, config_with_numpy_numbers),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_right_answer_in_another_style_is_right(exercise, answer):
    verdict = _judged(exercise, answer)
    assert (verdict.kind, verdict.credit) == ("right", 1.0), verdict
