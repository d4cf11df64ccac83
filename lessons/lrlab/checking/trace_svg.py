"""A trace as a small picture: expected as a solid line with circles, yours dashed with crosses.

Across, everything is placed in percent, so that text and marks keep their size at any width (a
viewBox would shrink them to nothing on a narrow screen). Only numbers and fixed words get in here.

This is the third way in which the course draws a chart, on purpose. A card must follow the theme's
text colour, stay when the kernel is gone and appear at once: matplotlib's figures have a colour of
their own and take 100 ms, and the explorers' charts need JavaScript, which a saved notebook and
nbgrader's pages do not run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from lrlab import palette
from lrlab.palette import VERMILLION

from .trace import Trace

# On a dark background the blue alone is too dark, so it leans towards the text's colour.
BLUE = f"var(--lrlab-expected,{palette.BLUE})"
BLUE_HERE = f"--lrlab-expected:color-mix(in srgb,{palette.BLUE} 75%,currentColor)"
TOP, BOTTOM = 62, 186  # of the plot, in px
INSIDE = 14  # A value outside the range is drawn this far from the edge.
MAX_ENTRIES = 48
DRAWABLE = 1e100  # Floats run out beyond it, and for spans below its inverse.
LOG_FROM = 20  # ratio of the largest to the smallest value
MAX_LEVELS = 5
LABEL_HEIGHT = 15
CHAR_WIDTH = 7
MAX_X_LABELS = 8


@dataclass(frozen=True)
class Place:
    """Where a value is drawn; `beyond` is a word or an arrow when it lies outside the picture."""

    y: float
    beyond: str = ""


class Scale:
    """Maps values to heights. The expected values set the range; yours may widen it a little."""

    def __init__(self, expected: list[float], got: list[float], grounded: bool) -> None:
        right = [v for v in expected if abs(v) < DRAWABLE]  # This leaves NaN out.
        both = right + [v for v in got if abs(v) < DRAWABLE]
        self.log = bool(both) and min(both) > 0
        self.log = self.log and math.log10(max(both)) - math.log10(min(both)) > math.log10(LOG_FROM)
        heights = sorted(map(self._height, right or both or [0.0, 1.0]))
        low, high = heights[0], heights[-1]
        reach = max(high - low, 1.5 if self.log else 0.5 * max(abs(low), abs(high))) or 1.0
        clamped = (max(-DRAWABLE, min(v, DRAWABLE)) for v in got if not math.isnan(v))
        all_heights = [*heights, *map(self._height, clamped)]
        self.low = max(min(all_heights), low - reach)
        self.high = min(max(all_heights), high + reach)
        if grounded and not self.log and self.low > 0:
            self.low = 0.0
        size = max(abs(self.low), abs(self.high))
        if self.high - self.low < max(1e-9 * size, 1 / DRAWABLE):  # A flat line lies in the middle.
            room = 0.5 * size if size > 1 / DRAWABLE else 1.0
            self.low, self.high = self.low - room, self.high + room
        pad = 0.06 * (self.high - self.low)
        self.low, self.high = self.low - pad * (self.low != 0 or self.log), self.high + pad

    def _height(self, value: float) -> float:
        if self.log:
            return math.log10(value) if value > 0 else -math.inf
        return value

    def place(self, value: float) -> Place:
        if math.isnan(value):
            return Place(BOTTOM, "nan")
        height = self._height(value)
        if height > self.high:
            return Place(TOP + INSIDE, "▲")
        if height < self.low:
            return Place(BOTTOM - INSIDE, "▼")
        return Place(BOTTOM - (height - self.low) / (self.high - self.low) * (BOTTOM - TOP))

    def ticks(self, expected: list[float], theirs: list[float]) -> list[float]:
        """The expected levels, if they are few, and where yours parts; else round numbers."""
        levels = sorted({float(f"{v:.6g}") for v in expected if math.isfinite(v)}, reverse=True)
        if 1 < len(levels) <= MAX_LEVELS:
            candidates = levels + theirs + ([0.0] if self.low == 0 else [])
        else:
            candidates = self._round_numbers()
        kept: list[float] = []
        for value in candidates:
            place = self.place(value)
            if not place.beyond and all(
                abs(place.y - self.place(other).y) >= LABEL_HEIGHT for other in kept
            ):
                kept.append(value)
        return kept

    def _round_numbers(self) -> list[float]:
        if self.log:
            decades = range(math.floor(self.low), math.ceil(self.high) + 1)
            return [10.0**d for d in decades if -300 < d < 300]
        step = 10.0 ** math.floor(math.log10((self.high - self.low) / 3))
        step *= next(m for m in (5, 2, 1) if (self.high - self.low) / (m * step) >= 3 or m == 1)
        first = math.ceil(self.low / step)
        return [float(f"{(first + i) * step:.12g}") for i in range(9)]


def svg(trace: Trace) -> str:
    """The picture as an inline SVG in a block of its own."""
    rail = trace.axes.kind == "rail"
    return _rail(trace) if rail else _curves(trace)


def _curves(trace: Trace) -> str:
    count = max(len(trace.expected), len(trace.got))
    first = max(0, min(trace.parts_at - MAX_ENTRIES // 2, count - MAX_ENTRIES))
    shown = min(count - first, MAX_ENTRIES)
    expected, got = (side[first : first + shown] for side in (trace.expected, trace.got))
    stairs = trace.axes.kind == "stairs"
    scale = Scale(expected, got, grounded=stairs)
    parting = trace.got[trace.parts_at : trace.parts_at + 1]
    ticks = [(f"{value:.3g}", scale.place(value).y) for value in scale.ticks(expected, parting)]
    gutter = CHAR_WIDTH * max([len(label) for label, _ in ticks], default=1) + 10
    name = ", ".join(filter(None, (trace.axes.quantity, trace.axes.about)))
    name += " (log scale)" if scale.log else ""
    parts = [_legend(gutter), _text(name, -gutter, 34)]
    for label, y in ticks:
        parts.append(_text(label, -8, y + 4, "end"))
        parts.append(_line(0, y, 100, y, "currentColor", 1, "opacity:.16"))
    parts.append(_band(trace.parts_at - first, shown, TOP, BOTTOM))
    for values, colour, dash in ((expected, BLUE, ""), (got, VERMILLION, "5 4")):
        places = [scale.place(value) for value in values]
        lines = _stairs(places, shown) if stairs else _joined(places, shown)
        style = f"stroke-dasharray:{dash}" if dash else ""
        parts += [_line(*ends, colour, 2.5, style) for ends in lines]
        for index, place in enumerate(places):
            x = _across(index, shown)
            if place.beyond:
                parts.append(_text(place.beyond, f"{x:.2f}%", place.y - 3, "middle"))
            else:
                parts.append(_cross(x, place.y) if dash else _circle(x, place.y))
    parts += _numbers(first + trace.axes.start, shown, BOTTOM + 18)
    parts.append(_text(trace.axes.along, "50%", BOTTOM + 34, "middle"))
    return _figure(trace, parts, gutter, BOTTOM + 40)


def _rail(trace: Trace) -> str:
    start = trace.axes.start
    shown = int(max(*trace.expected, *trace.got, start + 3)) - start + 2
    gutter, rows = 74, (32, 58)
    parts = [_band(trace.parts_at - start, shown, rows[0] - 14, rows[1] + 14)]
    for label, y, side in zip(("expected", "yours"), rows, (trace.expected, trace.got)):
        parts.append(_text(label, -gutter, y + 4))
        parts.append(_line(0, y, 100, y, "currentColor", 1, "opacity:.3"))
        for position in side:
            x = _across(position - start, shown)
            parts.append(_circle(x, y) if label == "expected" else _cross(x, y))
    parts += _numbers(start, shown, rows[1] + 30)
    parts.append(_text(trace.axes.along, "50%", rows[1] + 46, "middle"))
    return _figure(trace, parts, gutter, rows[1] + 52)


def _figure(trace: Trace, parts: list[str], gutter: int, height: int) -> str:
    """Leave a margin for the labels, which stand left of the picture's edge."""
    body = "\n".join(parts)  # Line ends keep the words apart where a viewer drops tags.
    return (
        f'<div style="margin:.6em 14px .2em {gutter}px"><svg role="img" '
        f'aria-label="{escape(trace.description)}" width="100%" height="{height}" '
        f'style="{BLUE_HERE};display:block;overflow:visible;font-size:12px;'
        f'font-family:var(--jp-ui-font-family,sans-serif)">\n{body}\n</svg></div>'
    )


def _legend(gutter: int) -> str:
    parts = []
    for x, label in ((-gutter, "expected"), (-gutter + 112, "yours")):
        yours = label == "yours"
        dash = ' stroke-dasharray="5 4"' if yours else ""
        colour, mark = (VERMILLION, _CROSS) if yours else (BLUE, _CIRCLE)
        parts.append(
            f'<path transform="translate({x} 8)" d="M0 0H30" stroke="{colour}" stroke-width="2.5"'
            f'{dash}/><g transform="translate({x + 15} 8)">{mark}</g>{_text(label, x + 38, 12)}'
        )
    return "\n".join(parts)


def _band(index: int, count: int, top: float, bottom: float) -> str:
    """Tint the column in which the curves part, and name it."""
    left, width = 100 * index / count, 100 / count
    at_right = index >= count / 2
    edge = left + width if at_right else left
    return (
        f'<rect x="{left:.2f}%" y="{top}" width="{width:.2f}%" height="{bottom - top}" '
        'fill="currentColor" opacity=".08"/>\n'
        + _text("first difference", f"{edge:.2f}%", top - 5, "end" if at_right else "start")
    )


def _numbers(start: int, count: int, y: float) -> Iterator[str]:
    every = next(n for n in (1, 2, 5, 10, 20) if count / n <= MAX_X_LABELS or n == 20)
    for index in range(count):
        if (start + index) % every == 0:
            yield _text(str(start + index), f"{_across(index, count):.2f}%", y, "middle")


def _stairs(places: list[Place], count: int) -> Iterator[tuple[float, float, float, float]]:
    """One line per tread (equal neighbours share it, so that dashes stay even), one per riser."""
    before = None
    for y, run in groupby(range(len(places)), key=lambda index: _drawn(places[index])):
        treads = list(run)
        left, right = 100 * treads[0] / count, 100 * (treads[-1] + 1) / count
        if y is not None:
            if before is not None:
                yield left, before, left, y
            yield left, y, right, y
        before = y


def _joined(places: list[Place], count: int) -> Iterator[tuple[float, float, float, float]]:
    for index in range(1, len(places)):
        one, two = _drawn(places[index - 1]), _drawn(places[index])
        if one is not None and two is not None:
            yield _across(index - 1, count), one, _across(index, count), two


def _drawn(place: Place) -> float | None:
    return None if place.beyond == "nan" else round(place.y, 1)


def _across(index: float, count: int) -> float:
    return 100 * (index + 0.5) / count


_CIRCLE = f'<circle r="4" fill="{BLUE}"/>'
_CROSS = f'<path d="M-4-4L4 4M-4 4L4-4" stroke="{VERMILLION}" stroke-width="2.5"/>'


def _circle(x: float, y: float) -> str:
    return f'<circle cx="{x:.2f}%" cy="{y:.1f}" r="4" fill="{BLUE}"/>'


def _cross(x: float, y: float) -> str:
    return f'<svg x="{x:.2f}%" y="{y:.1f}" style="overflow:visible">{_CROSS}</svg>'


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, style: str = ""
) -> str:
    return (
        f'<line x1="{x1:.2f}%" y1="{y1:.1f}" x2="{x2:.2f}%" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}" style="{style}"/>'
    )


def _text(text: str, x: float | str, y: float, anchor: str = "start") -> str:
    place = f'x="{x}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="currentColor">{escape(text)}</text>'
