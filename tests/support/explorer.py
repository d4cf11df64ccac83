"""An explorer in a notebook: move its controls, and read what its charts have drawn."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from lab import Lab
from playwright.sync_api import Locator

MOVES = 12  # One drag of the mouse is made of so many moves.
NUMBER = r"-?\d+(?:\.\d+)?(?:e-?\d+)?"
# It returns a mark, its plotting area, and where the area lies in the picture.
DRAWN = """(svg, name) => {
  const mark = [...svg.querySelectorAll("[data-mark]")].find(each => each.dataset.mark === name);
  if (!mark) return null;
  const area = svg.querySelector("[data-area]"), box = area.querySelector("rect");
  const side = each => Number(box.getAttribute(each));
  return {
    path: mark.getAttribute("d"), x: mark.dataset.x, y: mark.dataset.y,
    xlim: area.dataset.xlim, ylim: area.dataset.ylim, yscale: area.dataset.yscale,
    left: side("x"), top: side("y"), width: side("width"), height: side("height"),
  };
}"""


class Explorer:
    """The explorer in `cell`, whose root has the class `lrlab-NAME`."""

    def __init__(self, lab: Lab, cell: Locator, name: str) -> None:
        self.lab, self.name = lab, name
        self.root = cell.locator(f".lrlab-{name}")
        self.root.locator("svg[data-panel] [data-mark]").first.wait_for(state="attached")
        self.root.scroll_into_view_if_needed()

    def slider(self, name: str) -> Locator:
        """The handle, by the name that a screen reader says."""
        return self.root.locator(f".widget-slider [role=slider][aria-label='{name}']")

    def value(self, name: str) -> float:
        """The value that a screen reader says: aria-valuenow has a single decimal everywhere."""
        text = self.slider(name).get_attribute("aria-valuetext")
        return float(text.replace("\N{MINUS SIGN}", "-"))

    def press(self, name: str, key: str, times: int = 1) -> float:
        """Press a key on a slider; its value after that."""
        handle = self.slider(name)
        handle.scroll_into_view_if_needed()
        handle.focus()
        for _ in range(times):
            handle.press(key)
        return self.value(name)

    def drag(self, name: str, share: float) -> float:
        """Drag a slider's handle to a share of its track, in small moves; its value after that."""
        handle = self.slider(name)
        handle.scroll_into_view_if_needed()
        track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
        box = handle.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.lab.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(track["x"] + share * track["width"], y, steps=MOVES)
        mouse.up()
        return self.value(name)

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def choose(self, text: str) -> None:
        """Switch to one of a few options that stand side by side."""
        self.root.locator(".lrlab-toggle label", has_text=text).first.click()

    @property
    def words(self) -> str:
        return self.root.locator("p.lrlab-words").inner_text()

    def svg(self, panel: str) -> Locator:
        return self.root.locator(f"svg[data-panel='{panel}']")

    def drawn(self, panel: str, mark: str) -> dict[str, Any] | None:
        """The values `x` and `y` that a mark says it draws, and its path in pixels of the SVG."""
        found = self.svg(panel).evaluate(DRAWN, mark)
        if found is None:
            return None
        parsed = {name: json.loads(found[name]) for name in ("x", "y", "xlim", "ylim")}
        return found | parsed

    def marks(self, panel: str) -> list[str]:
        marks = self.svg(panel).locator("[data-mark]")
        return marks.evaluate_all("marks => marks.map(mark => mark.dataset.mark)")

    def values(self, panel: str, mark: str) -> list[float]:
        """The values that a mark says it draws."""
        found = self.drawn(panel, mark)
        assert found is not None, f"no {mark} in {panel}: {self.marks(panel)}"
        return found["y"]

    def wait(self, panel: str, mark: str, values: list[float]) -> None:
        """Until a mark draws these values, to nine digits."""
        self.lab.page.wait_for_function(
            """([svg, name, values]) => {
              const marks = [...svg.querySelectorAll("[data-mark]")];
              const mark = marks.find(each => each.dataset.mark === name);
              const drawn = JSON.parse(mark?.dataset.y ?? "[]");
              const close = (a, b) => Math.abs(a - b) <= 1e-9 * Math.abs(b);
              return drawn.length === values.length && drawn.every((y, i) => close(y, values[i]));
            }""",
            arg=[self.svg(panel).element_handle(), mark, values],
        )


def staircase(found: dict[str, Any]) -> list[float]:
    """The values read back from the pixels of a drawn staircase: one stair for each x."""
    pixels = [float(y) for y in re.findall(rf"[ML]{NUMBER} ({NUMBER})", found["path"])]
    share = [(found["top"] + found["height"] - y) / found["height"] for y in pixels]
    low, high = found["ylim"]
    if found["yscale"] == "log":
        low, high = math.log10(low), math.log10(high)
    linear = [low + each * (high - low) for each in share]
    return [10**each for each in linear] if found["yscale"] == "log" else linear
