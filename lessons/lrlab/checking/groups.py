"""Which group of cases is wrong, found among the values of their inputs.

A group is named only where it is clean: every case in it is wrong, every other one right.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from itertools import permutations
from typing import Any

from .answer import Case, Observation
from .compare import is_number

LEAST = 3  # Where fewer cases stand on one side, chance may have parted them.
FEW_VALUES = 4

Test = Callable[[dict[str, Any]], bool]


def wrong_group(cases: Sequence[Case], wrong: Set[int]) -> str:
    """Words for the inputs at which an answer is wrong, and nowhere else; empty if there are none.

    Args:
        cases: the inputs.
        wrong: the numbers of the cases at which the answer is wrong.

    Example:
        >>> cases = [{"mode": mode, "best": n} for n in range(3) for mode in ("min", "max")]
        >>> wrong_group(cases, {1, 3, 5})
        'mode is "max"'
    """
    if min(len(wrong), len(cases) - len(wrong)) < LEAST:
        return ""
    inputs = [dict(_leaves(case)) for case in cases]
    shared = set(inputs[0]).intersection(*inputs[1:])
    for words, test in _tests({name: [each[name] for each in inputs] for name in sorted(shared)}):
        if {n for n, each in enumerate(inputs) if test(each)} == wrong:
            return words
    return ""


def only_key(
    expected: Sequence[Observation], seen: Sequence[Observation], cases: Sequence[Case]
) -> str:
    """A clause where results are dicts and one entry alone is wrong; empty otherwise.

    Args:
        expected: the reference's observations.
        seen: the answer's.
        cases: the inputs, which tell whether the entry just stayed what it was.
    """
    wrong, stays = set(), []
    for case, right, mine in zip(cases, expected, seen, strict=True):
        one, other = right.get("value"), mine.get("value")
        if not (isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys()):
            return ""
        keys = {key for key in one if repr(one[key]) != repr(other[key])}
        wrong |= keys
        given = [entry for entry in case.values() if isinstance(entry, dict)]
        stays += [any(repr(entry.get(key)) == repr(other[key]) for entry in given) for key in keys]
    if len(wrong) != 1 or len(stays) < LEAST - 1:
        return ""
    (key,) = wrong
    if all(stays):
        return f"`{key}` stays what it was where it has to change; all else is right"
    return f"`{key}` alone is wrong; all else is right"


def _leaves(value: Case) -> Iterator[tuple[str, Any]]:
    for name, entry in value.items():
        if isinstance(entry, dict) and entry and all(isinstance(key, str) for key in entry):
            yield from _leaves(entry)
        else:
            yield name, entry


def _tests(values: dict[str, list[Any]]) -> Iterator[tuple[str, Test]]:
    """Everything that may set a case apart, the plainest first: (words, test)."""
    numbers = [name for name, each in values.items() if all(map(is_number, each))]
    for name, each in values.items():
        for value in _few(each):
            shown = f'"{value}"' if isinstance(value, str) else str(value)
            yield f"{name} is {shown}", _of(name, partial(operator.eq, value))
    for name in numbers:
        for words, test in OF_A_NUMBER.items():
            yield f"{name} {words}", _of(name, test)
    for name, each in values.items():
        if all(isinstance(value, (list, dict)) for value in each):
            for words, test in OF_A_COLLECTION.items():
                yield f"{name} {words}", _of(name, test)
    for one, other in permutations(numbers, 2):
        yield f"{one} is above {other}", _of_two(one, other, operator.gt)
        yield f"{one} is at least {other}", _of_two(one, other, operator.ge)
        if all(isinstance(value, int) and value for value in (*values[one], *values[other])):
            yield f"{other} does not divide {one}", _of_two(one, other, operator.mod)
            yield f"{other} divides {one}", _of_two(one, other, lambda a, b: a % b == 0)


OF_A_NUMBER: dict[str, Callable[[Any], bool]] = {
    "is NaN": math.isnan,
    "is infinite": math.isinf,
    "is NaN or infinite": lambda value: not math.isfinite(value),
    "is 0": lambda value: value == 0,
    "is above 0": lambda value: value > 0,
    "is negative": lambda value: value < 0,
}
OF_A_COLLECTION: dict[str, Callable[[Any], bool]] = {
    "is empty": lambda value: not value,
    "is not empty": bool,
    "has one entry": lambda value: len(value) == 1,
    "has several entries": lambda value: len(value) > 1,
}


def _of(name: str, test: Callable[[Any], bool]) -> Test:
    return lambda inputs: test(inputs[name])


def _of_two(one: str, other: str, test: Callable[[Any, Any], Any]) -> Test:
    return lambda inputs: bool(test(inputs[one], inputs[other]))


def _few(each: list[Any]) -> list[Any]:
    """The values of an input that has only a few, which are words or truth values."""
    if not all(isinstance(value, (str, bool)) for value in each):
        return []
    different = sorted(set(each), key=str)
    return different if len(different) <= FEW_VALUES else []
