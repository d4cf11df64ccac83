"""Every right answer earns full credit, however it is written."""

import ast
import warnings
from itertools import combinations

import pytest
from right_answers import RIGHT

from grader.exercises import EXERCISES
from lrlab.checking import codec
from lrlab.checking.observe import observe

SEEDS = ("first class", "second class")
FRESH_DRAWS = 20

ANSWERS = [(exercise, style) for exercise, styles in RIGHT.items() for style in styles]


def _typed(exercise: str, style: str):
    """The answer as the kernel has it once its cell was run."""
    namespace = {"__name__": "__main__"}
    exec(compile(RIGHT[exercise][style], f"<{exercise}: {style}>", "exec"), namespace)
    return (namespace["save"], namespace["resume"]) if exercise == "resume" else namespace[exercise]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "style"), ANSWERS, ids=map(": ".join, ANSWERS))
def test_a_right_answer_is_right(exercise, style, seed):
    judge, answer = EXERCISES[exercise], _typed(exercise, style)
    cases = [*judge.visible_cases, *judge.draws(seed, FRESH_DRAWS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning costs a learner nothing
        observed = [observe(exercise, answer, case) for case in cases]
    verdict = judge.judge(cases, codec.loads(codec.dumps(observed)))
    assert (verdict.kind, verdict.credit, verdict.diagnosis) == ("right", 1.0, "")


def test_every_exercise_is_answered_in_several_ways():
    assert set(RIGHT) == set(EXERCISES)
    for styles in RIGHT.values():
        assert len(styles) >= 3
        trees = [ast.dump(ast.parse(source)) for source in styles.values()]
        assert all(one != other for one, other in combinations(trees, 2))
