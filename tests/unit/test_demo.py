"""The example class: the same each time, large enough, and every mistake in it is named."""

import warnings
from functools import cache

import nbformat
import pytest
from answering import typed

from grader.demo import write as demo
from grader.demo.answers import ANSWERS
from grader.demo.students import CLASS
from grader.errors import Unreadable
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.submission.assemble import assemble
from lrlab.checking.observe import observe

FRESH_DRAWS = 20
NOT_FOR_THIS_PROCESS = {"open-bracket", "endless"}


def _words(table):
    """Each answer of one kind: right, mistakes or unnamed."""
    return [(exercise, word) for exercise in ANSWERS for word in getattr(ANSWERS[exercise], table)]


@cache
def _judged(exercise: str, word: str):
    """The verdict on an answer whose lesson is solved but for this one exercise."""
    judge = EXERCISES[exercise]
    answer = typed(exercise, demo.answer_source(exercise, word))
    cases = [*judge.visible_cases, *judge.draws("demo", FRESH_DRAWS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning costs a learner nothing
        observed = [observe(exercise, answer, case) for case in cases]
    return judge.judge(cases, observed)


def _word(student, lesson, exercise):
    """What a learner wrote for one exercise."""
    return CLASS[student][lesson].answers.get(exercise, CLASS[student][lesson].others)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("submitted")
    return folder, demo.write_class(folder)


def _bytes(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.ipynb")}


def test_the_class_is_written_alike_each_time(written, tmp_path):
    folder, count = written
    assert demo.write_class(tmp_path) == count == len(_bytes(folder))
    assert _bytes(tmp_path) == _bytes(folder)


def test_the_class_is_large_and_mixed(written):
    folder, count = written
    assert count >= 36
    assert len(list(folder.iterdir())) >= 14
    assert {path.parent.name for path in folder.rglob("*.ipynb")} == set(LESSONS)
    said = {
        (exercise.id, _word(student, lesson, exercise.id))
        for student, lessons in CLASS.items()
        for lesson in lessons
        for exercise in of_lesson(lesson)
    }
    for table in ("right", "mistakes", "unnamed"):
        assert set(_words(table)) - said == set(), "nobody in the class wrote this"


def test_a_word_stands_for_one_answer():
    for answers in ANSWERS.values():
        words = ["right", "-", *answers.right, *answers.mistakes, *answers.unnamed]
        assert len(words) == len(set(words))


def test_a_row_names_exercises_of_its_lesson():
    for lessons in CLASS.values():
        for lesson, hand_in in lessons.items():
            ids = {exercise.id for exercise in of_lesson(lesson)}
            assert hand_in.answers.keys() | hand_in.own_cells.keys() <= ids


def test_all_files_but_the_truncated_one_can_be_read(written):
    folder, _ = written
    for path in sorted(folder.rglob("*.ipynb")):
        student, lesson = path.parts[-3:-1]
        hand_in = CLASS[student][lesson]
        if hand_in.file == "truncated":
            with pytest.raises(Unreadable):
                assemble(path.read_bytes(), lesson)
            continue
        sources = [cell.source for cell in assemble(path.read_bytes(), lesson)]
        for exercise in of_lesson(lesson):
            word = _word(student, lesson, exercise.id)
            assert demo.answer_source(exercise.id, word) in sources
        for own in hand_in.own_cells.values():
            assert own.strip("\n") in sources
        if hand_in.file != "old format":
            nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize(("exercise", "word"), _words("mistakes"))
def test_mistakes_are_named(exercise, word):
    verdict = _judged(exercise, word)
    assert verdict.kind == "wrong"
    assert verdict.diagnosis in EXERCISES[exercise].misconceptions


def test_some_mistakes_earn_a_part():
    credits = {_judged(exercise, word).credit for exercise, word in _words("mistakes")}
    assert credits == {0.0, 0.5}


@pytest.mark.parametrize(
    ("exercise", "word"), [e for e in _words("unnamed") if e[1] not in NOT_FOR_THIS_PROCESS]
)
def test_the_other_wrong_answers_are_named_by_no_sentence(exercise, word):
    verdict = _judged(exercise, word)
    assert verdict.kind in ("wrong", "error")
    assert verdict.diagnosis not in EXERCISES[exercise].misconceptions
