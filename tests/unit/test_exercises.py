"""Every exercise proves itself: its reference is right, its misconceptions wrong and distinct."""

import ast
import contextlib
import re
from itertools import combinations

import pytest

from grader import paths
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.notebook import graded_id, read
from lrlab.checking import codec
from lrlab.checking.compare import difference, tolerance
from lrlab.checking.judge import judge

SEEDS = ("one", "two", "three")

exercises = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


def _same(exercise, cases, one, other) -> bool:
    return all(
        difference(a, b, tolerance(case, exercise.abs_tol, exercise.relative_to)) is None
        for case, a, b in zip(cases, one, other, strict=True)
    )


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_of_the_course_is_there(lesson):
    found = {each.id: each.points for each in EXERCISES.values() if each.lesson == lesson}
    cells = read(paths.solution(lesson)).cells
    in_notebook = {id: cell.metadata.nbgrader.points for cell in cells if (id := graded_id(cell))}
    released = codec.loads(paths.checks(lesson).read_text(encoding="utf-8"))
    assert list(found.items()) == list(in_notebook.items())
    assert found == {exercise: data["points"] for exercise, data in released.items()}
    assert all(isinstance(points, int) and points > 0 for points in found.values())


def test_ids_are_unique_and_every_exercise_names_its_lesson():
    everything = [(lesson, each) for lesson in LESSONS for each in of_lesson(lesson)]
    assert len(EXERCISES) == len(everything) >= 25
    assert all(each.lesson == lesson for lesson, each in everything)


def _docstrings(lesson: str) -> list[str]:
    """Of all functions that a lesson's learners write."""
    cells = read(paths.released(lesson)).cells
    trees = [ast.parse(cell.source) for cell in cells if cell.source.startswith("def ")]
    defined = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [ast.get_docstring(node) or "" for node in defined]


def _example(exercise, docstring: str) -> dict | None:
    """The arguments of the call that a docstring has as its example, if it is one by keywords."""
    _, _, text = " ".join(docstring.split()).partition(f"Example: {exercise.id}(")
    for end in (found.start() for found in re.finditer(r"\)", text)):
        with contextlib.suppress(SyntaxError, NameError):  # NameError: it takes an optimizer.
            return eval(f"dict({text[:end]})")
    return None


@exercises
def test_the_docstrings_example_is_the_first_visible_case(exercise):
    """So a wrong answer that misses it is shown the case that its learner can do by hand."""
    examples = [_example(exercise, text) for text in _docstrings(exercise.lesson)]
    for example in filter(None, examples):
        assert codec.dumps(exercise.visible_cases[0]) == codec.dumps(example)


def test_most_exercises_have_an_example_by_keywords():
    docstrings = {lesson: _docstrings(lesson) for lesson in LESSONS}
    found = [
        each.id
        for each in EXERCISES.values()
        if any(_example(each, text) for text in docstrings[each.lesson])
    ]
    assert len(found) >= 25


@exercises
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_is_right_and_its_cases_survive_json(exercise, seed):
    cases = codec.loads(
        codec.dumps([*exercise.visible_cases, *exercise.draws(seed, exercise.fresh_draws)])
    )
    observed = exercise.observe(exercise.reference, cases)
    assert all(not {"changed", "error", "unanswered", "unusable"} & set(seen) for seen in observed)
    verdict = exercise.judge(cases, codec.loads(codec.dumps(observed)))
    assert (verdict.kind, verdict.credit) == ("right", 1.0)


@exercises
def test_misconceptions_are_distinct_on_the_visible_cases(exercise):
    cases = exercise.visible_cases
    seen = {"reference": exercise.expected(cases)}
    seen |= {known.sentence: known.observed for known in exercise.known_mistakes(cases)}
    alike = [
        pair
        for pair in combinations(seen, 2)
        if _same(exercise, cases, seen[pair[0]], seen[pair[1]])
        or _same(exercise, cases, seen[pair[1]], seen[pair[0]])
    ]
    assert alike == []


@exercises
@pytest.mark.parametrize("seed", SEEDS)
def test_misconceptions_fail_fresh_cases_and_are_named(exercise, seed):
    visible, hidden = exercise.visible_cases, exercise.draws(seed, exercise.fresh_draws)
    cases = [*visible, *hidden]
    expected = exercise.expected(cases)
    known = list(exercise.known_mistakes(cases))
    for wrong in known:
        observed = codec.loads(codec.dumps(wrong.observed))
        shows = not _same(exercise, hidden, expected[len(visible) :], observed[len(visible) :])
        assert shows, f"random cases alone must show: {wrong.sentence}"
        verdict = judge(cases, expected, known, observed, exercise.abs_tol, exercise.relative_to)
        assert (verdict.kind, verdict.diagnosis) == ("wrong", wrong.sentence)
        assert verdict.credit < 1


@exercises
def test_sentences_are_short_sentences_that_give_no_code_away(exercise):
    for sentence in exercise.misconceptions:
        assert len(sentence) <= 200
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?"))
        assert not any(code in sentence for code in ("//", "**", "lambda", "return "))


@exercises
def test_an_untouched_stub_is_unanswered(exercise):
    def stub(**_):
        raise NotImplementedError

    def idle(**_):
        """Nothing here yet."""

    several = len(exercise.reference) if isinstance(exercise.reference, tuple) else 1
    cases = exercise.visible_cases
    for answer in (stub, idle):
        observed = exercise.observe((answer,) * several if several > 1 else answer, cases)
        assert exercise.judge(cases, observed).kind == "unanswered"
