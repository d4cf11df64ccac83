"""Explorers: sliders, a chart that follows them in the browser, and the same in words."""

from __future__ import annotations

from .bowl import explore_bowl
from .constant import explore_constant
from .plateau import explore_plateau
from .shapes import explore_shapes
from .steplr import explore_steplr

__all__ = [
    "explore_bowl",
    "explore_constant",
    "explore_plateau",
    "explore_shapes",
    "explore_steplr",
]
