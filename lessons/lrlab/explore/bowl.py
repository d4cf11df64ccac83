"""Lesson 1: gradient descent in a quadratic bowl."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.figure import Figure

from lrlab.plots import BLUE, ORANGE, RED, number, tidy

from .base import WIDE, Explorer


class Bowl(Explorer):
    """torch's SGD on ½·curvature·θ², from θ = 2, for 20 steps."""

    START, STEPS, EDGE = 2.0, 20, 3.0

    def __init__(self) -> None:
        figure = Figure(figsize=(7, 4.6), dpi=100, facecolor="white")
        rate, bowl, time = figure.subplot_mosaic("AA;BC", height_ratios=[1, 4]).values()
        for ax in (rate, bowl, time):
            tidy(ax)
        rate.set(xscale="log", xlim=(0.01, 10), ylim=(0, 1), yticks=[], xlabel="learning rate")
        bowl.set(xlim=(-self.EDGE, self.EDGE), ylim=(-0.3, 10), xlabel="θ", ylabel="loss")
        time.set(xlim=(0, self.STEPS), ylim=(-self.EDGE, self.EDGE), xlabel="step", ylabel="θ")
        self.theta = np.linspace(-self.EDGE, self.EDGE, 121)
        (self.curve,) = bowl.plot([], [], color="0.5")
        (self.path,) = bowl.plot([], [], color=BLUE, marker="o", markersize=4)
        (self.series,) = time.plot([], [], color=BLUE, marker="o", markersize=4)
        (self.here,) = rate.plot([], [], color=BLUE, marker="v", markersize=11, linestyle="")
        self.one = rate.axvline(1, color=ORANGE, linestyle="--")
        self.two = rate.axvline(1, color=RED, linestyle=":", linewidth=2.5)
        rate.legend(
            [self.one, self.two, self.here],
            ["1/curvature", "2/curvature", "your learning rate"],
            ncols=3,
            loc="lower center",
            bbox_to_anchor=(0.5, 1),
            frameon=False,
            fontsize=11,
        )
        figure.tight_layout()
        super().__init__(
            figure,
            {
                "lr": widgets.FloatLogSlider(
                    0.1, min=-2, max=1, step=0.05, description="learning rate", style=WIDE
                ),
                "curvature": widgets.FloatSlider(
                    1.0, min=0.25, max=8, step=0.25, description="curvature", style=WIDE
                ),
            },
        )

    def draw(self, lr: float, curvature: float) -> str:
        path = bowl_path(self.START, curvature, lr, self.STEPS)
        shown = np.clip(path, -1e3, 1e3)  # far outside either way
        self.curve.set_data(self.theta, curvature * self.theta**2 / 2)
        self.path.set_data(shown, curvature * shown**2 / 2)
        self.series.set_data(range(len(path)), shown)
        self.here.set_data([lr], [0.5])
        self.one.set_xdata([1 / curvature] * 2)
        self.two.set_xdata([2 / curvature] * 2)
        return (
            f"Learning rate {number(lr)}, curvature {number(curvature)}: "
            f"1/curvature is {number(1 / curvature)} and 2/curvature is {number(2 / curvature)}. "
            f"{describe_path(path)} After {self.STEPS} steps θ is {number(path[-1])}."
        )


def bowl_path(start: float, curvature: float, lr: float, steps: int) -> np.ndarray:
    """θ before the first step and after each, as torch's SGD walks it."""
    theta = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=lr)
    path = [start]
    for _ in range(steps):
        optimizer.zero_grad()
        (curvature * theta**2 / 2).backward()
        optimizer.step()
        path.append(theta.item())
    return np.array(path)


def describe_path(path: np.ndarray) -> str:
    """In words what θ was seen to do."""
    turns = (path[1:] * path[:-1] < 0).any()
    if not turns:
        return "θ goes down on one side (monotone)."
    if np.isclose(abs(path[-1]), abs(path[0])):
        return "θ jumps from side to side for ever, at the very edge of diverging."
    if abs(path[-1]) > abs(path[0]):
        return "θ jumps from side to side, further out each time (diverging)."
    return "θ jumps from side to side, and closer each time (oscillating)."
