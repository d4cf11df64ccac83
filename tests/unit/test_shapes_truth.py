"""The truth of lesson 4 is the installed torch's schedulers, and other right answers are right."""

import math
import random
import warnings

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from grader.exercises import shapes

TRACES = 5_000
REL_TOL = 1e-9
ABS_TOL = 1e-12


def _optimizer(*lrs: float) -> torch.optim.SGD:
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": lr} for lr in lrs]
    return torch.optim.SGD(groups, lr=lrs[0], foreach=False)


def torch_trace(make, lr0: float, steps: int) -> list[float]:
    """The lr of updates 0 to steps − 1 under the scheduler that `make` makes."""
    optimizer = _optimizer(lr0)
    with warnings.catch_warnings():
        # SequentialLR itself calls step with an epoch, which torch warns about.
        warnings.simplefilter("ignore")
        scheduler = make(optimizer)
        trace = []
        for _ in range(steps):
            trace.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    return trace


def _close(found, trace, abs_tol=0.0):
    return len(found) == len(trace) and all(
        math.isclose(a, b, rel_tol=REL_TOL, abs_tol=abs_tol) for a, b in zip(found, trace)
    )


def _random_lr(rng: random.Random) -> float:
    return 10 ** rng.uniform(-4, 1)


# --- the references against torch -------------------------------------------------------------


def test_linear_decay_is_linear_lr_to_0():
    rng = random.Random("linear")
    for _ in range(TRACES):
        lr0, total = _random_lr(rng), rng.choice([1, 2, rng.randint(3, 40)])
        trace = torch_trace(
            lambda o, total=total: lr_scheduler.LinearLR(o, 1.0, 0.0, total), lr0, total + 1
        )
        found = [shapes.linear_decay.reference(lr0, total, step) for step in range(total + 1)]
        assert _close(found, trace, ABS_TOL * lr0), (lr0, total)


def test_cosine_lr_is_cosine_annealing():
    rng = random.Random("cosine")
    for _ in range(TRACES):
        lr0, total = _random_lr(rng), rng.choice([1, 2, rng.randint(3, 40)])
        lr_min = rng.choice([0.0, lr0, lr0 * rng.uniform(0, 3)])
        trace = torch_trace(
            lambda o, total=total, lr_min=lr_min: lr_scheduler.CosineAnnealingLR(o, total, lr_min),
            lr0,
            total + 1,
        )
        found = [shapes.cosine_lr.reference(lr0, lr_min, total, step) for step in range(total + 1)]
        assert _close(found, trace, ABS_TOL * lr0), (lr0, lr_min, total)


def test_warmup_lr_is_linear_lr_from_one_part():
    """LinearLR reaches its end after total_iters steps: one less than there are updates below."""
    rng = random.Random("warm-up")
    for _ in range(TRACES):
        lr0, warmup = _random_lr(rng), rng.choice([2, 3, rng.randint(4, 30)])
        trace = torch_trace(
            lambda o, warmup=warmup: lr_scheduler.LinearLR(o, 1 / warmup, 1.0, warmup - 1),
            lr0,
            warmup + 3,
        )
        found = [shapes.warmup_lr.reference(lr0, warmup, step) for step in range(warmup + 3)]
        assert _close(found, trace), (lr0, warmup)
    assert shapes.warmup_lr.reference(0.3, 1, 0) == shapes.warmup_lr.reference(0.3, 1, 9) == 0.3


def test_warmup_cosine_is_a_sequence_of_the_two():
    rng = random.Random("both")
    for _ in range(TRACES):
        lr0, warmup = _random_lr(rng), rng.randint(2, 12)
        rest = rng.choice([1, 2, rng.randint(3, 25)])
        lr_min = rng.choice([0.0, lr0 * rng.uniform(0, 3)])

        def make(optimizer, warmup=warmup, rest=rest, lr_min=lr_min):
            rise = lr_scheduler.LinearLR(optimizer, 1 / warmup, 1.0, warmup - 1)
            fall = lr_scheduler.CosineAnnealingLR(optimizer, rest, lr_min)
            return lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])

        total = warmup + rest
        found = [
            shapes.warmup_cosine.reference(lr0, lr_min, warmup, total, step)
            for step in range(total + 1)
        ]
        assert _close(found, torch_trace(make, lr0, total + 1), ABS_TOL * lr0), (warmup, rest)


def test_sequence_trace_is_torchs():
    rng = random.Random("sequence")
    for _ in range(TRACES):
        case = {
            "start_factor": rng.choice([1.0, rng.uniform(0.01, 1)]),
            "warmup": rng.randint(1, 9),
            "step_size": rng.randint(1, 6),
            "gamma": rng.choice([0.1, 1.0, rng.uniform(0.05, 1.2)]),
        }

        def make(optimizer, case=case):
            rise = lr_scheduler.LinearLR(optimizer, case["start_factor"], 1.0, case["warmup"])
            fall = lr_scheduler.StepLR(optimizer, case["step_size"], case["gamma"])
            return lr_scheduler.SequentialLR(optimizer, [rise, fall], [case["warmup"]])

        lr0, steps = _random_lr(rng), rng.randint(1, 25)
        found = shapes.sequence_trace.reference(lr0=lr0, steps=steps, **case)
        assert _close(found, torch_trace(make, lr0, steps)), case


def test_one_cycle_is_torchs():
    rng = random.Random("one cycle")
    for _ in range(TRACES):
        total = rng.choice([3, rng.randint(4, 40)])
        case = {
            "max_lr": _random_lr(rng),
            "pct_start": rng.choice([2 / total, rng.uniform(2 / total, 0.999)]),
            "div_factor": rng.choice([1.0, 25.0, rng.uniform(1, 40)]),
            "final_div_factor": rng.choice([1.0, 1e4, rng.uniform(1, 1e4)]),
        }
        trace = torch_trace(
            lambda o, case=case, total=total: lr_scheduler.OneCycleLR(o, total_steps=total, **case),
            0.5,
            total,
        )
        found = [
            shapes.one_cycle.reference(total=total, step=step, **case) for step in range(total)
        ]
        assert _close(found, trace), (case, total)


def test_make_schedule_trains_with_the_rate_itself():
    rng = random.Random("rates")
    for _ in range(TRACES):
        rates = [rng.choice([0.0, _random_lr(rng)]) for _ in range(rng.randint(1, 12))]
        rate = [*rates, 0.5].__getitem__
        trace = torch_trace(
            lambda o, rate=rate: shapes.make_schedule.reference(optimizer=o, rate=rate),
            _random_lr(rng),
            len(rates),
        )
        assert _close(trace, rates), rates


EXERCISES = [
    "linear_decay",
    "cosine_lr",
    "warmup_lr",
    "warmup_cosine",
    "make_schedule",
    "sequence_trace",
    "one_cycle",
    "fit_updates",
    "fit_accumulate",
]


def test_the_exercises_are_those_of_the_course():
    points = [1, 2, 1, 3, 2, 3, 3, 4, 4]
    assert [getattr(shapes, name).points for name in EXERCISES] == points
    for name in EXERCISES:
        assert len(getattr(shapes, name).misconceptions) >= 12


# --- right answers in other styles ------------------------------------------------------------


def _torch_cosine(lr0, lr_min, total, step):
    """The chained form, whose last bits differ: at step total it is not 0 exactly."""
    return torch_trace(lambda o: lr_scheduler.CosineAnnealingLR(o, total, lr_min), lr0, step + 1)[
        -1
    ]


def _torch_linear(lr0, total, step):
    return torch_trace(lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, total), lr0, step + 1)[-1]


def _half_angle_cosine(lr0, lr_min, total, step):
    left = math.cos(math.pi * step / total / 2) ** 2
    return lr0 * left + lr_min * (1 - left)


def _steps_down(lr0, total, step):
    for _ in range(step):
        lr0 -= lr0 / total
        total -= 1
    return lr0


def _one_by_one(lr0, total, step):
    lr = lr0
    for _ in range(step):
        lr -= lr0 / total
    return lr


def _nanogpt(lr0, lr_min, warmup, total, step):
    if step < warmup:
        return lr0 * (step + 1) / warmup
    ratio = (step - warmup) / (total - warmup)
    return lr_min + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (lr0 - lr_min)


def _torch_one_cycle(max_lr, total, pct_start, div_factor, final_div_factor, step):
    optimizer = _optimizer(0.1)
    scheduler = lr_scheduler.OneCycleLR(
        optimizer,
        max_lr,
        total_steps=total,
        pct_start=pct_start,
        div_factor=div_factor,
        final_div_factor=final_div_factor,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(step):
            scheduler.step()
    return scheduler.get_last_lr()[0]


def _base_1(optimizer, rate):
    """initial_lr is 1 then, so the factor is the rate."""
    optimizer.param_groups[0]["lr"] = 1.0
    return lr_scheduler.LambdaLR(optimizer, rate)


class _OwnLambdaLR(lr_scheduler.LambdaLR):
    """A subclass of torch's scheduler."""


def _own_class(optimizer, rate):
    first = optimizer.defaults["lr"]
    return _OwnLambdaLR(optimizer, [lambda step: rate(step) / first])


def _torch_sequence(lr0, start_factor, warmup, step_size, gamma, steps):
    def make(optimizer):
        rise = lr_scheduler.LinearLR(optimizer, start_factor, total_iters=warmup)
        fall = lr_scheduler.StepLR(optimizer, step_size, gamma)
        return lr_scheduler.SequentialLR(optimizer, [rise, fall], [warmup])

    return np.array(torch_trace(make, lr0, steps))


def _fit_last_lr(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for batch in batches * epochs:
        lrs.append(scheduler.get_last_lr()[0])
        optimizer.zero_grad()
        train_batch(batch)
        optimizer.step()
        scheduler.step()
    return tuple(lrs)


def _accumulate_counting(optimizer, scheduler, batches, every, backward):
    lrs, waiting = [], 0
    optimizer.zero_grad(set_to_none=False)
    for batch in batches:
        backward(batch)
        waiting += 1
        if waiting == every:
            waiting = 0
            lrs.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
    if waiting:
        lrs.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return lrs


def _accumulate_in_a_closure(optimizer, scheduler, batches, every, backward):
    lrs = []
    for start in range(0, len(batches), every):

        def closure(start=start):
            optimizer.zero_grad()
            for batch in batches[start : start + every]:
                backward(batch)

        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step(closure)
        scheduler.step()
    return lrs


OTHER_RIGHT_ANSWERS = [
    ("linear_decay", _torch_linear),
    ("linear_decay", _steps_down),
    ("linear_decay", _one_by_one),
    ("linear_decay", lambda lr0, total, step: lr0 - lr0 * step / total),
    ("linear_decay", lambda lr0, total, step: float(np.linspace(lr0, 0, total + 1)[step])),
    ("linear_decay", lambda lr0, total, step: torch.tensor(lr0) * (1 - step / total)),
    ("cosine_lr", _torch_cosine),
    ("cosine_lr", _half_angle_cosine),
    (
        "cosine_lr",
        lambda lr0, lr_min, total, step: (
            (lr0 + lr_min) / 2 + (lr0 - lr_min) / 2 * np.cos(np.pi * step / total)
        ),
    ),
    ("warmup_lr", lambda lr0, warmup, step: lr0 * (step + 1) / warmup if step < warmup else lr0),
    ("warmup_lr", lambda lr0, warmup, step: min(lr0, lr0 / warmup + step * lr0 / warmup)),
    ("warmup_lr", lambda lr0, warmup, step: np.minimum(lr0, lr0 * (step + 1) / warmup)),
    ("warmup_cosine", _nanogpt),
    (
        "warmup_cosine",
        lambda lr0, lr_min, warmup, total, step: (
            lr0 * (step + 1) / warmup
            if step < warmup
            else _torch_cosine(lr0, lr_min, total - warmup, step - warmup)
        ),
    ),
    ("make_schedule", _base_1),
    ("make_schedule", _own_class),
    ("sequence_trace", _torch_sequence),
    ("one_cycle", _torch_one_cycle),
    ("fit_updates", _fit_last_lr),
    ("fit_accumulate", _accumulate_counting),
    ("fit_accumulate", _accumulate_in_a_closure),
]


@pytest.mark.parametrize(
    ("name", "answer"),
    [pytest.param(*each, id=f"{each[0]}-{n}") for n, each in enumerate(OTHER_RIGHT_ANSWERS)],
)
def test_a_right_answer_in_another_style_is_right(name, answer):
    exercise = getattr(shapes, name)
    cases = [*exercise.visible_cases, *exercise.draws("truth", 30)]
    verdict = exercise.judge(cases, exercise.observe(answer, cases))
    assert verdict.kind == "right", verdict


@pytest.mark.parametrize("name", ["linear_decay", "cosine_lr", "warmup_cosine"])
def test_near_0_the_tolerance_is_relative_to_lr0_and_not_to_a_count(name):
    exercise = getattr(shapes, name)
    case = {"lr0": 1e-3, "lr_min": 0.0, "warmup": 5, "total": 10**6, "step": 10**6}
    case = {key: case[key] for key in exercise.directed[0]}

    def judged(value):
        return exercise.judge([case], exercise.observe(lambda **_: value, [case])).kind

    assert judged(1e-16) == "right"
    assert judged(1e-12) == "wrong"
