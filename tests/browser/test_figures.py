"""Figures in the outputs of a lesson have the theme's colours, in both front ends."""

import colorsys
import io
from collections import Counter

import pytest
from lab import ARTIFACTS
from PIL import Image

from lrlab.palette import BLUE

CELLS = (
    'import sys\nsys.path.insert(0, "..")\nfrom lrlab import *\npredict("after_the_drop")',
    'plot_schedule({"StepLR": [0.2, 0.2, 0.2, 0.02]})',
)
FIGURE = ".jp-RenderedHTML > img[alt^='Learning rate']"


def luminance(colour):
    """WCAG's relative luminance of (red, green, blue), each 0 to 255."""
    parts = (v / 255 for v in colour)
    linear = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return sum(share * v for share, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def hue(colour):
    return 360 * colorsys.rgb_to_hls(*(v / 255 for v in colour))[0]


def assert_in_the_pages_colours(page, light):
    """The figure has no box of its own; letters and lines stand out; the blue line is blue."""
    assert (luminance(beside(page)) > 0.5) == light, "the theme is the one that was asked for"
    png = page.locator(FIGURE).screenshot()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    found = Counter(picture.get_flattened_data())
    background = beside(page)
    assert found.most_common(1)[0][0] == pytest.approx(background, abs=2)
    assert max(contrast(each, background) for each in found) > 12
    strong = {each: n for each, n in found.items() if max(each) - min(each) > 100}
    line = max(strong, key=strong.get)
    blue = tuple(bytes.fromhex(BLUE[1:]))
    assert abs(hue(line) - hue(blue)) < 20
    assert contrast(line, background) > 4


def beside(page):
    """The colour of the page right of the figure."""
    box = page.locator(FIGURE).bounding_box()
    clip = {"x": box["x"] + box["width"] + 5, "y": box["y"] + 5, "width": 1, "height": 1}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB").getpixel((0, 0))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_has_the_colours_of_the_theme(browser, lab, theme):
    lab.write("steplr/figures.ipynb", *CELLS)
    lab.open("steplr/figures.ipynb")
    with lab.themed(theme):
        assert lab.run_all() == []
        lab.save()
        lab.screenshot(f"figure-lab-{theme}")
        assert_in_the_pages_colours(lab.page, theme == "light")
        # The theme is the user's: Notebook 7 has the same.
        seven = browser.new_page()
        seven.goto(f"{lab.server.url}/notebooks/{lab.opened}?token={lab.server.token}")
        seven.wait_for_load_state("networkidle")  # It renders outputs more than once.
        for button in seven.locator(".lrlab-reveal:visible").all():
            button.click()
        seven.locator(FIGURE).scroll_into_view_if_needed()
        seven.screenshot(path=ARTIFACTS / f"figure-notebook-{theme}.png")
        assert_in_the_pages_colours(seven, theme == "light")
        seven.close()
