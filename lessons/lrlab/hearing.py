"""Widgets that go on hearing the kernel where a page was too busy to load their code in time."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import anywidget
import traitlets


class Hearing(anywidget.AnyWidget):
    """A widget whose page hears by `hear` or `heard` of hear.js, which find it by its id.

    Attributes:
        own: the id that this widget's model has in the page
    """

    own = traitlets.Unicode().tag(sync=True)

    def __init__(self, **values: Any) -> None:
        own = uuid4().hex
        super().__init__(model_id=own, own=own, **values)
