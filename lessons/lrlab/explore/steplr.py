"""Lesson 2: the staircase of StepLR, above what MNIST did with the same settings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import torch
import traitlets
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import StepLR

from lrlab.data import Images
from lrlab.javascript import module
from lrlab.plots import Picture, plot_runs, plot_schedule
from lrlab.runs import recorded
from lrlab.training import BATCHES, Epoch

from .base import Explorer, counter, read, slider
from .chart import JS, setting
from .curves import curves, recorded_by
from .live import LiveChart, Plan
from .quick import train_by_batch

SETTINGS = ("lr0", "step_size", "gamma", "epochs", "bug")
BUGS = ("none", "after every batch", "before the batches", "made anew each epoch")


class Stepping:
    """torch's StepLR as a training loop uses it: rightly, or with one of the lesson's bugs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float, bug: str) -> None:
        self._make = lambda: StepLR(optimizer, step_size, gamma)
        self._scheduler, self.bug = self._make(), bug

    def epoch_begins(self) -> None:
        if self.bug == "made anew each epoch":
            self._scheduler = self._make()
        if self.bug == "before the batches":
            self._step()

    def batch_is_done(self) -> None:
        if self.bug == "after every batch":
            self._step()

    def epoch_is_done(self) -> None:
        if self.bug in ("none", "made anew each epoch"):
            self._step()

    def _step(self) -> None:
        with warnings.catch_warnings():
            # torch warns of a step in the wrong order, for which the learner has asked.
            warnings.simplefilter("ignore")
            self._scheduler.step()


class StepLRChart(LiveChart):
    """A chart of lr and of training; the sliders and a drop-down list set its SETTINGS.

    Attributes:
        torch: `lrs`, torch's lr in each epoch, and `of`, the settings that they belong to
        recorded: each recorded setting with its curves
    """

    _esm = module(JS / "steplr.js")
    step_size = setting(traitlets.Int())
    gamma = setting(traitlets.Float())
    lr0 = setting(traitlets.Float())
    epochs = setting(traitlets.Int())
    bug = setting(traitlets.Enum(BUGS))
    torch = traitlets.Dict().tag(sync=True)
    recorded: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.recorded = recorded_curves()
        self.observe(self._ask_torch, list(settings))
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        of = self.present
        self.torch = {"of": of, "lrs": torch_lrs(**read(of, SETTINGS))}

    def plan(self, settings: dict[str, Any]) -> Plan:
        lr0, step_size, gamma, epochs, bug = read(settings, SETTINGS).values()
        with_bug = "" if bug == "none" else f", stepped {bug}" if "anew" not in bug else f", {bug}"

        def steps(
            model: nn.Module, optimizer: Optimizer, images: Images, seed: int
        ) -> Iterator[int | Epoch]:
            stepping = Stepping(optimizer, step_size, gamma, bug)
            for step in train_by_batch(model, optimizer, images, epochs, seed=seed):
                if step == 0:
                    stepping.epoch_begins()
                else:
                    stepping.batch_is_done()
                if isinstance(step, Epoch):
                    stepping.epoch_is_done()
                yield step

        return Plan(f"StepLR({step_size}, {gamma:g}) from {lr0:g}{with_bug}", lr0, epochs, steps)


def torch_lrs(lr0: float, step_size: int, gamma: float, epochs: int, bug: str) -> list[float]:
    """The lr with which the installed torch trains the first batch of each epoch."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr0)
    stepping, lrs = Stepping(optimizer, step_size, gamma, bug), []
    for _ in range(epochs):
        stepping.epoch_begins()
        lrs.append(optimizer.param_groups[0]["lr"])
        for _ in range(BATCHES if bug == "after every batch" else 1):
            optimizer.step()
            stepping.batch_is_done()
        stepping.epoch_is_done()
    return lrs


def recorded_curves() -> list[dict[str, Any]]:
    """Each recorded setting with its curves; [] if none is recorded."""
    names = ("lr0", "step_size", "gamma")
    return [
        dict(zip(names, key)) | curves(runs)
        for key, runs in recorded_by("steplr", ("lr", "step_size", "gamma")).items()
    ]


def figure(step_size: int, gamma: float, lr0: float, epochs: int, bug: str) -> Picture:
    """For where there are no widgets: the recorded runs of this schedule, or it alone.

    With a bug it stands beside what was meant.
    """
    name = f"StepLR({step_size}, {gamma:g}) from {lr0:g}"
    if bug != "none":
        meant, seen = (torch_lrs(lr0, step_size, gamma, epochs, each) for each in ("none", bug))
        return plot_schedule({f"{name}, as it was meant": meant, f"the scheduler {bug}": seen})
    try:
        runs = recorded("steplr").where(lr=lr0, step_size=step_size, gamma=gamma)
    except (FileNotFoundError, LookupError):
        return plot_schedule({name: torch_lrs(lr0, step_size, gamma, epochs, "none")})
    return plot_runs({name: runs}, show_lr=True)


def explore_steplr(epochs: int = 9, bug: str = "none") -> Explorer:
    """StepLR's staircase over `epochs`, above what MNIST did with exactly those settings.

    `epochs` is where the slider of that name starts. With one of BUGS the right staircase is drawn
    too, in grey. Raises ValueError for another bug. Example, as the last line of a cell::

        explore_steplr(epochs=12)
    """
    if bug not in BUGS:
        raise ValueError(f"explore_steplr knows no bug {bug!r}. It can be {', '.join(BUGS)}.")
    start: dict[str, Any] = {"step_size": 3, "gamma": 0.1, "lr0": 0.2, "epochs": epochs, "bug": bug}
    sliders = {
        "step_size": counter("step_size", 3, 1, 10),
        "gamma": slider("gamma", 0.1, 0.1, 1.0, 0.1, digits=1),
        "lr0": slider("lr0", 0.2, 0.05, 0.4, 0.05),
        "epochs": counter("epochs", epochs, 1, max(30, epochs)),
    }
    return Explorer("steplr", StepLRChart(**start), sliders, figure(**start))
