"""`predict` shows one prediction as a form that hides what comes after it until it is made.

The form is an ordinary HTML output with its own page code, not a widget: so it is there again when
a saved notebook is opened without its kernel, and still hides what it hid. What the learner says is
sent through a widget without a view (bridge.js), where a kernel listens.
"""

from __future__ import annotations

import base64
import html
import json
from functools import cache
from pathlib import Path
from typing import Any

from IPython.display import display, update_display

from .. import own_files
from .predictions import Prediction, every

HERE = Path(__file__).parent
KEPT = "predictions.json"
_SHOWN: dict[str, str] = {}


def predict(id: str) -> None:
    """Ask for a prediction; the outputs and the fold below it open when it is made.

    id is a table of the lesson's predictions.toml. Raises LookupError for one that is not there.

    Example, in a cell between the question and the cell with the output::

        predict("first_step")
    """
    prediction = every().get(id)
    if prediction is None:
        known = ", ".join(every()) or "none, because no predictions.toml lies beside the lessons"
        raise LookupError(f"There is no prediction {id!r}. There are: {known}.")
    said = own_files.kept(KEPT) if own_files.somebody_is_here() else {}
    display(Form(prediction, said, _carries_code(id)), display_id=_display_id(id))
    if own_files.somebody_is_here():
        _bridge()


class Form:
    """The form of one prediction, with what was said before, if anything was.

    Args:
        said: what was said to each prediction, by id; None stands for one that was only revealed.
        carries_code: whether the page code is in its output, where all others find it.
    """

    def __init__(self, prediction: Prediction, said: dict[str, Any], carries_code: bool) -> None:
        self.prediction = prediction
        self.carries_code = carries_code
        self.said = {"said": said[prediction.id]} if prediction.id in said else {}

    def __repr__(self) -> str:
        return f"Predict before you read on: {self.prediction.asked}"

    def _repr_html_(self) -> str:
        data = json.dumps(self.prediction.page_data() | self.said).encode()
        code = (
            f"<style>{_compact('page.css')}</style><script>{_compact('page.js')}</script>"
            if self.carries_code
            else ""
        )
        return (
            f"{code}<style>{_compact('hiding.css')}</style>"
            f'<div class="lrlab-predict" data-lm-suppress-shortcuts="true" '
            f'data-prediction="{base64.b64encode(data).decode()}">'
            f"<p>{html.escape(repr(self))}</p></div>"
            f"<script>{_compact('begin.js')}</script>"
        )


def noted(content: Any) -> None:
    """Keep what the page says: {"id": …, "said": …}. Anything else is left alone."""
    if not isinstance(content, dict) or "said" not in content:
        return
    prediction = every().get(content.get("id", ""))
    if prediction is not None:
        own_files.keep(KEPT, prediction.id, content["said"])
        said = {prediction.id: content["said"]}
        form = Form(prediction, said, _carries_code(prediction.id))
        update_display(form, display_id=_display_id(prediction.id))


def _carries_code(id: str) -> bool:
    """Whether this is the first one shown by this kernel: a copy in each would be too much."""
    return _SHOWN.setdefault("first", id) == id


def _display_id(id: str) -> str:
    return f"lrlab-predict-{id}"


@cache
def _compact(file: str) -> str:
    """The file without comments and indentation: it is saved with the notebook."""
    lines = map(str.strip, (HERE / file).read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))


@cache
def _bridge() -> Any:
    """One widget for all predictions of a kernel; made late, because anywidget loads slowly."""
    import anywidget

    class Bridge(anywidget.AnyWidget):
        _esm = HERE / "bridge.js"

    bridge = Bridge()
    bridge.on_msg(lambda _widget, content, _buffers: noted(content))
    return bridge
