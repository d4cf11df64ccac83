"""The anywidget behind each explorer: one JavaScript module, and the values it draws."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import traitlets

from lrlab.hearing import Hearing

JS = Path(__file__).with_name("js")
Trait = TypeVar("Trait", bound="traitlets.TraitType[Any, Any]")


def setting(trait: Trait) -> Trait:
    """A trait that the page sets, without the kernel's echo: late, it would undo a newer value."""
    return trait.tag(sync=True, echo_update=False)


class Chart(Hearing):
    """A drawing that follows its traits in the browser, whether the kernel is busy or not.

    Attributes:
        start: the traits that the Reset button sets, with their first values
        senders: the models that change with each move of a slider, by their ids
    """

    _css = JS / "chart.css"
    start = traitlets.Dict().tag(sync=True)
    senders = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(start=values, **values)

    @property
    def present(self) -> dict[str, Any]:
        """The values that the traits of `start` have now, as far as the kernel has heard."""
        return {name: getattr(self, name) for name in self.start}
