"""Figures of the lessons. Each carries a sentence that says with numbers what it shows."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from .palette import BLUE, GREEN, ORANGE, PINK, VERMILLION
from .runs import Run
from .training import Epoch

# Line by line: each has its own colour, line style and marker.
COLOURS = (BLUE, ORANGE, GREEN, VERMILLION, PINK)
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v")

MARKED_ENTRIES = 60
TOLD_CHANGES = 8

LABELS = {
    "lr": "learning rate",
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy (%)",
}


@dataclass(frozen=True)
class Picture:
    """A matplotlib `figure` with `alt`, its text alternative: what a cell shows.

    It is displayed as HTML because JupyterLab ignores the alt text of an image/png output.
    """

    figure: Figure
    alt: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        if include is not None and "text/html" not in include:
            return {"text/plain": self.alt}
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        data = base64.b64encode(png(canvas, small=True)).decode()
        image = f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}">'
        return {"text/html": image, "text/plain": self.alt}


def png(canvas: FigureCanvasAgg, small: bool = False) -> bytes:
    """The drawing as PNG. `small` takes longer and saves two thirds, with 64 colours."""
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    if small:
        image.quantize(64, dither=Image.Dither.NONE).save(buffer, format="png", optimize=True)
    else:
        image.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()


def panels(heights: Sequence[float], width: float = 7.0) -> tuple[Figure, list[Axes]]:
    """Axes one above the other, `heights` in inches, without pyplot (which would keep them all)."""
    figure = Figure(figsize=(width, sum(heights)), dpi=100, facecolor="white")
    axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights, sharex=True)[:, 0]
    for ax in axes:
        tidy(ax)
    return figure, list(axes)


def tidy(ax: Axes) -> None:
    """A light grid, no box, and letters that can be read from the back of a classroom."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color="0.9")
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=11)
    ax.xaxis.label.set_fontsize(12)
    ax.yaxis.label.set_fontsize(12)


def plot_schedule(
    lrs_by_name: dict[str, list[float]], log: bool = False, unit: str = "epoch"
) -> Picture:
    """Draw each schedule's learning rate per epoch (the first value is epoch 0) as a staircase.

    `unit` is what one entry belongs to, such as "update".

    Example:
        >>> plot_schedule({"StepLR": [0.4, 0.4, 0.2, 0.2]}).alt
        'Learning rate by epoch. StepLR: 0.4, 0.2 from epoch 2.'
    """
    figure, [ax] = panels([3.4])
    for (name, lrs), look in zip(lrs_by_name.items(), _looks()):
        if len(lrs) > MARKED_ENTRIES:
            look["marker"] = ""
        ax.plot(range(len(lrs)), lrs, label=name, drawstyle="steps-mid", **look)
    ax.set_ylabel(LABELS["lr"])
    ax.set_yscale("log" if log else "linear")
    if not log:
        ax.set_ylim(bottom=0)
    _finish(figure, [ax], unit)
    said = [f"{name}: {_staircase(lrs, unit)}" for name, lrs in lrs_by_name.items()]
    return Picture(figure, f"Learning rate by {unit}. {'; '.join(said)}.")


def plot_runs(
    named_runs: dict[str, Sequence[Run] | Sequence[Epoch]],
    fields: Sequence[str] = ("val_accuracy",),
    show_lr: bool = False,
) -> Picture:
    """The mean over seeds of each field by epoch, with a band from the lowest to the highest seed.

    A value of `named_runs` is the recorded runs of one setting, one per seed, or the epochs of one
    run that you trained. `show_lr` adds a panel on top with the lr of each epoch.

    Example:
        >>> mine = [Epoch(0, 0.1, 0.4, 0.3, 91.0), Epoch(1, 0.1, 0.2, 0.2, 94.0)]
        >>> plot_runs({"lr 0.1": mine}).alt
        'Validation accuracy (%) by epoch. lr 0.1: 91.0 at epoch 0, 94.0 at epoch 1.'
    """
    names = ["lr", *fields] if show_lr else list(fields)
    figure, axes = panels([1.8 if name == "lr" else 3.0 for name in names])
    for ax, name in zip(axes, names):
        for (label, runs), look in zip(named_runs.items(), _looks()):
            values = by_epoch(runs, name)
            epochs = np.arange(values.shape[1])
            if name == "lr":  # A mean over seeds would be a rate that no run used.
                lines = ax.plot(epochs, values.T, drawstyle="steps-mid", **look)
                lines[0].set_label(label)
                continue
            ax.plot(epochs, values.mean(axis=0), label=label, **look)
            low, high = values.min(axis=0), values.max(axis=0)
            ax.fill_between(epochs, low, high, color=look["color"], alpha=0.2, linewidth=0)
        ax.set_ylabel(LABELS[name])
    _finish(figure, axes)
    said = [
        f"{LABELS[name].capitalize()} by epoch. "
        + "; ".join(
            f"{label}: {_say(by_epoch(runs, name), name)}" for label, runs in named_runs.items()
        )
        for name in names
    ]
    return Picture(figure, ". ".join(said) + ".")


def by_epoch(runs: Sequence[Run] | Sequence[Epoch], name: str) -> np.ndarray:
    """One field as (seeds, epochs). The epochs of a single run become one row."""
    return np.atleast_2d(np.array([getattr(run, name) for run in runs], dtype=float))


def number(value: float) -> str:
    """The number as a reader would write it: 0.2, 96.0, 4.1e-05."""
    return f"{value:.1f}" if 10 <= abs(value) < 1e4 else f"{value:.3g}"


def _looks() -> Iterator[dict[str, Any]]:
    """A colour, a line style and a marker for each line, endlessly."""
    for color, style, marker in zip(cycle(COLOURS), cycle(STYLES), cycle(MARKERS)):
        yield {
            "color": color,
            "linestyle": style,
            "marker": marker,
            "markersize": 4,
            "linewidth": 2,
        }


def _finish(figure: Figure, axes: list[Axes], unit: str = "epoch") -> None:
    axes[-1].set_xlabel(unit)
    axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].legend(fontsize=11, framealpha=0.8, edgecolor="none")
    figure.align_ylabels(axes)
    figure.tight_layout()


def _staircase(lrs: Sequence[float], unit: str = "epoch") -> str:
    changes = [e for e in range(1, len(lrs)) if lrs[e] != lrs[e - 1]]
    if len(changes) > TOLD_CHANGES:  # A curve: its corners say more than all of its steps.
        turns = [e for e in changes[:-1] if (lrs[e] - lrs[e - 1]) * (lrs[e + 1] - lrs[e]) < 0]
        corners = [0, *turns[:TOLD_CHANGES], len(lrs) - 1]
        return ", ".join(f"{number(lrs[e])} at {unit} {e}" for e in corners)
    steps = ", ".join(f"{number(lrs[e])} from {unit} {e}" for e in changes)
    return number(lrs[0]) + (f", {steps}" if steps else " throughout")


def _say(values: np.ndarray, name: str) -> str:
    if name == "lr":
        return ", or ".join(dict.fromkeys(_staircase(row) for row in values))
    first, last = (_spread(values[:, e]) for e in (0, -1))
    return f"{first} at epoch 0, {last} at epoch {values.shape[1] - 1}"


def _spread(values: np.ndarray) -> str:
    if np.isnan(values).any():
        return "NaN (diverged)"
    mean, low, high = (number(f(values)) for f in (np.mean, np.min, np.max))
    return mean if low == high else f"{mean} ({low} to {high} over {len(values)} seeds)"
