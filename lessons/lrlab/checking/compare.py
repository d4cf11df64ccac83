"""Decide whether a learner's value is the expected one, and find where they first differ.

Floats agree within a relative tolerance of 1e-9 (1e-5 for float32, also after `.item()`), because
torch's chained StepLR and the closed form differ in their last bits. Whole numbers, truth values
and words must agree exactly; 12.0 counts as 12.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

from .codec import SCALARS, Float32

REL_TOL = 1e-9
REL_TOL_FLOAT32 = 1e-5  # A dozen steps in float32 drift so far apart.
# Near 0, where two numbers cancel, what is left has the error of those: 6e-8 of them for a step.
WIDER_NEAR_0 = 1e6
FLOAT32_BITS = 24
FEW_BITS = 8
SIMPLE = SCALARS | {float}


@dataclass(frozen=True)
class Difference:
    """The first place where two values differ: the path of keys to it and both sides."""

    path: tuple[Any, ...]
    expected: Any
    got: Any


def difference(expected: Any, got: Any, abs_tol: float = 0.0) -> Difference | None:
    """Return the first difference between two pieces of plain data, or None if they agree.

    Example:
        >>> difference({"lr": [0.1, 0.01]}, {"lr": [0.1, 0.001]})
        Difference(path=('lr', 1), expected=0.01, got=0.001)
        >>> difference(0.3, 0.1 + 0.2) is None
        True
    """
    kind = type(expected)
    if kind is type(got) and kind in SIMPLE and expected == got:  # most often that is all
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for index, (left, right) in enumerate(zip(expected, got)):
            if found := difference(left, right, abs_tol):
                return _within(index, found)
        if len(expected) != len(got):
            return Difference(("length",), len(expected), len(got))
        return None
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in expected:
            if key not in got:
                return Difference((key,), expected[key], None)
            if found := difference(expected[key], got[key], abs_tol):
                return _within(key, found)
        for key in got:
            if key not in expected:
                return Difference((key,), None, got[key])
        return None
    return None if _same(expected, got, abs_tol) else Difference((), expected, got)


def _within(key: Hashable, found: Difference) -> Difference:
    """The same difference, seen from one level further up."""
    return replace(found, path=(key, *found.path))


def _same(expected: Any, got: Any, abs_tol: float) -> bool:
    if not (is_number(expected) and is_number(got)):
        return type(expected) is type(got) and expected == got
    if not isinstance(expected, float):
        return expected == got
    if math.isnan(expected) or math.isnan(got):
        return math.isnan(expected) and math.isnan(got)
    try:
        if math.isclose(expected, got, rel_tol=REL_TOL, abs_tol=abs_tol):
            return True
        if not (isinstance(expected, Float32) or is_float32(got)):
            return False
        wide = abs_tol * WIDER_NEAR_0
        return math.isclose(expected, got, rel_tol=REL_TOL_FLOAT32, abs_tol=wide)
    except OverflowError:  # The whole number is too large for a float.
        return False


def is_float32(value: float) -> bool:
    """Whether a number was stored in 32 bits, which its digits tell even after `.item()`.

    Numbers of a few bits, such as 0.5, are the same in both widths and say nothing.

    Example:
        >>> is_float32(0.10000000149011612), is_float32(0.1), is_float32(0.5)
        (True, False, False)
    """
    if isinstance(value, Float32):
        return True
    if not math.isfinite(value):
        return False
    mantissa, _ = math.frexp(value)
    return (mantissa * 2**FLOAT32_BITS).is_integer() and not (mantissa * 2**FEW_BITS).is_integer()


def is_number(value: Any) -> bool:
    """Whether a piece of plain data is a number: for Python True is one, too, for the course not.

    Example:
        >>> is_number(1), is_number(0.5), is_number(True), is_number("1")
        (True, True, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def tolerance(case: dict[str, Any], abs_tol: float, relative_to: str = "") -> float:
    """`abs_tol` times the input `relative_to` of a case, or times its largest number.

    Example:
        >>> tolerance({"lr0": 0.5, "total": 1000}, 1e-12, "lr0")
        5e-13
    """
    return abs_tol and abs_tol * largest_number(case[relative_to] if relative_to else case)


def largest_number(value: Any) -> float:
    """The largest magnitude among all finite numbers in a piece of plain data, 0 if none."""
    if isinstance(value, dict):
        return max(map(largest_number, (*value.keys(), *value.values())), default=0.0)
    if isinstance(value, list):
        return max(map(largest_number, value), default=0.0)
    return abs(value) if is_number(value) and math.isfinite(value) else 0.0
