"""Lesson 1: training MNIST with a constant lr, from too small to too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import traitlets
from torch import nn
from torch.optim import Optimizer

from lrlab.data import Images
from lrlab.javascript import module
from lrlab.plots import Picture, plot_runs
from lrlab.training import Epoch

from .base import Explorer, counter, log_slider, rounded
from .chart import JS, setting
from .curves import curves, nothing, recorded_by
from .live import LiveChart, Plan
from .quick import train_by_batch


class ConstantChart(LiveChart):
    """A chart of training with the traits `lr` and `epochs`, which the sliders set.

    Attributes:
        recorded: each recorded lr with its curves
    """

    _esm = module(JS / "constant.js")
    lr = setting(traitlets.Float())
    epochs = setting(traitlets.Int())
    recorded: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.recorded = recorded_curves()

    def plan(self, settings: dict[str, Any]) -> Plan:
        lr, epochs = rounded(settings["lr"]), settings["epochs"]

        def steps(
            model: nn.Module, optimizer: Optimizer, images: Images, seed: int
        ) -> Iterator[int | Epoch]:
            return train_by_batch(model, optimizer, images, epochs, seed=seed)

        return Plan(f"lr {lr:g}", lr, epochs, steps)


def recorded_curves() -> list[dict[str, Any]]:
    """Each recorded lr with its curves, from the smallest; [] if none is recorded."""
    found = recorded_by("constant-lr", ["lr"])
    return [{"lr": lr, **curves(runs)} for (lr,), runs in sorted(found.items())]


def figure() -> Picture:
    """The recorded validation accuracy of every lr, for where there are no widgets."""
    found = recorded_by("constant-lr", ["lr"])
    if not found:
        return nothing()
    return plot_runs({f"lr {lr:g}": runs for (lr,), runs in sorted(found.items())})


def explore_constant(epochs: int = 9) -> Explorer:
    """Constant rates on MNIST: recorded ones from 0.001 to 1, and any other live.

    `epochs` is where the slider of that name starts. Example, as the last line of a cell::

        explore_constant(epochs=5)
    """
    start = {"lr": 0.03, "epochs": epochs}
    sliders = {
        "lr": log_slider("lr", 0.03, -3, 0),
        "epochs": counter("epochs", epochs, 1, max(30, epochs)),
    }
    return Explorer("constant", ConstantChart(**start), sliders, figure())
