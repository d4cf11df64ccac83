"""Lesson 1 against the installed torch: references, claims, and right answers in any style."""

import inspect
import math
import random
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader

from grader.exercises import EXERCISES
from grader.exercises import constant_lr as course
from lrlab import mean_std, mlp, recorded

TRACES = 5_000
CLOSE = {"rel": 1e-9, "abs": 1e-12}


def _cases(exercise, count=TRACES):
    return [*exercise.visible_cases, *exercise.draws("truth", count)]


def _parameter(value):
    return torch.tensor([value], dtype=torch.float64, requires_grad=True)


@cache  # made once: 5,000 of them take seconds
def _torchs_own():
    theta = _parameter(0.0)
    return theta, torch.optim.SGD([theta], lr=0.1, foreach=False)


def _descend(theta0, gradient, lr, steps):
    """θ at the start and after each step of torch's own SGD."""
    theta, sgd = _torchs_own()
    sgd.param_groups[0]["lr"] = lr
    theta.data.fill_(theta0)
    path = [theta0]
    for _ in range(steps):
        theta.grad = torch.tensor([gradient(path[-1])], dtype=torch.float64)
        sgd.step()
        path.append(theta.item())
    return path


def test_a_step_is_torchs_own():
    for case in _cases(course.sgd_step):
        after = _descend(case["w"], lambda _, grad=case["grad"]: grad, case["lr"], steps=1)[-1]
        assert course.sgd_step.reference(**case) == pytest.approx(after, **CLOSE)


def test_a_path_is_torchs_own_and_the_lessons_formula():
    for case in _cases(course.quadratic_path):
        start, curvature, lr, steps = case.values()
        path = course.quadratic_path.reference(**case)
        walked = _descend(start, lambda theta, slope=curvature: slope * theta, lr, steps)
        assert path == pytest.approx(walked, **CLOSE)
        formula = [start * (1 - lr * curvature) ** t for t in range(steps + 1)]
        assert path == pytest.approx(formula, **CLOSE)


def test_the_gradient_of_a_path_is_autograds():
    for case in _cases(course.quadratic_path, 100):
        theta = _parameter(case["theta0"])
        optimizer = torch.optim.SGD([theta], lr=case["lr"])
        seen = [theta.item()]
        for _ in range(case["steps"]):
            optimizer.zero_grad()
            (case["curvature"] * theta**2 / 2).sum().backward()
            optimizer.step()
            seen.append(theta.item())
        assert course.quadratic_path.reference(**case) == pytest.approx(seen, **CLOSE)


def test_the_name_of_a_rate_is_what_its_path_does():
    for case in _cases(course.classify_lr):
        path = _descend(1.0, lambda x, curvature=case["curvature"]: curvature * x, case["lr"], 6)
        if any(abs(after) >= abs(before) and before for before, after in pairwise(path)):
            seen = "diverging"
        else:
            seen = "oscillating" if min(path) < 0 else "monotone"
        assert course.classify_lr.reference(**case) == seen


def test_updates_are_as_many_as_a_data_loader_gives():
    for case in _cases(course.count_updates):
        loader = DataLoader(
            range(case["num_examples"]), batch_size=case["batch_size"], drop_last=case["drop_last"]
        )
        assert course.count_updates.reference(**case) == len(loader) * case["epochs"]


def test_the_loss_of_an_epoch_is_numpys_weighted_mean_and_torchs_loss_over_all_images():
    for case in _cases(course.epoch_loss):
        mean = np.average(case["batch_losses"], weights=case["batch_sizes"])
        assert course.epoch_loss.reference(**case) == pytest.approx(mean, **CLOSE)
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(150, 10, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (150,), generator=generator)
    loss = torch.nn.functional.cross_entropy
    batches = torch.arange(150).split(64)
    losses = [loss(scores[batch], labels[batch]).item() for batch in batches]
    assert [len(batch) for batch in batches] == [64, 64, 22]
    whole = course.epoch_loss.reference(batch_losses=losses, batch_sizes=[64, 64, 22])
    assert whole == pytest.approx(loss(scores, labels).item(), **CLOSE)


def test_a_log_grid_is_numpys_geomspace():
    for case in _cases(course.log_grid):
        grid = course.log_grid.reference(**case)
        assert grid == pytest.approx(np.geomspace(*case.values()), rel=1e-9, abs=0)


def test_the_picked_rate_is_numpys_nanargmin():
    for (losses,) in map(dict.values, _cases(course.pick_lr)):
        lrs, values = np.array(list(losses)), np.array(list(losses.values()))
        best = lrs[np.nanargmin(values)]
        edge = bool(best == lrs.min() or best == lrs.max())
        assert course.pick_lr.reference(val_loss_by_lr=losses) == (best, edge)


def test_classified_rates_lie_on_a_limit_only_where_arithmetic_is_exact():
    for case in _cases(course.classify_lr):
        curvature, lr = case["curvature"], case["lr"]
        for limit in (1, 2):
            if math.isclose(curvature * lr, limit, rel_tol=1e-3):
                assert curvature * lr == limit
                assert lr == limit / curvature
                assert math.frexp(curvature)[0] == 0.5, "a power of two"


# --- right answers in other styles -----------------------------------------------------------


def _torch_step(w, grad, lr):
    parameter = _parameter(w)
    parameter.grad = torch.tensor([grad], dtype=torch.float64)
    torch.optim.SGD([parameter], lr=lr).step()
    return parameter.detach()[0]


def _autograd_path(theta0, curvature, lr, steps):
    theta, path = _parameter(theta0), [theta0]
    optimizer = torch.optim.SGD([theta], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        (0.5 * curvature * theta**2).sum().backward()
        optimizer.step()
        path.append(theta.detach()[0].clone())
    return path


def _classify_by_factor(curvature, lr):
    factor = 1 - lr * curvature
    if factor >= 0:
        return "monotone"
    return "oscillating" if abs(factor) < 1 else "diverging"


def _classify_by_walking(curvature, lr):
    theta = 1 - lr * curvature * 1
    if abs(theta) >= 1:
        return "diverging"
    return "oscillating" if theta < 0 else "monotone"


def _updates_by_counting(num_examples, batch_size, epochs, drop_last):
    updates = 0
    for _ in range(epochs):
        for start in range(0, num_examples, batch_size):
            if not drop_last or start + batch_size <= num_examples:
                updates += 1
    return updates


def _updates_of_loader(num_examples, batch_size, epochs, drop_last):
    data = torch.zeros(num_examples)
    return epochs * len(DataLoader(data, batch_size=batch_size, drop_last=drop_last))


def _grid_by_multiplying(low, high, num):
    factor = (high / low) ** (1 / (num - 1))
    grid = [low]
    while len(grid) < num:
        grid.append(grid[-1] * factor)
    return tuple(grid)


def _pick_in_a_loop(val_loss_by_lr):
    best_lr, best_loss = None, float("inf")
    for lr, loss in val_loss_by_lr.items():
        if loss < best_loss:
            best_lr, best_loss = lr, loss
    tried = sorted(val_loss_by_lr)
    return [best_lr, best_lr == tried[0] or best_lr == tried[-1]]


def _pick_numpy(val_loss_by_lr):
    lrs = np.array(sorted(val_loss_by_lr))
    losses = np.array([val_loss_by_lr[lr] for lr in lrs])
    best = np.nanargmin(losses)
    return lrs[best], np.isin(best, [0, len(lrs) - 1])


RIGHT = {
    "sgd_step": [
        lambda w, grad, lr: np.float64(w) - lr * grad,
        lambda w, grad, lr: -(grad * lr) + w,
        _torch_step,
    ],
    "read_lrs": [
        lambda optimizer: tuple(g["lr"] for g in optimizer.param_groups),
        lambda optimizer: np.array([g.get("lr") for g in optimizer.param_groups]),
        lambda optimizer: [g["lr"] for g in optimizer.state_dict()["param_groups"]],
        lambda optimizer: StepLR(optimizer, 5).get_last_lr(),
    ],
    "quadratic_path": [
        lambda theta0, curvature, lr, steps: theta0 * (1 - lr * curvature) ** np.arange(steps + 1),
        lambda theta0, curvature, lr, steps: [
            theta0 * (1 - lr * curvature) ** t for t in range(steps + 1)
        ],
        _autograd_path,
    ],
    "classify_lr": [
        _classify_by_factor,
        _classify_by_walking,
        lambda curvature, lr: (
            str(
                np.select(
                    [lr * curvature <= 1, lr * curvature < 2], ["monotone", "oscillating"], ""
                )
            )
            or "diverging"
        ),
    ],
    "count_updates": [
        _updates_by_counting,
        _updates_of_loader,
        lambda num_examples, batch_size, epochs, drop_last: (
            epochs * (np.floor if drop_last else np.ceil)(num_examples / batch_size)
        ),
    ],
    "epoch_loss": [
        lambda batch_losses, batch_sizes: np.average(batch_losses, weights=batch_sizes),
        lambda batch_losses, batch_sizes: (
            torch.tensor(batch_losses, dtype=torch.float64)
            @ torch.tensor(batch_sizes).double()
            / sum(batch_sizes)
        ),
        lambda batch_losses, batch_sizes: math.fsum(
            loss * size / sum(batch_sizes)
            for loss, size in zip(batch_losses, batch_sizes, strict=True)
        ),
    ],
    "log_grid": [
        lambda low, high, num: np.geomspace(low, high, num),
        lambda low, high, num: np.exp(np.linspace(np.log(low), np.log(high), num)).tolist(),
        lambda low, high, num: torch.logspace(
            math.log10(low), math.log10(high), num, dtype=torch.float64
        ),
        _grid_by_multiplying,
    ],
    "pick_lr": [_pick_in_a_loop, _pick_numpy],
}


@pytest.mark.parametrize("exercise", [EXERCISES[name] for name in RIGHT], ids=lambda e: e.id)
def test_right_answers_in_other_styles_are_right(exercise):
    cases = [*exercise.visible_cases, *exercise.draws("styles", 200)]
    for answer in RIGHT[exercise.id]:
        verdict = exercise.judge(cases, exercise.observe(answer, cases))
        assert verdict.kind == "right", (inspect.getsource(answer), verdict)


# --- what the lesson says about torch --------------------------------------------------------


def test_a_group_without_its_own_lr_gets_the_optimizers_and_keeps_it():
    groups = [{"params": [_parameter(1.0)]}, {"params": [_parameter(1.0)], "lr": 0.01}]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    optimizer.defaults["lr"] = 5.0  # too late: defaults are copied when a group is added
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    assert not hasattr(optimizer, "lr")


def test_each_group_steps_with_its_own_lr_and_setting_it_takes_effect_at_once():
    slow, fast = _parameter(1.0), _parameter(1.0)
    optimizer = torch.optim.SGD([{"params": [slow], "lr": 0.25}, {"params": [fast]}], lr=0.5)
    (slow + fast).sum().backward()
    optimizer.step()
    assert (slow.item(), fast.item()) == (0.75, 0.5)
    optimizer.param_groups[0]["lr"] = 0.0
    optimizer.step()
    assert (slow.item(), fast.item()) == (0.75, 0.0)


def test_gradients_add_up_until_zero_grad():
    w = _parameter(3.0)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(2):
        (w**2).sum().backward()
    assert w.grad.item() == 12.0
    optimizer.zero_grad()
    assert w.grad is None
    optimizer.step()  # no gradient, no step
    assert w.item() == 3.0


def test_torch_refuses_a_negative_lr_and_takes_zero():
    with pytest.raises(ValueError, match="Invalid learning rate"):
        torch.optim.SGD([_parameter(1.0)], lr=-0.1)
    assert torch.optim.SGD([_parameter(1.0)], lr=0.0).param_groups[0]["lr"] == 0.0


@pytest.mark.parametrize("lr", [0.05, 0.2, 0.8])
def test_the_noise_floor_grows_with_lr(lr):
    """Variance of θ under unit gradient noise in a bowl of curvature 1: lr / (2 − lr)."""
    rng = np.random.default_rng(0)
    theta = np.zeros(20_000)
    for _ in range(200):
        theta -= lr * (theta + rng.standard_normal(len(theta)))
    assert theta.var() == pytest.approx(lr / (2 - lr), rel=0.05)


def test_the_model_is_as_the_lesson_says():
    shapes = [tuple(parameter.shape) for parameter in mlp(0).parameters()]
    assert shapes == [(128, 784), (128,), (10, 128), (10,)]


# --- what the lesson says about MNIST, in the recorded runs ----------------------------------


@pytest.fixture(scope="module")
def final_loss():
    runs = recorded("constant-lr")
    grid = sorted({run.settings["lr"] for run in runs.runs})
    return {lr: mean_std(runs.where(lr=lr, schedule="constant"), "val_loss", -1) for lr in grid}


def test_the_best_rate_lies_inside_the_grid_and_its_neighbour_within_the_spread(final_loss):
    means = {lr: mean for lr, (mean, _) in final_loss.items()}
    assert course.pick_lr.reference(val_loss_by_lr=means) == (0.03, False)
    assert means[0.01] - means[0.03] < final_loss[0.03][1], "the seeds cannot tell them apart"
    assert all(means[lr] > means[0.03] + 3 * final_loss[lr][1] for lr in means if lr > 0.03)


def test_lr_1_guesses(final_loss):
    assert final_loss[1.0][0] == pytest.approx(math.log(10), rel=0.02)


def test_0_2_is_stuck_on_its_floor_and_0_03_still_fits_the_training_images():
    runs = recorded("constant-lr")
    high = runs.where(lr=0.2, schedule="constant")
    low = runs.where(lr=0.03, schedule="constant")
    assert min(run.train_loss[-1] for run in high) > 10 * max(run.train_loss[-1] for run in low)


def test_seeds_are_real_randomness():
    rng = random.Random("seeds")
    assert course.pick_lr.draw(rng) != course.pick_lr.draw(rng)
