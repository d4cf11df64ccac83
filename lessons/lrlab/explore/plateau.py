"""Lesson 3: ReduceLROnPlateau, one call at a time."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.ticker import MaxNLocator
from torch.optim.lr_scheduler import ReduceLROnPlateau

from lrlab.plots import BLUE, GREEN, ORANGE, PINK, RED, number, panels
from lrlab.runs import recorded

from .base import WIDE, Explorer


class Plateau(Explorer):
    """A metric seen call by call, with torch's best, bad count, cooldown and lr after each call."""

    LR = 0.1

    def __init__(self) -> None:
        self.metrics = preset_metrics()
        figure, (self.top, self.middle, self.bottom) = panels([2.4, 1.5, 1.5])
        (self.future,) = self.top.plot([], [], color="0.7", marker="o", markersize=3)
        (self.seen,) = self.top.plot([], [], color=BLUE, marker="o", label="metric")
        (self.best,) = self.top.step(
            [], [], where="mid", color=ORANGE, linestyle="--", linewidth=2, label="best"
        )
        band = {"step": "mid", "linewidth": 0, "alpha": 0.3}
        self.band = self.top.fill_between([], [], [], color=ORANGE, label="threshold", **band)
        self.rest = self.middle.fill_between([], [], [], color=PINK, label="cooldown", **band)
        (self.bad,) = self.middle.plot(
            [], [], color=RED, marker="s", drawstyle="steps-mid", label="bad calls"
        )
        self.limit = self.middle.axhline(0, color="0.3", linestyle=":", label="patience")
        (self.lr,) = self.bottom.plot([], [], color=GREEN, marker="^", drawstyle="steps-mid")
        self.top.set_ylabel("metric")
        self.middle.set_ylabel("bad calls")
        self.middle.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        self.bottom.set(ylabel="lr after", xlabel="call", yscale="log")
        self.bottom.xaxis.set_major_locator(MaxNLocator(integer=True))
        for ax, columns in ((self.top, 3), (self.middle, 3)):
            ax.legend(fontsize=10, frameon=False, ncols=columns, loc="upper right")
        figure.subplots_adjust(left=0.12, right=0.98, top=0.98, bottom=0.1, hspace=0.15)
        small = {"style": WIDE}
        thresholds = [0.0, 0.0001, 0.001, 0.01, 0.05, 0.1, 0.2]
        super().__init__(
            figure,
            {
                "metric": widgets.Dropdown(
                    options=list(self.metrics), description="metric", **small
                ),
                "call": widgets.IntSlider(10, min=1, max=20, description="call", **small),
                "patience": widgets.IntSlider(2, min=0, max=10, description="patience", **small),
                "factor": widgets.FloatSlider(
                    0.1, min=0.1, max=0.9, step=0.1, description="factor", **small
                ),
                "threshold": widgets.SelectionSlider(
                    options=thresholds, value=0.0001, description="threshold", **small
                ),
                "cooldown": widgets.IntSlider(0, min=0, max=5, description="cooldown", **small),
            },
        )

    def draw(self, metric: str, call: int, **config: Any) -> str:
        metrics = self.metrics[metric]
        self.controls["call"].max = len(metrics)
        call = min(call, len(metrics))
        books = plateau_books(metrics, self.LR, **config)
        calls, every = np.arange(1, len(metrics) + 1), np.array(books)
        best, bad, resting, lrs = every[:call].T
        now, needed = calls[:call], best * (1 - config["threshold"])
        self.future.set_data(calls, metrics)
        self.seen.set_data(now, metrics[:call])
        self.best.set_data(now, best)
        self.band.set_data(now, needed, best)
        self.bad.set_data(now, bad)
        self.limit.set_ydata([config["patience"]] * 2)
        self.rest.set_data(now, 0, np.where(resting > 0, 100, 0))
        self.lr.set_data(now, lrs)
        self._fit(metrics, every, config)
        start = (math.inf, 0, 0, self.LR)
        before, after = [start, *books][call - 1 : call + 1]
        words = describe_call(metrics[call - 1], before, after, config["patience"])
        return f"Call {call} of {len(metrics)}: {words}"

    def _fit(self, metrics: list[float], every: np.ndarray, config: dict[str, Any]) -> None:
        """Limits that hold for every call, so that scrubbing moves nothing else."""
        low = min(*metrics, every[:, 0].min() * (1 - config["threshold"]))
        room = 0.1 * (max(metrics) - low) + 0.01 * low
        self.top.set(xlim=(0.5, len(metrics) + 0.5), ylim=(low - room, max(metrics) + 3 * room))
        self.middle.set_ylim(-0.3, max(config["patience"], every[:, 1].max()) * 1.4 + 1.5)
        self.bottom.set_ylim(every[:, 3].min() / 3, self.LR * 3)


Books = tuple[float, int, int, float]


def plateau_books(metrics: Sequence[float], lr0: float, **config: Any) -> list[Books]:
    """torch's (best, bad count, cooldown left, lr) after each call of ReduceLROnPlateau.step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    scheduler = ReduceLROnPlateau(optimizer, **config)
    books = []
    for metric in metrics:
        scheduler.step(metric)
        state = (scheduler.best, scheduler.num_bad_epochs, scheduler.cooldown_counter)
        books.append((*state, optimizer.param_groups[0]["lr"]))
    return books


def describe_call(metric: float, before: Books, after: Books, patience: int) -> str:
    """In words what one call did, read from torch's books on either side of it."""
    best, bad, resting, lr = after
    if best != before[0]:
        judged = f"better than the best so far, so best is now {best:.5g}"
    else:
        judged = f"not better enough than the best, {best:.5g}"
    if lr < before[3]:
        effect = f"lr falls from {number(before[3])} to {number(lr)} for the next epoch."
    else:
        effect = f"lr stays {number(lr)}."
    rest = f"; {resting} calls of cooldown are left" if resting else ""
    return (
        f"the metric {metric:.5g} is {judged}. Bad calls: {bad}, patience {patience}{rest}. "
        f"{effect}"
    )


def preset_metrics() -> dict[str, list[float]]:
    """Losses to step through: made up ones, and a recorded one where there is one."""
    calls = np.arange(20)
    wobble = np.random.default_rng(0).normal(0, 0.05, len(calls))
    made = {
        "improves, then flat": np.maximum(0.3, 1 - 0.12 * calls),
        "flat": np.full(len(calls), 0.5),
        "creeps down, in all by less than 0.0001": 0.5 - 2e-6 * calls,
        "noisy": 0.3 + 0.6 * 0.8**calls + wobble,
    }
    presets = {name: metrics.tolist() for name, metrics in made.items()}
    with contextlib.suppress(FileNotFoundError):
        run = recorded("plateau").where(lr=0.2, schedule="constant")[0]
        presets["MNIST validation loss at constant lr 0.2"] = run.val_loss
    return presets
