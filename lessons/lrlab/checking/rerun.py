"""The part of a card that looks whether the answer still stands in the notebook as it was judged.

A kernel cannot see a text that was not run. The page can: it is told what each card has judged, and
compares that with the notebook's cells, wherever they stand (rerun.js). As long as an answer
differs, its card says so in place of its verdict. Its button runs the answer's cell and the check.
Front ends other than JupyterLab and Notebook show neither.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import traitlets

from lrlab.javascript import module
from lrlab.palette import STATUS_COLOURS, SYMBOLS

LABEL = "Run answer and check"
# NAME is the function's, or that of another one that it uses. All words stand in a style sheet, so
# that a viewer that drops styles shows none of them.
SAID = {
    "changed": (
        f"{SYMBOLS['stale']} Changed since this check. What stood here was about an earlier "
        "version of NAME. Run its cell (Shift+Enter), then check again."
    ),
    "gone": (
        f"{SYMBOLS['stale']} Changed since this check. No cell of this notebook defines NAME any "
        "longer: write it again, or undo what deleted it."
    ),
}
BUTTON = (
    f'<div class="lrlab-rerun"><button type="button" class="lrlab-run" '
    f'aria-label="{LABEL}" style="display:none;margin:.6em 0 0;padding:.15em .8em;font:inherit;'
    "font-size:.93em;cursor:pointer;border-radius:4px;color:inherit;background:none;"
    'border:1px solid var(--jp-border-color0,#767676)"></button></div>'
)
# By the cell that checked and the exercise, the card that stands below it.
_CARD_OF: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Judged:
    """The texts that a verdict is about.

    Attributes:
        check: the id of the cell that called `check`; empty where a front end does not tell.
        texts: by name, the cell that last defined it, as it was run: the answer's names first, then
            those of what it uses.
        ran: by id, each cell that ever defined one of these names, as it was last run.
    """

    check: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    ran: dict[str, str] = field(default_factory=dict)


def watch(exercise: str, judged: Judged) -> str:
    """Have the page watch what a card is about; give the card's id, empty if nothing is known."""
    if not judged.texts:
        return ""
    page, card = _page(), secrets.token_hex(4)
    # A cell that is run again replaces its card, so only its last one has to be watched.
    earlier = _CARD_OF.get((judged.check, exercise))
    _CARD_OF[judged.check, exercise] = card
    others = {name: texts for name, texts in page.cards.items() if name != earlier}
    with page.hold_sync():
        page.ran = {**page.ran, **judged.ran}
        page.cards = {**others, card: judged.texts}
    return card


@cache
def _page() -> Any:
    """One widget without a view for all cards of a kernel; made late: anywidget loads slowly."""
    from lrlab.hearing import Hearing

    class Page(Hearing):
        _esm = module(Path(__file__).with_name("rerun.js"))
        cards = traitlets.Dict().tag(sync=True)
        ran = traitlets.Dict().tag(sync=True)
        words = traitlets.Dict(
            {**SAID, "run": f"▶ {LABEL}", "colour": STATUS_COLOURS["stale"]}
        ).tag(sync=True)

    return Page()
