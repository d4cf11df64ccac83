"""What lesson 4 concludes from its recorded runs, as conditions on them."""

import itertools
import math

import pytest

from lrlab.record import LESSONS, MORE_SEEDS, WARMUP, factor
from lrlab.runs import mean_std, recorded

SEEDS = MORE_SEEDS["shapes"]


@pytest.fixture(scope="module")
def runs():
    return recorded("shapes")


def val(group):
    return mean_std(group, "val_accuracy", epoch=-1)


def dead(group):
    return mean_std(group, "dead_units")[0]


def beyond_the_spread(better, worse) -> bool:
    """Whether two (mean, deviation) lie further apart than both deviations together."""
    return better[0] - worse[0] > math.hypot(better[1], worse[1])


@pytest.fixture(scope="module")
def constants(runs):
    return {lr: runs.where(lr=lr, schedule="constant") for lr in (0.02, 0.03, 0.05, 0.1, 0.2)}


@pytest.fixture(scope="module")
def best_constant(constants):
    return max(constants.values(), key=lambda group: val(group)[0])


@pytest.fixture(scope="module")
def warmed_up(runs):
    """Warm-up to 0.1, then each shape of decay."""
    return [runs.where(lr=0.1, schedule=s, warmup=WARMUP) for s in ("linear", "cosine", "WSD")] + [
        runs.where(lr=0.1, schedule="OneCycleLR")
    ]


def test_every_setting_has_five_seeds(runs):
    for settings in LESSONS["shapes"]:
        group = [run for run in runs.runs if run.settings == settings]
        assert [run.seed for run in group] == list(SEEDS)
        assert all(math.isfinite(run.dead_units) for run in group)


def test_the_best_constant_rate_is_inside_of_the_grid(constants, best_constant):
    assert best_constant[0].settings["lr"] not in (min(constants), max(constants))


def test_decay_removes_noise_and_does_most(runs, constants):
    for lr in (0.1, 0.2):
        linear = runs.where(lr=lr, schedule="linear", warmup=0)
        assert beyond_the_spread(val(linear), val(constants[lr]))
        losses = [mean_std(group, "train_loss", -1)[0] for group in (linear, constants[lr])]
        assert losses[0] < losses[1] / 4
        warmed = runs.where(lr=lr, schedule="linear", warmup=WARMUP)
        by_decay = val(linear)[0] - val(constants[lr])[0]
        assert 0 < val(warmed)[0] - val(linear)[0] < by_decay / 3


def test_warm_up_keeps_units_alive_and_does_nothing_about_noise(runs, constants):
    assert dead(constants[0.1]) == 0
    assert dead(runs.where(lr=0.2, schedule="flat")) < dead(constants[0.2]) / 3
    assert dead(runs.where(lr=0.2, schedule="linear", warmup=0)) > dead(constants[0.2]) / 2
    for lr in (0.1, 0.2):
        flat = runs.where(lr=lr, schedule="flat", warmup=WARMUP)
        assert not beyond_the_spread(val(flat), val(constants[lr]))


def test_warm_up_adds_more_at_a_rate_that_is_too_high(runs):
    with_it, without = (runs.where(lr=0.2, schedule="linear", warmup=w) for w in (WARMUP, 0))
    assert beyond_the_spread(val(with_it), val(without))


def test_the_shape_of_the_decay_hardly_matters(warmed_up):
    for one, other in itertools.permutations(warmed_up, 2):
        assert not beyond_the_spread(val(one), val(other))


def test_warm_up_and_decay_beat_the_best_constant_rate_beyond_the_spread(runs, best_constant):
    assert best_constant[0].settings == {"lr": 0.03, "schedule": "constant"}
    better = [runs.where(lr=0.1, schedule=s, warmup=WARMUP) for s in ("linear", "cosine")]
    better += [runs.where(lr=0.1, schedule="OneCycleLR")]
    better += [runs.where(lr=lr, schedule="StepLR", step_size=6) for lr in (0.03, 0.05)]
    for group in better:
        assert beyond_the_spread(val(group), val(best_constant))
    best = max(better, key=lambda group: val(group)[0])
    assert best[0].settings == {"lr": 0.1, "schedule": "cosine", "warmup": WARMUP}
    tested = [mean_std(group, "test_accuracy") for group in (best, best_constant)]
    assert beyond_the_spread(*tested)


def test_nothing_tells_the_good_ones_apart(runs, warmed_up):
    late_drop = runs.where(lr=0.05, schedule="StepLR", step_size=6)
    for group in warmed_up:
        assert not beyond_the_spread(val(group), val(late_drop))


def test_a_rate_that_is_too_high_stays_so(runs, best_constant):
    for schedule in ("linear", "cosine"):
        rescued = runs.where(lr=0.2, schedule=schedule, warmup=WARMUP)
        assert beyond_the_spread(val(best_constant), val(rescued))


def test_a_decay_lets_adam_start_higher(runs):
    def adam(lr, schedule):
        return val(runs.where(optimizer="Adam", lr=lr, schedule=schedule))

    assert beyond_the_spread(adam(0.001, "linear"), adam(0.001, "constant"))
    ranked = sorted(
        itertools.product((0.001, 0.005), ("constant", "linear")), key=lambda s: adam(*s)
    )
    assert (ranked[0], ranked[-1]) == ((0.005, "constant"), (0.005, "linear"))


@pytest.mark.parametrize("schedule", ["flat", "linear", "cosine", "WSD"])
@pytest.mark.parametrize("warmup", [0, WARMUP])
def test_the_recorded_rates_are_those_of_the_shape(runs, schedule, warmup):
    at = factor(schedule, warmup, 3_870)
    found = [
        r
        for r in runs.runs
        if r.settings.items() >= {"schedule": schedule, "warmup": warmup}.items()
    ]
    for run in found:
        expected = [run.settings["lr"] * at(430 * epoch) for epoch in range(9)]
        assert run.lr == pytest.approx(expected, rel=1e-9, abs=0)
    assert at(3_870) == pytest.approx(1 if schedule == "flat" else 0)
