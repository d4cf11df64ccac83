"""The exercises on torch objects: build them from the case, call the answer, record what happens.

Optimizers and schedulers are real torch objects that also note each call. Two exercises have many
right answers; for them `settle` turns the answer into its consequence, which is what is compared.
It needs no code of the learner, so the grader runs it on its own side of the wall.
"""

from __future__ import annotations

import io
import warnings
from functools import cache
from itertools import pairwise
from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau, StepLR

from .codec import Float32, Other, plain
from .observe import MESSAGE_CHARS_KEPT, Answer, Case, Observation, call

MAKE_SCHEDULER_STEPS = 12


def _optimizer(lrs: list[float], momentum: float = 0.0, cls: type = torch.optim.SGD) -> Any:
    """An SGD optimizer with one group of two parameters for each lr."""
    groups = [
        {"params": [torch.tensor([1.0, -1.0], dtype=torch.float64, requires_grad=True)], "lr": lr}
        for lr in lrs
    ]
    # foreach is for many large tensors; saying so spares torch the question at each step
    return cls(groups, lr=lrs[0], momentum=momentum, foreach=False)


@cache
def warm_up() -> None:
    """Build and step an optimizer: torch imports much of itself at the first one."""
    _step_epoch(_optimizer([0.1]), 0)


def _lrs(optimizer: torch.optim.Optimizer) -> list[Any]:
    return [plain(group["lr"]) for group in optimizer.param_groups]


def _step_epoch(optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """One update of every group with a gradient that depends on the epoch alone."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.full_like(parameter, 0.5 + 0.25 * epoch)
    optimizer.step()


def _recording(base: type, note: Any) -> type:
    """A subclass of a torch optimizer or scheduler whose `step` first calls `note`."""

    class Recording(base):  # type: ignore[misc]
        def step(self, *args: Any, **kwargs: Any) -> Any:
            note(self, *args, **kwargs)
            return super().step(*args, **kwargs)

    Recording.step.hooked = True  # torch would wrap it again, beside the `step` that it calls
    Recording.__name__ = Recording.__qualname__ = base.__name__
    return Recording


def _read_lrs(answer: Answer, case: Case) -> Observation:
    def layer() -> list[torch.Tensor]:
        return [torch.zeros(2, requires_grad=True), torch.zeros(1, requires_grad=True)]

    cls = getattr(torch.optim, case["optimizer"])
    optimizer = cls([{"params": layer(), "lr": lr} for lr in case["lrs"]])
    before = _lrs(optimizer)
    observed: Observation = {"value": plain(call(answer, optimizer=optimizer))}
    return observed if _lrs(optimizer) == before else {**observed, "changed": ["optimizer"]}


def _make_scheduler(answer: Answer, case: Case) -> Observation:
    optimizer = _optimizer(case["lrs"])
    settings = {"step_size": case["step_size"], "gamma": case["gamma"]}
    scheduler = call(answer, optimizer=optimizer, **settings)
    if not isinstance(scheduler, LRScheduler):
        return {"value": plain(scheduler)}
    observed: Observation = {
        "value": "StepLR" if isinstance(scheduler, StepLR) else type(scheduler).__name__,
        "same_optimizer": scheduler.optimizer is optimizer,
        "step_size": plain(getattr(scheduler, "step_size", None)),
        "gamma": plain(getattr(scheduler, "gamma", None)),
        "lrs": [],
    }
    for epoch in range(MAKE_SCHEDULER_STEPS):
        observed["lrs"].append(_lrs(optimizer))
        _step_epoch(optimizer, epoch)
        try:
            scheduler.step()
        except Exception as error:  # step_size=0, for one, fails only here: the answer is wrong
            return {**observed, "step": f"{type(error).__name__}: {error}"}
    return observed


def _fit(answer: Answer, case: Case) -> Observation:
    events: list[str] = []
    lrs: list[list[Any]] = []

    def optimizer_stepped(optimizer: Any, *_args: Any) -> None:
        events.append("optimizer.step")
        lrs.append(_lrs(optimizer))

    def train_batch(batch: torch.Tensor) -> float:
        events.append(f"train_batch {int(batch)}")
        optimizer.zero_grad()
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        loss = sum((0.1 * (batch + 1) * p).square().sum() for p in parameters)
        loss.backward()
        return loss.item()

    optimizer = _optimizer(case["lrs"], cls=_recording(torch.optim.SGD, optimizer_stepped))
    scheduler_class = _recording(StepLR, lambda *_: events.append("scheduler.step"))
    scheduler = scheduler_class(optimizer, step_size=case["step_size"], gamma=case["gamma"])
    events.clear()  # a scheduler calls its own step once while it is constructed
    batches = [torch.tensor(float(index)) for index in range(case["num_batches"])]
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        batches=batches,
        epochs=case["epochs"],
        train_batch=train_batch,
    )
    parameters = [p.tolist() for group in optimizer.param_groups for p in group["params"]]
    observed = {"value": plain(value), "events": events, "lrs": lrs, "parameters": parameters}
    return observed if len(batches) == case["num_batches"] else {**observed, "changed": ["batches"]}


def _resume(save: Answer, resume: Answer, case: Case) -> Observation:
    """Break the run before each epoch in turn and note lrs and parameters from there on."""
    return {
        "value": [_continue(save, resume, case, break_at) for break_at in range(case["epochs"])]
    }


def _continue(save: Answer, resume: Answer, case: Case, break_at: int) -> list[Any]:
    def fresh() -> tuple[Any, Any]:
        optimizer = _optimizer(case["lrs"], momentum=case["momentum"])
        return optimizer, StepLR(optimizer, step_size=case["step_size"], gamma=case["gamma"])

    optimizer, scheduler = fresh()
    for epoch in range(break_at):
        _step_epoch(optimizer, epoch)
        scheduler.step()
    file = io.BytesIO()
    torch.save(call(save, optimizer=optimizer, scheduler=scheduler), file)
    file.seek(0)
    checkpoint = torch.load(file, weights_only=False)
    trained = [p.detach().clone() for group in optimizer.param_groups for p in group["params"]]

    optimizer, scheduler = fresh()
    with torch.no_grad():  # the model's own weights are restored, as a training script does
        for group, values in zip(optimizer.param_groups, trained):
            group["params"][0].copy_(values)
    call(resume, optimizer=optimizer, scheduler=scheduler, checkpoint=checkpoint)
    seen = []
    for epoch in range(break_at, case["epochs"]):
        lrs = _lrs(optimizer)
        _step_epoch(optimizer, epoch)
        scheduler.step()
        parameters = [group["params"][0].tolist() for group in optimizer.param_groups]
        seen.append({"lrs": lrs, "parameters": parameters})
    return seen


def _fit_plateau(answer: Answer, case: Case) -> Observation:
    events: list[Any] = []
    train_losses, val_losses = iter(case["train_losses"]), iter(case["val_losses"])
    optimizer_class = _recording(torch.optim.SGD, lambda o, *_: events.append([*_lrs(o)]))
    optimizer = _optimizer(case["lrs"], cls=optimizer_class)

    def train_epoch() -> float:
        events.append("train_epoch")
        _step_epoch(optimizer, 0)
        return next(train_losses)

    def validate() -> float:
        events.append("validate")
        return next(val_losses)

    def scheduler_stepped(_scheduler: Any, *args: Any, **kwargs: Any) -> None:
        events.append(["scheduler.step", *plain([*args, *kwargs.values()])])

    scheduler = _recording(ReduceLROnPlateau, scheduler_stepped)(optimizer, **case["config"])
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        epochs=case["epochs"],
        train_epoch=train_epoch,
        validate=validate,
    )
    return {"value": plain(value), "events": events}


ANSWERS_ASKED = {"resume": 2}  # all other exercises ask for one function

OBSERVERS = {
    "read_lrs": _read_lrs,
    "make_scheduler": _make_scheduler,
    "fit": _fit,
    "resume": _resume,
    "fit_plateau": _fit_plateau,
}


UNSETTLED = ("error", "unanswered", "timeout")  # without a value there is no consequence


def settle(exercise: str, case: Case, observed: Observation) -> Observation:
    """Replace an answer by its consequence where an exercise has many right answers.

    `observed` may come from a stranger. The consequence stands under a key that no answer can fill;
    an answer without one stays visible as `"unusable"`, with the reason.
    """
    follow = {"design_schedule": _schedule_designed, "find_config": _drops_found}.get(exercise)
    if follow is None:
        return observed
    if "value" not in observed:
        return {key: observed[key] for key in UNSETTLED if key in observed}
    value = observed["value"]
    rest = {"changed": observed["changed"]} if "changed" in observed else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {**rest, "consequence": follow(case, value)}
    except Exception as error:
        return {**rest, "unusable": value, "reason": str(error)[:MESSAGE_CHARS_KEPT]}


def _schedule_designed(case: Case, value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("a pair (step_size, gamma) is expected")
    step_size, gamma = value
    if not isinstance(step_size, (int, float)) or isinstance(step_size, bool):
        raise ValueError("step_size must be a number")
    if step_size != int(step_size) or step_size < 1:
        raise ValueError("step_size must be a whole number, 1 or more")
    if not isinstance(gamma, (int, float)) or isinstance(gamma, bool):
        raise ValueError("gamma must be a number")
    lrs = [case["lr0"] * gamma ** (epoch // step_size) for epoch in range(case["epochs"])]
    drops = sum(after < before for before, after in pairwise(lrs))
    last = Float32(lrs[-1]) if isinstance(gamma, Float32) else float(lrs[-1])
    return {"drops": drops, "last lr": last}


def _drops_found(case: Case, value: Any) -> Any:
    if not isinstance(value, dict) or any(isinstance(entry, Other) for entry in value.values()):
        raise ValueError("a dict of settings for ReduceLROnPlateau is expected")
    optimizer = _optimizer([0.1])
    scheduler = ReduceLROnPlateau(optimizer, **value)
    drops = []
    for number, metric in enumerate(case["metrics"], start=1):
        (before,) = _lrs(optimizer)
        scheduler.step(metric)
        if _lrs(optimizer)[0] < before:
            drops.append(number)
    return {"drops": drops}
