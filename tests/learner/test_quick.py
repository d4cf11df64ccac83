"""The arithmetic of live runs is that of recorded ones, but for the last digits."""

import math
from dataclasses import replace

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau, StepLR

from lrlab import training
from lrlab.data import _digits
from lrlab.explore import quick
from lrlab.training import Epoch, mlp

SCHEDULERS = {
    "constant": lambda optimizer: None,
    "StepLR": lambda optimizer: StepLR(optimizer, 1, 0.5),
    "ReduceLROnPlateau": lambda optimizer: ReduceLROnPlateau(optimizer, patience=0),
    "OneCycleLR": lambda optimizer: OneCycleLR(optimizer, 0.1, total_steps=10),  # and momentum
}


@pytest.fixture(scope="module")
def digits():
    return _digits()


def some(images, count):
    return replace(images, x_train=images.x_train[:count], y_train=images.y_train[:count])


@pytest.mark.parametrize("count", [1, 128, 129, 1_297])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_gradients_are_those_of_autograd(digits, seed, count):
    """Also where the memory has been used by a larger batch before."""
    images, by_hand, by_torch = some(digits, count), mlp(seed), mlp(seed)
    written_out = quick.written_out(by_hand, images)
    autograd = training.autograd(by_torch, SGD(by_torch.parameters()), images)
    for batch in torch.arange(count).split(training.BATCH_SIZE):
        assert written_out(batch) == pytest.approx(autograd(batch), rel=1e-5)
        for mine, theirs in zip(by_hand.parameters(), by_torch.parameters(), strict=True):
            torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_run_is_that_of_lrlab_train(digits, name):
    """Few updates: over thousands a difference in the last digit grows to that of another seed."""
    images = some(digits, 400)

    def trained(make, loop):
        model = mlp(3)
        optimizer = make(model)
        steps = loop(model, optimizer, images, 3, SCHEDULERS[name](optimizer), seed=3)
        return model, [step for step in steps if isinstance(step, Epoch)]

    usual = lambda model: SGD(model.parameters(), lr=0.05, momentum=quick.MOMENTUM)  # noqa: E731
    model, epochs = trained(lambda model: quick.sgd(model, 0.05), quick.train_by_batch)
    same, expected = trained(usual, training.train_by_batch)
    for mine, theirs in zip(model.parameters(), same.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-5)
    assert [each.lr for each in epochs] == [each.lr for each in expected]
    for field in ("train_loss", "val_loss"):
        values = [getattr(each, field) for each in epochs]
        assert values == pytest.approx([getattr(each, field) for each in expected], rel=1e-3)


def test_divergence_is_reported_as_nan(digits):
    huge = replace(digits, x_train=digits.x_train * 1e20)
    model = mlp(0)
    *_, last = quick.train_by_batch(model, quick.sgd(model, 1e10), huge, 2)
    assert math.isnan(last.train_loss)
    assert math.isnan(last.val_loss)
