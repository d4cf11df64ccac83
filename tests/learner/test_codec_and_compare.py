"""Plain data survives JSON; equal means what course.md says it means."""

import enum
import math
from array import array
from collections import ChainMap, UserList, deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch

from lrlab.checking import codec
from lrlab.checking.codec import Float32, Other, plain
from lrlab.checking.compare import difference, largest_number

NAN = math.nan


class Word(str, enum.Enum):  # noqa: UP042  (StrEnum has another `str`)
    RIGHT = "right"


class Count(enum.IntEnum):
    TWO = 2


@pytest.mark.parametrize(
    "value",
    [
        [1, 1.0, True, None, "word"],
        {1: 0.1, 2: [0.2]},
        {0.1: math.inf, 0.2: -math.inf},
        {"$dict": 3, "edits": {}},
        [Other("generator"), Float32(0.5)],
        {"nested": {"deep": [{3: "x"}]}},
    ],
    ids=str,
)
def test_plain_data_survives_json(value):
    back = codec.loads(codec.dumps(value))
    assert back == value
    assert difference(value, back) is None


def test_nan_and_types_survive_json():
    nan, whole, decimal = codec.loads(codec.dumps([math.nan, 12, 12.0]))
    assert math.isnan(nan)
    assert (type(whole), type(decimal)) == (int, float)


@pytest.mark.parametrize("text", ['{"$dict": 3}', '{"$eval": "x"}', "NaN", "[", '{"$float": []}'])
def test_malformed_text_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        codec.loads(text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (torch.tensor(True), True),
        (torch.tensor(0.5, dtype=torch.float64), 0.5),
        (torch.tensor([1, 2]), [1, 2]),
        (np.array([[0.1], [0.2]]), [[0.1], [0.2]]),
        ((1, (2, 3)), [1, [2, 3]]),
        (range(3), [0, 1, 2]),
        ({np.int64(1): torch.tensor(2)}, {1: 2}),
        (Fraction(1, 4), 0.25),
        (Decimal("0.25"), 0.25),
        ([Fraction(1, 2), {"lr": Decimal("NaN")}], [0.5, {"lr": NAN}]),
        (deque([0.5, (1,)], maxlen=3), [0.5, [1]]),
        (array("d", [0.5]), [0.5]),
        (UserList([1, 2]), [1, 2]),
        (ChainMap({"lr": 0.5}, {"lr": 1, "bad": 2}), {"lr": 0.5, "bad": 2}),
        (Word.RIGHT, "right"),
        ({Word.RIGHT: Count.TWO}, {"right": 2}),
    ],
)
def test_scalars_arrays_and_tuples_become_plain(value, expected):
    assert difference(plain(value), expected) is None
    assert type(plain(value)) is type(expected)


@pytest.mark.parametrize(
    "value",
    [
        *(object(), (x for x in "ab"), 10**5000, np.array([object()]), {1}),
        *(Fraction(10**5000), Decimal("sNaN"), b"12", {1: 2}.values(), deque([0]) * 20_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_data_is_named_not_trusted(value):
    assert isinstance(plain(value), Other)
    codec.dumps(plain(value))


def test_endless_nesting_ends():
    loop: list = []
    loop.append(loop)
    assert "too large" in codec.dumps(plain(loop))


@pytest.mark.parametrize(
    ("expected", "got", "same"),
    [
        (0.1, 0.1 * (1 + 1e-10), True),
        (0.1, 0.1 * (1 + 1e-8), False),
        (1e-12, 0.0, False),
        (12, 12.0, True),
        (12, 12.0000000001, False),
        (True, 1, False),
        (1, True, False),
        ("monotone", "Monotone", False),
        (math.nan, math.nan, True),
        (math.inf, -math.inf, False),
        ([1.0, 2.0], [1.0], False),
        ({1: 0.5}, {1.0: 0.5}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (0.1, Float32(np.float32(0.1)), True),
        (0.1, Other("generator"), False),
    ],
)
def test_difference(expected, got, same):
    assert (difference(expected, got) is None) is same


@pytest.mark.parametrize("total", [7, 400, 3870, 55_000])
def test_a_difference_in_float32_is_right_near_0_and_no_wrong_one_is(total):
    """What cancels leaves the error of the larger numbers, and no more than that."""
    lr0 = np.float32(0.3)
    last = lr0 * (1 - np.float32(total - 1) / np.float32(total))
    assert difference(0.3 / total, Float32(last), abs_tol=0.3 * 1e-12) is None
    one_more = lr0 * (1 - np.float32(total - 1) / np.float32(total + 1))
    assert difference(0.3 / total, Float32(one_more), abs_tol=0.3 * 1e-12)
    assert difference(0.3 / total, Float32(last) + 1e-9, abs_tol=0.3 * 1e-12)


def test_the_first_difference_is_found_with_its_path():
    found = difference({"lrs": [[0.1], [0.2]]}, {"lrs": [[0.1], [0.3]]})
    assert (found.path, found.expected, found.got) == (("lrs", 1, 0), 0.2, 0.3)
    shorter = difference([1, 2, 3], [1, 2])
    assert (shorter.path, shorter.expected, shorter.got) == (("length",), 3, 2)


def test_largest_number_looks_everywhere_but_at_infinity():
    assert largest_number({"a": [1, -7.5, math.inf], "b": {9: True}}) == 9
