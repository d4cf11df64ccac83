"""Observers of training loops: they note each call that a loop makes, in order, and its lr.

The optimizer, scheduler and batches that a loop is given are torch's own, and also note each call.
Every tensor has its dtype named: the default one may be the learner's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau, StepLR

from .answer import Answer, Case, Observation, call
from .codec import plain
from .optimizers import (
    lrs_of,
    make_optimizer,
    parameters_of,
    recording_optimizer,
    recording_scheduler,
    rest_of,
    step_epoch,
    unless_changed,
)
from .text import a


def fit(answer: Answer, case: Case) -> Observation:
    """Note the order of all calls, the lr of each update, and the parameters at the end."""
    settings = {"step_size": case["step_size"], "gamma": case["gamma"]}
    return _fit(answer, case, StepLR, **settings)


def fit_updates(answer: Answer, case: Case) -> Observation:
    """Like `fit`, with a scheduler that gives each update of the run an lr of its own."""
    return _fit(answer, case, LambdaLR, lr_lambda=_down_to_0(case["epochs"] * case["num_batches"]))


def _down_to_0(updates: int) -> Callable[[int], float]:
    """A factor that is another one for each update, and 0 for none of them."""
    return lambda update: max(1 - update / (updates + 1), 0.0)


def _scheduler_and_batches(
    optimizer: torch.optim.Optimizer,
    case: Case,
    events: list[str],
    schedule: type,
    **settings: Any,
) -> tuple[LRScheduler, list[torch.Tensor]]:
    """A scheduler whose steps are noted among `events`, and batches that are their own numbers."""
    recording = recording_scheduler(schedule, lambda *_: events.append("scheduler.step"))
    scheduler = recording(optimizer, **settings)
    events.clear()  # A scheduler calls its own step once while it is constructed.
    count = case["num_batches"]
    return scheduler, [torch.tensor(index, dtype=torch.float32) for index in range(count)]


def _loss(batch: torch.Tensor, parameters: list[torch.Tensor]) -> torch.Tensor:
    """A loss whose gradients tell one batch, and each parameter's value, from all others."""
    return (0.1 * (batch + 1) * torch.cat(parameters)).square().sum()


def _number_of(batch: Any, caller: str) -> int:
    """The number that a batch is. Raises TypeError on what is none: its index, or all batches."""
    if not isinstance(batch, torch.Tensor) or batch.dim():
        raise TypeError(f"{caller} takes one of the batches, not {a(type(batch).__name__)}")
    return int(batch)


def _unless_used_up(observed: Observation, batches: list[torch.Tensor], case: Case) -> Observation:
    """What was observed, and that the list of batches was changed if it was."""
    return observed if len(batches) == case["num_batches"] else {**observed, "changed": ["batches"]}


def _fit(answer: Answer, case: Case, schedule: type, **settings: Any) -> Observation:
    events: list[str] = []
    lrs: list[list[Any]] = []

    def optimizer_stepped(optimizer: torch.optim.Optimizer) -> None:
        events.append("optimizer.step")
        lrs.append(lrs_of(optimizer))

    def train_batch(batch: torch.Tensor) -> float:
        events.append(f"train_batch {_number_of(batch, 'train_batch')}")
        optimizer.zero_grad()
        loss = _loss(batch, parameters_of(optimizer))
        loss.backward()
        return loss.item()

    optimizer = make_optimizer(case["lrs"], cls=recording_optimizer(optimizer_stepped))
    scheduler, batches = _scheduler_and_batches(optimizer, case, events, schedule, **settings)
    before = rest_of(optimizer, case["lrs"], hooks=False)
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        batches=batches,
        epochs=case["epochs"],
        train_batch=train_batch,
    )
    parameters = [p.tolist() for p in parameters_of(optimizer)]
    observed = {"value": plain(value), "events": events, "lrs": lrs, "parameters": parameters}
    observed = _unless_used_up(observed, batches, case)
    return unless_changed(observed, before, rest_of(optimizer, case["lrs"], hooks=False))


def fit_accumulate(answer: Answer, case: Case) -> Observation:
    """Note the order of all calls, lr and gradients of each update, the parameters at the end."""
    events: list[str] = []
    lrs: list[list[Any]] = []
    gradients: list[list[float]] = []

    def optimizer_stepped(optimizer: torch.optim.Optimizer) -> None:
        events.append("optimizer.step")
        lrs.append(lrs_of(optimizer))
        # A gradient that is missing changes as little as one of 0.
        grads = [p.grad for p in parameters_of(optimizer)]
        gradients.append([0.0 if grad is None else float(grad[0]) for grad in grads])

    def backward(batch: torch.Tensor) -> None:
        events.append(f"backward {_number_of(batch, 'backward')}")
        _loss(batch, parameters).backward()

    optimizer = make_optimizer(case["lrs"], cls=recording_optimizer(optimizer_stepped))
    parameters = parameters_of(optimizer)
    if case["old_gradient"]:
        for parameter in parameters:
            parameter.grad = torch.full_like(parameter, case["old_gradient"])
    factor = _down_to_0(case["num_batches"])
    scheduler, batches = _scheduler_and_batches(optimizer, case, events, LambdaLR, lr_lambda=factor)
    before = rest_of(optimizer, case["lrs"], hooks=False)
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        batches=batches,
        every=case["every"],
        backward=backward,
    )
    observed = {
        "value": plain(value),
        "events": events,
        "lrs": lrs,
        "gradients": gradients,
        "parameters": [p.tolist() for p in parameters],
    }
    observed = _unless_used_up(observed, batches, case)
    return unless_changed(observed, before, rest_of(optimizer, case["lrs"], hooks=False))


def fit_plateau(answer: Answer, case: Case) -> Observation:
    """Note the order of all calls, with the lr of each update and the metric of each step."""
    events: list[Any] = []
    train_losses, val_losses = iter(case["train_losses"]), iter(case["val_losses"])
    optimizer_class = recording_optimizer(lambda optimizer: events.append([*lrs_of(optimizer)]))
    optimizer = make_optimizer(case["lrs"], cls=optimizer_class)

    def train_epoch() -> float:
        events.append("train_epoch")
        step_epoch(optimizer, 0)
        return next(train_losses)

    def validate() -> float:
        events.append("validate")
        return next(val_losses)

    def scheduler_stepped(*args: Any, **kwargs: Any) -> None:
        events.append(["scheduler.step", *plain([*args, *kwargs.values()])])

    scheduler_class = recording_scheduler(ReduceLROnPlateau, scheduler_stepped)
    scheduler = scheduler_class(optimizer, **case["config"])
    before = rest_of(optimizer, case["lrs"], hooks=False)
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        epochs=case["epochs"],
        train_epoch=train_epoch,
        validate=validate,
    )
    observed = {"value": plain(value), "events": events}
    return unless_changed(observed, before, rest_of(optimizer, case["lrs"], hooks=False))
