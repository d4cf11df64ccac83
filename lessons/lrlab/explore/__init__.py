"""Explorers: sliders, a chart that follows them in the browser, and the same in words."""

from __future__ import annotations

from .steplr import explore_steplr

__all__ = ["explore_steplr"]
