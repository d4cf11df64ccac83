"""Generic changes of a result, each with the words that a tutor has for it.

A change turns what a right answer gives into what a wrong one gives. None of them knows an
exercise: they are tried on every answer that no named mistake explains.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

from .codec import Other
from .compare import is_number


class DoesNotApply(Exception):
    """The change says nothing about such a value."""


Change = Callable[[Any], Any]

PLACES = range(7)
SIGNIFICANT = range(2, 6)
TIMES = {
    2.0: "twice",
    0.5: "half",
    3.0: "three times",
    10.0: "ten times",
    0.1: "a tenth of",
    100.0: "a hundred times",
    0.01: "a hundredth of",
    1000.0: "a thousand times",
}


def whole_changes() -> Iterator[tuple[str, Change]]:
    """Changes of a value's shape, order or kind: (clause, change)."""
    yield "your list runs backwards", lambda v: _list(v)[::-1]
    yield "you leave out the first entry", lambda v: _list(v)[1:]
    yield "you leave out the last entry", lambda v: _list(v)[:-1]
    yield "you leave out the first and the last entry", lambda v: _list(v)[1:-1]
    yield "you stop after the first entry", lambda v: _list(v)[:1]
    yield "you keep only the last entry, in a list", lambda v: _list(v)[-1:]
    yield "you give only the first entry, not a list", lambda v: _some(v)[0]
    yield "you give only the last entry, not a list", lambda v: _some(v)[-1]
    yield "you sort the entries", lambda v: sorted(_numbers(v))
    yield "you sort the entries from large to small", lambda v: sorted(_numbers(v), reverse=True)
    yield "you give the number of entries", lambda v: len(_list(v))
    yield "you give only the largest entry", lambda v: max(_numbers(v, 1))
    yield "you give only the largest entry, in a list", lambda v: [max(_numbers(v, 1))]
    yield "you give only the smallest entry", lambda v: min(_numbers(v, 1))
    yield "you add the entries up", lambda v: sum(_numbers(v))
    yield "each entry of yours is the sum of all up to it", lambda v: list(accumulate(_numbers(v)))
    yield "you give the differences between neighbours", _differences
    yield "you keep each value only once", lambda v: list(dict.fromkeys(_numbers(v)))
    yield "your entries stand one place too far back", lambda v: [_list(v)[0], *v[:-1]]
    yield "your entries stand one place too far forward", lambda v: [*_list(v)[1:], v[-1]]
    yield "the first entry stands there twice", lambda v: [_some(v)[0], *v]
    yield "the last entry stands there twice", lambda v: [*_some(v), v[-1]]
    yield "all your entries are like the first", lambda v: [_list(v)[0]] * len(v)
    yield "every entry is a list of its own", lambda v: [[item] for item in _list(v)]
    yield "you put one list too many around it", lambda v: [_list(v)]
    yield "your lists are turned: rows and columns are exchanged", _transposed
    yield "you give one flat list in place of lists in a list", _flat
    yield "each of your lists runs backwards", lambda v: [row[::-1] for row in _rows(v)]
    yield "the first entry of each list is missing", lambda v: [row[1:] for row in _rows(v)]
    yield "the last entry of each list is missing", lambda v: [row[:-1] for row in _rows(v)]
    yield "each list is given as its last entry", lambda v: [row[-1] for row in _rows(v)]
    yield "you give pairs of position and value", lambda v: [[n, x] for n, x in enumerate(_list(v))]
    yield "you give a dict of positions and values", lambda v: dict(enumerate(_list(v)))
    yield "the order of the pair is exchanged", lambda v: _pair(v)[::-1]
    yield "you give only the first of the two", lambda v: _pair(v)[0]
    yield "you give only the second of the two", lambda v: _pair(v)[1]
    yield "your flag is turned around", lambda v: [not x if _flag(x) else x for x in _pair(v)]
    yield "your flag is always True", lambda v: [True if _flag(x) else x for x in _pair(v)]
    yield "your flag is always False", lambda v: [False if _flag(x) else x for x in _pair(v)]
    yield "you put the number into a list", lambda v: [_number(v)]
    yield "you give a text, not a number", lambda v: str(_number(v))
    yield "your answer is turned around: True and False are exchanged", lambda v: not _truth(v)
    yield "your answer is always True", lambda v: _truth(v) or True
    yield "your answer is always False", lambda v: _truth(v) and False
    yield "you give 1 and 0 for True and False", lambda v: int(_truth(v))
    yield "you give a text for True and False", lambda v: str(_truth(v))
    yield "your words are in capitals: the words are in small letters", lambda v: _word(v).upper()
    yield "your words begin with a capital", lambda v: _word(v).capitalize()
    yield "there is a space after your words", lambda v: _word(v) + " "
    yield "there is a space before your words", lambda v: " " + _word(v)


def number_changes() -> Iterator[tuple[str, Change]]:
    """Changes of every number in a value, whatever its shape: (clause, change)."""

    def each(change: Callable[[float], Any]) -> Change:
        return lambda value: _each(change, value)

    for places in reversed(PLACES):
        where = f"you round to {places} places" if places else "you round to whole numbers"
        yield where, each(partial(round, ndigits=places))
    for digits in reversed(SIGNIFICANT):
        yield f"you round to {digits} significant digits", each(partial(_significant, digits))
    yield "you cut off everything after the point", each(math.trunc)
    yield "you round up to whole numbers", each(math.ceil)
    yield "you round down to whole numbers", each(math.floor)
    yield "you lose the sign", each(abs)
    yield "your sign is the opposite one", each(lambda x: -x)
    yield "yours is too large by 1", each(lambda x: x + 1)
    yield "yours is too small by 1", each(lambda x: x - 1)
    yield "yours is too large by 2", each(lambda x: x + 2)
    yield "yours is too small by 2", each(lambda x: x - 2)
    for times, words in TIMES.items():
        yield f"yours is {words} what it should be", each(partial(operator.mul, times))
    yield "you square it", each(lambda x: x * x)
    yield "you take the square root", each(math.sqrt)
    yield "yours is upside down: one divided by it is right", each(lambda x: 1 / x)
    yield "you give the logarithm", each(math.log)
    yield "you give the logarithm to base 10", each(math.log10)
    yield "you give 1 minus it", each(lambda x: 1 - x)


def _significant(digits: int, number: float) -> float:
    return float(f"{number:.{digits}g}")


def _each(change: Callable[[float], Any], value: Any) -> Any:
    if isinstance(value, list):
        return [_each(change, item) for item in value]
    if isinstance(value, dict):
        return {key: _each(change, item) for key, item in value.items()}
    if not is_number(value) or not math.isfinite(value):
        return value
    try:
        return change(value)
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise DoesNotApply from error


def applied(change: Change, value: Any) -> Any:
    """The changed value. Raises DoesNotApply where the change says nothing about it."""
    try:
        return change(value)
    except (DoesNotApply, TypeError, IndexError, OverflowError) as error:
        raise DoesNotApply from error


def _list(value: Any, at_least: int = 0) -> list[Any]:
    """A list. An empty one loses nothing: it is no reason to give up what leaves entries out."""
    if not isinstance(value, list) or len(value) < at_least:
        raise DoesNotApply
    return value


def _some(value: Any) -> list[Any]:
    return _list(value, 1)


def _numbers(value: Any, at_least: int = 0) -> list[Any]:
    if any(not is_number(item) for item in _list(value, at_least)):
        raise DoesNotApply
    return value


def _rows(value: Any) -> list[Any]:
    if not _list(value, 1) or any(not isinstance(row, list) for row in value):
        raise DoesNotApply
    return value


def _pair(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2 or not any(map(_flag, value)):
        raise DoesNotApply
    return value


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise DoesNotApply
    return value


def _number(value: Any) -> float:
    if not is_number(value):
        raise DoesNotApply
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, Other):
        raise DoesNotApply
    return value


def _differences(value: Any) -> list[Any]:
    return [after - before for before, after in pairwise(_numbers(value))]


def _transposed(value: Any) -> list[Any]:
    rows = _rows(value)
    return [list(column) for column in zip(*rows, strict=False)]


def _flat(value: Any) -> list[Any]:
    return [item for row in _rows(value) for item in row]
