"""A learner's hour with a lesson: each exercise failed in two ways, then solved, in JupyterLab."""

import shutil

import pytest
from lab import Lab

from grader import paths
from grader.demo.answers import ANSWERS
from grader.demo.write import answer_source
from grader.exercises import EXERCISES, of_lesson
from grader.notebook import ANSWER_SUFFIX

CARD = ".lrlab-card[role=status]"
SETUP = 1  # The first code cell imports what the answers use.


LESSONS = ("shapes", "detective")
EXERCISES_OF = [(lesson, each.id) for lesson in LESSONS for each in of_lesson(lesson)]


@pytest.fixture(scope="module")
def hour(browser, server):
    """A lesson on a page of its own: `hour(lesson)`. Only imports and answers were run.

    All answers are right, because one may call another.
    """
    pages: dict[str, Lab] = {}

    def page(lesson: str) -> Lab:
        if lesson not in pages:
            shutil.copy(paths.released(lesson), server.root / lesson / "hour.ipynb")
            pages[lesson] = Lab(browser, server).open(f"{lesson}/hour.ipynb")
            pages[lesson].run(SETUP)
            for exercise in of_lesson(lesson):
                _answer(pages[lesson], exercise.id, "right")
        return pages[lesson]

    yield page
    for lab in pages.values():
        lab.page.close()


def _answer(lab: Lab, exercise: str, word: str) -> None:
    lab.source(exercise + ANSWER_SUFFIX, answer_source(exercise, word))
    lab.run(exercise + ANSWER_SUFFIX)


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES_OF)
def test_each_exercise_is_failed_in_two_ways_and_solved(hour, lesson, exercise):
    lab = hour(lesson)

    def text_after(word: str) -> str:
        _answer(lab, exercise, word)
        return lab.run(exercise).locator(CARD).inner_text().replace("`", "")

    mistakes = list(ANSWERS[exercise].mistakes)[:2]
    assert len(mistakes) == 2
    known = [sentence.replace("`", "") for sentence in EXERCISES[exercise].misconceptions]
    for word in mistakes:
        text = text_after(word)
        assert any(sentence in text for sentence in known), (word, text)
    assert f"Right ({EXERCISES[exercise].points} point" in text_after("right")
