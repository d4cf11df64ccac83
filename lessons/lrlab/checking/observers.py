"""The observers let a case meet an answer and write down what happens.

`pure` calls a function and notes its value. The others are for exercises on torch objects: they
build the objects from the case, call the answer, and record what happens. Optimizers and schedulers
are real torch objects that also note each call. Every tensor has its dtype named: the default one
may be the learner's.
"""

from __future__ import annotations

import io
import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau, StepLR

from .answer import Answer, Case, Observation, WrongResult, call
from .codec import copied, plain
from .compare import SIMPLE, difference
from .text import a

MAKE_SCHEDULER_STEPS = 12


def pure(answer: Answer, case: Case) -> Observation:
    """Call the answer with the case's entries as keywords; note its value and changed arguments."""
    before = copied(case)
    observed: Observation = {"value": plain(call(answer, **case))}
    changed = [name for name in before if _differ(before[name], case[name])]
    return {**observed, "changed": changed} if changed else observed


def _differ(before: Any, after: Any) -> bool:
    """Whether an argument was changed since `before` was copied from it."""
    return not _untouched(before, after) and difference(plain(before), plain(after)) is not None


def _untouched(copy: Any, value: Any) -> bool:
    """Whether a value surely is what was copied: a copy holds the very same numbers and words."""
    if copy is value:
        return True
    if type(copy) is list and type(value) is list:
        return len(copy) == len(value) and all(map(_untouched, copy, value))
    if type(copy) is dict and type(value) is dict:
        same_keys = len(copy) == len(value) and all(map(operator.is_, copy, value))
        return same_keys and all(map(_untouched, copy.values(), value.values()))
    return False


def make_optimizer(
    lrs: list[float], momentum: float = 0.0, cls: type = torch.optim.SGD
) -> torch.optim.Optimizer:
    """An SGD optimizer with one group of two parameters for each lr."""
    groups = [
        {"params": [torch.tensor([1.0, -1.0], dtype=torch.float64, requires_grad=True)], "lr": lr}
        for lr in lrs
    ]
    # foreach=False skips torch's check at each step; foreach only pays off for many large tensors.
    return cls(groups, lr=lrs[0], momentum=momentum, foreach=False)


@cache
def warm_up() -> None:
    """Build and step an optimizer and schedulers: torch imports much of itself at the first one."""
    optimizer = make_optimizer([0.1])
    schedulers = StepLR(optimizer, step_size=1), ReduceLROnPlateau(optimizer)
    _step_epoch(optimizer, 0)
    schedulers[0].step()
    schedulers[1].step(0.0)


def lrs_of(optimizer: torch.optim.Optimizer) -> list[Any]:
    """The lr of each param group, as plain data."""
    return [plain(group["lr"]) for group in optimizer.param_groups]


def _rest_of(
    optimizer: torch.optim.Optimizer, lrs: list[Any], hooks: bool = True, initial_lr: bool = True
) -> dict[str, Any]:
    """What an optimizer is besides the lr of its groups, to tell whether an answer changed it.

    Args:
        optimizer: the one that the answer is given.
        lrs: the lr that each group began with, which the first scheduler notes as initial_lr.
        hooks: whether its hooks count. In a training loop they do not: one that only notes lr is
            a right answer, and what any other one does is seen.
        initial_lr: whether it counts. It does not where the answer may choose what LambdaLR
            multiplies.
    """
    left_out = {"lr", "params"} if initial_lr else {"lr", "params", "initial_lr"}
    groups = [
        _settings({"initial_lr": lr, **group}, left_out)
        for lr, group in zip(lrs, optimizer.param_groups)
    ]
    kept = {name: list(each) for name, each in vars(optimizer).items() if name.endswith("_hooks")}
    return {
        "groups": groups,
        "parameters": [[id(each) for each in group["params"]] for group in optimizer.param_groups],
        "defaults": _settings(optimizer.defaults, set()),
        "hooks": kept if hooks else {},
    }


def _settings(settings: dict[str, Any], left_out: set[str]) -> dict[str, Any]:
    """What an optimizer is set to, as plain data: most of it is, and every case asks for it."""
    return {
        name: value if type(value) in SIMPLE else plain(value)
        for name, value in settings.items()
        if name not in left_out
    }


def _unless_changed(observed: Observation, before: Any, after: Any) -> Observation:
    """What was observed, and that the optimizer was changed if it was."""
    if before == after:
        return observed
    return {**observed, "changed": [*observed.get("changed", []), "optimizer"]}


def _step_epoch(optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """One update of every group with a gradient that depends on the epoch alone."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = torch.full_like(parameter, 0.5 + 0.25 * epoch)
    optimizer.step()


def _recording(base: type, step: Any) -> type:
    """A subclass of a torch optimizer or scheduler with another `step`, which calls `super`'s."""

    class Recording(base):
        def step(self, *args: Any, **kwargs: Any) -> Any:
            return step(self, super().step, *args, **kwargs)

    # Marked as hooked: otherwise torch wraps both this step and super().step().
    Recording.step.hooked = True  # type: ignore[attr-defined]
    Recording.__name__ = Recording.__qualname__ = base.__name__
    return Recording


def _recording_optimizer(note: Callable[[torch.optim.Optimizer], None]) -> type:
    """SGD that calls `note` just before each update, so after the closure that `step` may take."""

    def step(optimizer: Any, update: Any, closure: Any = None) -> Any:
        if closure is None:
            note(optimizer)
            return update()

        def noted_closure() -> Any:
            loss = closure()
            note(optimizer)
            return loss

        return update(noted_closure)

    return _recording(torch.optim.SGD, step)


def _recording_scheduler(base: type, note: Callable[..., None]) -> type:
    """A scheduler that first calls `note` with what its `step` is given."""

    def step(_scheduler: Any, go_on: Any, *args: Any, **kwargs: Any) -> Any:
        note(*args, **kwargs)
        return go_on(*args, **kwargs)

    return _recording(base, step)


def read_lrs(answer: Answer, case: Case) -> Observation:
    """Hand over an optimizer with several groups; note whether anything of it was changed."""

    def layer() -> list[torch.Tensor]:
        return [torch.zeros(n, dtype=torch.float32, requires_grad=True) for n in (2, 1)]

    cls = getattr(torch.optim, case["optimizer"])
    optimizer = cls([{"params": layer(), "lr": lr} for lr in case["lrs"]])

    def everything() -> Any:
        # Whoever makes a scheduler to ask it for its rates leaves initial_lr behind.
        keys = [set(group) - {"initial_lr"} for group in optimizer.param_groups]
        values = [p.tolist() for group in optimizer.param_groups for p in group["params"]]
        return lrs_of(optimizer), keys, values, _rest_of(optimizer, case["lrs"])

    before = everything()
    observed: Observation = {"value": plain(call(answer, optimizer=optimizer))}
    return _unless_changed(observed, before, everything())


def make_scheduler(answer: Answer, case: Case) -> Observation:
    """Note the settings of the scheduler that comes back, and the lr of each epoch under it."""
    optimizer = make_optimizer(case["lrs"])
    settings = {"step_size": case["step_size"], "gamma": case["gamma"]}
    before = _rest_of(optimizer, case["lrs"])
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
    observed = _unless_changed(observed, before, _rest_of(optimizer, case["lrs"]))
    for epoch in range(MAKE_SCHEDULER_STEPS):
        observed["lrs"].append(lrs_of(optimizer))
        _step_epoch(optimizer, epoch)
        try:
            scheduler.step()
        except Exception as error:  # A step_size of 0, for one, fails only here.
            return {**observed, "step": type(error).__name__}
    return observed


def make_schedule(answer: Answer, case: Case) -> Observation:
    """Note what comes back, and with which lr each update trains under it."""
    optimizer, rates = make_optimizer([case["lr"]]), case["rates"]

    def rate(step: int) -> float:
        return rates[min(max(step, 0), len(rates) - 1)]

    before = _rest_of(optimizer, [case["lr"]], initial_lr=False)
    scheduler = call(answer, optimizer=optimizer, rate=rate)
    if not isinstance(scheduler, LRScheduler):
        return {"value": plain(scheduler)}
    observed: Observation = {
        "value": "LambdaLR" if isinstance(scheduler, LambdaLR) else type(scheduler).__name__,
        "same_optimizer": scheduler.optimizer is optimizer,
        "lrs": [],
    }
    after = _rest_of(optimizer, [case["lr"]], initial_lr=False)
    observed = _unless_changed(observed, before, after)
    for update in range(len(rates)):
        observed["lrs"].append(lrs_of(optimizer))
        _step_epoch(optimizer, update)
        try:
            scheduler.step()
        except Exception as error:  # A factor that divides by a rate of 0, for one.
            return {**observed, "step": type(error).__name__}
    return observed


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
    recording = _recording_scheduler(schedule, lambda *_: events.append("scheduler.step"))
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
        loss = _loss(batch, [p for group in optimizer.param_groups for p in group["params"]])
        loss.backward()
        return loss.item()

    optimizer = make_optimizer(case["lrs"], cls=_recording_optimizer(optimizer_stepped))
    scheduler, batches = _scheduler_and_batches(optimizer, case, events, schedule, **settings)
    before = _rest_of(optimizer, case["lrs"], hooks=False)
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
    observed = _unless_used_up(observed, batches, case)
    return _unless_changed(observed, before, _rest_of(optimizer, case["lrs"], hooks=False))


def fit_accumulate(answer: Answer, case: Case) -> Observation:
    """Note the order of all calls, lr and gradients of each update, the parameters at the end."""
    events: list[str] = []
    lrs: list[list[Any]] = []
    gradients: list[list[float]] = []

    def optimizer_stepped(optimizer: torch.optim.Optimizer) -> None:
        events.append("optimizer.step")
        lrs.append(lrs_of(optimizer))
        # A gradient that is missing changes as little as one of 0.
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
        gradients.append([0.0 if grad is None else float(grad[0]) for grad in grads])

    def backward(batch: torch.Tensor) -> None:
        events.append(f"backward {_number_of(batch, 'backward')}")
        _loss(batch, parameters).backward()

    optimizer = make_optimizer(case["lrs"], cls=_recording_optimizer(optimizer_stepped))
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    if case["old_gradient"]:
        for parameter in parameters:
            parameter.grad = torch.full_like(parameter, case["old_gradient"])
    factor = _down_to_0(case["num_batches"])
    scheduler, batches = _scheduler_and_batches(optimizer, case, events, LambdaLR, lr_lambda=factor)
    before = _rest_of(optimizer, case["lrs"], hooks=False)
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
    return _unless_changed(observed, before, _rest_of(optimizer, case["lrs"], hooks=False))


def resume(save: Answer, restore: Answer, case: Case) -> Observation:
    """Break the run before each epoch in turn and note lrs and parameters from there on."""
    return resume_runs(restore, case, save_runs(save, case))


def save_runs(save: Answer, case: Case) -> list[bytes]:
    """Break the run before each epoch in turn; return the file that is saved at each break."""
    return [_saved(save, case, break_at) for break_at in range(case["epochs"])]


def resume_runs(restore: Answer, case: Case, files: list[bytes]) -> Observation:
    """Go on from the file of each break, and note lrs and parameters from there on.

    Noted is also whether a restored optimizer has other settings than a run without a break.
    """
    runs, changed = [], False
    for break_at, file in enumerate(files):
        run, has_changed = _continue(restore, case, break_at, file)
        runs.append(run)
        changed |= has_changed
    return {"value": runs, "changed": ["optimizer"]} if changed else {"value": runs}


def _begin(case: Case) -> tuple[torch.optim.Optimizer, StepLR]:
    """A fresh optimizer and its scheduler."""
    optimizer = make_optimizer(case["lrs"], momentum=case["momentum"])
    return optimizer, StepLR(optimizer, step_size=case["step_size"], gamma=case["gamma"])


def _saved(save: Answer, case: Case, break_at: int) -> bytes:
    optimizer, scheduler = _begin(case)
    for epoch in range(break_at):
        _step_epoch(optimizer, epoch)
        scheduler.step()
    checkpoint = call(save, optimizer=optimizer, scheduler=scheduler)
    if not isinstance(checkpoint, dict):
        raise WrongResult(f"`save` returns {type(checkpoint).__name__}: one dict is expected")
    trained = [p.detach().clone() for group in optimizer.param_groups for p in group["params"]]
    file = io.BytesIO()
    torch.save({"checkpoint": checkpoint, "trained": trained}, file)
    return file.getvalue()


def _continue(restore: Answer, case: Case, break_at: int, file: bytes) -> tuple[list[Any], bool]:
    """What is seen of each epoch, and whether more than lr and state of the optimizer changed."""
    saved = torch.load(io.BytesIO(file), weights_only=False)
    optimizer, scheduler = _begin(case)
    with torch.no_grad():  # Restore the model's weights, as a training script does.
        for group, values in zip(optimizer.param_groups, saved["trained"]):
            group["params"][0].copy_(values)
    before = _rest_of(optimizer, case["lrs"])
    call(restore, optimizer=optimizer, scheduler=scheduler, checkpoint=saved["checkpoint"])
    changed = _rest_of(optimizer, case["lrs"]) != before
    seen = []
    for epoch in range(break_at, case["epochs"]):
        lrs = lrs_of(optimizer)
        _step_epoch(optimizer, epoch)
        scheduler.step()
        parameters = [group["params"][0].tolist() for group in optimizer.param_groups]
        seen.append({"lrs": lrs, "parameters": parameters})
    return seen, changed


def fit_plateau(answer: Answer, case: Case) -> Observation:
    """Note the order of all calls, with the lr of each update and the metric of each step."""
    events: list[Any] = []
    train_losses, val_losses = iter(case["train_losses"]), iter(case["val_losses"])
    optimizer_class = _recording_optimizer(lambda optimizer: events.append([*lrs_of(optimizer)]))
    optimizer = make_optimizer(case["lrs"], cls=optimizer_class)

    def train_epoch() -> float:
        events.append("train_epoch")
        _step_epoch(optimizer, 0)
        return next(train_losses)

    def validate() -> float:
        events.append("validate")
        return next(val_losses)

    def scheduler_stepped(*args: Any, **kwargs: Any) -> None:
        events.append(["scheduler.step", *plain([*args, *kwargs.values()])])

    scheduler_class = _recording_scheduler(ReduceLROnPlateau, scheduler_stepped)
    scheduler = scheduler_class(optimizer, **case["config"])
    before = _rest_of(optimizer, case["lrs"], hooks=False)
    value = call(
        answer,
        optimizer=optimizer,
        scheduler=scheduler,
        epochs=case["epochs"],
        train_epoch=train_epoch,
        validate=validate,
    )
    observed = {"value": plain(value), "events": events}
    return _unless_changed(observed, before, _rest_of(optimizer, case["lrs"], hooks=False))
