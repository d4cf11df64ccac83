"""Every right answer earns full credit, however it is written."""

import ast
import warnings
from itertools import combinations

import pytest
from answering import typed
from right_answers import FURTHER, STYLES

from grader.demo.answers import ANSWERS
from grader.exercises import EXERCISES
from lrlab.checking import codec
from lrlab.checking.observe import observe

SEEDS = ("first class", "second class")


ALL = [(exercise, style) for exercise, styles in STYLES.items() for style in styles]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "style"), ALL, ids=map(": ".join, ALL))
def test_a_right_answer_is_right(exercise, style, seed):
    judge, answer = EXERCISES[exercise], typed(exercise, STYLES[exercise][style])
    cases = [*judge.visible_cases, *judge.hidden_cases(seed)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning costs a learner nothing
        observed = [observe(exercise, answer, case) for case in cases]
    verdict = judge.judge(cases, codec.loads(codec.dumps(observed)))
    assert (verdict.kind, verdict.credit, verdict.diagnosis) == ("right", 1.0, "")


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_exercise_is_answered_in_several_ways(exercise):
    if exercise not in FURTHER:
        pytest.skip("no styles of its own yet: tests/support/right_answers may hold some")
    styles = STYLES[exercise]
    assert len(styles) >= 3
    trees = [ast.dump(ast.parse(source)) for source in styles.values()]
    assert all(one != other for one, other in combinations(trees, 2))


def test_the_styles_are_of_exercises():
    assert set(FURTHER) | set(ANSWERS) <= set(EXERCISES)
    assert len(FURTHER) >= 37, "the exercises of the five lessons have several"
