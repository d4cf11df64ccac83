"""The StepLR explorer's Python half: torch's values, recorded curves, and what stays elsewhere."""

import asyncio
import base64
import io
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch.optim.lr_scheduler import StepLR

from lrlab import explore_steplr
from lrlab.data import _digits
from lrlab.explore import live
from lrlab.explore.base import read
from lrlab.explore.chart import JS
from lrlab.explore.quick import sgd, train_by_batch
from lrlab.explore.steplr import BUGS, SETTINGS, recorded_curves, torch_lrs
from lrlab.javascript import module
from lrlab.runs import recorded
from lrlab.training import BATCHES, Epoch, mlp


def test_a_module_is_all_its_files_without_imports_between_them():
    text = module(JS / "steplr.js")
    assert "import " not in re.sub("(?m)^ *//.*$", "", text).replace("/* import", "")
    assert len(re.findall("(?m)^export ", text)) == 1
    for function in re.findall(
        "(?m)^export (?:function|class) (\\w+)", (JS / "forms.js").read_text()
    ):
        assert len(re.findall(f"(?m)^(?:function|class) {function}\\b", text)) == 1


def test_ends_of_every_slider():
    explorer = explore_steplr()
    for name, slider in explorer.sliders.items():
        for value in (slider.min, slider.max):
            explorer.chart.set_trait(name, value)
            settings = read(explorer.chart.present, SETTINGS)
            expected = [
                settings["lr0"] * settings["gamma"] ** (epoch // settings["step_size"])
                for epoch in range(settings["epochs"])
            ]
            assert explorer.chart.torch["lrs"] == pytest.approx(expected, rel=1e-9, abs=0)


def test_sliders_are_linked_to_the_chart_in_the_browser():
    explorer = explore_steplr()
    for name, slider in explorer.sliders.items():
        assert slider.description == name
        assert getattr(explorer.chart, name) == slider.value
    ends = {(link.source, link.target) for link in explorer.links}
    chart = explorer.chart
    assert ends == {((s, "value"), (chart, name)) for name, s in explorer.sliders.items()}


def test_torchs_values_say_what_they_belong_to():
    chart = explore_steplr().chart
    chart.gamma = 0.30000000000000004  # A slider with step 0.1 gives this for 0.3.
    settings = {"lr0": 0.2, "step_size": 3, "gamma": 0.3, "epochs": 9, "bug": "none"}
    assert chart.torch["of"] == settings | {"gamma": 0.30000000000000004}
    assert chart.torch["lrs"] == torch_lrs(**settings)
    chart.bug = "before the batches"
    assert chart.torch["of"] == settings | {"gamma": 0.30000000000000004, "bug": chart.bug}
    assert chart.torch["lrs"] == torch_lrs(**settings | {"bug": chart.bug})


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step")
@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.parametrize(("step_size", "gamma"), [(1, 0.5), (3, 0.1), (430, 0.5)])
def test_bugs_are_what_they_say(bug, step_size, gamma):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    scheduler, seen = StepLR(optimizer, step_size, gamma), []
    for _ in range(5):
        if bug == "made anew each epoch":
            scheduler = StepLR(optimizer, step_size, gamma)
        if bug == "before the batches":
            scheduler.step()
        seen.append(optimizer.param_groups[0]["lr"])
        for _ in range(BATCHES):
            optimizer.step()
            if bug == "after every batch":
                scheduler.step()
        if bug in ("none", "made anew each epoch"):
            scheduler.step()
    assert torch_lrs(0.2, step_size, gamma, 5, bug) == seen


def test_recorded_curves_are_the_recorded_runs():
    curves = recorded_curves()
    for lr0, step_size, gamma in [(0.2, 3, 0.1), (0.2, 5, 0.6), (0.3, 3, 0.1)]:
        [found] = [
            c for c in curves if (c["lr0"], c["step_size"], c["gamma"]) == (lr0, step_size, gamma)
        ]
        runs = recorded("steplr").where(lr=lr0, step_size=step_size, gamma=gamma)
        values = np.array([run.val_accuracy for run in runs])
        assert found["seeds"] == len(runs)
        assert found["val_accuracy"]["mean"] == pytest.approx(values.mean(0), rel=1e-4)
        assert found["val_accuracy"]["low"] == pytest.approx(values.min(0), rel=1e-4)
        assert found["val_accuracy"]["high"] == pytest.approx(values.max(0), rel=1e-4)
    keys = [(c["lr0"], c["step_size"], c["gamma"]) for c in curves]
    assert len(set(keys)) == len(keys)
    assert {(lr0, None, None) for lr0 in (0.1, 0.2, 0.3)} < set(keys)
    json.dumps(curves, allow_nan=False)


@pytest.mark.parametrize("epochs", [1, 4, 9, 30])
def test_without_widgets_a_figure_and_a_sentence_stay(epochs):
    bundle = explore_steplr(epochs)._repr_mimebundle_()
    assert "StepLR(3, 0.1) from 0.2" in bundle["text/plain"]
    assert "run the first code cell" in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    page = bundle["text/html"]
    [data] = re.findall('base64,([^"]+)', page)
    assert Image.open(io.BytesIO(base64.b64decode(data))).size[0] == 700
    assert "93.1" in page.split("figcaption")[1]
    assert len(page) < 40_000


@pytest.mark.parametrize("bug", BUGS)
def test_a_live_run_trains_with_exactly_these_rates(bug, monkeypatch):
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: images)
    chart = explore_steplr().chart
    chart.set_trait("gamma", 0.5)
    chart.set_trait("step_size", 2)
    chart.set_trait("epochs", 5)
    chart.bug = bug

    async def run():
        chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
        await chart.training

    asyncio.run(run())
    batches = -(-len(images.y_train) // live.BATCH_SIZE)
    factors = {
        "none": [1, 1, 0.5, 0.5, 0.25],
        "after every batch": [0.5 ** (epoch * batches // 2) for epoch in range(5)],
        "before the batches": [1, 0.5, 0.5, 0.25, 0.25],
        "made anew each epoch": [1] * 5,
    }
    [done] = chart.runs
    assert done["lr"] == pytest.approx([0.2 * factor for factor in factors[bug]], rel=1e-9, abs=0)
    if bug == "none":
        model = mlp(live.FIRST_SEED)
        optimizer = sgd(model, 0.2)
        torchs = StepLR(optimizer, 2, 0.5)
        steps = train_by_batch(model, optimizer, images, 5, torchs, seed=live.FIRST_SEED)
        alone = [step.val_accuracy for step in steps if isinstance(step, Epoch)]
        assert done["val_accuracy"] == alone


def test_a_live_run_has_the_settings_of_the_click(monkeypatch):
    """A slider's own message may come later than the button's."""
    monkeypatch.setattr(live, "load_mnist", _digits)
    chart = explore_steplr().chart

    async def run():
        settings = chart.present | {"epochs": 2, "gamma": 0.5, "step_size": 1}
        chart._handle_custom_msg({"do": "train", "settings": settings}, [])
        await chart.training

    asyncio.run(run())
    [done] = chart.runs
    assert done["lr"] == [0.2, 0.1]
    assert "StepLR(1, 0.5)" in done["label"]
