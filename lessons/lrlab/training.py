"""The training loop of the lessons: batches from tensors in memory, one record per epoch."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from .data import TRAINING, Images

BATCH_SIZE = 128
BATCHES = math.ceil(TRAINING / BATCH_SIZE)  # in an epoch of MNIST


@dataclass(frozen=True)
class Epoch:
    """One epoch: the `lr` with which it trained, mean losses over images, accuracy in percent.

    Where a scheduler steps after every update, `lr` is that of the epoch's first one.
    """

    epoch: int
    lr: float
    train_loss: float
    val_loss: float
    val_accuracy: float


def mlp(seed: int = 0) -> nn.Module:
    """A 784-128-10 network whose first weights depend on `seed` alone.

    >>> images = torch.zeros(5, 784)
    >>> mlp(seed=0)(images).shape
    torch.Size([5, 10])
    """
    with torch.random.fork_rng(devices=[]):  # The caller's random numbers stay as they are.
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def train(
    model: nn.Module,
    optimizer: Optimizer,
    images: Images,
    epochs: int,
    scheduler: LRScheduler | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    per_update: bool = False,
) -> Iterator[Epoch]:
    """Train and validate; yields the record of each epoch as soon as the epoch is done.

    `seed` decides the order of the images. A run that diverges goes on and reports NaN. The
    scheduler steps after every epoch, or with `per_update` after every update.

    >>> images = load_mnist()
    >>> model = mlp(seed=0)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    >>> scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [epoch.lr for epoch in train(model, optimizer, images, epochs=3, scheduler=scheduler)]
    [0.5, 0.5, 0.25]
    """
    steps = train_by_batch(
        model, optimizer, images, epochs, scheduler, batch_size, seed, per_update
    )
    return (step for step in steps if isinstance(step, Epoch))


def train_by_batch(
    model: nn.Module,
    optimizer: Optimizer,
    images: Images,
    epochs: int,
    scheduler: LRScheduler | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    per_update: bool = False,
    gradients: Callable[[Tensor], float] | None = None,
) -> Iterator[int | Epoch]:
    """Like `train`, but also yields the number of each batch in its epoch, just before it.

    At each of them the caller may pause, stop or change the learning rate. `gradients(batch)` sets
    the gradients of the model's parameters for the training images with these numbers and returns
    the images' mean loss; autograd does it unless another function is given.
    """
    gradients = gradients or autograd(model, optimizer, images)
    shuffle = torch.Generator().manual_seed(seed)
    with one_thread():
        for epoch in range(epochs):
            model.train()
            order = torch.randperm(len(images.y_train), generator=shuffle)
            lr, total = math.nan, 0.0
            for number, batch in enumerate(order.split(batch_size)):
                yield number
                if number == 0:
                    # After the epoch the scheduler will have changed it.
                    lr = optimizer.param_groups[0]["lr"]
                loss = gradients(batch)
                optimizer.step()
                if per_update and scheduler is not None:
                    scheduler.step()
                total += loss * len(batch)  # The last batch is smaller and counts for less.
            val_loss, val_accuracy = evaluate(model, images.x_val, images.y_val)
            if isinstance(scheduler, ReduceLROnPlateau):
                scheduler.step(val_loss)
            elif scheduler is not None and not per_update:
                scheduler.step()
            yield Epoch(epoch, lr, total / len(order), val_loss, val_accuracy)


def autograd(model: nn.Module, optimizer: Optimizer, images: Images) -> Callable[[Tensor], float]:
    """What finds the gradients for a batch of training images, as every training loop does."""

    def gradients(batch: Tensor) -> float:
        loss = cross_entropy(model(images.x_train[batch]), images.y_train[batch])
        optimizer.zero_grad()
        loss.backward()
        return loss.item()

    return gradients


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread.

    For so small a network more threads gain little on an idle machine; on a busy one, and a browser
    is enough to make it busy, they wait for each other at every step. One thread also adds sums in
    the same order each time, on the same machine.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
def evaluate(model: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Mean loss and accuracy in percent of `model` on images x (N, 784) with labels y (N,).

    >>> images = load_mnist()
    >>> loss, accuracy = evaluate(mlp(seed=0), images.x_val, images.y_val)
    >>> 0 < accuracy < 50  # An untrained network guesses.
    True
    """
    model.eval()
    scores = model(x)
    right = (scores.argmax(dim=1) == y).sum().item()
    return cross_entropy(scores, y).item(), 100 * right / len(y)


@torch.no_grad()
def dead_units(model: nn.Module, x: Tensor) -> int:
    """How many hidden units of an `mlp` give 0 for every image of x (N, 784).

    No gradient reaches such a unit: it has stopped learning for good.

    >>> dead_units(mlp(seed=0), load_mnist().x_train)
    0
    """
    model.eval()
    hidden = nn.Sequential(*list(model.children())[:2])
    return int((hidden(x) == 0).all(dim=0).sum())
