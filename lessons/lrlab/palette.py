"""The colours and symbols of the course: figures, cards and an instructor's pages share them.

The colours are Okabe and Ito's, which colour-blind readers tell apart. They never carry meaning
alone: a line style, a marker, a symbol or a word stands beside each.
"""

from __future__ import annotations

BLUE, ORANGE, GREEN, VERMILLION, PINK = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
GREY = "#767676"

# By the verdict on an answer; "partial" is a wrong one that still earns something, and "stale" one
# that is not judged, because its cell no longer stands for it; a person judges a "manual" one.
SYMBOLS = {
    "right": "✓",
    "partial": "◐",
    "wrong": "✗",
    "unanswered": "○",
    "error": "!",
    "timeout": "∞",
    "stale": "↻",
    "manual": "✎",
}
STATUS_COLOURS = {
    "right": GREEN,
    "partial": BLUE,
    "wrong": VERMILLION,
    "unanswered": GREY,
    "error": ORANGE,
    "timeout": ORANGE,
    "stale": ORANGE,
    "manual": PINK,
}
