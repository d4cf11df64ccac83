"""Lesson 5 against the installed torch: every log comes from real schedulers in a real loop."""

import random
import warnings
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

from grader.exercises import detective as course
from grader.exercises.detective import BREAK, CULPRITS, EARLY, HAND, MODE, NONE, TRAINING
from grader.exercises.plateau import DEFAULTS, NAN

TRACES = 5_000


def _optimizer(lr):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)


def _lr(optimizer):
    return optimizer.param_groups[0]["lr"]


def _steplr_log(word, lr0, step_size, gamma, batches, epochs, at=0, value=0.0):
    """The lr of every update of a training loop with this mistake in it."""
    optimizer = _optimizer(lr0)
    scheduler = StepLR(optimizer, step_size, gamma)
    log = []
    for epoch in range(epochs):
        if word == BREAK and epoch == at:
            resumed = _optimizer(1.0)
            resumed.load_state_dict(optimizer.state_dict())
            optimizer = resumed
            for group in optimizer.param_groups:
                group.pop("initial_lr")
            scheduler = StepLR(optimizer, step_size, gamma)
        if word == HAND and epoch == at:
            optimizer.param_groups[0]["lr"] = value
        if word == "before the batches":
            scheduler.step()
        for _ in range(batches):
            log.append(_lr(optimizer))
            optimizer.step()
            if word == "per batch":
                scheduler.step()
        if word in (NONE, "twice an epoch", BREAK, HAND):
            scheduler.step()
        if word == "twice an epoch" or (word == "one epoch late" and epoch > 0):
            scheduler.step()
    return log


def _made_anew(lr0, step_size, gamma, batches, epochs):
    optimizer, log = _optimizer(lr0), []
    for _ in range(epochs):
        scheduler = StepLR(optimizer, step_size, gamma)
        for _ in range(batches):
            log.append(_lr(optimizer))
            optimizer.step()
        scheduler.step()
    return log


def _random_loop(rng):
    """Nothing chosen with care but what the exercise promises."""
    while True:
        step_size = rng.randint(2, 5)
        epochs = rng.randint(2 * step_size + 1, 2 * step_size + 6)
        lr0, gamma = rng.uniform(1e-4, 3), rng.uniform(0.05, 0.95)
        word, at, value = rng.choice(CULPRITS), 0, 0.0
        if word == BREAK:
            if not (places := [k for k in range(2, epochs - step_size) if k % step_size]):
                continue
            at = rng.choice(places)
        if word == HAND:
            at, value = rng.randrange(1, epochs), rng.uniform(1e-4, 3)
        return word, (lr0, step_size, gamma, rng.randint(3, 5), epochs, at, value)


@pytest.fixture(autouse=True)
def _torch_may_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a scheduler that steps before the optimizer
        yield


def test_the_culprit_of_thousands_of_torchs_own_logs_is_found():
    rng = random.Random("culprits")
    seen = Counter()
    for _ in range(TRACES):
        word, loop = _random_loop(rng)
        log = _steplr_log(word, *loop)
        assert log == course._log(word, *loop), (word, loop)  # bit for bit
        case = dict(zip(("log", "lr0", "step_size", "gamma", "batches"), (log, *loop[:4])))
        explained = [each for each in CULPRITS if course._explains(each, **case)]
        assert word in explained
        if explained == [word]:
            assert course._culprit(**case) == word
            seen[word] += 1
    assert min(seen[word] for word in CULPRITS) > 300
    assert seen.total() > 0.95 * TRACES


def test_a_scheduler_made_anew_leaves_the_log_of_one_that_is_never_stepped():
    for step_size in (2, 3, 5):
        loop = (0.2, step_size, 0.5, 3, 11)
        assert _made_anew(*loop) == _steplr_log("never stepped", *loop)
    assert len({*_made_anew(0.2, 1, 0.5, 3, 5)}) == 5  # but one with step_size 1 drops all the same


def _plateau_log(word, train_losses, val_losses, lr0, config, at):
    """The lr that each epoch used, of a training loop with this mistake in it."""
    config = config | {"mode": "max"} if word == MODE else config
    optimizer = _optimizer(lr0)
    scheduler = ReduceLROnPlateau(optimizer, **config)
    log = []
    for epoch, losses in enumerate(zip(train_losses, val_losses)):
        if word == BREAK and epoch == at:
            scheduler = ReduceLROnPlateau(optimizer, **config)
        log.append(_lr(optimizer))
        scheduler.step(losses[word != TRAINING])
    return log


def _plateau_words(**case):
    """All words that explain a log; a break that changes nothing does not count."""
    found = [word for word in course.PLATEAU_CULPRITS if course._plateau_explains(word, **case)]
    return found[:-1] if found[0] in (NONE, EARLY) and found[-1] == BREAK else found


def test_the_plateau_culprit_of_thousands_of_torchs_own_logs_is_found():
    rng = random.Random("plateau culprits")
    seen = Counter()
    for _ in range(TRACES):
        word = rng.choice([*course.PLATEAU_CULPRITS, BREAK])
        run = rng.randint(6, 15)
        epochs, at = run + (word == EARLY) * rng.randint(1, 9), rng.randrange(1, run)
        train_losses, val_losses = (
            [rng.choice([rng.random(), rng.random(), 0.5, NAN]) for _ in range(run)]
            for _ in range(2)
        )
        config = DEFAULTS | {
            "factor": rng.uniform(0.05, 0.9),
            "patience": rng.randint(0, 3),
            "threshold": rng.choice([0.0, 1e-4, 0.2]),
            "threshold_mode": rng.choice(["rel", "abs"]),
            "cooldown": rng.randint(0, 3),
            "min_lr": rng.choice([0.0, 0.01]),
        }
        loop = (train_losses, val_losses, rng.uniform(1e-4, 3), config)
        log = _plateau_log(word, *loop, at)
        case = dict(zip(("train_losses", "val_losses", "lr0", "config"), loop))
        case |= {"log": log, "epochs": epochs}
        explained = _plateau_words(**case)
        if word == BREAK and explained[0] in (NONE, EARLY):
            assert course._plateau_culprit(**case) == NONE  # the break has changed nothing
            continue
        assert word in explained, (word, explained)
        if explained == [word]:
            assert course._plateau_culprit(**case) == word
            seen[word] += 1
    assert min(seen[word] for word in course.PLATEAU_CULPRITS) > 200
    assert seen.total() > 0.5 * TRACES


@pytest.mark.parametrize("exercise", [course.culprit, course.plateau_culprit], ids=lambda e: e.id)
def test_exactly_one_word_explains_each_case(exercise):
    cases = [*exercise.visible_cases, *exercise.draws("truth", 1_000)]
    explain = {
        "culprit": lambda **case: [each for each in CULPRITS if course._explains(each, **case)],
        "plateau_culprit": _plateau_words,
    }[exercise.id]
    found = [explain(**case) for case in cases]
    assert all(len(words) == 1 for words in found)
    assert [words[0] for words in found] == [exercise.reference(**case) for case in cases]


def test_each_case_keeps_what_the_lesson_promises():
    for case in [*course.culprit.visible_cases, *course.culprit.draws("truth", 1_000)]:
        epochs, rest = divmod(len(case["log"]), case["batches"])
        assert (rest, case["batches"] >= 3, case["step_size"] >= 2) == (0, True, True)
        assert epochs >= 2 * case["step_size"] + 1
        assert 0 < case["gamma"] < 1
    cases = course.plateau_culprit.visible_cases + course.plateau_culprit.draws("truth", 1_000)
    for case in cases:
        lengths = {len(case[name]) for name in ("log", "train_losses", "val_losses")}
        assert len(lengths) == 1 and max(lengths) <= case["epochs"]
        assert case["config"].keys() == DEFAULTS.keys() and case["config"]["mode"] == "min"


def test_a_dozen_mistakes_are_named_in_each_exercise():
    for exercise in (course.first_difference, course.culprit, course.plateau_culprit):
        assert len(exercise.misconceptions) >= 12


def test_the_first_difference_is_numpys():
    for case in [*course.first_difference.visible_cases, *course.first_difference.draws("x", 5000)]:
        both = min(len(case["log"]), len(case["plan"]))
        log, plan = (np.array(case[name][:both]) for name in ("log", "plan"))
        apart = np.flatnonzero(~np.isclose(log, plan, rtol=1e-9, atol=0.0))
        uneven = both if len(case["log"]) != len(case["plan"]) else None
        assert course._first_difference(**case) == (int(apart[0]) if apart.size else uneven)


def test_no_lr_set_by_hand_is_one_that_the_plan_could_have():
    for case in course.culprit.draws("hands", 1_000):
        if course._culprit(**case) == HAND:
            ratios = [b / a for a, b in pairwise(case["log"]) if a != b]
            powers = np.log(ratios) / np.log(case["gamma"])
            assert np.abs(powers - np.round(powers)).max() > 1e-7
