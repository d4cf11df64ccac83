"""The observers let a case meet an answer and write down what happens.

`pure` calls a function and notes its value. The others are for exercises on torch objects: they
build the objects from the case, call the answer, and record what happens. loops.py has those of
training loops.
"""

from __future__ import annotations

import io
import operator
from typing import Any

import torch
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, StepLR

from .answer import Answer, Case, Observation, WrongResult, call
from .codec import copied, plain
from .compare import difference
from .optimizers import lrs_of, make_optimizer, parameters_of, rest_of, step_epoch, unless_changed

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


def read_lrs(answer: Answer, case: Case) -> Observation:
    """Hand over an optimizer with several groups; note whether anything of it was changed."""

    def layer() -> list[torch.Tensor]:
        return [torch.zeros(n, dtype=torch.float32, requires_grad=True) for n in (2, 1)]

    cls = getattr(torch.optim, case["optimizer"])
    optimizer = cls([{"params": layer(), "lr": lr} for lr in case["lrs"]])

    def everything() -> Any:
        # Whoever makes a scheduler to ask it for its rates leaves initial_lr behind.
        keys = [set(group) - {"initial_lr"} for group in optimizer.param_groups]
        values = [p.tolist() for p in parameters_of(optimizer)]
        return lrs_of(optimizer), keys, values, rest_of(optimizer, case["lrs"])

    before = everything()
    observed: Observation = {"value": plain(call(answer, optimizer=optimizer))}
    return unless_changed(observed, before, everything())


def make_scheduler(answer: Answer, case: Case) -> Observation:
    """Note the settings of the scheduler that comes back, and the lr of each epoch under it."""
    optimizer = make_optimizer(case["lrs"])
    settings = {"step_size": case["step_size"], "gamma": case["gamma"]}
    before = rest_of(optimizer, case["lrs"])
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
    observed = unless_changed(observed, before, rest_of(optimizer, case["lrs"]))
    for epoch in range(MAKE_SCHEDULER_STEPS):
        observed["lrs"].append(lrs_of(optimizer))
        step_epoch(optimizer, epoch)
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

    before = rest_of(optimizer, [case["lr"]], initial_lr=False)
    scheduler = call(answer, optimizer=optimizer, rate=rate)
    if not isinstance(scheduler, LRScheduler):
        return {"value": plain(scheduler)}
    observed: Observation = {
        "value": "LambdaLR" if isinstance(scheduler, LambdaLR) else type(scheduler).__name__,
        "same_optimizer": scheduler.optimizer is optimizer,
        "lrs": [],
    }
    after = rest_of(optimizer, [case["lr"]], initial_lr=False)
    observed = unless_changed(observed, before, after)
    for update in range(len(rates)):
        observed["lrs"].append(lrs_of(optimizer))
        step_epoch(optimizer, update)
        try:
            scheduler.step()
        except Exception as error:  # A factor that divides by a rate of 0, for one.
            return {**observed, "step": type(error).__name__}
    return observed


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
        step_epoch(optimizer, epoch)
        scheduler.step()
    checkpoint = call(save, optimizer=optimizer, scheduler=scheduler)
    if not isinstance(checkpoint, dict):
        raise WrongResult(f"`save` returns {type(checkpoint).__name__}: one dict is expected")
    trained = [p.detach().clone() for p in parameters_of(optimizer)]
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
    before = rest_of(optimizer, case["lrs"])
    call(restore, optimizer=optimizer, scheduler=scheduler, checkpoint=saved["checkpoint"])
    changed = rest_of(optimizer, case["lrs"]) != before
    seen = []
    for epoch in range(break_at, case["epochs"]):
        lrs = lrs_of(optimizer)
        step_epoch(optimizer, epoch)
        scheduler.step()
        parameters = [group["params"][0].tolist() for group in optimizer.param_groups]
        seen.append({"lrs": lrs, "parameters": parameters})
    return seen, changed
