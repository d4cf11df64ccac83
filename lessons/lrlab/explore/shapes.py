"""Lesson 4: any scheduler of torch, its settings, and what it does to lr and to momentum."""

from __future__ import annotations

import math
import statistics
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
import traitlets
from torch import nn
from torch.optim import SGD, Optimizer, lr_scheduler

from lrlab.data import Images
from lrlab.javascript import module
from lrlab.plots import Picture, panels, plot_schedule
from lrlab.training import BATCH_SIZE, BATCHES, Epoch

from .base import Explorer, Select, counter, fine, log_slider, read, slider
from .chart import JS, setting
from .curves import curve, recorded_by
from .live import LiveChart, Plan
from .quick import MOMENTUM, train_by_batch

OWN = "draw your own"  # Not torch's: the handles on the chart are its schedule.
PER = ("epoch", "update", "update, counted in epochs")
MISTAKE = PER[2]
DOTS = 4  # So many of torch's values are shown for an epoch of updates.

# The settings of each scheduler, with the values that choosing it sets: the names are torch's own.
# Two functions and two pairs stand for all that a scheduler could be given.
WARM = {"start_factor": 0.1, "total_iters": 2}
STEP = {"step_size": 3, "gamma": 0.5}
MOMENTA = {"cycle_momentum": "True", "base_momentum": 0.85, "max_momentum": 0.95}
SCHEDULERS: dict[str, dict[str, Any]] = {
    "LinearLR": {"lr0": 0.1, "start_factor": 0.1, "end_factor": 1.0, "total_iters": 3},
    "CosineAnnealingLR": {"lr0": 0.1, "T_max": 9, "eta_min": 0.0},
    "OneCycleLR": {
        "max_lr": 0.1,
        "total_steps": 9,
        "pct_start": 0.3,
        "anneal_strategy": "cos",
        "div_factor": 25,
        "final_div_factor": 1e4,
        "three_phase": "False",
        **MOMENTA,
    },
    "StepLR": {"lr0": 0.1, "step_size": 3, "gamma": 0.1},
    "MultiStepLR": {"lr0": 0.1, "milestone_1": 4, "milestone_2": 7, "gamma": 0.1},
    "ExponentialLR": {"lr0": 0.1, "gamma": 0.7},
    "PolynomialLR": {"lr0": 0.1, "total_iters": 9, "power": 2.0},
    "ConstantLR": {"lr0": 0.1, "factor": 0.3, "total_iters": 3},
    "CosineAnnealingWarmRestarts": {"lr0": 0.1, "T_0": 3, "T_mult": 1, "eta_min": 0.0},
    "CyclicLR": {
        "base_lr": 0.01,
        "max_lr": 0.1,
        "step_size_up": 2,
        "step_size_down": 2,
        "mode": "triangular",
        "gamma": 0.9,
        **MOMENTA,
        "base_momentum": 0.8,
        "max_momentum": 0.9,
    },
    "LambdaLR": {"lr0": 0.1},
    "MultiplicativeLR": {"lr0": 0.1},
    "SequentialLR": {"lr0": 0.1, **WARM, **STEP, "milestone": 2},
    "ChainedScheduler": {"lr0": 0.1, **WARM, **STEP},
    "ReduceLROnPlateau": {},
    OWN: {},
}
COUNTS = (  # These settings count calls of step(): updates, where it is called after each.
    "total_iters",
    "T_max",
    "T_0",
    "step_size",
    "milestone",
    "milestone_1",
    "milestone_2",
    "step_size_up",
    "step_size_down",
    "total_steps",
)
CHOICES = {
    "cycle_momentum": ("True", "False"),
    "anneal_strategy": ("cos", "linear"),
    "three_phase": ("False", "True"),
    "mode": ("triangular", "triangular2", "exp_range"),
}
_NAMES = dict.fromkeys(name for settings in SCHEDULERS.values() for name in settings)
NUMBERS = tuple(name for name in _NAMES if name not in CHOICES)
SETTINGS = ("scheduler", "per", "epochs", *CHOICES, *NUMBERS)


# The settings that are numbers or one of a few words, as traits.
_TRAITS: dict[str, Any] = {name: setting(traitlets.Float()) for name in NUMBERS}
_TRAITS |= {name: setting(traitlets.Enum(values)) for name, values in CHOICES.items()}
_Settings: Any = types.new_class(
    "_Settings", (LiveChart,), exec_body=lambda body: body.update(_TRAITS)
)


class ShapesChart(_Settings):
    """A chart of one scheduler. Sliders and drop-down lists set its SETTINGS, handles its drawing.

    Attributes:
        drawing: the lrs of OWN, evenly from the start of a run to its end
        schedulers: SCHEDULERS
        counts: COUNTS
        torch: `at`, after so many calls of step(); `lrs` and `momenta` then; `error`, torch's own
            sentence, or ""; and `of`, the settings that they belong to
        recorded: lesson 4's recorded runs, the best first
        best: the best of the live runs that came to their end, or {}
    """

    _esm = module(JS / "shapes.js")
    scheduler = setting(traitlets.Enum(tuple(SCHEDULERS)))
    per = setting(traitlets.Enum(PER))
    epochs = setting(traitlets.Int())
    drawing: traitlets.List[float] = setting(traitlets.List(traitlets.Float()))
    schedulers = traitlets.Dict(SCHEDULERS).tag(sync=True)
    counts = traitlets.List(list(COUNTS)).tag(sync=True)
    torch = traitlets.Dict().tag(sync=True)
    recorded: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    best = traitlets.Dict().tag(sync=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.recorded = recorded_curves()
        self.observe(self._ask_torch, SETTINGS)
        self._ask_torch()

    def _ask_torch(self, _change: Any = None) -> None:
        of = {name: getattr(self, name) for name in SETTINGS}
        self.torch = {"of": of} | torch_trace(read(of, SETTINGS))

    def finished(self, run: dict[str, Any]) -> None:
        end, best = run["val_accuracy"][-1], self.best.get("val_accuracy", [-1])[-1]
        if end is not None and end > best:
            self.best = run

    def plan(self, settings: dict[str, Any]) -> Plan:
        chosen = read(settings, SETTINGS)
        name, per, epochs = (chosen[each] for each in ("scheduler", "per", "epochs"))
        lr = settings["drawing"][0] if name == OWN else chosen["lr0"]

        def steps(
            model: nn.Module, optimizer: Optimizer, images: Images, seed: int
        ) -> Iterator[int | Epoch]:
            batches = math.ceil(len(images.y_train) / BATCH_SIZE)
            every = train_by_batch(model, optimizer, images, epochs, seed=seed)
            if name == OWN:
                return follow_drawing(every, optimizer, settings["drawing"], epochs * batches)
            scheduler = make(optimizer, name, arguments(chosen, batches))
            return step_scheduler(every, scheduler, per == "epoch")

        label = name if name == OWN else f"{name} per {per}"
        return Plan(label, lr, epochs, steps)


def follow_drawing(
    every: Iterable[int | Epoch], optimizer: Optimizer, drawing: list[float], updates: int
) -> Iterator[int | Epoch]:
    """Set lr before each update to where the drawing is then."""
    places = np.linspace(0, 1, len(drawing))
    update = 0
    for step in every:
        if not isinstance(step, Epoch):
            optimizer.param_groups[0]["lr"] = float(np.interp(update / updates, places, drawing))
            update += 1
        yield step


def step_scheduler(
    every: Iterable[int | Epoch], scheduler: lr_scheduler.LRScheduler, per_epoch: bool
) -> Iterator[int | Epoch]:
    """Call step() after each epoch, or after each update, which is done when the next is named."""
    for step in every:
        if isinstance(step, Epoch) or (step > 0 and not per_epoch):
            scheduler.step()
        yield step


def recorded_curves() -> list[dict[str, Any]]:
    """Lesson 4's recorded runs: label, accuracy and its end over the seeds; the best is first."""
    names = ("lr", "schedule", "warmup", "step_size")
    found = []
    for (lr, kind, warmup, step_size), runs in recorded_by("shapes", names).items():
        ends = [run.val_accuracy[-1] for run in runs]
        if len(ends) > 1:
            label = f"{kind} from {lr:g}" if kind != "OneCycleLR" else f"{kind} up to {lr:g}"
            label += f", step_size {step_size}" if step_size else ""
            label += " after a warm-up" if warmup else ""
            end = {"mean": statistics.mean(ends), "spread": statistics.stdev(ends)}
            accuracy = curve(runs, "val_accuracy")
            found.append({"label": label, "seeds": len(runs), "end": end, "val_accuracy": accuracy})
    return sorted(found, key=lambda each: -each["end"]["mean"])


def arguments(settings: dict[str, Any], batches: int = BATCHES) -> dict[str, Any]:
    """What the chosen scheduler's settings are in torch: counted in calls of step()."""
    times = batches if settings["per"] == "update" else 1
    found: dict[str, Any] = {}
    for name in SCHEDULERS[settings["scheduler"]]:
        value = settings[name]
        if name in COUNTS:
            value = round(value) * times
        elif name == "T_mult":
            value = round(value)
        elif value in ("True", "False"):
            value = value == "True"
        found[name] = value
    return found


def make(optimizer: Optimizer, name: str, given: dict[str, Any]) -> lr_scheduler.LRScheduler:
    """The scheduler of this name on `optimizer`; raises what torch raises."""
    if name == "ReduceLROnPlateau":
        raise ValueError("ReduceLROnPlateau needs a metric: lesson 3 explores and trains it.")
    given = {key: value for key, value in given.items() if key != "lr0"}
    kind = getattr(lr_scheduler, name)
    if name == "LambdaLR":
        return kind(optimizer, lambda step: 1 / math.sqrt(step + 1))
    if name == "MultiplicativeLR":
        return kind(optimizer, lambda _step: 0.95)
    if name == "MultiStepLR":
        return kind(optimizer, [given["milestone_1"], given["milestone_2"]], given["gamma"])
    if name in ("SequentialLR", "ChainedScheduler"):
        pair = [
            lr_scheduler.LinearLR(optimizer, given["start_factor"], 1.0, given["total_iters"]),
            lr_scheduler.StepLR(optimizer, given["step_size"], given["gamma"]),
        ]
        if name == "ChainedScheduler":
            return kind(pair)
        return kind(optimizer, pair, [given["milestone"]])
    return kind(optimizer, **given)


def calls(per: str, epochs: int) -> list[int]:
    """After so many calls of step() torch's values are shown."""
    if per == "epoch":
        return list(range(epochs))
    if per == MISTAKE:
        return list(range(0, BATCHES, 8))
    every = [part * BATCHES // DOTS for part in range(epochs * DOTS)]
    return [*every, epochs * BATCHES - 1]


def torch_trace(settings: dict[str, Any]) -> dict[str, Any]:
    """lr and momentum of the installed torch's scheduler; None where it has raised before."""
    name, given = settings["scheduler"], arguments(settings)
    at = calls(settings["per"], settings["epochs"])
    if name in ("ReduceLROnPlateau", OWN):
        return {"at": [], "lrs": [], "momenta": [], "error": ""}
    lrs, momenta, error = trace(name, given, at)
    missing = [None] * (len(at) - len(lrs))
    return {"at": at, "lrs": lrs + missing, "momenta": momenta + missing, "error": error}


def trace(
    name: str, given: dict[str, Any], at: Iterable[int]
) -> tuple[list[float], list[float], str]:
    """lr and momentum after each number of calls in `at`, and the error that ended it, or ""."""
    parameters = [torch.zeros(1, requires_grad=True)]
    lrs: list[float] = []
    momenta: list[float] = []
    done = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # No weights are trained here, which torch warns of.
        try:
            optimizer = SGD(parameters, lr=given.get("lr0", 0.1), momentum=MOMENTUM)
            scheduler = make(optimizer, name, given)
        except Exception as raised:
            return lrs, momenta, f"when it is made: {type(raised).__name__}: {raised}"
        for wanted in at:
            try:
                while done < wanted:
                    scheduler.step()
                    done += 1
            except Exception as raised:
                text = f"at call {done + 1} of step(): {type(raised).__name__}: {raised}"
                return lrs, momenta, text
            group = optimizer.param_groups[0]
            lrs.append(float(group["lr"]))
            momenta.append(float(group["momentum"]))
    return lrs, momenta, ""


def figure(start: dict[str, Any]) -> Picture:
    """The schedule by epoch, as far as there is one, for where there are no widgets."""
    lrs = [lr for lr in torch_trace(start)["lrs"] if lr is not None]
    if not lrs:
        return Picture(panels([1.0])[0], "Draw a schedule here.")
    return plot_schedule({start["scheduler"]: lrs})


def explore_shapes(scheduler: str = "CosineAnnealingLR", epochs: int = 9) -> Explorer:
    """Any of torch's schedulers over `epochs`, its settings as sliders, and a schedule of your own.

    `scheduler` is the name of a class of torch.optim.lr_scheduler, or "draw your own". Example, as
    the last line of a cell::

        explore_shapes("OneCycleLR")

    Raises ValueError for another name.
    """
    if scheduler not in SCHEDULERS:
        raise ValueError(
            f"explore_shapes knows no scheduler {scheduler!r}. It can be {', '.join(SCHEDULERS)}."
        )
    start: dict[str, Any] = {"scheduler": scheduler, "per": "epoch", "epochs": epochs}
    values = {name: each for settings in SCHEDULERS.values() for name, each in settings.items()}
    start |= {name: (values | SCHEDULERS[scheduler])[name] for name in (*CHOICES, *NUMBERS)}
    controls = {"scheduler": Select("scheduler", scheduler, list(SCHEDULERS))}
    controls["per"] = Select("step() after every", "epoch", list(PER))
    for name in SETTINGS[3:]:
        controls[name] = control(name, start[name])
    controls["epochs"] = counter("epochs", epochs, 1, max(30, epochs))
    return Explorer("shapes", ShapesChart(**start, drawing=[0.1, 0.1]), controls, figure(start))


def control(name: str, value: Any) -> Any:
    """The slider or drop-down list for a setting; its ends lie beyond what torch accepts."""
    if name in CHOICES:
        return Select(name, value, list(CHOICES[name]))
    if name in COUNTS:
        return counter(name, value, 0, 30)
    if name == "T_mult":
        return counter(name, value, 0, 3)
    if name in ("lr0", "max_lr"):
        return fine(slider(name, value, 0.001, 0.4, 0.001, digits=3))
    if name in ("eta_min", "base_lr"):
        return fine(slider(name, value, 0, 0.4, 0.001, digits=3))
    if name == "power":
        return slider(name, value, 0, 4, 0.25)
    if name == "div_factor":
        return counter(name, value, 0, 50)
    if name == "final_div_factor":
        return log_slider(name, value, 0, 5, shown=".0f")
    return fine(slider(name, value, 0, 1, 0.001, digits=3))
