"""Lesson 3: ReduceLROnPlateau, one call at a time, and what it does on MNIST."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
import traitlets
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrlab.data import Images
from lrlab.javascript import module
from lrlab.palette import BLUE, GREEN, ORANGE
from lrlab.plots import Picture, number, panels, plot_runs
from lrlab.training import Epoch

from .base import Explorer, counter, fine, read, slider
from .chart import JS, Chart, setting
from .curves import curves, five_digits, nothing, recorded_by
from .live import LiveChart, Plan
from .quick import train_by_batch

CONFIG = ("patience", "factor", "threshold", "cooldown")
LR = 0.2  # The made-up calls, the recorded runs and the live ones all start from it.
EPOCHS = 9
CALLS = 20
MNIST = "MNIST, constant lr 0.2"
COMPARED = {  # The recorded runs that are shown, by schedule and patience, and their labels.
    ("constant", None): "constant",
    ("StepLR", None): "StepLR(3, 0.1)",
    ("ReduceLROnPlateau", 0): "plateau, patience 0",
}


class PlateauChart(Chart):
    """A chart of calls; sliders and a drop-down list set `metric`, `call` and CONFIG.

    Attributes:
        lr0: LR
        metrics: the losses to step through, by name
        torch: `lrs`, torch's lr after each call, and `of`, the settings that they belong to
    """

    _esm = module(JS / "plateau.js")
    metric = setting(traitlets.Unicode())
    call = setting(traitlets.Int())
    patience = setting(traitlets.Int())
    factor = setting(traitlets.Float())
    threshold = setting(traitlets.Float())
    cooldown = setting(traitlets.Int())
    lr0 = traitlets.Float(LR).tag(sync=True)
    metrics = traitlets.Dict().tag(sync=True)
    torch = traitlets.Dict().tag(sync=True)
    asked = ("metric", *CONFIG)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.metrics = preset_metrics()
        self.observe(self._ask_torch, self.asked)
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        of = {name: getattr(self, name) for name in self.asked}
        self.torch = {"of": of, "lrs": torch_lrs(self.metrics[self.metric], **read(of, CONFIG))}


class PlateauMnistChart(LiveChart):
    """A chart of training on MNIST; sliders set CONFIG.

    Attributes:
        lr0: LR
        recorded: the runs on MNIST from LR: a label, its curves, and every seed's lrs
    """

    _esm = module(JS / "plateau_mnist.js")
    patience = setting(traitlets.Int())
    factor = setting(traitlets.Float())
    threshold = setting(traitlets.Float())
    cooldown = setting(traitlets.Int())
    lr0 = traitlets.Float(LR).tag(sync=True)
    recorded: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.recorded = recorded_curves()

    def plan(self, settings: dict[str, Any]) -> Plan:
        config = read(settings, CONFIG)
        usual = {"threshold": 1e-4, "cooldown": 0}
        said = [f"{name} {v:g}" for name, v in config.items() if usual.get(name) != v]

        def steps(
            model: nn.Module, optimizer: Optimizer, images: Images, seed: int
        ) -> Iterator[int | Epoch]:
            scheduler = ReduceLROnPlateau(optimizer, **config)
            return train_by_batch(model, optimizer, images, EPOCHS, scheduler, seed=seed)

        return Plan(", ".join(said), LR, EPOCHS, steps)


def torch_lrs(metrics: Sequence[float], **config: Any) -> list[float]:
    """lr after each call of the installed torch's ReduceLROnPlateau.step, from LR."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR)
    scheduler, lrs = ReduceLROnPlateau(optimizer, **config), []
    for metric in metrics:
        scheduler.step(metric)
        lrs.append(optimizer.param_groups[0]["lr"])
    return lrs


def preset_metrics() -> dict[str, list[float]]:
    """Losses to step through: made-up ones, and a recorded one where there is one."""
    calls = np.arange(CALLS)
    wobble = np.random.default_rng(0).normal(0, 0.05, CALLS)
    made = {
        "improves, then flat": np.maximum(0.3, 1 - 0.12 * calls),
        "flat": np.full(CALLS, 0.5),
        "improves slowly": 0.97**calls,
        "noisy": 0.3 + 0.6 * 0.8**calls + wobble,
    }
    metrics = {name: [five_digits(v) for v in values] for name, values in made.items()}
    for run in _recorded().get(("constant", None), [])[:1]:
        metrics[MNIST] = [five_digits(v) for v in run.val_loss]
    return metrics


def recorded_curves() -> list[dict[str, Any]]:
    """The runs to compare with; [] if none is recorded."""
    found = _recorded()
    return [
        {"label": label, "lrs": [run.lr for run in found[key]], **curves(found[key])}
        for key, label in COMPARED.items()
        if key in found
    ]


def _recorded() -> dict[tuple[Any, ...], Any]:
    found = recorded_by("plateau", ("lr", "schedule", "patience"))
    return {tuple(key): runs for (lr, *key), runs in found.items() if lr == LR}


def figure(metric: str, **config: Any) -> Picture:
    """All calls with a metric, and lr after each, for where there are no widgets."""
    metrics = preset_metrics()[metric]
    lrs, calls = torch_lrs(metrics, **config), range(1, len(metrics) + 1)
    fig, [above, below] = panels([2.4, 1.6])
    above.plot(calls, metrics, color=BLUE, marker="o", markersize=4)
    best = np.minimum.accumulate(metrics)
    above.step(calls, best, where="mid", color=ORANGE, linestyle="--", label="lowest so far")
    below.step(calls, lrs, where="mid", color=GREEN)
    above.set_ylabel("metric")
    below.set(ylabel="lr after", xlabel="call", yscale="log")
    above.legend(frameon=False)
    fig.align_ylabels([above, below])
    fig.tight_layout()
    drops = [call for call, before, lr in zip(calls, [LR, *lrs], lrs) if lr < before]
    spelled = ", ".join(f"{name} {number(value)}" for name, value in config.items())
    return Picture(
        fig,
        f"ReduceLROnPlateau with {spelled} on the metric “{metric}”: lr falls from {LR} "
        f"at calls {', '.join(map(str, drops))} and ends at {number(lrs[-1])}.",
    )


def mnist_figure() -> Picture:
    """The recorded runs, with lr, for where there are no widgets."""
    found = _recorded()
    named = {label: found[key] for key, label in COMPARED.items() if key in found}
    return plot_runs(named, show_lr=True) if named else nothing()


def config_sliders(config: dict[str, Any]) -> dict[str, Any]:
    """The sliders of ReduceLROnPlateau's own settings."""
    return {
        "patience": counter("patience", config["patience"], 0, 10),
        "factor": slider("factor", config["factor"], 0.1, 0.9, 0.1, digits=1),
        "threshold": fine(slider("threshold", config["threshold"], 0, 0.3, 1e-4, digits=4)),
        "cooldown": counter("cooldown", config["cooldown"], 0, 5),
    }


def explore_plateau() -> Explorer:
    """ReduceLROnPlateau call by call, on metrics that show what its settings mean.

    Example, as the last line of a cell::

        explore_plateau()
    """
    metric = "improves, then flat"
    config: dict[str, Any] = {"patience": 2, "factor": 0.1, "threshold": 1e-4, "cooldown": 0}
    sliders = {"call": counter("call", 10, 1, CALLS)} | config_sliders(config)
    chart = PlateauChart(metric=metric, call=10, **config)
    return Explorer("plateau", chart, sliders, figure(metric, **config))


def explore_plateau_mnist() -> Explorer:
    """ReduceLROnPlateau live on MNIST from lr 0.2, against what was recorded.

    Example, as the last line of a cell::

        explore_plateau_mnist()
    """
    config: dict[str, Any] = {"patience": 0, "factor": 0.1, "threshold": 1e-4, "cooldown": 0}
    chart = PlateauMnistChart(**config)
    return Explorer("plateau-mnist", chart, config_sliders(config), mnist_figure())
