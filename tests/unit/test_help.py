"""The help for those who are stuck: complete, and worth no points by itself."""

import inspect
import math
from dataclasses import asdict

import pytest
import torch

from grader.exercises import EXERCISES

NAMES = {"math": math, "torch": torch}
by_id = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda each: each.id)


@by_id
def test_every_exercise_has_all_of_it(exercise):
    assert [name for name, text in asdict(exercise.help).items() if not text.strip()] == []


def _functions(sibling: str) -> list:
    namespace = dict(NAMES)
    exec(sibling, namespace)
    return [each for name, each in namespace.items() if inspect.isfunction(each)]


def _in_order(function):
    """The function, called by position whatever the names of the exercise's arguments are."""
    return lambda **arguments: function(*arguments.values())


@by_id
def test_a_sibling_earns_nothing(exercise):
    functions = _functions(exercise.help.sibling)
    assert functions
    cases = exercise.visible_cases
    answers = [tuple(functions)] if len(functions) == 2 else [(each,) for each in functions]
    wanted = len(exercise.reference) if isinstance(exercise.reference, tuple) else 1
    assert {len(each) for each in answers} == {wanted}
    for answer in answers:
        for asked in (answer, tuple(map(_in_order, answer))):
            observed = exercise.observe(asked if wanted > 1 else asked[0], cases)
            assert exercise.judge(cases, observed).credit == 0


@by_id
def test_no_hint_holds_a_line_of_the_solution(exercise, solution_lines):
    said = " ".join(" ".join(asdict(exercise.help).values()).split())
    assert [line for line in solution_lines(exercise) if line in said] == []


@pytest.fixture(scope="module")
def solution_lines():
    """Each exercise's lines between BEGIN and END SOLUTION that are more than one name."""
    from grader import notebook, paths

    def lines(exercise) -> list[str]:
        (cell,) = (
            each
            for each in notebook.read(paths.solution(exercise.lesson)).cells
            if each.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise.id}-answer"
        )
        inside = cell.source.split("### BEGIN SOLUTION")[1:]
        body = "\n".join(part.split("### END SOLUTION")[0] for part in inside)
        stripped = (line.partition("#")[0].strip() for line in body.splitlines())
        return [line for line in stripped if len(line) > 20]

    return lines
