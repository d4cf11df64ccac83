"""The frame of every explorer: sliders, a chart that follows them, and a figure for elsewhere."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets
import traitlets
from IPython.display import display

from lrlab.hearing import Hearing
from lrlab.javascript import module
from lrlab.plots import Picture

from .chart import JS, Chart, setting

NOT_HERE = "To move the sliders, run the first code cell in JupyterLab, then this one."
VIEW = "application/vnd.jupyter.widget-view+json"
# JupyterLab and Notebook show a saved widget as "Error displaying widget: model not found" once its
# kernel is gone. The figure stands in an output of its own before the widget's, and gives way where
# the widget is really there; where it is not, the widget's output is what is hidden.
STILL = """<style>
.jp-OutputArea-child:has(.lrlab-still):has(+ * .lrlab-explorer),
.jp-OutputArea-child:has(.lrlab-still) + .jp-OutputArea-child:not(:has(.lrlab-explorer)) {
  display: none;
}
</style>"""


class Explorer(widgets.VBox):
    """Sliders, and a chart whose traits of the same names follow them without the kernel.

    `figure` is shown where there are no widgets (GitHub, nbconvert, some other front ends), and in
    a notebook that was opened again, until its cells have been run.
    """

    def __init__(
        self, name: str, chart: Chart, sliders: dict[str, widgets.Widget], figure: Picture
    ) -> None:
        self.chart, self.sliders, self.figure = chart, sliders, figure
        self.links = [
            widgets.jslink((slider, "value"), (chart, name)) for name, slider in sliders.items()
        ]
        chart.senders = [each.model_id for each in (chart, *sliders.values())]
        for control_name, control in sliders.items():
            control.add_class(f"lrlab-sets-{control_name}")
        panel = widgets.Box(list(sliders.values()))
        panel.add_class("lrlab-sliders")
        super().__init__([panel, chart])
        self.add_class("lrlab-explorer")
        self.add_class(f"lrlab-{name}")

    def _ipython_display_(self) -> None:
        bundle = self._repr_mimebundle_()
        view = {VIEW: bundle.pop(VIEW), "text/html": "<span></span>"}  # No page shows it twice.
        bundle["text/html"] = f'{STILL}<div class="lrlab-still">{bundle["text/html"]}</div>'
        display(bundle, raw=True)
        display(view, raw=True)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        sentence = f"{self.figure.alt} {NOT_HERE}"
        if include is not None and "text/html" not in include:
            return {"text/plain": sentence}
        bundle: dict[str, Any] = super()._repr_mimebundle_()
        picture = self.figure._repr_mimebundle_()["text/html"]
        caption = f"<figcaption>{html.escape(sentence)}</figcaption>"
        return bundle | {
            "text/html": f"<figure>{picture}{caption}</figure>",
            "text/plain": sentence,
        }


class _FloatSlider(widgets.FloatSlider):
    value = setting(traitlets.CFloat())


class _IntSlider(widgets.IntSlider):
    value = setting(traitlets.CInt())


class _FloatLogSlider(widgets.FloatLogSlider):
    value = setting(traitlets.CFloat(1.0))


class Select(Hearing):
    """A drop-down list beside the sliders, of which one of a few words is chosen.

    ipywidgets' own knows the number of the chosen one, and a chart wants the word.
    """

    _esm = module(JS / "select.js")
    description = traitlets.Unicode().tag(sync=True)
    options = traitlets.List(traitlets.Unicode()).tag(sync=True)
    value = setting(traitlets.Unicode())

    def __init__(self, description: str, value: str, options: Sequence[str]) -> None:
        super().__init__(description=description, value=value, options=list(options))
        self.add_class("lrlab-select")


def slider(
    name: str, value: float, low: float, high: float, step: float, digits: int = 2
) -> widgets.FloatSlider:
    """A slider of real numbers that shows `digits` decimals."""
    return _FloatSlider(
        value, min=low, max=high, step=step, description=name, readout_format=f".{digits}f"
    )


def counter(name: str, value: int, low: int, high: int) -> widgets.IntSlider:
    """A slider of whole numbers."""
    return _IntSlider(value, min=low, max=high, description=name)


def log_slider(
    name: str, value: float, low: float, high: float, shown: str = ".3g"
) -> widgets.FloatLogSlider:
    """A fine slider from 10^low to 10^high; its number has the format `shown`."""
    made = _FloatLogSlider(
        value, min=low, max=high, step=1e-4, description=name, readout_format=shown
    )
    return fine(made)


def fine(made: widgets.Widget) -> widgets.Widget:
    """A slider with steps so small that no value is changed by them; its keys take many at once.

    ipywidgets moves a value that is set from elsewhere to the slider's next step.
    """
    made.add_class("lrlab-fine")
    return made


def rounded(value: float) -> float:
    """A fine slider's value in three digits, as JavaScript's `rounded` reads it."""
    return float(f"{value:.3g}")


def read(settings: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The settings with these names, in this order, as JavaScript's `read` reads them.

    A slider adds its steps up, so that its 0.3 is 0.30000000000000004.
    """
    values = {name: settings[name] for name in names}
    return {name: round(v, 6) if isinstance(v, float) else v for name, v in values.items()}
