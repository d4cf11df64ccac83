"""The explorer of all schedulers: Python's half, which asks the installed torch."""

import asyncio

import numpy as np
import pytest
from torch.optim import lr_scheduler

from lrlab import explore_shapes
from lrlab.data import _digits
from lrlab.explore import live
from lrlab.explore.shapes import OWN, PER, SCHEDULERS, SETTINGS
from lrlab.training import BATCHES


def test_it_has_every_scheduler_of_the_installed_torch():
    kinds = {
        name
        for name, kind in vars(lr_scheduler).items()
        if isinstance(kind, type)
        and issubclass(kind, lr_scheduler.LRScheduler)
        and not issubclass(lr_scheduler._LRScheduler, kind)
    }
    assert set(SCHEDULERS) == kinds | {OWN}


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("per", PER)
def test_each_begins_with_settings_that_torch_accepts_and_says_what_its_values_belong_to(
    scheduler, per
):
    chart = explore_shapes(scheduler).chart
    chart.per = per
    found = chart.torch
    assert found["of"] == {setting: getattr(chart, setting) for setting in SETTINGS}
    assert {name: found["of"][name] for name in SCHEDULERS[scheduler]} == SCHEDULERS[scheduler]
    assert len(found["at"]) == len(found["lrs"]) == len(found["momenta"])
    if scheduler in ("ReduceLROnPlateau", OWN):
        assert found["at"] == []
        return
    assert found["at"][-1] == {PER[0]: 8, PER[1]: 9 * BATCHES - 1, PER[2]: 424}[per]
    if per != PER[2]:
        assert found["error"] == ""
        assert None not in found["lrs"]


@pytest.mark.parametrize(
    ("scheduler", "settings", "error", "values"),
    [
        ("LinearLR", {"start_factor": 0}, "when it is made: ValueError: Starting multiplic", 0),
        ("CosineAnnealingLR", {"T_max": 0}, "at call 1 of step(): ZeroDivisionError: ", 1),
        ("OneCycleLR", {"total_steps": 4}, "at call 5 of step(): ValueError: Tried to step 5", 5),
        ("CosineAnnealingWarmRestarts", {"T_0": 0}, "when it is made: ValueError: Expected", 0),
        ("SequentialLR", {"step_size": 0}, "at call 2 of step(): ZeroDivisionError: ", 2),
    ],
)
def test_settings_that_torch_refuses_are_told_in_its_words(scheduler, settings, error, values):
    chart = explore_shapes(scheduler).chart
    for name, value in settings.items():
        chart.set_trait(name, value)
    assert chart.torch["error"].startswith(error)
    assert [lr is not None for lr in chart.torch["lrs"]] == [at < values for at in range(9)]


def test_a_scheduler_that_there_is_not_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"knows no scheduler 'Cosine'\. It can be LinearLR, "):
        explore_shapes("Cosine")


@pytest.fixture
def live_run(monkeypatch):
    """Train a chart on few images, once with each drawing; returns the batches of an epoch."""
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: images)

    def run(chart, drawings=([0.1, 0.1],)):
        async def scenario():
            for drawing in drawings:
                chart.drawing = drawing
                chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
                await chart.training

        asyncio.run(scenario())
        return -(-len(images.y_train) // live.BATCH_SIZE)

    return run


@pytest.mark.parametrize("per", PER)
def test_a_live_run_trains_with_the_schedule_that_is_drawn(live_run, per):
    chart = explore_shapes("StepLR", epochs=4).chart
    chart.set_trait("step_size", 2)
    chart.per = per
    batches = live_run(chart)
    [run] = chart.runs
    calls = 1 if per == "epoch" else batches
    size = 2 * batches if per == "update" else 2
    expected = [0.1 * 0.1 ** (epoch * calls // size) for epoch in range(4)]
    assert run["lr"] == pytest.approx(expected, rel=1e-9, abs=0)
    assert chart.best == run


def test_a_live_run_follows_the_drawing_and_the_best_is_kept(live_run):
    chart = explore_shapes("draw your own", epochs=4).chart
    drawings = ([0.0, 0.2, 0.1, 0.1, 0.0], [0.1, 0.0], [0.1, 0.1])
    live_run(chart, drawings)
    for drawing, run in zip(drawings, chart.runs, strict=True):
        between = np.interp([0, 0.25, 0.5, 0.75], np.linspace(0, 1, len(drawing)), drawing)
        assert run["lr"] == pytest.approx(list(between))
    ends = {run["name"]: run["val_accuracy"][-1] for run in chart.runs}
    assert ends[chart.best["name"]] == max(ends.values())


def test_a_schedule_that_torch_refuses_fails_in_torchs_words(live_run):
    chart = explore_shapes("OneCycleLR", epochs=9).chart
    chart.set_trait("total_steps", 2)
    live_run(chart)
    assert "Training failed: ValueError: Tried to step 3 times." in chart.progress["text"]
    assert chart.best == {}
