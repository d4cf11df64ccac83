"""The training loop: the lr of each epoch, same seed same run, nothing leaks."""

import math
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch.optim import SGD
from torch.optim.lr_scheduler import LambdaLR, ReduceLROnPlateau, StepLR

from lrlab.data import _digits
from lrlab.training import dead_units, evaluate, mlp, train


@pytest.fixture(scope="module")
def digits():
    return _digits()


def run(images, epochs=2, lr=0.05, scheduler=lambda optimizer: None, seed=0, **options):
    model = mlp(seed)
    optimizer = SGD(model.parameters(), lr=lr, momentum=0.9)
    return list(train(model, optimizer, images, epochs, scheduler(optimizer), seed=seed, **options))


def weights(model):
    return torch.cat([p.flatten() for p in model.parameters()])


def test_mlp_depends_on_its_seed_alone():
    torch.manual_seed(1)
    one = weights(mlp(0))
    torch.manual_seed(2)
    assert torch.equal(one, weights(mlp(0)))
    assert not torch.equal(one, weights(mlp(1)))
    assert [p.shape for p in mlp().parameters()] == [(128, 784), (128,), (10, 128), (10,)]


@pytest.mark.parametrize("said", [None, "7"])
def test_a_lesson_has_one_thread_unless_its_learner_said_otherwise(said):
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    if said:
        environment["OMP_NUM_THREADS"] = said
    code = "import lrlab, os, torch; print(os.environ['OMP_NUM_THREADS'], torch.get_num_threads())"
    printed = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    number, threads = printed.split()
    assert number == said if said else (number, threads) == ("1", "1")


def test_your_random_numbers_stay_as_they_are(digits):
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    run(digits)
    assert torch.equal(torch.rand(3), expected)


def test_same_seed_same_run(digits):
    assert run(digits) == run(digits)
    assert run(digits) != run(digits, seed=1)


def test_it_learns(digits):
    first, *_, last = run(digits, epochs=8)
    assert last.train_loss < first.train_loss / 4
    assert last.val_accuracy > 90


def test_lr_is_the_one_used_in_the_epoch(digits):
    epochs = run(digits, 7, lr=0.1, scheduler=lambda o: StepLR(o, step_size=3, gamma=0.1))
    assert [e.epoch for e in epochs] == list(range(7))
    expected = [0.1 * 0.1 ** (e // 3) for e in range(7)]
    assert [e.lr for e in epochs] == pytest.approx(expected, rel=1e-9, abs=0)


def test_lr_is_in_force_during_the_steps(digits):
    """Not only reported: the optimizer steps with it."""
    used = []
    model = mlp()
    optimizer = SGD(model.parameters(), lr=0.1)
    optimizer.register_step_pre_hook(lambda o, *_: used.append(o.param_groups[0]["lr"]))
    epochs = list(train(model, optimizer, digits, 3, StepLR(optimizer, 1, 0.5)))
    updates = math.ceil(1_297 / 128)
    assert used == [e.lr for e in epochs for _ in range(updates)]


def test_a_schedule_of_updates_steps_after_each(digits):
    used = []
    model = mlp()
    optimizer = SGD(model.parameters(), lr=0.1)
    optimizer.register_step_pre_hook(lambda o, *_: used.append(o.param_groups[0]["lr"]))
    updates = math.ceil(1_297 / 128)
    schedule = LambdaLR(optimizer, lambda t: 1 - t / (2 * updates))
    epochs = list(train(model, optimizer, digits, 2, schedule, per_update=True))
    assert used == pytest.approx([0.1 * (1 - t / (2 * updates)) for t in range(2 * updates)])
    assert [each.lr for each in epochs] == pytest.approx([0.1, 0.05])


def test_dead_units_are_those_that_no_image_reaches(digits):
    model = mlp()
    assert dead_units(model, digits.x_train) == 0
    with torch.no_grad():
        model[0].bias[:5] = -1e6
        model[0].weight[5] = 0.0  # at exactly 0, which passes no gradient on either
        model[0].bias[5] = 0.0
    assert dead_units(model, digits.x_train) == 6


def test_plateau_is_given_the_validation_loss(digits):
    seen = []

    class Spy(ReduceLROnPlateau):
        def step(self, metrics, epoch=None):
            seen.append(metrics)
            super().step(metrics)

    epochs = run(digits, 3, scheduler=Spy)
    assert seen == [e.val_loss for e in epochs]


def test_training_loss_weighs_images_alike(digits):
    """With lr 0 the epoch's loss is the loss of the whole set, however it is cut into batches."""
    [epoch] = run(digits, 1, lr=0.0, batch_size=500)
    assert epoch.train_loss == pytest.approx(
        evaluate(mlp(), digits.x_train, digits.y_train)[0], rel=1e-5
    )


def test_it_is_a_generator(digits):
    model = mlp()
    epochs = train(model, SGD(model.parameters(), lr=0.1), digits, epochs=1_000_000)
    assert next(epochs).epoch == 0


def test_evaluate_leaves_no_gradient(digits):
    model = mlp()
    loss, accuracy = evaluate(model, digits.x_val, digits.y_val)
    assert all(p.grad is None for p in model.parameters())
    assert isinstance(loss, float)
    assert 0 <= accuracy <= 100


def test_divergence_is_reported_as_nan(digits):
    huge = replace(digits, x_train=digits.x_train * 1e20)
    last = run(huge, 2, lr=1e10)[-1]
    assert math.isnan(last.train_loss)
    assert math.isnan(last.val_loss)


def test_one_epoch_of_mnist(mnist):
    [epoch] = run(mnist, 1, lr=0.1)
    assert epoch.val_accuracy > 93
