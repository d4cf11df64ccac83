"""lrlab: what the lesson notebooks import.

Everything is loaded when it is first used, so that `import lrlab` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

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
    "check": "checking.checks",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lrlab' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
