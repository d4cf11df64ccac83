"""What a submission is graded on: half at edges, and nothing that a learner has seen."""

from typing import get_args, get_origin, get_type_hints

import pytest
from answering import typed

from grader import paths
from grader.demo.write import answer_source
from grader.exercises import EXERCISES
from lrlab.checking import codec
from lrlab.checking.observers import pure
from lrlab.checking.watch import watch_of

SEEDS = ("one class", "another class")
MANY_WORDS = [each for each in EXERCISES.values() if each.id in ("culprit", "plateau_culprit")]
PURE = [each for each in EXERCISES.values() if watch_of(each.id).observe is pure]
exercises = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


@exercises
@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_the_hidden_cases_are_at_edges(exercise, seed):
    hidden = exercise.hidden_cases(seed)
    drawn = exercise.draws(f"{seed} {exercise.id}", exercise.fresh_draws)
    anywhere = [case for case in drawn if case not in exercise.visible_cases]
    assert hidden[: len(anywhere)] == anywhere
    at_edges = hidden[len(anywhere) :]
    assert 2 * len(at_edges) >= len(hidden) > 0
    assert len(at_edges) >= len(exercise.edges) > 0


@exercises
def test_hidden_cases_survive_json_and_are_the_same_for_a_seed(exercise):
    hidden = exercise.hidden_cases("one class")
    assert codec.dumps(hidden) == codec.dumps(exercise.hidden_cases("one class"))
    assert codec.dumps(hidden) != codec.dumps(exercise.hidden_cases("another class"))
    assert codec.dumps(codec.loads(codec.dumps(hidden))) == codec.dumps(hidden)


@exercises
def test_a_table_of_checks_json_answers_no_hidden_case(exercise):
    text = paths.checks(exercise.lesson).read_text(encoding="utf-8")
    shown = [codec.dumps(case) for case in codec.loads(text)[exercise.id]["cases"]]
    hidden = [codec.dumps(case) for seed in SEEDS for case in exercise.hidden_cases(seed)]
    assert not set(shown) & set(hidden)


@exercises
def test_edges_are_right_for_the_reference(exercise):
    cases = [*exercise.visible_cases, *exercise.hidden_cases("a third class")]
    observed = exercise.observe(exercise.reference, cases)
    assert all(not {"changed", "error", "unanswered", "unusable"} & set(seen) for seen in observed)
    assert exercise.judge(cases, observed).kind == "right"


def _is(value, kind) -> bool:
    """Whether a value is what an annotation says: a whole number is no float."""
    parts = get_args(kind)
    if get_origin(kind) is list:
        return type(value) is list and all(_is(each, *parts) for each in value)
    if get_origin(kind) is dict:
        pairs = (pair for item in value.items() for pair in zip(item, parts))
        return type(value) is dict and all(_is(*pair) for pair in pairs)
    return type(value) is kind


def _entries(value, path):
    """The single values of an input, each with the words that lead to it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _entries(each, (*path, key) if isinstance(key, str) else path)
    elif isinstance(value, list):
        for each in value:
            yield from _entries(each, path)
    else:
        yield path, type(value)


def _promised(exercise):
    """By input, the type that the first line of the answer says; plain data only."""
    answers = typed(exercise.id, answer_source(exercise.id, "right"))
    functions = answers if isinstance(answers, tuple) else (answers,)
    hints = {name: kind for each in functions for name, kind in get_type_hints(each).items()}
    return {name: kind for name, kind in hints.items() if kind.__module__ == "builtins"}


@exercises
def test_every_case_has_the_types_that_the_answers_first_line_promises(exercise):
    """To torch a whole number is of another kind: what runs at home has to run when graded."""
    hidden = [case for seed in range(20) for case in exercise.hidden_cases(f"types {seed}")]
    promised, kinds = _promised(exercise), {}
    for case in [*exercise.visible_cases, *hidden]:
        for name, value in case.items():
            assert _is(value, promised.get(name, type(value))), f"{name} = {value}"
            for path, kind in _entries(value, (name,)):
                assert kinds.setdefault(path, kind) is kind, f"{path} is of two kinds"


def _rounded(value, places):
    if isinstance(value, list | tuple):
        return [_rounded(each, places) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each, places) for key, each in value.items()}
    return round(value, places) if isinstance(value, float) else value


@pytest.mark.parametrize("exercise", PURE, ids=lambda e: e.id)
@pytest.mark.parametrize("places", [10, 12])
def test_what_rounding_to_many_places_costs_is_seen_at_home(exercise, places):
    def answer(**case):
        return _rounded(exercise.reference(**case), places)

    visible = exercise.visible_cases
    everything = [*visible, *(case for seed in SEEDS for case in exercise.hidden_cases(seed))]
    at_home, graded = (
        exercise.judge(cases, exercise.observe(answer, cases)).kind
        for cases in (visible, everything)
    )
    assert at_home == graded


@pytest.mark.parametrize("exercise", MANY_WORDS, ids=lambda e: e.id)
@pytest.mark.parametrize("seed", range(12))
def test_each_mistake_about_one_word_of_many_shows_in_every_hand_in(exercise, seed):
    hidden = exercise.hidden_cases(f"hand-in {seed}")
    expected = exercise.expected(hidden)
    unseen = [
        known.sentence for known in exercise.known_mistakes(hidden) if known.observed == expected
    ]
    assert unseen == []
