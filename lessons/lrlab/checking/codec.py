"""Turn what an answer returned into plain data and bounded JSON, and back.

JSON alone loses NaN, infinities, number keys of a dict and the precision of a float32 tensor, so
these travel as one-key objects: `{"$float": "nan"}`, `{"$dict": [[key, value], …]}`,
`{"$float32": 0.1}`. Anything that is no data (a generator, a function, something huge) becomes
`{"$other": "its type"}`: it compares equal to no expected value and can still be named.

What is a number, a sequence or a mapping for Python is one here: a Fraction is the number that it
is, a deque has entries, and a member of a text Enum is its text.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from numbers import Real
from typing import Any

MAX_DEPTH = 20
MAX_ITEMS = 10_000
FAR = 2**63  # No whole number of a lesson is so large, and JSON readers may not take it.
MAX_NUMBER_KEYS = 1_000  # A stranger can choose numbers whose hashes collide.
NAME_CHARS = 100

CONTAINERS = (list, tuple, dict, range)
BYTES = (bytes, bytearray, memoryview)
SCALARS = frozenset((int, str, bool, type(None)))  # JSON has these types as they are.


class Float32(float):
    """A number that was stored in 32 bits or fewer, so it is compared with a wider tolerance."""


@dataclass(frozen=True)
class Other:
    """Stands for a value that is no plain data."""

    type_name: str


def plain(value: Any) -> Any:
    """Return `value` as None, bool, int, float, Float32, str, list, dict or Other.

    NumPy and torch scalars, fractions and decimals become numbers; tuples, arrays and tensors
    become lists.

    Example:
        >>> plain((1, 0.5, {"lr": range(3)}, print))
        [1, 0.5, {'lr': [0, 1, 2]}, Other(type_name='builtin_function_or_method')]
    """
    return value if type(value) is float else _Plain().convert(value, 0)


def copied(value: Any) -> Any:
    """A copy of plain data: its lists and dicts are new, all else are the same objects.

    It is much quicker than `copy.deepcopy`, and an answer is observed on many cases.

    Example:
        >>> case = {"lrs": [0.1, 0.2]}
        >>> copied(case) == case, copied(case)["lrs"] is case["lrs"]
        (True, False)
    """
    kind = type(value)
    if kind is list:
        return [item if type(item) is float else copied(item) for item in value]
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}
    return value


class _Plain:
    """One conversion, with its budget of items."""

    def __init__(self) -> None:
        self.items_left = MAX_ITEMS

    def convert(self, value: Any, depth: int) -> Any:
        self.items_left -= 1
        if self.items_left < 0 or depth > MAX_DEPTH:
            return Other("too large a value")
        kind = type(value)
        # These are by far the most frequent.
        if kind is float or kind is bool or value is None or (kind is int and -FAR < value < FAR):
            return value
        if isinstance(value, (Float32, Other)):
            return value
        if isinstance(value, str):
            # `str(value)` is not the text of a member of an Enum that is text, too.
            return str.__str__(value) if len(value) <= MAX_ITEMS else Other("very long text")
        if isinstance(value, int):
            return int(value) if -FAR < value < FAR else Other("very large whole number")
        try:
            array = None if kind in CONTAINERS else _as_array(value)
        except (TypeError, RuntimeError, NotImplementedError):  # The tensor is sparse or quantised.
            return Other(f"{type(value).__name__} that is no array of numbers")
        if array is not None:
            number = Float32 if array.dtype.kind == "f" and array.dtype.itemsize <= 4 else None
            if array.size > self.items_left or array.dtype.kind not in "biufU":
                return Other(f"{type(value).__name__} of {array.size} {array.dtype} values")
            return self._numbers(array.tolist(), number, depth)
        if isinstance(value, (Real, Decimal)):
            return _as_float(value)
        if isinstance(value, Sequence) and not isinstance(value, BYTES):
            items = list(islice(value, self.items_left + 1))
            if len(items) > self.items_left:
                return Other(f"{type(value).__name__} that is too long")
            return [self.convert(item, depth + 1) for item in items]
        if isinstance(value, Mapping):
            return self._dict(list(islice(value.items(), self.items_left + 1)), depth)
        return Other(type(value).__name__)

    def _dict(self, pairs: list[tuple[Any, Any]], depth: int) -> Any:
        if len(pairs) > self.items_left:
            return Other("dict that is too long")
        keys = [self.convert(key, MAX_DEPTH) for key, _ in pairs]
        if not {*map(type, keys)} <= {str}:  # Words are the usual case.
            if not all(isinstance(key, (str, int, float, bool)) for key in keys):
                return Other("dict with keys that are neither text nor numbers")
            if len(keys) > MAX_NUMBER_KEYS and not all(isinstance(key, str) for key in keys):
                return Other("dict with too many number keys")
        return {k: self.convert(v, depth + 1) for k, (_, v) in zip(keys, pairs)}

    def _numbers(self, value: Any, number: type | None, depth: int) -> Any:
        if isinstance(value, list):
            return [self._numbers(item, number, depth + 1) for item in value]
        return number(value) if number else self.convert(value, depth)


def _as_float(value: Any) -> float | Other:
    """The float next to a number of Python's own; a Fraction may lie beyond all of them."""
    try:
        return float(value)
    except (OverflowError, ValueError):
        return Other(f"{type(value).__name__} that no float holds")


def _as_array(value: Any) -> Any:
    """The NumPy array behind a torch tensor or a NumPy value, else None."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(value, torch.Tensor):
        tensor = value.detach().cpu()
        return tensor.float().numpy() if tensor.dtype is torch.bfloat16 else tensor.numpy()
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        array = numpy.asarray(value)
        return array.astype(float) if array.dtype == numpy.longdouble else array
    return None


def dumps(value: Any, **options: Any) -> str:
    """Write plain data as strict JSON text; `options` go to `json.dumps`.

    Example:
        >>> dumps([0.5, float("inf"), {3: "three"}])
        '[0.5, {"$float": "inf"}, {"$dict": [[3, "three"]]}]'
    """
    return json.dumps(_encode(value), allow_nan=False, ensure_ascii=False, **options)


def loads(text: str | bytes) -> Any:
    """Read what `dumps` wrote. Raises ValueError on anything else.

    Example:
        >>> loads('[0.5, {"$float": "inf"}, {"$dict": [[3, "three"]]}]')
        [0.5, inf, {3: 'three'}]
    """
    try:
        return _decode(json.loads(text, parse_constant=_no_constant))
    except (TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not what dumps writes: {error}") from error


def _encode(value: Any) -> Any:
    if type(value) in SCALARS:
        return value
    if isinstance(value, Other):
        return {"$other": value.type_name}
    if isinstance(value, float):
        number = float(value) if math.isfinite(value) else str(float(value))
        if isinstance(value, Float32):
            return {"$float32": number}
        return {"$float": number} if isinstance(number, str) else number
    if isinstance(value, (list, tuple)):
        return [_encode(item) for item in value]
    if isinstance(value, dict):
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: _encode(item) for key, item in value.items()}
        return {"$dict": [[_encode(key), _encode(item)] for key, item in value.items()]}
    return value


def _decode(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode(item) if isinstance(item, (list, dict)) else item for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1 or not (tag := next(iter(value))).startswith("$"):
        return {key: _decode(item) for key, item in value.items()}
    content = value[tag]
    if tag == "$other":
        return Other(str(content)[:NAME_CHARS])
    if tag in ("$float", "$float32"):
        return (Float32 if tag == "$float32" else float)(content)
    if tag == "$dict" and len(content) <= MAX_NUMBER_KEYS:
        return {_decode(key): _decode(item) for key, item in content}
    raise ValueError(f"unknown tag, or too much in it: {tag}")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
