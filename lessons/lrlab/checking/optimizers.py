"""Optimizers and schedulers that answers are given: real torch objects, and what is seen of them.

Every tensor has its dtype named: the default one may be the learner's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

from .answer import Observation
from .codec import plain
from .compare import SIMPLE


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
    step_epoch(optimizer, 0)
    schedulers[0].step()
    schedulers[1].step(0.0)


def lrs_of(optimizer: torch.optim.Optimizer) -> list[Any]:
    """The lr of each param group, as plain data."""
    return [plain(group["lr"]) for group in optimizer.param_groups]


def parameters_of(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """The parameters of all param groups, in their order."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def rest_of(
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


def unless_changed(observed: Observation, before: Any, after: Any) -> Observation:
    """What was observed, and that the optimizer was changed if it was."""
    if before == after:
        return observed
    return {**observed, "changed": [*observed.get("changed", []), "optimizer"]}


def step_epoch(optimizer: torch.optim.Optimizer, epoch: int) -> None:
    """One update of every group with a gradient that depends on the epoch alone."""
    for parameter in parameters_of(optimizer):
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


def recording_optimizer(note: Callable[[torch.optim.Optimizer], None]) -> type:
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


def recording_scheduler(base: type, note: Callable[..., None]) -> type:
    """A scheduler that first calls `note` with what its `step` is given."""

    def step(_scheduler: Any, go_on: Any, *args: Any, **kwargs: Any) -> Any:
        note(*args, **kwargs)
        return go_on(*args, **kwargs)

    return _recording(base, step)
