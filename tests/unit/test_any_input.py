"""Whatever a submission brings along, each trusted function ends as it is said to.

`EXAMPLES=20000 pytest tests/unit/test_any_input.py` looks harder; `make long` does that.
"""

import codecs
import json
import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from grader.batch.timestamps import utc
from grader.errors import Unreadable
from grader.exercises import EXERCISES, LESSONS
from grader.export.sheet import Sheet
from grader.foreign import MARKS, text_of
from grader.pages import render
from grader.submission.answers import RunResult, note, parse
from grader.submission.assemble import assemble
from grader.submission.graded import Executed, Graded, Mark
from grader.submission.recognise import lesson_of
from grader.untrusted import csv_cell, file_name, observations, one_line, page_text
from lrlab.checking import card, codec
from lrlab.checking.checks import load_checks

LESSON = "steplr"
TEXTS = some.text(some.characters(), max_size=40)  # lone surrogates and control characters, too
NUMBERS = some.one_of(some.integers(), some.floats(), some.booleans(), some.none())
KEYS = some.one_of(
    TEXTS,
    some.sampled_from(
        [
            *("value", "error", "changed", "unanswered", "timeout", "consequence", "unusable"),
            *("reason", "type", "message", "line", "source", "missing", "about"),
            *("shadowed", "raised_in"),
            *(
                "events",
                "lrs",
                "$float",
                "$float32",
                "$dict",
                "$other",
                "cell",
                "observed",
                "printed",
            ),
            *("failed", "done"),
        ]
    ),
)
JSON = some.recursive(
    some.one_of(NUMBERS, TEXTS),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def often(test):
    """Try many inputs; slow ones are no fault of a busy machine."""
    return settings(
        max_examples=int(os.environ.get("EXAMPLES", "40")),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )(test)


def deep(depth: int, inside: str = '"\\u0041"') -> str:
    return "[" * depth + inside + "]" * depth


DEPTHS = [*range(40, 1000, 31), 100_000]


@often
@given(JSON, some.sampled_from(sorted(EXERCISES)))
@example([{"x" * 10_001: 1}], "step_lr")
@example([{str(number): 1 for number in range(10_001)}], "step_lr")
@example([{"error": {"line": True}}], "step_lr")
@example([{"value": 10**400}], "fit")
@example({"": None, "value": [], "events": 0}, "fit")
@example({"": None, "events": {}}, "fit")
@example({"events": 0}, "fit")
@example({"value": [0] * 9_990, "events": ["train_batch 0"] * 20}, "fit")
@example({"value": [0] * 9_990, "changed": ["losses"] * 20}, "step_lr_trace")
def test_any_json_as_observations_is_judged_or_refused(value, name):
    exercise = EXERCISES[name]
    cases = exercise.visible_cases
    for sent in (value, [value], [value] * len(cases)):
        seen = observations(json.dumps(sent), len(cases))
        if seen is not None:
            verdict = exercise.judge(cases, seen)
            assert verdict.credit in (0, 1) or verdict.kind == "wrong"
            mark = Mark(name, 1, verdict)
            assert json.dumps(mark.rows).encode() and card.text(name, 1, verdict, "").encode()
            assert render.feedback("ada", LESSON, Graded("graded", "", 0.1, (mark,))).encode()


# One exercise for each set of what is observed: as it is compiled, because every worker reads this,
# and to observe the references would import torch's optimizers.
OBSERVED = {
    tuple(sorted(load_checks()[id].expected[0])): exercise for id, exercise in EXERCISES.items()
}
ODD = (None, 0, "x", True, {"x": 0}, [], [0], [[]], ["x", {}, [[0.1]]], [0] * 20_000)


@pytest.mark.parametrize("keys", OBSERVED, ids="-".join)
def test_any_value_where_the_reference_has_another_is_judged_or_refused(keys):
    exercise = OBSERVED[keys]
    cases = exercise.visible_cases
    right = exercise.observe(exercise.reference, cases)
    for key in {*keys, "changed"}:
        for odd in ODD:
            sent = [{**right[0], key: odd}, *right[1:]]
            if (seen := observations(codec.dumps(sent), len(cases))) is not None:
                verdict = exercise.judge(cases, seen)
                assert exercise.trace(verdict, seen) is None or verdict.kind == "wrong"
                assert exercise.fingerprint(seen)


@pytest.mark.parametrize("key", ["", "value", "$dict", "error"])
def test_any_depth_is_judged_or_refused(key):
    exercise = EXERCISES["step_lr"]
    cases = exercise.visible_cases
    for depth in DEPTHS:
        inside = deep(depth) if not key else f'{{"{key}": {deep(depth)}}}'
        seen = observations("[" + ",".join([inside] * len(cases)) + "]", len(cases))
        if seen is not None:
            assert exercise.judge(cases, seen).credit == 0, depth


@often
@given(some.one_of(JSON.map(json.dumps).map(str.encode), some.binary(max_size=200)))
@example(deep(5_000).encode())
@example(b"9" * 5_000)
@example(b'{"cell": 1, "failed": {"type": {}, "message": []}}')
def test_any_line_of_a_child_is_understood_or_passed_over(line):
    ran = RunResult()
    note(parse(line), ran)
    assert json.dumps([ran.observed, ran.printed, ran.failed]).encode()


@often
@given(some.one_of(some.text(max_size=60), some.from_regex(r"[-+0-9:/ TZAPM.,]{0,40}")))
def test_any_timestamp_is_a_time_or_none(text):
    found = utc(text)
    assert found is None or found.tzinfo is None


@often
@given(some.binary(max_size=60))
def test_any_bytes_of_a_timestamp_are_text(content):
    text = text_of(content)
    assert text.encode().decode() == text
    assert utc(text) is None or utc(text).tzinfo is None


@often
@given(some.sampled_from([b"", *MARKS]), some.binary(max_size=60))
@example(b"", "Zoë,1".encode("cp1252"))
@example(b"", b"\x81\x8d\x8f\x90\x9d,1")  # bytes that no encoding of Windows has a letter for
@example(codecs.BOM_UTF16_LE, "Zoë\t1".encode("utf-16-le"))
def test_any_table_in_which_nothing_is_set_stays_byte_for_byte(mark, content):
    try:
        sheet = Sheet(mark + content)
    except UnicodeDecodeError:
        assert mark.strip(b"\xef\xbb\xbf")  # half a letter of UTF-16 is refused with a sentence
    else:
        assert sheet.content == mark + content


@often
@given(some.binary(min_size=1, max_size=40).filter(lambda name: b"\0" not in name))
def test_any_name_of_a_folder_can_be_shown(name):
    shown = file_name(os.fsdecode(name))
    assert shown.encode()
    assert "\n" not in one_line(shown) and "\x1b" not in page_text(shown)
    assert not csv_cell(shown).startswith(("=", "+", "-", "@", "\t", "\r"))


CELLS = some.fixed_dictionaries(
    {},
    optional={
        "cell_type": some.sampled_from(["code", "markdown", "raw", 3, None]),
        "source": some.one_of(TEXTS, some.lists(TEXTS, max_size=3), JSON),
        "input": JSON,
        "metadata": some.one_of(
            JSON,
            some.fixed_dictionaries({"nbgrader": some.fixed_dictionaries({"grade_id": JSON})}),
            some.just({"nbgrader": {"grade_id": "step_lr-answer", "solution": True}}),
        ),
    },
)
NOTEBOOKS = some.one_of(
    JSON,
    some.fixed_dictionaries(
        {"cells": some.lists(some.one_of(CELLS, JSON), max_size=5)},
        optional={"worksheets": some.lists(JSON, max_size=2), "nbformat": JSON},
    ),
)


@often
@given(some.one_of(NOTEBOOKS.map(json.dumps).map(str.encode), some.binary(max_size=300)))
@example(deep(100_000).encode())
@example(b'{"cells": [' + b"9" * 5_000 + b"]}")
def test_any_bytes_are_a_notebook_or_unreadable(content):
    assert lesson_of(content) in ("", *LESSONS)
    try:
        cells = assemble(content, LESSON)
    except Unreadable as error:
        assert str(error).endswith(".")
        return
    executed = tuple(
        Executed(each.source, each.origin, each.exercise, each.cell_id) for each in cells
    )
    assert render.feedback("ada", LESSON, Graded("graded", "", 0.1, (), executed)).encode()
    assert all(codec.dumps(each.source).encode() for each in cells)
