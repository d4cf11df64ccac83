"""A mark shows what the card at home shows; answers without a name are known by what they do."""

import pytest
from page import assert_harmless

from grader.exercise import NearMiss
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.pages import render
from grader.submission.graded import Cell, Graded
from grader.submission.grading import SAMPLE_CHARS, _mark
from grader.untrusted import observations
from lrlab.checking import codec
from lrlab.checking.checks import _result

SOURCE = "def answer(): ...  # as written"
HUGE = (10**400, -(10**400), 1e308, float("inf"), float("nan"), -0.0, True, "x", None, [], {})


def marked(exercise, answer, observed=None):
    """The mark of an answer, judged on the visible cases and on two others."""
    cases = [*exercise.visible_cases, *exercise.draws("a seed", 2)]
    sent = codec.dumps(observed or exercise.observe(answer, cases))
    observed = observations(sent, len(cases))
    cells = [Cell(SOURCE, "answer", exercise.id), Cell("check", "graded", exercise.id)]
    verdict = exercise.judge(cases, observed)
    return _mark(exercise, cells, verdict, observed)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_chart_is_the_one_that_check_shows(lesson):
    drawn = 0
    for exercise in of_lesson(lesson):
        for wrong in list(exercise.misconceptions.values())[:3]:
            answer = wrong.answer if isinstance(wrong, NearMiss) else wrong
            mark = marked(exercise, answer)
            answers = answer if isinstance(answer, tuple) else (answer,)
            at_home = _result(exercise.id, answers, at_home=False)
            assert mark.trace == at_home.trace, exercise.id
            assert not mark.cluster
            if mark.trace:
                drawn += 1
                html = render.feedback("ada", lesson, Graded("graded", "", 1.0, (mark,)))
                page = assert_harmless(html)
                (chart,) = [svg for svg in page.all("svg") if "role" in svg.attributes]
                assert chart.attributes["aria-label"] == mark.trace.description
                assert mark.trace.sentence in page.text()
                assert not {"yours", "expected"} & {name for name, _ in mark.rows}
                assert f"Read again: {render.sections(lesson)[exercise.id]}" in page.text()
    assert drawn or lesson == "detective"  # its answers are words and numbers


def test_a_right_answer_has_neither_chart_nor_group():
    exercise = EXERCISES["step_lr"]
    mark = marked(exercise, exercise.reference)
    assert (mark.verdict, mark.trace, mark.cluster, mark.sample) == ("right", None, "", "")
    assert mark.as_line().keys() == {"id", "score", "max_score", "verdict", "diagnosis"}


def test_answers_that_do_the_same_are_in_one_group_however_they_are_written():
    exercise = EXERCISES["step_lr"]
    alike = [
        lambda lr0, step_size, gamma, epoch: lr0 * gamma * epoch / step_size + 7,
        lambda lr0, step_size, gamma, epoch: 7.0 + epoch / step_size * lr0 * gamma,
    ]
    other = marked(exercise, lambda lr0, step_size, gamma, epoch: lr0 + 7)
    one, two = (marked(exercise, answer) for answer in alike)
    assert one.cluster == two.cluster != other.cluster
    assert one.sample == SOURCE[:SAMPLE_CHARS]
    assert one.as_line()["cluster"] == one.cluster


def test_what_is_wrong_only_where_nobody_sees_it_is_one_group_and_has_no_name():
    exercise = EXERCISES["step_lr"]
    cases = [*exercise.visible_cases, *exercise.draws("a seed", 2)]
    right = exercise.observe(exercise.reference, cases)
    marks = [marked(exercise, None, [*right[:-1], {"value": n}]) for n in (7.0, 8.0)]
    assert {mark.verdict for mark in marks} == {"wrong"}
    assert len({mark.cluster for mark in marks}) == 1 and marks[0].cluster
    assert all(mark.trace is None for mark in marks)


@pytest.mark.parametrize("value", HUGE, ids=lambda value: repr(value)[:9])
@pytest.mark.parametrize("exercise", ["step_lr_trace", "drop_epochs", "quadratic_path", "log_grid"])
def test_whatever_an_answer_returns_has_a_mark_and_a_page(exercise, value):
    exercise = EXERCISES[exercise]
    for seen in ([value] * 6, [0.1, value, 0.1, value], value):
        observed = [{"value": seen}] * (len(exercise.visible_cases) + 2)
        mark = marked(exercise, None, observed)
        assert mark.verdict == "wrong" and (mark.cluster or mark.diagnosis)
        assert_harmless(render.feedback("ada", exercise.lesson, Graded("graded", "", 1.0, (mark,))))
