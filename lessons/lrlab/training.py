"""The training loop of the lessons: batches from tensors in memory, one record per epoch."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from .data import Images


@dataclass(frozen=True)
class Epoch:
    """One epoch: the `lr` it trained with, losses (mean over images), accuracy in percent."""

    epoch: int
    lr: float
    train_loss: float
    val_loss: float
    val_accuracy: float


def mlp(seed: int = 0) -> nn.Module:
    """A 784-128-10 network whose first weights depend on `seed` alone."""
    with torch.random.fork_rng(devices=[]):  # your own random numbers stay as they are
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def train(
    model: nn.Module,
    optimizer: Optimizer,
    images: Images,
    epochs: int,
    scheduler: LRScheduler | None = None,
    batch_size: int = 128,
    seed: int = 0,
) -> Iterator[Epoch]:
    """Train and validate, one record per epoch, as soon as the epoch is done.

    `seed` decides the order of the images. A run that diverges goes on and reports NaN.
    """
    steps = train_by_batch(model, optimizer, images, epochs, scheduler, batch_size, seed)
    return (step for step in steps if isinstance(step, Epoch))


def train_by_batch(
    model: nn.Module,
    optimizer: Optimizer,
    images: Images,
    epochs: int,
    scheduler: LRScheduler | None = None,
    batch_size: int = 128,
    seed: int = 0,
) -> Iterator[int | Epoch]:
    """Like `train`, but also yields the number of each batch in its epoch, just before it.

    There the caller may pause, stop, or do to the learning rate what it likes.
    """
    shuffle = torch.Generator().manual_seed(seed)
    with one_thread():
        for epoch in range(epochs):
            model.train()
            order = torch.randperm(len(images.y_train), generator=shuffle)
            lr, total = math.nan, 0.0
            for number, batch in enumerate(order.split(batch_size)):
                yield number
                if number == 0:
                    lr = optimizer.param_groups[0]["lr"]  # now: the scheduler changes it below
                loss = cross_entropy(model(images.x_train[batch]), images.y_train[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(batch)  # the last batch is smaller: it counts for less
            val_loss, val_accuracy = evaluate(model, images.x_val, images.y_val)
            if isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(val_loss)
            elif scheduler is not None:
                scheduler.step()
            yield Epoch(epoch, lr, total / len(order), val_loss, val_accuracy)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread: for so small a network more gain little on an idle machine.

    On a busy one, a browser beside it is enough, they wait for each other at every step. And with
    one, sums are added in the same order on every machine.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Mean loss and accuracy in percent of `model` on images x (N, 784) with labels y (N,)."""
    model.eval()
    scores = model(x)
    right = (scores.argmax(dim=1) == y).sum().item()
    return cross_entropy(scores, y).item(), 100 * right / len(y)
