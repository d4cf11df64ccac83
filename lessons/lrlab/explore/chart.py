"""The anywidget behind each explorer: one JavaScript module, and the values it draws."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import anywidget
import traitlets

JS = Path(__file__).with_name("js")
SHARED = ("forms", "draw", "frame")


def module(*names: str) -> str:
    """Our JavaScript files as the one module that anywidget takes, each after those it imports."""
    texts = [(JS / f"{name}.js").read_text(encoding="utf-8") for name in names]
    alone = [re.sub(r'^import .* from "\./.*";\n', "", text, flags=re.MULTILINE) for text in texts]
    parts = [re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE) for text in alone]
    return "\n".join(parts)


def setting(trait: traitlets.TraitType) -> traitlets.TraitType:
    """A trait that the page sets, without the kernel's echo: late, it would undo a newer value."""
    return trait.tag(sync=True, echo_update=False)


class Chart(anywidget.AnyWidget):
    """What is drawn follows the traits in the browser, whether the kernel is busy or not.

    Attributes:
        start: the traits that the Reset button sets, with their first values
    """

    _css = JS / "chart.css"
    start = traitlets.Dict().tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(start=values, **values)

    @property
    def present(self) -> dict[str, Any]:
        """The values that the traits of `start` have now, as far as the kernel has heard."""
        return {name: getattr(self, name) for name in self.start}
