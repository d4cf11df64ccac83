"""The example class: the same each time, large enough, and every mistake in it is named."""

import math
import warnings
from functools import cache

import nbformat
import numpy
import pytest
import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR

from grader.demo import students as demo_class
from grader.demo import write as demo
from grader.demo.answers import MISTAKES, RIGHT, UNNAMED
from grader.errors import Unreadable
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.submission.assemble import assemble
from lrlab.checking.observe import observe

TABLES = {"right": RIGHT, "mistake": MISTAKES, "unnamed": UNNAMED}
FRESH_DRAWS = 20
NOT_FOR_THIS_PROCESS = {"open-bracket", "endless"}


def _words(table):
    return [(exercise, word) for exercise, words in table.items() for word in words]


@cache
def _judged(exercise: str, word: str):
    """The verdict on an answer whose lesson is solved but for this one exercise."""
    names = {
        "math": math,
        "np": numpy,
        "torch": torch,
        "StepLR": StepLR,
        "ReduceLROnPlateau": ReduceLROnPlateau,
    }
    judge = EXERCISES[exercise]
    for other in of_lesson(judge.lesson):
        exec(demo.answer_source(other.id, "right"), names)
    exec(demo.answer_source(exercise, word), names)
    answer = (names["save"], names["resume"]) if exercise == "resume" else names[exercise]
    cases = [*judge.visible_cases, *judge.draws("demo", FRESH_DRAWS)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning costs a learner nothing
        observed = [observe(exercise, answer, case) for case in cases]
    return judge.judge(cases, observed)


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
        (exercise.id, word)
        for lessons in demo_class.CLASS.values()
        for lesson, words in lessons.items()
        for exercise, word in zip(of_lesson(lesson), words.split(), strict=True)
    }
    for table in TABLES.values():
        assert set(_words(table)) - said == set(), "nobody in the class wrote this"


def test_all_files_but_the_truncated_one_can_be_read(written):
    folder, _ = written
    for path in sorted(folder.rglob("*.ipynb")):
        student, lesson = path.parts[-3:-1]
        odd = demo_class.UNUSUAL_FILES.get((student, lesson))
        if odd == "truncated":
            with pytest.raises(Unreadable):
                assemble(path.read_bytes(), lesson)
            continue
        sources = [cell.source for cell in assemble(path.read_bytes(), lesson)]
        words = demo_class.CLASS[student][lesson].split()
        for exercise, word in zip(of_lesson(lesson), words, strict=True):
            assert demo.answer_source(exercise.id, word) in sources
        if own := demo_class.OWN_CELLS.get((student, lesson)):
            assert own[1].strip("\n") in sources
        if odd != "old format":
            nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize(("exercise", "word"), _words(RIGHT))
def test_right_answers_are_right(exercise, word):
    assert _judged(exercise, word).kind == "right"


@pytest.mark.parametrize(("exercise", "word"), _words(MISTAKES))
def test_mistakes_are_named(exercise, word):
    verdict = _judged(exercise, word)
    assert verdict.kind == "wrong"
    assert verdict.diagnosis in EXERCISES[exercise].misconceptions


def test_some_mistakes_earn_a_part():
    credits = {_judged(exercise, word).credit for exercise, word in _words(MISTAKES)}
    assert credits == {0.0, 0.5}


@pytest.mark.parametrize(
    ("exercise", "word"), [each for each in _words(UNNAMED) if each[1] not in NOT_FOR_THIS_PROCESS]
)
def test_the_other_wrong_answers_are_named_by_no_sentence(exercise, word):
    verdict = _judged(exercise, word)
    assert verdict.kind in ("wrong", "error")
    assert verdict.diagnosis not in EXERCISES[exercise].misconceptions
