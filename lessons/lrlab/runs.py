"""Recorded training runs, which the lessons plot without training for minutes."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .data import default_root
from .folders import LESSONS

FIELDS = ("train_loss", "val_loss", "val_accuracy")  # Each has a value per epoch.
AT_THE_END = ("test_accuracy", "dead_units")  # Each has one value per run.


@dataclass(frozen=True)
class Run:
    """One training run with one seed. Lists have a value per epoch; accuracies are in percent.

    A diverged run holds NaN. `lr` is the rate with which each epoch trained, or its first update
    where there is one for each. `dead_units` is how many of the hidden units give 0 for every
    training image in the end; NaN where nobody counted them.
    """

    settings: dict[str, Any]
    seed: int
    lr: list[float] = field(repr=False)
    train_loss: list[float] = field(repr=False)
    val_loss: list[float] = field(repr=False)
    val_accuracy: list[float] = field(repr=False)
    test_accuracy: float
    dead_units: float = field(default=math.nan, compare=False)

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Run:
        """A line of the file, with null read as NaN."""
        return cls(
            settings=line["settings"],
            seed=line["seed"],
            lr=line["lr"],
            **{name: [_number(v) for v in line[name]] for name in FIELDS},
            test_accuracy=_number(line["test_accuracy"]),
            dead_units=_number(line.get("dead_units")),
        )


@dataclass(frozen=True)
class Recorded:
    """A lesson's runs, and `how` they were made (command, data, versions, seeds, settings)."""

    lesson: str
    how: dict[str, Any] = field(repr=False)
    runs: list[Run] = field(repr=False)

    def where(self, **settings: Any) -> list[Run]:
        """The runs with these settings, one per seed.

        Runs of a side experiment, whose settings differ from `how["settings"]`, are returned only
        when you ask for what is special about them. Raises NoSuchRun with the choices there are.

        >>> runs = recorded("steplr").where(lr=0.2, step_size=3, gamma=0.1)
        >>> [run.seed for run in runs]
        [0, 1, 2]
        """
        usual = self.how["settings"]
        found = [r for r in self.runs if settings.items() <= (usual | r.settings).items()]
        if not found:
            raise NoSuchRun(self._choices(settings))
        return [r for r in found if not r.settings.keys() & usual.keys()] or found

    def _choices(self, settings: dict[str, Any]) -> str:
        usual = self.how["settings"]
        everything = [usual | r.settings for r in self.runs]
        lines = [f"No recorded {self.lesson} run has {_spell(settings)}."]
        for name in settings:
            values = list(dict.fromkeys(s[name] for s in everything if name in s))
            known = ", ".join(map(str, sorted(values, key=str))) or "nothing: no run has it"
            lines.append(f"{name} can be {known}.")
        return " ".join(lines)


class NoSuchRun(LookupError):
    """Nothing was recorded with these settings. (KeyError would show its sentence in quotes.)"""


def recorded(lesson: str) -> Recorded:
    """The recorded runs of a lesson: its own recorded.json, else data/<lesson>.json.

    Raises FileNotFoundError, saying how to record, when there is neither.

    >>> runs = recorded("constant-lr").where(lr=0.03)
    >>> len(runs[0].val_loss)
    9
    """
    for path in (LESSONS / lesson / "recorded.json", default_root() / f"{lesson}.json"):
        if path.is_file():
            return _read(lesson, path)
    raise FileNotFoundError(
        f"There are no recorded runs of {lesson}: make them with `python -m lrlab.record {lesson}`."
    )


def mean_std(
    runs: Sequence[Run], name: str = "val_accuracy", epoch: int | None = None
) -> tuple[float, float]:
    """Mean and sample standard deviation over seeds of one field of runs with the same settings.

    Per-epoch fields need `epoch` (-1 is the last); test_accuracy and dead_units have none. A
    diverged run makes the result NaN.
    Raises ValueError when there are no runs, or several with one seed: those mix settings.

    >>> runs = recorded("steplr").where(lr=0.2, step_size=3, gamma=0.1)
    >>> mean, std = mean_std(runs, "val_accuracy", epoch=-1)
    >>> print(f"{mean:.1f} ± {std:.1f} %")
    97.1 ± 0.1 %
    """
    seeds = [r.seed for r in runs]
    if not runs or len(set(seeds)) < len(seeds):
        raise ValueError(
            f"mean_std wants one run per seed, all with the same settings; got seeds {seeds}. "
            "Narrow the choice with where(...)."
        )
    if name not in AT_THE_END and epoch is None:
        raise ValueError(f"{name} has a value per epoch: say which, such as epoch=-1.")
    values = [getattr(r, name) for r in runs]
    if epoch is not None:
        values = [v[epoch] for v in values]
    if not all(map(math.isfinite, values)):
        return math.nan, math.nan
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else math.nan


@cache
def _read(lesson: str, path: Path) -> Recorded:
    content = json.loads(path.read_text(encoding="utf-8"))
    return Recorded(lesson, content["how"], [Run.from_json(line) for line in content["runs"]])


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _spell(settings: dict[str, Any]) -> str:
    return ", ".join(f"{k}={v}" for k, v in settings.items())
