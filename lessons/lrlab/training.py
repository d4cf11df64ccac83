"""The training loop of the lessons: batches from tensors in memory, one record per epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from lrlab.data import Images


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
    shuffle = torch.Generator().manual_seed(seed)
    for epoch in range(epochs):
        lr = optimizer.param_groups[0]["lr"]  # read now: the scheduler changes it below
        order = torch.randperm(len(images.y_train), generator=shuffle)
        train_loss = train_epoch(model, optimizer, images, order.split(batch_size))
        val_loss, val_accuracy = evaluate(model, images.x_val, images.y_val)
        if isinstance(scheduler, ReduceLROnPlateau):
            scheduler.step(val_loss)
        elif scheduler is not None:
            scheduler.step()
        yield Epoch(epoch, lr, train_loss, val_loss, val_accuracy)


def train_epoch(
    model: nn.Module, optimizer: Optimizer, images: Images, batches: tuple[Tensor, ...]
) -> float:
    """One optimizer step per batch of indices; the mean loss over all images seen."""
    model.train()
    total = 0.0
    for batch in batches:
        loss = cross_entropy(model(images.x_train[batch]), images.y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)  # the last batch is smaller and must count for less
    return total / sum(map(len, batches))


@torch.no_grad()
def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Mean loss and accuracy in percent of `model` on images x (N, 784) with labels y (N,)."""
    model.eval()
    scores = model(x)
    right = (scores.argmax(dim=1) == y).sum().item()
    return cross_entropy(scores, y).item(), 100 * right / len(y)
