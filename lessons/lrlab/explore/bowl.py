"""Lesson 1: gradient descent in a quadratic bowl."""

from __future__ import annotations

from typing import Any

import torch
import traitlets

from lrlab.plots import BLUE, ORANGE, Picture, number, panels

from .base import Explorer, log_slider, meant, slider
from .chart import SHARED, Chart, module, setting

START = 2.0
STEPS = 20


class BowlChart(Chart):
    """Traits: the settings; torch, θ as its SGD walks it and `of` which settings."""

    _esm = module(*SHARED, "bowl")
    lr = setting(traitlets.Float())
    curvature = setting(traitlets.Float())
    torch = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.observe(self._ask_torch, ["lr", "curvature"])
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        of = {"lr": self.lr, "curvature": self.curvature}
        self.torch = {"of": of, "path": torch_path(meant(self.lr), meant(self.curvature))}


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


def still(lr: float, curvature: float) -> Picture:
    """θ by step."""
    path = torch_path(lr, curvature)
    figure, [ax] = panels([3.0])
    ax.plot(path, color=BLUE, marker="o", markersize=4)
    ax.axhline(0, color=ORANGE, linestyle="--", label="minimum")
    ax.set(xlabel="step", ylabel="θ")
    ax.legend(frameon=False)
    figure.tight_layout()
    return Picture(
        figure,
        f"Gradient descent in a bowl of curvature {number(curvature)} with lr {number(lr)}: "
        f"θ goes from {number(START)} to {number(path[-1])} in {STEPS} steps.",
    )


def explore_bowl() -> Explorer:
    """Gradient descent on ½·curvature·θ²: which lr creeps, swings or runs away, and why."""
    start = {"lr": 0.1, "curvature": 1.0}
    sliders = {
        "lr": log_slider("lr", 0.1, -2, 1),
        "curvature": slider("curvature", 1, 0.25, 4, 0.25),
    }
    return Explorer("bowl", BowlChart(**start), sliders, still(**start))
