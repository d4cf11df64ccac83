"""What to say where a function has another name than the one that its exercise asks for."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from .code import read_code
from .graded import Cell

# To compare names takes long: no more of them are compared, and no longer ones.
MOST_NAMES, NAME_CHARS = 200, 100


def renamed(exercise: str, cells: Iterable[Cell]) -> str:
    """Say under which name an answer stands that is missing under its own, "" where none does."""
    cells = list(cells)
    theirs = [cell for cell in cells if cell.origin in ("answer", "extra")]
    asked = {name for cell in cells for name in cell.names}
    bound = {name for cell in theirs for name in read_code(cell.source).binds}
    of_this = [cell for cell in theirs if cell.exercise == exercise]
    for name in next(cell.names for cell in cells if cell.names and cell.exercise == exercise):
        if name in bound:
            continue
        own = _functions(of_this) - asked
        everywhere = {each for each in _functions(theirs) - asked if _plain(each) == _plain(name)}
        likely = sorted(each for each in own | everywhere if len(each) < NAME_CHARS)[:MOST_NAMES]
        if found := get_close_matches(name, likely, n=1, cutoff=0):
            return f"You define `{found[0]}`; `{name}` is asked for: give your function that name."
    return ""


def _functions(cells: Iterable[Cell]) -> set[str]:
    return {name for cell in cells for name in read_code(cell.source).functions}


def _plain(name: str) -> str:
    """A name without what people change in one: capitals and underscores."""
    return name.replace("_", "").lower()
