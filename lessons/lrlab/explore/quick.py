"""The arithmetic of live runs: lrlab.training's loop, with less to do for each batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrlab import training
from lrlab.data import Images
from lrlab.training import BATCH_SIZE, Epoch

MOMENTUM = 0.9


def sgd(model: nn.Module, lr: float) -> SGD:
    """SGD with momentum that updates each parameter in one pass over its values."""
    return SGD(model.parameters(), lr=lr, momentum=MOMENTUM, fused=True)


def train_by_batch(
    model: nn.Module,
    optimizer: Optimizer,
    images: Images,
    epochs: int,
    scheduler: LRScheduler | None = None,
    **how: Any,
) -> Iterator[int | Epoch]:
    """Like `lrlab.training.train_by_batch`, whose further arguments are `how`, for an `mlp`.

    Sums are added in another order, so a run drifts away from a recorded one with the same
    settings, as one with another seed would: this is for live runs alone.
    """
    gradients = written_out(model, images)
    return training.train_by_batch(
        model, optimizer, images, epochs, scheduler, gradients=gradients, **how
    )


def written_out(model: nn.Module, images: Images) -> Callable[[Tensor], float]:
    """What finds the gradients of an `mlp` by the chain rule, written out.

    For so small a network autograd's records of each operation cost as much as the operations.
    Batches of at most BATCH_SIZE images and all gradients use the same memory again and again.
    """
    w1, b1, w2, b2 = model.parameters()
    for parameter in (w1, b1, w2, b2):
        parameter.grad = torch.zeros_like(parameter)
    room = torch.empty(BATCH_SIZE, w1.shape[1])
    minus_one = torch.full((BATCH_SIZE, 1), -1.0)

    @torch.no_grad()
    def gradients(batch: Tensor) -> float:
        n = len(batch)
        x = torch.index_select(images.x_train, 0, batch, out=room[:n])
        y = torch.index_select(images.y_train, 0, batch)
        h = torch.addmm(b1, x, w1.t()).relu_()
        log_p = torch.addmm(b2, h, w2.t()).log_softmax(1)
        loss = nll_loss(log_p, y).item()
        # The slope of the mean loss by the scores: the probabilities, less 1 for the right class.
        slope = log_p.exp_().scatter_add_(1, y.unsqueeze(1), minus_one[:n]).div_(n)
        torch.mm(slope.t(), h, out=w2.grad)
        torch.sum(slope, 0, out=b2.grad)
        slope = torch.mm(slope, w2).mul_(h.sign_())  # The slope of ReLU is 0 or 1.
        torch.mm(slope.t(), x, out=w1.grad)
        torch.sum(slope, 0, out=b1.grad)
        return loss

    return gradients
