"""What all explorers share: controls, a figure that follows them, the same in words."""

from __future__ import annotations

import base64
import html
from typing import Any

import ipywidgets as widgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lrlab.plots import png

WIDE = {"description_width": "7em"}
WIDTH = "700px"


class Explorer(widgets.VBox):
    """Controls above, figure and words below. A subclass moves its artists in `draw()`.

    `words` is the text alternative of what is drawn. Where there are no widgets (GitHub, nbconvert)
    the figure as it was first drawn is shown instead.
    """

    def __init__(self, figure: Figure, controls: dict[str, widgets.Widget]) -> None:
        self.controls = controls
        self.canvas = FigureCanvasAgg(figure)
        self.moving = [a for a in vars(self).values() if isinstance(a, Line2D | PolyCollection)]
        for artist in self.moving:
            artist.set_animated(True)  # canvas.draw leaves them out
        self.view: list[Any] = []
        panel = widgets.Box(list(controls.values()), layout={"flex_flow": "row wrap"})
        # In its own size: a stretched picture is blurred and pushes the sliders off the screen.
        self.image = widgets.Image(format="png", layout={"max_width": "100%", "width": "auto"})
        self.image.layout.align_self = "flex-start"
        self.label = widgets.HTML(layout={"max_width": WIDTH})
        super().__init__([panel, self.image, self.label])
        panel.layout.max_width = WIDTH
        for control in controls.values():
            control.observe(self.redraw, "value")
        self.redraw()

    def draw(self, **values: Any) -> str:
        """Move the artists to the controls' values and return the words. Never raises."""
        raise NotImplementedError

    def redraw(self, _change: Any = None) -> None:
        """Draw and send the picture."""
        self.words = self.draw(**{name: c.value for name, c in self.controls.items()})
        self._blit()
        self.image.value = png(self.canvas)
        self.label.value = f'<p aria-live="polite">{html.escape(self.words)}</p>'

    def _blit(self) -> None:
        """Axes and letters, the slow part, are drawn anew only when a limit or label changed."""
        axes = self.canvas.figure.axes
        view = [(a.get_xlim(), a.get_ylim(), a.get_yscale(), a.get_ylabel()) for a in axes]
        if view != self.view:
            self.canvas.draw()
            self.view, self.still = view, self.canvas.copy_from_bbox(self.canvas.figure.bbox)
        self.canvas.restore_region(self.still)
        for artist in self.moving:
            artist.axes.draw_artist(artist)

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**options)
        picture = base64.b64encode(png(self.canvas, small=True)).decode()
        return bundle | {"image/png": picture, "text/plain": self.words}
