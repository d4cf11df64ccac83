"""Explorers: sliders, a figure that follows them, and the same in words beneath it."""

from __future__ import annotations

from .base import Explorer
from .bowl import Bowl
from .plateau import Plateau
from .steplr import StepLRExplorer


def explore_bowl() -> Explorer:
    """Gradient descent in a quadratic bowl: which learning rates settle, swing or run away?"""
    return Bowl()


def explore_steplr(epochs: int = 9) -> Explorer:
    """StepLR's staircase over `epochs`, above what MNIST did with exactly those settings."""
    return StepLRExplorer(epochs)


def explore_plateau() -> Explorer:
    """ReduceLROnPlateau one call at a time, as torch itself keeps its books."""
    return Plateau()
