"""Training loops with a mistake in them: each leaves a log for the detective of lesson 5."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import StepLR

from .data import Images
from .training import Epoch, train, train_by_batch

MISTAKES = ("none", "per-batch", "made-anew", "twice", "accuracy-as-loss")


def train_with(
    mistake: str, model: nn.Module, optimizer: Optimizer, images: Images, scheduler: Any, **how: Any
) -> Iterator[Epoch]:
    """Like `lrlab.train`, but for what one of MISTAKES does with the scheduler.

    `how` are the further arguments of `train`. Raises ValueError for any other mistake.

    >>> images = load_mnist()
    >>> model = mlp(seed=0)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [epoch.lr for epoch in train_with("twice", model, optimizer, images, scheduler, epochs=3)]
    [0.5, 0.25, 0.125]
    """
    if mistake not in MISTAKES:
        raise ValueError(f"no such mistake: {mistake!r}; there are {', '.join(MISTAKES)}")
    if mistake == "none":
        yield from train(model, optimizer, images, scheduler=scheduler, **how)
        return
    begun = False
    for step in train_by_batch(model, optimizer, images, **how):
        if isinstance(step, Epoch):
            yield step
            _after_epoch(mistake, optimizer, scheduler, step)
        elif begun and mistake == "per-batch":
            scheduler.step()
        begun = True


def _after_epoch(mistake: str, optimizer: Optimizer, scheduler: Any, epoch: Epoch) -> None:
    if mistake == "made-anew":
        StepLR(optimizer, scheduler.step_size, scheduler.gamma).step()
    elif mistake == "twice":
        scheduler.step()
        scheduler.step()
    elif mistake == "accuracy-as-loss":
        scheduler.step(epoch.val_accuracy)
