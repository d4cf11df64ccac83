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


@pytest.fixture(scope="module")
def hour(browser, server):
    """The lesson on a page of its own, of which only the first code cell was run."""
    shutil.copy(paths.released("shapes"), server.root / "shapes" / "hour.ipynb")
    lab = Lab(browser, server).open("shapes/hour.ipynb")
    lab.run(SETUP)
    yield lab
    lab.page.close()


@pytest.mark.parametrize("exercise", [each.id for each in of_lesson("shapes")])
def test_each_exercise_is_failed_in_two_ways_and_solved(hour, exercise):
    def text_after(word: str) -> str:
        hour.source(exercise + ANSWER_SUFFIX, answer_source(exercise, word))
        hour.run(exercise + ANSWER_SUFFIX)
        return hour.run(exercise).locator(CARD).inner_text().replace("`", "")

    mistakes = list(ANSWERS[exercise].mistakes)[:2]
    assert len(mistakes) == 2
    known = [sentence.replace("`", "") for sentence in EXERCISES[exercise].misconceptions]
    for word in mistakes:
        text = text_after(word)
        assert any(sentence in text for sentence in known), (word, text)
    assert f"Right ({EXERCISES[exercise].points} point" in text_after("right")
