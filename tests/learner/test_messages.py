"""What a learner reads where no mistake is named."""

import pytest

from lrlab.checking.codec import Other
from lrlab.checking.judge import judge
from lrlab.checking.messages import Along


def said(right, mine, case=None, **options):
    cases = [case or {"n": 1}] * 1
    return judge(cases, [right], [], [mine], **options).diagnosis


@pytest.mark.parametrize(
    ("right", "mine", "along", "words"),
    [
        ([1.0, 0.5], [1.0, 0.4], Along("epoch"), "In epoch 1, yours is 0.4; 0.5 is expected."),
        ([1.0, 0.5], [1.0, 0.4], Along("call", 1), "In call 2, yours is 0.4; 0.5 is expected."),
        ([[1.0], [2.0]], [[1.0], [3.0]], Along("epoch"), "In group 1, epoch 0, yours is 3"),
        ([3, 6], [3, 7], Along("epoch", 0, True), "Number 2 in your list is epoch 7; epoch 6 is"),
        ([1.0, 0.5], [0.9], Along("epoch"), "Your result has 1 entry; 2 entries are expected."),
        ([1.0], [1.0, 2.0], Along(), "Your result has 2 entries; 1 entry is expected."),
        (1.0, [1.0], Along(), "Your result is a list; a number is expected."),
        ({"lr": 1}, {"lr": 1, "x": True}, Along(), "Your result has an entry 'x', which is not"),
        ([1.0], Other("iterator"), Along(), "Your result is an iterator; a list is expected."),
    ],
)
def test_entries_have_the_words_of_the_exercise(right, mine, along, words):
    assert said({"value": right}, {"value": mine}, along=along).startswith(words)


@pytest.mark.parametrize("right", [0.04, 7.75e-5, [0.4, 0.04]])
@pytest.mark.parametrize(("error", "few"), [(6e-8, True), (1e-4, False)])
def test_a_number_with_the_digits_of_float32_is_told_to_keep_them_all(right, error, few):
    def off(value):
        return [*map(off, value)] if isinstance(value, list) else value * (1 + error)

    for along in (Along(), Along("epoch")):
        text = said({"value": right}, {"value": off(right)}, along=along)
        assert text.endswith("let torch and numpy compute in float64.") is few, text


@pytest.mark.parametrize(("seen", "word"), [("lrs", "lr"), ("gradients", "gradient")])
def test_what_is_seen_of_a_group_says_at_which_step(seen, word):
    right, mine = ({"value": 0, seen: [[0.1, 0.2], [0.3, last]]} for last in (0.4, 0.5))
    assert said(right, mine) == f"At step 1, the {word} of group 1 is 0.5; 0.4 is expected."


def test_what_was_given_is_shown_where_the_calls_are_the_same():
    right, mine = ({"value": 0, "events": [["scheduler.step", loss]]} for loss in (0.9, -0.9))
    assert said(right, mine) == "You did: scheduler.step (-0.9). Expected: scheduler.step (0.9)."


def test_calls_stand_side_by_side():
    right = {"value": 0, "events": ["train_batch 0", "optimizer.step", "scheduler.step"]}
    mine = {"value": 0, "events": ["train_batch 0", "scheduler.step", "scheduler.step"]}
    text = "You did: train_batch 0, scheduler.step, scheduler.step. Expected: train_batch 0, "
    assert said(right, mine).startswith(text)


def test_a_result_of_none_now_and_then_is_said_so():
    cases = [{"n": n} for n in range(4)]
    right = [{"value": n} for n in range(4)]
    mine = [{"value": None if n > 1 else n} for n in range(4)]
    assert "None in 2 of 4 cases" in judge(cases, right, [], mine).diagnosis
    assert (
        "None: is a `return` missing?" in judge(cases, right, [], [{"value": None}] * 4).diagnosis
    )


def test_none_is_an_answer_where_it_is_a_right_one():
    """It says nothing of a `return` that is missing."""
    cases = [{"n": n} for n in range(4)]
    right = [{"value": n or None} for n in range(4)]
    mine = [{"value": None if n > 2 else n or None} for n in range(4)]
    assert judge(cases, right, [], mine).diagnosis == "Your result is None; 3 is expected."
    mine = [{"value": n or False} for n in range(4)]
    assert judge(cases, right, [], mine).diagnosis.endswith("; None is expected.")


@pytest.mark.parametrize("value", [5, 0.25, [0.1, 0.2]])
def test_a_result_that_never_changes_is_told_so(value):
    cases = [{"n": n} for n in range(4)]
    right = [{"value": [n / 7] * 2 if isinstance(value, list) else n / 7} for n in range(4)]
    said = judge(cases, right, [], [{"value": value}] * 4).diagnosis
    assert said.endswith(" in every case: it has to follow from the inputs.")


@pytest.mark.parametrize("kind", ["function", "method", "builtin_function_or_method"])
def test_brackets_that_are_missing_are_asked_for(kind):
    for text in ("'{}' object has no attribute 'copy'", "bad operand type(s): '{}' and 'int'"):
        error = {"type": "TypeError", "message": text.format(kind)}
        assert "is `()` missing after its name?" in said({"value": 1}, {"error": error})


def test_a_word_that_is_none_of_those_asked_for_is_shown_beside_them():
    cases = [{"n": n} for n in range(2)]
    right = [{"value": "monotone"}, {"value": "oscillating"}]
    verdict = judge(cases, right, [], [{"value": "monotone"}, {"value": "oscilating"}])
    assert verdict.diagnosis == (
        'Your word "oscilating" is none of those asked for, which are "monotone", "oscillating".'
    )
