"""Which of the lesson's demonstrations a run needs: those whose names the learner's code uses.

The others train and draw, which takes time and earns nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from .code import Code, read_code
from .graded import Cell


def without_unused(cells: Sequence[Cell]) -> list[Cell]:
    """Leave out each unchanged demonstration that defines nothing that another cell here uses."""
    demos = {n: read_code(each.source) for n, each in enumerate(cells) if _unchanged_demo(each)}
    readers = [n for n, each in enumerate(cells) if each.origin in ("answer", "extra")]
    needed: set[int] = set()
    while readers:
        number = readers.pop()
        code = read_code(cells[number].source)
        found = {n for n in demos if n not in needed and _needs(code, number, demos[n], n)}
        needed |= found
        readers += found  # A demonstration may need another one.
    return [each for n, each in enumerate(cells) if n not in demos or n in needed]


def _unchanged_demo(cell: Cell) -> bool:
    return cell.origin == "given" and cell.demo


def _needs(code: Code, place: int, demo: Code, demo_place: int) -> bool:
    """Whether code reads a name of a demonstration: functions do so later, wherever they stand."""
    earlier = demo_place < place
    return bool(demo.binds & (code.reads_later | (code.reads if earlier else frozenset())))
