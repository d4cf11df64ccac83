"""Which of the lesson's demonstrations a run needs: those whose names the learner's code uses.

The others train and draw, which takes time and earns nothing.
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from .code import Code, read_code
from .graded import Cell


def without_unused(cells: Sequence[Cell], deleted: Container[str]) -> list[Cell]:
    """Leave out each unchanged demonstration that defines nothing that another cell here uses.

    `deleted` has the ids of those that the submission does not hold any more: they never take the
    place of something that the learner defines.
    """
    theirs = [n for n, each in enumerate(cells) if each.origin in ("answer", "extra")]
    own = frozenset().union(*(read_code(cells[n].source).binds for n in theirs))
    binds = {
        n: read_code(each.source).binds - (own if each.cell_id in deleted else frozenset())
        for n, each in enumerate(cells)
        if each.origin == "given" and each.demo
    }
    needed: set[int] = set()
    readers = theirs
    while readers:
        number = readers.pop()
        code = read_code(cells[number].source)
        found = {n for n in binds if n not in needed and _needs(code, number, binds[n], n)}
        needed |= found
        readers += found  # A demonstration may need another one.
    return [each for n, each in enumerate(cells) if n not in binds or n in needed]


def _needs(code: Code, place: int, binds: frozenset[str], demo_place: int) -> bool:
    """Whether code reads a name of a demonstration: functions do so later, wherever they stand."""
    earlier = demo_place < place
    return bool(binds & (code.reads_later | (code.reads if earlier else frozenset())))
