"""Explorers: sliders move what is drawn, the words follow, and no end of a slider raises."""

import io
import math

import numpy as np
import pytest
from ipywidgets import FloatLogSlider
from PIL import Image

from lrlab.explore import explore_bowl, explore_plateau, explore_steplr
from lrlab.explore.bowl import bowl_path
from lrlab.plots import plot_runs, plot_schedule
from lrlab.runs import recorded


def ends(control):
    """The extreme values of a slider, or every option of a choice."""
    if isinstance(control, FloatLogSlider):
        return [control.base**control.min, control.base**control.max]
    if hasattr(control, "min"):
        return [control.min, control.max]
    return [o[1] if isinstance(o, tuple) else o for o in control.options]


def size(explorer):
    return Image.open(io.BytesIO(explorer.image.value)).size


@pytest.mark.parametrize("make", [explore_bowl, explore_steplr, explore_plateau])
def test_ends_of_every_control(make):
    explorer = make()
    for control in explorer.controls.values():
        for value in ends(control):
            control.value = value
            assert explorer.words in explorer.label.value.replace("&#x27;", "'")
            assert "nan" not in explorer.words
            assert size(explorer)[0] == 700


@pytest.mark.parametrize("make", [explore_bowl, explore_steplr, explore_plateau])
def test_controls_are_named_and_a_static_picture_is_kept(make):
    explorer = make()
    assert all(c.description for c in explorer.controls.values())
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == explorer.words
    assert len(bundle["image/png"]) < 40_000
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize(("step_size", "gamma"), [(1, 0.1), (2, 0.5), (4, 0.3), (10, 0.9), (3, 1)])
def test_steplr_draws_the_closed_form_and_torch(step_size, gamma):
    explorer = explore_steplr()
    explorer.controls["step_size"].value = step_size
    explorer.controls["gamma"].value = gamma
    expected = [0.2 * gamma ** (epoch // step_size) for epoch in range(9)]
    assert explorer.line.get_ydata() == pytest.approx(expected, rel=1e-9, abs=0)
    assert explorer.dots.get_ydata() == pytest.approx(expected, rel=1e-9, abs=0)


def test_steplr_draws_the_recorded_runs_of_these_settings():
    explorer = explore_steplr()
    for step_size, gamma in [(3, 0.1), (5, 0.6)]:
        explorer.controls["step_size"].value = step_size
        explorer.controls["gamma"].value = gamma
        runs = recorded("steplr").where(lr=0.2, step_size=step_size, gamma=gamma)
        mean = np.mean([r.val_accuracy for r in runs], axis=0)
        assert explorer.mean.get_ydata() == pytest.approx(mean)
        assert "mean of 3 seeds" in explorer.words


@pytest.mark.parametrize(("step_size", "gamma"), [(9, 0.1), (10, 0.1), (3, 1.0)])
def test_steplr_that_never_drops_is_the_constant_run(step_size, gamma):
    explorer = explore_steplr()
    explorer.controls["step_size"].value = step_size
    explorer.controls["gamma"].value = gamma
    runs = recorded("steplr").where(lr=0.2, schedule="constant")
    assert explorer.mean.get_ydata() == pytest.approx(np.mean([r.val_accuracy for r in runs], 0))
    assert "this is a constant lr" in explorer.words


def test_steplr_says_what_is_not_recorded():
    explorer = explore_steplr()
    explorer.controls["lr0"].value = 0.3
    assert "Not recorded" not in explorer.words
    explorer.controls["step_size"].value = 5
    assert "Not recorded" in explorer.words
    assert len(explorer.mean.get_ydata()) == 0


@pytest.mark.parametrize("epochs", [1, 4, 30])
def test_steplr_takes_any_number_of_epochs(epochs):
    explorer = explore_steplr(epochs=epochs)
    assert len(explorer.line.get_ydata()) == epochs
    assert f"at epoch {min(epochs, 9) - 1}" in explorer.words


def test_bowl_follows_the_closed_form():
    path = bowl_path(2.0, curvature=0.5, lr=0.3, steps=20)
    assert path == pytest.approx(2 * (1 - 0.3 * 0.5) ** np.arange(21))
    explorer = explore_bowl()
    explorer.controls["lr"].value = 0.5
    assert explorer.series.get_ydata() == pytest.approx(2 * 0.5 ** np.arange(21.0))
    assert explorer.here.get_xdata() == [0.5]


@pytest.mark.parametrize(
    ("lr", "curvature", "word"),
    [
        (0.1, 1, "monotone"),
        (0.5, 2, "monotone"),
        (1.5, 1, "oscillating"),
        (1.0, 2, "very edge"),
        (3.0, 1, "diverging"),
    ],
)
def test_bowl_says_what_the_path_does(lr, curvature, word):
    explorer = explore_bowl()
    explorer.controls["lr"].value = lr
    explorer.controls["curvature"].value = curvature
    assert word in explorer.words
    assert explorer.one.get_xdata()[0] == 1 / curvature
    assert explorer.two.get_xdata()[0] == 2 / curvature


@pytest.mark.parametrize(("patience", "cooldown"), [(0, 0), (2, 0), (3, 2)])
def test_plateau_drops_when_torch_does(patience, cooldown):
    explorer = explore_plateau()
    values = {"metric": "flat", "call": 20, "patience": patience, "cooldown": cooldown}
    for name, value in values.items():
        explorer.controls[name].value = value
    lrs = np.array([0.1, *explorer.lr.get_ydata()])
    drops = np.flatnonzero(lrs[1:] < lrs[:-1]) + 1
    first, every = patience + 2, patience + 1 + cooldown
    # below 1e-8 torch leaves lr alone (eps), so only the first few drops can be seen
    assert drops[:5].tolist() == list(range(first, 21, every))[:5]


def test_plateau_scrubs_call_by_call():
    explorer = explore_plateau()
    for call in range(1, 21):
        explorer.controls["call"].value = call
        assert len(explorer.seen.get_ydata()) == call
        assert explorer.words.startswith(f"Call {call} of 20: ")


def test_plateau_steps_through_a_recorded_run():
    explorer = explore_plateau()
    explorer.controls["call"].value = 20
    explorer.controls["metric"].value = "MNIST validation loss at constant lr 0.2"
    assert explorer.controls["call"].value == 9
    run = recorded("plateau").where(lr=0.2, schedule="constant")[0]
    assert list(explorer.seen.get_ydata()) == run.val_loss


def test_pictures_say_what_they_show():
    runs = recorded("steplr").where(lr=0.2, schedule="constant")
    picture = plot_runs({"constant": runs}, show_lr=True)
    bundle = picture._repr_mimebundle_()
    assert bundle["text/plain"] == picture.alt
    assert "0.2 throughout" in picture.alt
    assert f"{np.mean([r.val_accuracy[-1] for r in runs]):.1f}" in picture.alt
    assert 'alt="Learning rate' in bundle["text/html"]
    assert len(bundle["text/html"]) < 54_000  # 40 kB of PNG in base64

    staircase = plot_schedule({"StepLR": [0.1, 0.1, 0.01]}, log=True)
    assert staircase.alt == "Learning rate by epoch. StepLR: 0.1, 0.01 from epoch 2."
    assert staircase.figure.axes[0].get_yscale() == "log"


def test_pictures_survive_divergence():
    run = recorded("plateau").where(lr=0.2, schedule="constant")[0]
    wild = type(run)(**{**vars(run), "val_loss": [math.nan] * 9})
    assert "NaN (diverged)" in plot_runs({"wild": [wild]}, ["val_loss"]).alt


def test_no_pyplot_state():
    import matplotlib.pyplot as plt

    explore_steplr()
    plot_schedule({"constant": [0.1]})
    assert plt.get_fignums() == []
