"""Lesson 1: gradient descent in a quadratic bowl."""

from __future__ import annotations

from typing import Any

import torch
import traitlets

from lrlab.palette import BLUE, ORANGE
from lrlab.plots import Picture, number, panels

from .base import Explorer, log_slider, rounded, slider
from .chart import Chart, module, setting

START = 2.0
STEPS = 20


class BowlChart(Chart):
    """A chart of θ with the traits `lr` and `curvature`, which the sliders set.

    Attributes:
        torch: `path`, θ as torch's SGD walks it, and `of`, the settings that it belongs to
    """

    _esm = module("bowl")
    lr = setting(traitlets.Float())
    curvature = setting(traitlets.Float())
    torch = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.observe(self._ask_torch, list(settings))
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        path = torch_path(rounded(self.lr), rounded(self.curvature))
        self.torch = {"of": self.present, "path": path}


def torch_path(lr: float, curvature: float) -> list[float]:
    """θ before the first step and after each of torch's SGD on ½·curvature·θ², from START."""
    theta = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    path = [START]
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


def explore_bowl() -> Explorer:
    """Gradient descent on ½·curvature·θ²: which lr creeps, swings or runs away, and why.

    Example, as the last line of a cell::

        explore_bowl()
    """
    start = {"lr": 0.1, "curvature": 1.0}
    sliders = {
        "lr": log_slider("lr", 0.1, -2, 1),
        "curvature": slider("curvature", 1, 0.25, 4, 0.25),
    }
    return Explorer("bowl", BowlChart(**start), sliders, figure(**start))
