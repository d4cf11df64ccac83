"""Lesson 1: gradient descent in a quadratic bowl."""

from __future__ import annotations

import math
from typing import Any

import torch
import traitlets

from lrlab.javascript import module
from lrlab.palette import BLUE, ORANGE
from lrlab.plots import Picture, number, panels

from .base import Explorer, log_slider, read, rounded, slider
from .chart import JS, Chart, setting

START = 2.0  # θ begins within this distance of the minimum.
STEPS = 20


class BowlChart(Chart):
    """A chart of θ with the traits `lr`, `theta0` and `curvature`, which the sliders set.

    A curvature that is not among the settings at the start is fixed.

    Attributes:
        torch: `path`, θ as torch's SGD walks it, and `of`, the settings that it belongs to
    """

    _esm = module(JS / "bowl.js")
    lr = setting(traitlets.Float())
    theta0 = setting(traitlets.Float())
    curvature = setting(traitlets.Float())
    torch = traitlets.Dict().tag(sync=True)

    def __init__(self, fixed_curvature: float | None = None, **settings: float) -> None:
        super().__init__(**settings)
        if fixed_curvature is not None:
            self.curvature = fixed_curvature
        self.observe(self._ask_torch, list(settings))
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        [theta0] = read({"theta0": self.theta0}, ["theta0"]).values()
        path = torch_path(rounded(self.lr), rounded(self.curvature), theta0)
        self.torch = {"of": self.present, "path": path}


def torch_path(lr: float, curvature: float, theta0: float = START) -> list[float]:
    """θ before the first step and after each of torch's SGD on ½·curvature·θ², from theta0."""
    theta = torch.tensor(theta0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    path = [theta0]
    for _ in range(STEPS):
        optimizer.zero_grad()
        (curvature * theta**2 / 2).backward()
        optimizer.step()
        path.append(theta.item())
    return path


def figure(lr: float, curvature: float) -> Picture:
    """θ by step, for where there are no widgets."""
    path = torch_path(lr, curvature)
    fig, [ax] = panels([3.0])
    ax.plot(path, color=BLUE, marker="o", markersize=4)
    ax.axhline(0, color=ORANGE, linestyle="--", label="minimum")
    ax.set(xlabel="step", ylabel="θ")
    ax.legend(frameon=False)
    fig.tight_layout()
    return Picture(
        fig,
        f"Gradient descent in a bowl of curvature {number(curvature)} with lr {number(lr)}: "
        f"θ goes from {number(START)} to {number(path[-1])} in {STEPS} steps.",
    )


def explore_bowl(curvature: float | None = None) -> Explorer:
    """Gradient descent on ½·curvature·θ²: which lr creeps, swings or runs away, and why.

    Its walk plays once when it is first seen. A `curvature` that is given is fixed: then there are
    no slider and no limits for it, only the walk. Raises ValueError where it is not finite and
    above 0. Example, as the last line of a cell::

        explore_bowl()
    """
    if curvature is not None and not 0 < curvature < math.inf:
        raise ValueError(f"A bowl has a finite curvature above 0, not {curvature}.")
    start = {"lr": 0.3, "theta0": START}
    sliders = {
        "lr": log_slider("lr", start["lr"], -2, 1),
        "theta0": slider("theta0", START, -START, START, 0.1, digits=1),
    }
    if curvature is not None:
        chart = BowlChart(curvature, **start)
    else:
        chart = BowlChart(**start, curvature=1.0)
        sliders["curvature"] = slider("curvature", 1, 0.25, 4, 0.25)
    return Explorer("bowl", chart, sliders, figure(chart.lr, chart.curvature))
