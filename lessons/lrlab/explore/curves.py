"""Recorded runs as the charts draw them: by setting, mean and range over the seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lrlab.plots import Picture, panels
from lrlab.runs import Run, recorded

SHOWN = ("val_accuracy", "val_loss")


def recorded_by(lesson: str, names: Sequence[str]) -> dict[tuple[Any, ...], list[Run]]:
    """A lesson's recorded runs by these settings, no side experiments; {} if there are none."""
    try:
        records = recorded(lesson)
    except FileNotFoundError:
        return {}
    usual = records.how["settings"].keys()
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in records.runs:
        if not usual & run.settings.keys():
            found.setdefault(tuple(run.settings.get(name) for name in names), []).append(run)
    return found


def curves(runs: Sequence[Run]) -> dict[str, Any]:
    """How many seeds these runs of one setting have, and both validation curves."""
    return {"seeds": len(runs), **{field: curve(runs, field) for field in SHOWN}}


def curve(runs: Sequence[Run], field: str) -> dict[str, list[float | None]]:
    """Mean, lowest and highest seed by epoch; None, for JSON has no NaN, where a seed diverged."""
    values = np.array([getattr(run, field) for run in runs])
    parts = {"mean": values.mean(axis=0), "low": values.min(axis=0), "high": values.max(axis=0)}
    return {
        name: [five_digits(v) if math.isfinite(v) else None for v in part]
        for name, part in parts.items()
    }


def five_digits(value: float) -> float:
    """More than a chart can show, and a third of the text of a full float in the notebook."""
    return float(f"{value:.5g}")


def nothing() -> Picture:
    """The figure that stands for a chart of recorded runs where there are none."""
    return Picture(panels([1.0])[0], "No recorded runs lie beside this lesson.")
