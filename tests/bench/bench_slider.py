"""From a slider to changed pixels: explore_steplr against plain `interact` and `plt.show`.

Both draw the same staircase, in one notebook, one kernel and one browser, one after the other.
Measured in the page (bench_slider.js), from the moment at which it is given the key press or mouse
move that gives the slider a new value, to the moment when the first frame that shows this value has
been rendered. For the explorer a value is shown when the path of its staircase is the new one; for
`interact` when the new image is in the document and decoded. So neither the slider's own movement
nor a chart that is still the old one counts. "From the hand" counts from the event's own time
stamp instead: Chromium keeps a mouse move back until the next frame begins, whoever draws.

Key presses: one at a time, the next when all is quiet again. Drag: one sweep over all values, a
mouse move each MOVE_SECONDS; a value is on the screen when it, or a later one of the sweep, is
shown (a chart that is slow leaves values out). Which picture belongs to which value is known from
the key presses: equal values give equal pictures, which is checked.
"""

from __future__ import annotations

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

from chromium import CHROMIUM, chromium
from lab import Lab
from labserver import jupyterlab

RECORDER = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
SLIDER, STOPS, LOWEST = "gamma", 10, 0.1  # each of its values gives another picture
WARM_UP = 9
PRESSES = 54
SWEEPS = 6
MOVES = 40
MOVE_SECONDS = 0.02
QUIET_SECONDS = 0.25

EXPLORER = """
import sys

sys.path.append("..")
from lrlab import explore_steplr

explore_steplr()
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
    """A slider, the element in which its chart is, and what kind of picture that is."""

    name: str
    slider: Locator
    chart: Locator
    kind: str


@dataclass(frozen=True)
class Milliseconds:
    """One number for each value that the slider took."""

    keys: list[float]
    drag: list[float]
    keys_from_hand: list[float]
    drag_from_hand: list[float]


def main() -> None:
    """Print p50 and p95 of both, and how many times slower `interact` is."""
    if CHROMIUM is None:
        print("bench_slider: no Chromium, nothing measured (sudo apt-get install chromium)")
        return
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        lessons = Path(folder) / "lessons"
        shutil.copytree(paths.LESSONS, lessons, ignore=shutil.ignore_patterns("__pycache__"))
        with jupyterlab(lessons, Path(folder) / "home") as server:
            lab = Lab(browser, server)
            lab.write("steplr/bench.ipynb", EXPLORER, INTERACT)
            lab.open("steplr/bench.ipynb")
            errors = lab.run_all()
            assert not errors, errors
            measured = {each.name: measure(lab, each) for each in contestants(lab)}
    report(measured)


def contestants(lab: Lab) -> list[Contestant]:
    """Both, wherever they are on the page."""
    found = []
    for index, name, kind in ((0, "explore_steplr", "svg"), (1, "interact + plt.show", "img")):
        cell = lab.cell(index)
        row = cell.locator(".widget-slider", has_text=SLIDER)
        chart = cell.locator(
            "svg[data-panel='lr']" if kind == "svg" else ".widget-interact .jp-OutputArea"
        )
        found.append(Contestant(name, row.locator("[role=slider]"), chart, kind))
    return found


def measure(lab: Lab, contestant: Contestant) -> Milliseconds:
    """Press keys, then drag."""
    contestant.slider.scroll_into_view_if_needed()
    contestant.slider.focus()
    contestant.slider.press("Home")
    time.sleep(1)
    presses(lab, contestant, WARM_UP)
    seen = presses(lab, contestant, PRESSES)
    pictures = picture_of_value(seen)
    swept = [sweep(lab, contestant, pictures) for _ in range(SWEEPS)]
    found = []
    for since in ("at", "hand"):
        found.append([f["at"] - m[since] for m, f in zip(seen["moves"], seen["frames"])])
        found.append([ms for each in swept for ms in latencies(each, pictures, since)])
    return Milliseconds(*found)


def presses(lab: Lab, contestant: Contestant, count: int) -> dict[str, Any]:
    """Arrow keys up and down the whole slider, each when the one before has been drawn."""
    _start(lab, contestant)
    step = 1 if float(contestant.slider.get_attribute("aria-valuenow")) == LOWEST else -1
    for number in range(count):
        if number and number % (STOPS - 1) == 0:
            step = -step
        contestant.slider.press("ArrowRight" if step > 0 else "ArrowLeft")
        lab.page.wait_for_function("count => lrlabBench.count() >= count", arg=number + 1)
        time.sleep(QUIET_SECONDS)
    seen = lab.page.evaluate("lrlabBench.stop()")
    assert len(seen["moves"]) == len(seen["frames"]) == count, "a key press drew more than once"
    return seen


def picture_of_value(seen: dict[str, Any]) -> dict[str, float]:
    """Which value a picture shows; each value must always have given the same picture."""
    pairs = {(f["picture"], m["value"]) for m, f in zip(seen["moves"], seen["frames"])}
    found = dict(pairs)
    assert len(pairs) == len(found) == len(set(found.values())) == STOPS
    return found


def sweep(lab: Lab, contestant: Contestant, pictures: dict[str, float]) -> dict[str, Any]:
    """Drag the handle from the lowest to the highest value, and wait until that is drawn."""
    contestant.slider.focus()
    contestant.slider.press("Home")
    time.sleep(1)
    track = contestant.slider.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]")
    box, handle = track.bounding_box(), contestant.slider.bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    mouse = lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    _start(lab, contestant)
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


def _start(lab: Lab, contestant: Contestant) -> None:
    elements = [contestant.slider.element_handle(), contestant.chart.element_handle()]
    lab.page.evaluate(RECORDER, [*elements, contestant.kind])


def report(measured: dict[str, Milliseconds]) -> None:
    heads = ("keys p50", "p95", "drag p50", "p95", "from the hand: keys p95", "drag p95")
    print(f"{'slider to pixels, ms':22}", *heads, sep="  ")
    for name, each in measured.items():
        hand = [summary(values)[1] for values in (each.keys_from_hand, each.drag_from_hand)]
        numbers = (*summary(each.keys), *summary(each.drag), *hand)
        print(f"{name:22}", *(f"{ms:{len(h)}.1f}" for ms, h in zip(numbers, heads)), sep="  ")
    ours, plain = measured.values()
    print(f"{len(ours.keys)} presses, {len(ours.drag)} values dragged over, each")
    ratios = [
        summary(p)[1] / summary(o)[1] for o, p in ((ours.keys, plain.keys), (ours.drag, plain.drag))
    ]
    print(f"at p95 interact takes {ratios[0]:.1f} times as long by key, {ratios[1]:.1f} in a drag")


def summary(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    return statistics.median(values), statistics.quantiles(values, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    main()
