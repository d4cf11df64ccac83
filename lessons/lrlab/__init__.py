"""lrlab: what the lesson notebooks import.

Everything is loaded when it is first used, so that `import lrlab` costs next to nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

# Said before torch is imported. A network as small as the course's gains nothing from more threads,
# and on a machine that has other work they wait for each other: seconds become half a minute.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_HOME = {
    "load_mnist": "data",
    "Images": "data",
    "mlp": "training",
    "train": "training",
    "evaluate": "training",
    "recorded": "runs",
    "mean_std": "runs",
    "plot_schedule": "plots",
    "plot_runs": "plots",
    "explore_bowl": "explore",
    "explore_constant": "explore",
    "explore_steplr": "explore",
    "explore_plateau": "explore",
    "explore_plateau_mnist": "explore",
    "explore_shapes": "explore",
    "predict": "predicting.widget",
    "check": "checking.checks",
    "Course": "checking.course",
}

__all__ = list(_HOME)


class PackageMissing(ModuleNotFoundError):
    """A package that lrlab imports is not installed; a notebook shows the sentence alone."""

    def __init__(self, module: str) -> None:
        super().__init__(
            f"The package {module} is not installed in this notebook's Python: run "
            "`pip install -r requirements.txt` in the folder lessons/, or `%pip install FOLDER` "
            "in a cell, with the path of the folder lessons/. Then restart the kernel.",
            name=module,
        )

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [str(self)]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lrlab' has no attribute {name!r}")
    try:
        module = importlib.import_module(f".{_HOME[name]}", __name__)
    except ModuleNotFoundError as error:
        raise PackageMissing((error.name or "").partition(".")[0]) from None
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
