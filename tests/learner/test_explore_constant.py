"""The constant lr explorer's Python half: recorded curves, live runs, and what stays elsewhere."""

import json

import numpy as np
import pytest

from lrlab import explore_constant
from lrlab.explore import curves, live
from lrlab.explore.constant import recorded_curves
from lrlab.explore.quick import sgd, train_by_batch
from lrlab.runs import Run, recorded
from lrlab.training import Epoch, mlp


def test_recorded_curves_are_the_recorded_runs():
    found = recorded_curves()
    assert [each["lr"] for each in found] == [0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1.0]
    for each in found:
        runs = recorded("constant-lr").where(lr=each["lr"], schedule="constant")
        assert each["seeds"] == len(runs) == 3
        for field in ("val_accuracy", "val_loss"):
            values = np.array([getattr(run, field) for run in runs])
            assert each[field]["mean"] == pytest.approx(values.mean(0), rel=1e-4)
            assert each[field]["low"] == pytest.approx(values.min(0), rel=1e-4)
            assert each[field]["high"] == pytest.approx(values.max(0), rel=1e-4)


def test_a_diverged_seed_leaves_a_gap():
    loss = ([2.0, float("nan")], [1.0, 3.0])
    runs = [Run({}, seed, [0.1] * 2, each, each, each, 0) for seed, each in enumerate(loss)]
    found = curves.curve(runs, "val_loss")
    assert found == {"mean": [1.5, None], "low": [1.0, None], "high": [2.0, None]}
    json.dumps(found, allow_nan=False)


def test_without_recorded_runs_a_sentence_says_so(monkeypatch):
    def missing(lesson):
        raise FileNotFoundError(lesson)

    monkeypatch.setattr(curves, "recorded", missing)
    explorer = explore_constant()
    assert explorer.chart.recorded == []
    assert "No recorded runs" in explorer._repr_mimebundle_()["text/plain"]


@pytest.mark.parametrize("epochs", [1, 9, 40])
def test_without_widgets_a_figure_and_a_sentence_stay(epochs):
    bundle = explore_constant(epochs)._repr_mimebundle_()
    assert "lr 0.03: 96.9 (96.9 to 97.0 over 3 seeds) at epoch 0" in bundle["text/plain"]
    assert len(bundle["text/html"]) < 40_000


@pytest.mark.parametrize("lr", [0.001, 0.05, 1.0])
def test_a_live_run_is_a_plain_loop_with_this_lr(lr, train_live):
    explorer = explore_constant(epochs=3)
    chart = explorer.chart
    chart.lr = lr * 1.00001  # A slider is as exact as this.
    done, images = train_live(chart)
    model = mlp(live.FIRST_SEED)
    steps = train_by_batch(model, sgd(model, lr), images, 3, seed=live.FIRST_SEED)
    alone = [step for step in steps if isinstance(step, Epoch)]
    assert done["lr"] == [lr] * 3
    assert done["val_loss"] == [epoch.val_loss for epoch in alone]
    assert done["label"] == f"live 1, lr {lr:g}"


def test_ends_of_every_slider():
    explorer = explore_constant()
    for name, slider in explorer.sliders.items():
        for value in (slider.min, slider.max):
            explorer.chart.set_trait(name, slider.base**value if name == "lr" else value)
            plan = explorer.chart.plan(explorer.chart.present)
            assert plan.lr in (0.001, 0.03, 1.0)
            assert plan.epochs in (1, 9, 30)
