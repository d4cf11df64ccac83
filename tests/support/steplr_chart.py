"""The StepLR explorer in particular: what it must draw, and its live runs."""

from __future__ import annotations

import contextlib
import math

import pytest
from explorer import Explorer, staircase
from lab import POLL_MS, Lab
from playwright.sync_api import Locator

CALL = "explore_steplr()"
SETTLE_TRIES, SETTLE_MS = 10, 200
START = {"step_size": 3, "gamma": 0.1, "lr0": 0.2, "epochs": 9}


class StepLR(Explorer):
    """The explorer of lesson 2 in a cell."""

    def __init__(self, lab: Lab, cell: Locator) -> None:
        super().__init__(lab, cell, "steplr")

    @property
    def message(self) -> Locator:
        """The sentence about live training."""
        return self.root.locator(".lrlab-message")

    def reset(self) -> None:
        self.button("Reset").click()
        self.wait("lr", "closed form", closed_form(START))

    def train(self) -> None:
        """Start a live run and wait for its first news."""
        self.button("Train live").click()
        self.message.filter(has_text="epochs done").wait_for()

    def stop(self) -> None:
        self.button("Stop").click()
        self.message.filter(has_text="Stopped.").wait_for()

    def live(self) -> set[str]:
        """The names of the live runs that are drawn."""
        marks = set(self.marks("mnist"))
        return {mark for mark in marks if mark.startswith("live") and "markers" not in mark}

    def wait_for_epochs(self, run: str, count: int) -> None:
        """Until so many epochs of a live run are drawn, or the run has ended without them."""
        drawn = self.lab.page.wait_for_function(
            """([root, svg, name, count]) => {
                 const drawn = [...svg.querySelectorAll("[data-mark]")].some(mark =>
                   mark.dataset.mark === name && JSON.parse(mark.dataset.y).length >= count);
                 const message = root.querySelector(".lrlab-message").textContent;
                 return drawn ? "drawn" : /Stopped|failed/.test(message) && message;
               }""",
            arg=[self.root.element_handle(), self.svg("mnist").element_handle(), run, count],
            polling=POLL_MS,
        )
        assert drawn.json_value() == "drawn"


def closed_form(settings: dict[str, float]) -> list[float]:
    epochs = range(int(settings["epochs"]))
    step_size = settings["step_size"]
    return [settings["lr0"] * settings["gamma"] ** (e // step_size) for e in epochs]


def assert_follows(explorer: StepLR) -> dict[str, float]:
    """The chart shows what its sliders say once both are at rest; returns what they say."""
    for _ in range(SETTLE_TRIES - 1):
        with contextlib.suppress(AssertionError):
            return _follows(explorer)
        explorer.lab.page.wait_for_timeout(SETTLE_MS)
    return _follows(explorer)


def _follows(explorer: StepLR) -> dict[str, float]:
    settings = {name: round(explorer.value(name), 6) for name in START}
    expected = closed_form(settings)
    explorer.wait("lr", "closed form", expected)
    drawn = explorer.drawn("lr", "closed form")
    pixels = staircase(drawn)
    low, high = drawn["ylim"]
    if drawn["yscale"] == "log":
        low, high = math.log10(low), math.log10(high)
        expected, pixels = (list(map(math.log10, values)) for values in (expected, pixels))
    half_a_pixel = 0.5 * (high - low) / drawn["height"]
    assert pixels == pytest.approx(expected, abs=half_a_pixel), f"{pixels} for {expected}"
    words = explorer.words
    assert f"step_size {settings['step_size']:g} and gamma {settings['gamma']:g}" in words
    assert explorer.svg("lr").get_attribute("aria-label") in words
    return settings
