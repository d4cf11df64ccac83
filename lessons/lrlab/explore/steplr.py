"""Lesson 2: the staircase of StepLR, above what MNIST did with the same settings."""

from __future__ import annotations

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.ticker import MaxNLocator
from torch.optim.lr_scheduler import StepLR

from lrlab.plots import BLUE, GREEN, LABELS, ORANGE, by_epoch, number, panels
from lrlab.runs import NoSuchRun, recorded

from .base import WIDE, Explorer

SHORT = {"button_width": "7em"}


class StepLRExplorer(Explorer):
    """The staircase above, the recorded runs with the same settings below."""

    def __init__(self, epochs: int) -> None:
        self.epochs = np.arange(epochs)
        figure, (self.top, self.below) = panels([2.4, 2.8])
        (self.line,) = self.top.step([], [], where="mid", color=BLUE, linewidth=2)
        (self.dots,) = self.top.plot([], [], color=ORANGE, marker="o", linestyle="")
        self.line.set_label("closed form")
        self.dots.set_label("torch's StepLR")
        self.top.legend(fontsize=11, frameon=False, loc="upper right")
        self.top.set_ylabel(LABELS["lr"])
        (self.mean,) = self.below.plot([], [], color=GREEN, marker="s", markersize=4)
        self.band = self.below.fill_between(self.epochs, 0, 0, color=GREEN, alpha=0.2, linewidth=0)
        self.below.set(xlabel="epoch", xlim=(-0.5, epochs - 0.5))
        self.below.xaxis.set_major_locator(MaxNLocator(integer=True))
        figure.subplots_adjust(left=0.12, right=0.98, top=0.97, bottom=0.11, hspace=0.12)
        try:
            self.recorded = recorded("steplr")
        except FileNotFoundError as error:
            self.recorded, self.missing = None, str(error)
        super().__init__(
            figure,
            {
                "step_size": widgets.IntSlider(
                    3, min=1, max=max(10, epochs + 1), description="step_size", style=WIDE
                ),
                "gamma": widgets.FloatSlider(
                    0.1, min=0.1, max=1, step=0.1, readout_format=".1f",
                    description="gamma", style=WIDE,
                ),
                "lr0": widgets.ToggleButtons(
                    options=[0.1, 0.2, 0.3], value=0.2, description="first lr", style=WIDE | SHORT
                ),
                "scale": widgets.ToggleButtons(
                    options=["linear", "log"], description="lr axis", style=WIDE | SHORT
                ),
                "field": widgets.ToggleButtons(
                    options=[("accuracy", "val_accuracy"), ("loss", "val_loss")],
                    description="validation", style=WIDE | SHORT,
                ),
            },
        )  # fmt: skip

    def draw(self, step_size: int, gamma: float, lr0: float, scale: str, field: str) -> str:
        gamma = round(gamma, 1)  # the slider's 0.3 is 0.30000000000000004
        lrs = lr0 * gamma ** np.floor_divide(self.epochs, step_size)
        self.line.set_data(self.epochs, lrs)
        self.dots.set_data(self.epochs, torch_steplr(lr0, step_size, gamma, len(lrs)))
        self.top.set_yscale(scale)
        self.top.set_ylim(
            *((lrs.min() / 2, lr0 * 2) if scale == "log" else (-0.04 * lr0, lr0 * 1.1))
        )
        drops = list(range(step_size, len(lrs), step_size))
        if gamma == 1:
            words = "gamma 1 never changes the rate: this is a constant lr."
        elif not drops:
            words = f"It never drops within {len(lrs)} epochs: this is a constant lr."
        else:
            times = ", ".join(map(str, drops))
            noun = "epochs" if drops[1:] else "epoch"
            words = f"lr falls at {noun} {times} and ends at {number(lrs[-1])}."
        start = f"StepLR from {lr0} with step_size {step_size} and gamma {gamma}: "
        return f"{start}{words} {self._draw_recorded(lr0, step_size, gamma, field)}"

    def _draw_recorded(self, lr0: float, step_size: int, gamma: float, field: str) -> str:
        """The recorded runs of these settings, or why there are none."""
        self.below.set_ylabel(LABELS[field])
        self.mean.set_data([], [])
        self.band.set_data(self.epochs, np.nan, np.nan)
        if self.recorded is None:
            return self.missing
        if gamma == 1 or step_size >= self.recorded.how["settings"]["epochs"]:
            settings = {"schedule": "constant"}
        else:
            settings = {"schedule": "StepLR", "step_size": step_size, "gamma": gamma}
        try:
            runs = self.recorded.where(lr=lr0, **settings)
        except NoSuchRun:
            return "Not recorded: first lr 0.2 has every setting; 0.1 and 0.3 have StepLR(3, 0.1)."
        values = by_epoch(runs, field)[:, : len(self.epochs)]
        epochs, low, high = np.arange(values.shape[1]), values.min(axis=0), values.max(axis=0)
        self.mean.set_data(epochs, values.mean(axis=0))
        self.band.set_data(epochs, low, high)
        margin = (high.max() - low.min()) * 0.08
        self.below.set_ylim(low.min() - margin, high.max() + margin)
        first, last = values.mean(axis=0)[[0, -1]]
        return (
            f"On MNIST, {LABELS[field]} went from {number(first)} to {number(last)} "
            f"at epoch {epochs[-1]} (mean of {len(runs)} seeds; {number(low[-1])} to "
            f"{number(high[-1])})."
        )


def torch_steplr(lr0: float, step_size: int, gamma: float, epochs: int) -> list[float]:
    """The lr that the installed torch uses in each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = StepLR(optimizer, step_size, gamma)
    lrs = []
    for _ in range(epochs):
        lrs.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return lrs
