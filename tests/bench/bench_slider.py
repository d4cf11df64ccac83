"""From a slider to changed pixels: each explorer against plain `interact` and `plt.show`.

All stand in one notebook, with one kernel and one browser, and are measured one after the other,
then the explorers once more while Chromium makes the page's processor THROTTLED times slower.
explore_plateau_mnist is not among them: its sliders set the next live run and draw nothing.
Measured in the page (bench_slider.js), from the moment at which it is given the key press or mouse
move that gives the slider a new value, to the moment when the first frame that shows this value has
been rendered. For an explorer a value is shown when the path of a mark is the new one; for
`interact` when the new image is in the document and decoded. So neither the slider's own movement
nor a chart that is still the old one counts. "From the hand" counts from the event's own time
stamp instead: Chromium keeps a mouse move back until the next frame begins, whoever draws.

Key presses: one at a time, the next when all is quiet again. Drag: one sweep over all values, a
mouse move each MOVE_SECONDS; a value is on the screen when it, or a later one of the sweep, is
shown (a chart that is slow leaves values out). Which picture belongs to which value is known from
the key presses: equal values give equal pictures, which is checked. The bowl does not play here.
"""

from __future__ import annotations

import math
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator

from grader import paths

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chromium import WHOLE, chromium
from lab import Lab
from labserver import jupyterlab

RECORDER = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
PRESSES = 54  # So many or more: whole ways along the slider.
SWEEPS = 6
MOVES = 40
MOVE_SECONDS = 0.02
THROTTLED = 4
QUIET_SECONDS = 0.25

SETUP = """
import sys

sys.path.insert(0, "..")
from lrlab import *
"""
INTERACT = """
import matplotlib.pyplot as plt
from ipywidgets import interact


@interact(step_size=(1, 10), gamma=(0.1, 1.0, 0.1))
def staircase(step_size=3, gamma=0.1):
    epochs = range(9)
    plt.step(epochs, [0.2 * gamma ** (epoch // step_size) for epoch in epochs], where="mid")
    plt.show()
"""


@dataclass(frozen=True)
class Contestant:
    """What is run, a slider of it, and where its picture is.

    Attributes:
        source: of the cell
        slider: its name
        stops: how many values it has, each with another picture
        panel: of an explorer, and `mark`, the line in it; without both the picture is an image
    """

    source: str
    slider: str
    stops: int
    panel: str = ""
    mark: str = ""

    @property
    def name(self) -> str:
        return self.source if self.mark else "interact + plt.show"


EXPLORERS = (
    Contestant("explore_bowl(curvature=1)", "theta0", 41, "theta", "closed form"),
    Contestant("explore_bowl()", "curvature", 16, "theta", "closed form"),
    Contestant("explore_constant()", "epochs", 30, "mnist", "recorded"),
    Contestant("explore_steplr()", "gamma", 10, "lr", "closed form"),
    Contestant("explore_plateau()", "call", 20, "lr", "lr"),
    Contestant("explore_shapes()", "epochs", 30, "lr", "closed form"),
)
PLAIN = Contestant(INTERACT, "gamma", 10)


@dataclass(frozen=True)
class Place:
    """A contestant's slider, and the element in which its picture is, on the page."""

    slider: Locator
    chart: Locator


@dataclass(frozen=True)
class Milliseconds:
    """One number for each value that the slider took."""

    keys: list[float]
    drag: list[float]
    keys_from_hand: list[float]
    drag_from_hand: list[float]


def main() -> None:
    """Print p50 and p95 of each, and how many times slower `interact` is."""
    if WHOLE is None:
        print("bench_slider: no Chromium, nothing measured (sudo apt-get install chromium)")
        return
    contestants = (*EXPLORERS, PLAIN)
    with tempfile.TemporaryDirectory() as folder, chromium(WHOLE) as browser:
        lessons = Path(folder) / "lessons"
        shutil.copytree(paths.LESSONS, lessons, ignore=shutil.ignore_patterns("__pycache__"))
        with jupyterlab(lessons, Path(folder) / "home") as server:
            lab = Lab(browser, server)
            lab.page.emulate_media(reduced_motion="reduce")
            lab.write("steplr/bench.ipynb", SETUP, *(each.source for each in contestants))
            lab.open("steplr/bench.ipynb")
            errors = lab.run_all()
            assert not errors, errors
            places = {each: place(lab, 1 + i, each) for i, each in enumerate(contestants)}
            report("", {each: measure(lab, each, places[each]) for each in contestants})
            processor = lab.page.context.new_cdp_session(lab.page)
            processor.send("Emulation.setCPUThrottlingRate", {"rate": THROTTLED})
            slow = {each: measure(lab, each, places[each]) for each in EXPLORERS}
            report(f", processor {THROTTLED} times slower", slow)


def place(lab: Lab, index: int, contestant: Contestant) -> Place:
    """Where a contestant is on the page."""
    cell = lab.cell(index)
    label = cell.page.get_by_text(contestant.slider, exact=True)
    row = cell.locator(".widget-slider", has=label)
    panel = f"svg[data-panel='{contestant.panel}']"
    chart = cell.locator(panel if contestant.mark else ".widget-interact .jp-OutputArea")
    return Place(row.locator("[role=slider]"), chart)


def measure(lab: Lab, contestant: Contestant, place: Place) -> Milliseconds:
    """Press keys, then drag."""
    place.slider.scroll_into_view_if_needed()
    place.slider.focus()
    place.slider.press("Home")
    time.sleep(1)
    way = contestant.stops - 1
    presses(lab, contestant, place, way)
    place.slider.press("Home")
    time.sleep(1)
    seen = presses(lab, contestant, place, math.ceil(PRESSES / way) * way)
    pictures = picture_of_value(seen, contestant.stops)
    swept = [sweep(lab, contestant, place, pictures) for _ in range(SWEEPS)]
    found = []
    for since in ("at", "hand"):
        found.append([f["at"] - m[since] for m, f in zip(seen["moves"], seen["frames"])])
        found.append([ms for each in swept for ms in latencies(each, pictures, since)])
    return Milliseconds(*found)


def presses(lab: Lab, contestant: Contestant, place: Place, count: int) -> dict[str, Any]:
    """Arrow keys up and down the whole slider, each when the one before has been drawn."""
    _start(lab, contestant, place)
    for number in range(count):
        up = number // (contestant.stops - 1) % 2 == 0
        place.slider.press("ArrowRight" if up else "ArrowLeft")
        lab.page.wait_for_function("count => lrlabBench.count() >= count", arg=number + 1)
        time.sleep(QUIET_SECONDS)
    seen = lab.page.evaluate("lrlabBench.stop()")
    assert len(seen["moves"]) == len(seen["frames"]) == count, "a key press drew more than once"
    return seen


def picture_of_value(seen: dict[str, Any], stops: int) -> dict[str, float]:
    """Which value a picture shows; each value must always have given the same picture."""
    pairs = {(f["picture"], m["value"]) for m, f in zip(seen["moves"], seen["frames"])}
    found = dict(pairs)
    assert len(pairs) == len(found) == len(set(found.values())) == stops
    return found


def sweep(
    lab: Lab, contestant: Contestant, place: Place, pictures: dict[str, float]
) -> dict[str, Any]:
    """Drag the handle from the lowest to the highest value, and wait until that is drawn."""
    slider = place.slider
    slider.focus()
    slider.press("Home")
    time.sleep(1)
    track = slider.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]")
    box, handle = track.bounding_box(), slider.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    _start(lab, contestant, place)
    for move in range(1, MOVES + 1):
        mouse.move(x + (box["x"] + box["width"] - x) * move / MOVES, y)
        time.sleep(MOVE_SECONDS)
    last = max(pictures, key=pictures.__getitem__)
    lab.page.wait_for_function("picture => lrlabBench.last() === picture", arg=last)
    mouse.up()
    return lab.page.evaluate("lrlabBench.stop()")


def latencies(seen: dict[str, Any], pictures: dict[str, float], since: str) -> list[float]:
    """For each value of an upward sweep, when it or a later one was on the screen."""
    shown = [(frame["at"], pictures[frame["picture"]]) for frame in seen["frames"]]
    return [
        next(at for at, value in shown if at >= m["at"] and value >= m["value"]) - m[since]
        for m in seen["moves"]
    ]


def _start(lab: Lab, contestant: Contestant, place: Place) -> None:
    elements = [place.slider.element_handle(), place.chart.element_handle()]
    lab.page.evaluate(RECORDER, [*elements, contestant.mark])


def report(how: str, measured: dict[Contestant, Milliseconds]) -> None:
    heads = ("keys p50", "p95", "drag p50", "p95", "from the hand: keys p95", "drag p95", "values")
    print(f"slider to pixels, ms{how}")
    print(" " * 25, *heads, sep="  ")
    for contestant, each in measured.items():
        hand = [summary(values)[1] for values in (each.keys_from_hand, each.drag_from_hand)]
        numbers = (*summary(each.keys), *summary(each.drag), *hand)
        shown = (f"{ms:{len(h)}.1f}" for ms, h in zip(numbers, heads))
        count = f"{len(each.keys)} + {len(each.drag)}"
        print(f"{contestant.name:25}", *shown, count, sep="  ")
    if PLAIN not in measured:
        return
    (ours,) = (each for contestant, each in measured.items() if "steplr" in contestant.name)
    plain = measured[PLAIN]
    ratios = [
        summary(p)[1] / summary(o)[1] for o, p in ((ours.keys, plain.keys), (ours.drag, plain.drag))
    ]
    print(
        f"at p95 interact takes {ratios[0]:.1f} times as long as explore_steplr by key, "
        f"{ratios[1]:.1f} in a drag"
    )


def summary(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    return statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
