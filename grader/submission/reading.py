"""The cells of a file that was handed in, whatever bytes it has: nothing else of it is taken."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grader.errors import Unreadable
from grader.foreign import text_of
from lrlab.checking.text import writable

from .code import Code, read_code
from .no_notebook import instead

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2_000
MAX_SOURCE_CHARS = 500_000
MAX_BRACKETS = 1_000_000  # each may open an object that takes much more memory than its byte
MAX_COLONS = 500_000  # each may name an entry of an object, which takes long to read
MAX_CODE_CHARS = 250_000  # All code of a lesson together has many times less.


@dataclass(frozen=True)
class HandedInCell:
    """One cell of a submission, with all that is taken from it."""

    grade_id: str
    cell_id: str
    source: str
    is_code: bool

    @property
    def code(self) -> Code:
        return read_code(self.source)


def cells_of(submission: bytes) -> list[HandedInCell]:
    """All cells, whatever else the file holds.

    Raises Unreadable where it is no notebook, or larger than anybody makes one.
    """
    if len(submission) > MAX_BYTES:
        raise Unreadable(too_big(len(submission)))
    brackets = submission.count(b"{") + submission.count(b"[")
    if brackets > MAX_BRACKETS or submission.count(b":") > MAX_COLONS:
        raise Unreadable("The file is not a notebook that Jupyter writes: it has too many parts.")
    try:
        notebook = _json(submission)
    except (ValueError, RecursionError):
        raise Unreadable(f"The file is not a Jupyter notebook: {instead(submission)}.") from None
    sheets = [notebook, *_field(notebook, "worksheets", list)]  # Jupyter saved them so before 2015.
    cells = [cell for sheet in sheets for cell in _field(sheet, "cells", list)]
    if not cells:
        raise Unreadable("The file is not a Jupyter notebook: it has no cells.")
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"The notebook has {len(cells)} cells, more than {MAX_CELLS}.")
    handed_in = list(map(_handed_in, cells))
    refuse_much_code(cell for cell in handed_in if cell.is_code)
    return handed_in


def _json(content: bytes) -> Any:
    """What JSON says; where it is not UTF-8, as Windows writes text. Raises ValueError."""
    try:
        return json.loads(content)
    except UnicodeDecodeError:
        return json.loads(text_of(content))


def too_big(size: int) -> str:
    """What to say of a file of `size` bytes."""
    return (
        f"The file has {size / 2**20:.0f} MiB, more than {MAX_BYTES // 2**20}: "
        "clear its outputs (Edit, Clear Outputs of All Cells) and hand it in again."
    )


def refuse_much_code(read: Iterable[HandedInCell]) -> None:
    """Raise Unreadable where there is more code in these cells than anybody writes."""
    if sum(len(cell.source) for cell in read) > MAX_CODE_CHARS:
        raise Unreadable(f"The notebook has more than {MAX_CODE_CHARS:,} characters of code.")


def _handed_in(cell: Any) -> HandedInCell:
    """What is taken from one cell of the file."""
    source = _source(cell)
    if len(source) > MAX_SOURCE_CHARS:
        raise Unreadable(f"A cell has more than {MAX_SOURCE_CHARS:,} characters.")
    metadata = _field(cell, "metadata", dict)
    return HandedInCell(
        _field(_field(metadata, "nbgrader", dict), "grade_id", str),
        _field(cell, "id", str) or _field(metadata, "id", str),  # Colab keeps it in there.
        source,
        is_code=isinstance(cell, dict) and cell.get("cell_type") == "code",
    )


def _field(value: Any, name: str, kind: type) -> Any:
    """`value[name]` if it is of that kind, else an empty one."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, kind) else kind()


def _source(cell: Any) -> str:
    source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    return writable(source.replace("\r\n", "\n").replace("\r", "\n"))
