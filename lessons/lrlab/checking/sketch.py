"""A sketch stands for what was seen on all cases: two that agree within rounding have the same one.

It lets `check` recognise what an answer shows without holding it: a hash of everything that is no
number, and one sum over all numbers, which cannot be turned back into them. Two sketches agree if
their hashes are equal and their sums nearly so. A sum of logarithms turns relative tolerance into
absolute tolerance; its weights tell numbers that have changed places.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

from .answer import Observation
from .codec import Float32, Other

Sketch = tuple[str, float]

DIGITS = 5  # The sum has so many after the point.
NEAR = 1.1e-5  # A few hundred numbers, each within a relative 1e-9, add up to less.
HASH_CHARS = 6
GOLDEN = 0.6180339887498949  # Its multiples are spread evenly, and never come back.


def sketch(seen: Sequence[Observation], tolerances: Sequence[float]) -> Sketch | None:
    """The sketch of what was seen, one observation a case; None where it holds 32-bit numbers.

    Args:
        seen: one observation a case.
        tolerances: per case, the size below which a number counts as 0.

    Example:
        >>> same = sketch([{"value": 0.3}], [0.0]), sketch([{"value": 0.1 + 0.2}], [0.0])
        >>> alike(*same), alike(same[0], sketch([{"value": 0.31}], [0.0]))
        (True, False)
    """
    rest: list[str] = []
    total, number = 0.0, 0
    for observed, tolerance in zip(seen, tolerances, strict=True):
        leaves: list[Any] = []
        _collect(observed, leaves)
        for leaf in leaves:
            if type(leaf) is str:
                rest.append(leaf)
                continue
            if type(leaf) is Float32:
                return None
            size = abs(leaf)
            if tolerance < size < math.inf:
                number += 1
                rest.append("+" if leaf > 0 else "-")
                total += (1 + number * GOLDEN % 1) * math.log(size)
            else:
                rest.append("0" if size <= tolerance else f"{float(leaf)}")
        rest.append(";")
    digest = hashlib.sha256("\0".join(rest).encode("utf-8", "replace")).hexdigest()
    return digest[:HASH_CHARS], round(total, DIGITS)


def alike(one: Sketch, other: Sketch) -> bool:
    """Whether two sketches are of the same observations."""
    return one[0] == other[0] and abs(one[1] - other[1]) <= NEAR


def _collect(value: Any, leaves: list[Any]) -> None:
    """Note every number of a value, and a text for everything else, brackets included."""
    kind = type(value)
    if kind is float or kind is int or kind is Float32:
        leaves.append(value)
    elif kind is list:
        leaves.append("[")
        for item in value:
            _collect(item, leaves)
        leaves.append("]")
    elif kind is dict:
        leaves.append("{")
        for key in sorted(value, key=str):
            leaves.append(f"{float(key) if isinstance(key, (int, float)) else key}:")
            _collect(value[key], leaves)
        leaves.append("}")
    else:
        leaves.append(value.type_name if isinstance(value, Other) else repr(value))
