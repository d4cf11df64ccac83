"""What a submission is graded on: half at edges, and nothing that a learner has seen."""

import pytest

from grader import paths
from grader.exercises import EXERCISES
from lrlab.checking import codec

SEEDS = ("one class", "another class")
MANY_WORDS = [each for each in EXERCISES.values() if each.id in ("culprit", "plateau_culprit")]
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


@pytest.mark.parametrize("exercise", MANY_WORDS, ids=lambda e: e.id)
@pytest.mark.parametrize("seed", range(12))
def test_each_mistake_about_one_word_of_many_shows_in_every_hand_in(exercise, seed):
    hidden = exercise.hidden_cases(f"hand-in {seed}")
    expected = exercise.expected(hidden)
    unseen = [
        known.sentence for known in exercise.known_mistakes(hidden) if known.observed == expected
    ]
    assert unseen == []
