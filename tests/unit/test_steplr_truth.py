"""The truth of lesson 2 is the installed torch's StepLR, and other right answers are right."""

import io
import itertools
import math
import random
import warnings

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import StepLR

from grader.exercises import steplr
from lrlab.checking.observe import observe, to_consequence

TRACES = 5_000
REL_TOL = 1e-9


def _optimizer(*lrs: float, momentum: float = 0.0) -> torch.optim.SGD:
    groups = [{"params": [torch.ones(2, requires_grad=True)], "lr": lr} for lr in lrs]
    return torch.optim.SGD(groups, lr=lrs[0], momentum=momentum)


def torch_traces(lrs, step_size, gamma, epochs, edits=None):
    """What the installed torch uses in each epoch, one trace per group."""
    optimizer = _optimizer(*lrs)
    scheduler = StepLR(optimizer, step_size, gamma)
    traces = [[] for _ in lrs]
    for epoch in range(epochs):
        for group, trace in zip(optimizer.param_groups, traces):
            group["lr"] = (edits or {}).get(epoch, group["lr"])
            trace.append(group["lr"])
        optimizer.step()
        scheduler.step()
    return traces


def torch_trace(lr0, step_size, gamma, epochs, edits=None):
    return torch_traces([lr0], step_size, gamma, epochs, edits)[0]


def _random_case(rng: random.Random) -> dict:
    return {
        "lr0": 10 ** rng.uniform(-4, 1),
        "step_size": rng.randint(1, 9),
        "gamma": rng.choice([0.1, 0.5, 1.0, rng.uniform(0.01, 1.2)]),
        "epochs": rng.randint(1, 18),
    }


def _close(one, other) -> bool:
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=REL_TOL, abs_tol=0) for a, b in zip(one, other)
    )


def _all_cases(exercise, count=0):
    return [*exercise.visible_cases, *exercise.draws("truth", count)]


# --- the references against torch ---------------------------------------------------------------


def test_the_closed_form_is_torchs_on_random_traces():
    rng = random.Random("closed form")
    for _ in range(TRACES):
        case = _random_case(rng)
        trace = torch_trace(**case)
        assert _close(steplr.step_lr_trace.reference(**case), trace), case
        epochs = case.pop("epochs")
        epoch = rng.randrange(epochs)
        assert _close([steplr.step_lr.reference(**case, epoch=epoch)], [trace[epoch]]), case


def test_the_chained_form_is_torchs_on_random_traces_with_edits():
    rng = random.Random("edits")
    for _ in range(TRACES):
        case = _random_case(rng)
        case["edits"] = {
            rng.randrange(case["epochs"] + 3): rng.uniform(0.001, 2)
            for _ in range(rng.randint(0, 4))
        }
        assert _close(steplr.chained_trace.reference(**case), torch_trace(**case)), case


def test_group_traces_and_drop_epochs_are_torchs():
    rng = random.Random("groups")
    for _ in range(1_000):
        case = _random_case(rng)
        lrs = [case.pop("lr0"), *(rng.uniform(0.01, 1) for _ in range(rng.randint(0, 2)))]
        found = steplr.group_traces.reference(lrs, **case)
        assert all(map(_close, found, torch_traces(lrs, **case)))
        (trace,) = torch_traces([0.1], **case | {"gamma": 0.5})
        drops = [e for e in range(1, len(trace)) if trace[e] < trace[e - 1]]
        assert steplr.drop_epochs.reference(case["step_size"], case["epochs"]) == drops


@pytest.mark.parametrize("name", ["step_lr_trace", "chained_trace"])
def test_directed_traces_are_torchs(name):
    exercise = getattr(steplr, name)
    for case in exercise.directed:
        assert _close(exercise.reference(**case), torch_trace(**case)), case


def test_other_directed_cases_are_torchs():
    for case in steplr.step_lr.directed:
        epoch = case["epoch"]
        settings = {key: case[key] for key in ("lr0", "step_size", "gamma")}
        trace = torch_trace(**settings, epochs=epoch + 1)
        assert _close([steplr.step_lr.reference(**case)], trace[epoch:])
    for case in steplr.group_traces.directed:
        traces = torch_traces(**case)
        assert all(map(_close, steplr.group_traces.reference(**case), traces))
    for case in steplr.drop_epochs.directed:
        trace = torch_trace(0.1, case["step_size"], 0.5, case["epochs"])
        drops = [e for e in range(1, len(trace)) if trace[e] < trace[e - 1]]
        assert steplr.drop_epochs.reference(**case) == drops


def test_a_designed_schedule_arrives_with_torch():
    for case in _all_cases(steplr.design_schedule, 300):
        step_size, gamma = steplr.design_schedule.reference(**case)
        trace = torch_trace(case["lr0"], step_size, gamma, case["epochs"])
        assert sum(b < a for a, b in itertools.pairwise(trace)) == case["drops"]
        assert math.isclose(trace[-1], case["lr_end"], rel_tol=REL_TOL)


def test_no_designed_learning_rate_is_negative():
    """With a negative gamma it may fall as often as it should, and end where it should."""
    exercise = steplr.design_schedule
    for case in _all_cases(exercise, 30):
        for step_size, steps in itertools.product(range(1, case["epochs"]), range(1, 12)):
            answer = step_size, -((case["lr_end"] / case["lr0"]) ** (1 / steps))
            seen = observe(exercise.id, lambda answer=answer, **_: answer, case)
            assert "above 0" in to_consequence(exercise.id, case, seen)["reason"]


# --- right answers in other styles ------------------------------------------------------------


def _loop_step_lr(lr0, step_size, gamma, epoch):
    for _ in range(step_size, epoch + 1, step_size):
        lr0 *= gamma
    return lr0


def _recursive_step_lr(lr0, step_size, gamma, epoch):
    if epoch < step_size:
        return lr0
    return gamma * _recursive_step_lr(lr0, step_size, gamma, epoch - step_size)


def _torch_chained(lr0, step_size, gamma, epochs, edits):
    return tuple(torch_trace(lr0, step_size, gamma, epochs, edits))


def _segments_chained(lr0, step_size, gamma, epochs, edits):
    """From each edit on, a closed form of its own."""
    edits = {0: lr0} | edits
    trace = []
    for epoch in range(epochs):
        last = max(e for e in edits if e <= epoch)
        drops = epoch // step_size - last // step_size
        trace.append(np.float64(edits[last] * gamma**drops))
    return trace


class _OwnStepLR(StepLR):
    """A subclass of torch's scheduler."""


def _fit_get_last_lr(optimizer, scheduler, batches, epochs, train_batch):
    lrs = []
    for _ in range(epochs):
        for batch in batches:
            optimizer.zero_grad()
            train_batch(batch)
            optimizer.step()
        lrs += scheduler.get_last_lr()[:1]
        scheduler.step()
    return lrs


def _fit_array(optimizer, scheduler, batches, epochs, train_batch):
    lrs = np.zeros(epochs)
    for epoch in range(epochs):
        lrs[epoch] = optimizer.param_groups[0]["lr"]
        for i in range(len(batches)):
            train_batch(batches[i])
            optimizer.step()
        scheduler.step()
    return lrs


def _save_file(optimizer, scheduler):
    file = io.BytesIO()
    torch.save([scheduler.state_dict(), optimizer.state_dict()], file)
    return {"bytes": file.getvalue()}


def _resume_file(optimizer, scheduler, checkpoint):
    states = torch.load(io.BytesIO(checkpoint["bytes"]))
    scheduler.load_state_dict(states[0])
    optimizer.load_state_dict(states[1])
    return optimizer, scheduler


def _save_parts(optimizer, scheduler):
    return {"opt": optimizer.state_dict(), "epoch": scheduler.last_epoch}


def _resume_parts(optimizer, scheduler, checkpoint):
    """Replay the scheduler first, restore the optimizer after it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the order warning: nothing is trained while replaying
        for _ in range(checkpoint["epoch"]):
            scheduler.step()
    optimizer.load_state_dict(checkpoint["opt"])


def _design_searched(lr0, lr_end, epochs, drops):
    fitting = (s for s in range(1, epochs) if len(range(s, epochs, s)) == drops)
    return [np.int64(min(fitting)), torch.tensor(lr_end / lr0, dtype=torch.float64) ** (1 / drops)]


def _design_blocks(lr0, lr_end, epochs, drops):
    return math.ceil(epochs / (drops + 1)), math.exp(math.log(lr_end / lr0) / drops)


OTHER_RIGHT_ANSWERS = [
    ("step_lr", _loop_step_lr),
    ("step_lr", _recursive_step_lr),
    (
        "step_lr",
        lambda lr0, step_size, gamma, epoch: np.float64(lr0) * np.power(gamma, epoch // step_size),
    ),
    (
        "step_lr",
        lambda lr0, step_size, gamma, epoch: torch_trace(lr0, step_size, gamma, epoch + 1)[-1],
    ),
    ("step_lr_trace", torch_trace),
    (
        "step_lr_trace",
        lambda lr0, step_size, gamma, epochs: lr0 * gamma ** (np.arange(epochs) // step_size),
    ),
    (
        "step_lr_trace",
        lambda lr0, step_size, gamma, epochs: torch.tensor(
            torch_trace(lr0, step_size, gamma, epochs), dtype=torch.float64
        ),
    ),
    (
        "step_lr_trace",
        lambda lr0, step_size, gamma, epochs: torch.tensor(
            torch_trace(lr0, step_size, gamma, epochs)
        ),
    ),
    (
        "step_lr_trace",
        lambda lr0, step_size, gamma, epochs: tuple(
            _loop_step_lr(lr0, step_size, gamma, e) for e in range(epochs)
        ),
    ),
    ("drop_epochs", lambda step_size, epochs: [e for e in range(1, epochs) if e % step_size == 0]),
    ("drop_epochs", lambda step_size, epochs: np.arange(step_size, epochs, step_size)),
    ("drop_epochs", lambda step_size, epochs: range(step_size, epochs, step_size)),
    ("make_scheduler", lambda optimizer, step_size, gamma: StepLR(optimizer, step_size, gamma)),
    ("make_scheduler", lambda optimizer, step_size, gamma: _OwnStepLR(optimizer, step_size, gamma)),
    ("fit", _fit_get_last_lr),
    ("fit", _fit_array),
    ("chained_trace", _torch_chained),
    ("chained_trace", _segments_chained),
    ("group_traces", torch_traces),
    (
        "group_traces",
        lambda lrs, step_size, gamma, epochs: np.outer(
            lrs, gamma ** (np.arange(epochs) // step_size)
        ),
    ),
    (
        "group_traces",
        lambda lrs, step_size, gamma, epochs: tuple(
            tuple(torch_trace(lr, step_size, gamma, epochs)) for lr in lrs
        ),
    ),
    ("resume", (_save_file, _resume_file)),
    ("resume", (_save_parts, _resume_parts)),
    ("design_schedule", _design_searched),
    ("design_schedule", _design_blocks),
]


@pytest.mark.parametrize(
    ("name", "answer"),
    [pytest.param(*each, id=f"{each[0]}-{n}") for n, each in enumerate(OTHER_RIGHT_ANSWERS)],
)
def test_a_right_answer_in_another_style_is_right(name, answer):
    exercise = getattr(steplr, name)
    cases = _all_cases(exercise, 30)
    verdict = exercise.judge(cases, exercise.observe(answer, cases))
    assert verdict.kind == "right", verdict


# --- what the lesson says about torch -----------------------------------------------------------


def test_chained_and_closed_form_differ_in_the_last_bits_only():
    rng = random.Random("last bits")
    off, points, worst = 0, 0, 0.0
    for _ in range(1_000):
        case = _random_case(rng)
        closed = steplr.step_lr_trace.reference(**case)
        for a, b in zip(closed, torch_trace(**case)):
            points, off, worst = points + 1, off + (a != b), max(worst, abs(a - b) / b)
    assert off > points / 20
    assert 0 < worst < 1e-14


def test_the_constructor_steps_once_and_keeps_the_initial_lr():
    optimizer = _optimizer(0.2, 0.1)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    assert scheduler.last_epoch == 0
    assert [group["initial_lr"] for group in optimizer.param_groups] == [0.2, 0.1]
    assert [group["lr"] for group in optimizer.param_groups] == [0.2, 0.1]


def test_get_last_lr_has_one_entry_per_group_and_is_stale_after_an_edit():
    optimizer = _optimizer(0.2, 0.1)
    scheduler = StepLR(optimizer, step_size=3)
    assert scheduler.get_last_lr() == [0.2, 0.1]
    optimizer.param_groups[0]["lr"] = 0.05
    assert scheduler.get_last_lr() == [0.2, 0.1]


def test_the_wrong_order_warns_once_and_skips_the_first_lr():
    optimizer = _optimizer(0.2)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    with pytest.warns(UserWarning, match=r"lr_scheduler.step\(\)` before `optimizer.step") as seen:
        for _ in range(3):
            scheduler.step()
            optimizer.step()
    assert len(seen) == 1


def test_step_size_0_fails_only_at_the_first_step():
    optimizer = _optimizer(0.2)
    scheduler = StepLR(optimizer, step_size=0)
    optimizer.step()
    with pytest.raises(ZeroDivisionError):
        scheduler.step()


@pytest.mark.parametrize(("odd", "works_like"), [(1.5, 3), (-2, 2)])
def test_an_odd_step_size_works_without_a_word(odd, works_like):
    assert torch_trace(0.2, odd, 0.5, 12) == torch_trace(0.2, works_like, 0.5, 12)


def test_verbose_is_gone():
    with pytest.raises(TypeError, match="verbose"):
        StepLR(_optimizer(0.2), step_size=3, verbose=True)


def test_a_scheduler_that_is_made_anew_each_epoch_never_drops():
    optimizer, lrs = _optimizer(0.2), []
    for _ in range(6):
        scheduler = StepLR(optimizer, step_size=3, gamma=0.1)
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert lrs == [0.2] * 6


def test_get_lr_outside_of_a_step_applies_gamma_once_more_and_warns():
    optimizer = _optimizer(0.2)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    optimizer.step()
    scheduler.step()
    with pytest.warns(UserWarning, match="get_last_lr"):
        assert scheduler.get_lr() == [0.05]
    assert scheduler.get_last_lr() == [0.1]


def test_step_with_an_epoch_warns_and_repeats_epoch_0():
    optimizer = _optimizer(0.2)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
    optimizer.step()
    with pytest.warns(UserWarning, match="epoch"):
        scheduler.step(0)
    assert scheduler.get_last_lr() == [0.2]


@pytest.mark.parametrize("parts", ["optimizer", "scheduler", "optimizer scheduler"])
def test_resuming_needs_both_state_dicts(parts):
    def fresh():
        optimizer = _optimizer(0.2, momentum=0.9)
        return {"optimizer": optimizer, "scheduler": StepLR(optimizer, 2, 0.5)}

    def epoch(run):
        (parameter,) = run["optimizer"].param_groups[0]["params"]
        parameter.grad = torch.ones(2)
        run["optimizer"].step()
        run["scheduler"].step()
        return run["scheduler"].get_last_lr()

    run = fresh()
    for _ in range(3):
        epoch(run)
    states = {name: each.state_dict() for name, each in run.items()}
    file = io.BytesIO()
    torch.save(states, file)
    file.seek(0)
    states, resumed = torch.load(file), fresh()
    for name in parts.split():
        resumed[name].load_state_dict(states[name])
    rates = [[epoch(each) for _ in range(4)] for each in (run, resumed)]
    assert (rates[0] == rates[1]) == (parts == "optimizer scheduler")
    momentum = [len(each["optimizer"].state) for each in (run, resumed)]
    assert momentum == [1, 1]
