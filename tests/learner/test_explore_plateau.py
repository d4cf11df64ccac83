"""The plateau explorer's Python half: torch's lrs, recorded and live runs, what stays elsewhere."""

import json

import numpy as np
import pytest
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrlab import explore_plateau, explore_plateau_mnist
from lrlab.explore import live
from lrlab.explore.base import read
from lrlab.explore.plateau import CONFIG, LR, MNIST, recorded_curves, torch_lrs
from lrlab.explore.quick import sgd, train_by_batch
from lrlab.runs import recorded
from lrlab.training import Epoch, mlp


def by_the_rules(metrics, patience, factor, threshold, cooldown):
    """The lr after each call by the rules that the lesson tells."""
    best, bad, resting, lr, lrs = float("inf"), 0, 0, LR, []
    for metric in metrics:
        better = metric < best * (1 - threshold)
        best, bad = (metric, 0) if better else (best, bad + 1)
        if resting:
            resting, bad = resting - 1, 0
        if bad > patience:
            lr = lr * factor if lr - lr * factor > 1e-8 else lr
            resting, bad = cooldown, 0
        lrs.append(lr)
    return lrs


@pytest.mark.parametrize(
    "metric", ["improves, then flat", "flat", "improves slowly", "noisy", MNIST]
)
def test_ends_of_every_slider(metric):
    explorer = explore_plateau()
    chart = explorer.chart
    assert list(chart.metrics)[:5] == [
        "improves, then flat",
        "flat",
        "improves slowly",
        "noisy",
        MNIST,
    ]
    chart.metric = metric
    for name, slider in explorer.sliders.items():
        for value in (slider.min, slider.max):
            chart.set_trait(name, value)
            assert chart.torch["of"] == {name: getattr(chart, name) for name in chart.asked}
            expected = by_the_rules(chart.metrics[metric], **read(chart.present, CONFIG))
            assert chart.torch["lrs"] == pytest.approx(expected, rel=1e-9, abs=0)
    json.dumps(chart.metrics, allow_nan=False)


@pytest.mark.parametrize(("patience", "cooldown"), [(0, 0), (2, 0), (3, 2)])
def test_on_a_flat_metric_lr_falls_when_the_lesson_says(patience, cooldown):
    lrs = torch_lrs([0.5] * 20, patience=patience, factor=0.5, threshold=1e-4, cooldown=cooldown)
    drops = np.flatnonzero(np.diff([LR, *lrs])) + 1
    assert drops.tolist() == list(range(patience + 2, 21, patience + 1 + cooldown))


def test_a_sliders_value_is_read_as_it_is_meant():
    chart = explore_plateau().chart
    chart.factor = 0.30000000000000004
    assert chart.torch["of"]["factor"] == chart.factor
    assert chart.torch["lrs"] == torch_lrs(
        chart.metrics[chart.metric], **read(chart.present, CONFIG)
    )
    assert read(chart.present, CONFIG)["factor"] == 0.3


def test_recorded_curves_are_the_recorded_runs():
    found = recorded_curves()
    assert [each["label"] for each in found] == [
        "constant",
        "StepLR(3, 0.1)",
        "plateau, patience 0",
    ]
    runs = recorded("plateau").where(lr=LR, schedule="ReduceLROnPlateau", patience=0)
    mean = np.mean([run.val_accuracy for run in runs], axis=0)
    assert found[2]["val_accuracy"]["mean"] == pytest.approx(mean, rel=1e-4)
    assert found[2]["lrs"] == [run.lr for run in runs]
    json.dumps(found, allow_nan=False)


def test_without_widgets_a_figure_and_a_sentence_stay():
    bundle = explore_plateau()._repr_mimebundle_()
    assert "lr falls from 0.2 at calls 10, 13, 16, 19" in bundle["text/plain"]
    assert len(bundle["text/html"]) < 40_000
    bundle = explore_plateau_mnist()._repr_mimebundle_()
    assert "StepLR(3, 0.1): 93.1" in bundle["text/plain"]


@pytest.mark.parametrize(
    "config",
    [
        {"patience": 0, "factor": 0.1, "threshold": 1e-4, "cooldown": 0},
        {"patience": 1, "factor": 0.5, "threshold": 0.3, "cooldown": 2},
    ],
)
def test_a_live_run_trains_with_torchs_own_scheduler(config, train_live):
    chart = explore_plateau_mnist().chart
    for name, value in config.items():
        chart.set_trait(name, value)
    done, images = train_live(chart)
    model = mlp(live.FIRST_SEED)
    optimizer = sgd(model, LR)
    scheduler = ReduceLROnPlateau(optimizer, **config)
    steps = train_by_batch(model, optimizer, images, 9, scheduler, seed=live.FIRST_SEED)
    alone = [step for step in steps if isinstance(step, Epoch)]
    assert done["lr"] == [epoch.lr for epoch in alone]
    assert done["val_accuracy"] == [epoch.val_accuracy for epoch in alone]
    assert min(done["lr"]) < LR  # Without a drop this test would show nothing.


def test_a_run_is_called_after_what_is_unusual():
    chart = explore_plateau_mnist().chart
    assert chart.plan(chart.present).label == "patience 0, factor 0.1"
    chart.set_trait("cooldown", 3)
    chart.set_trait("threshold", 0.0)
    assert chart.plan(chart.present).label == "patience 0, factor 0.1, threshold 0, cooldown 3"
