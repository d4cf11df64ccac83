"""Each lesson as a learner meets it: JupyterLab, Run All, a wrong answer, a right one."""

import pytest
from accessibility import look

from grader.exercises import LESSONS, of_lesson

CARD = ".jp-OutputArea-output .lrlab-card[role=status]"
SEEN = ".jp-OutputArea-output:has(img, svg, .widget-slider, [role=status])"


@pytest.mark.parametrize("lesson", LESSONS)
def test_run_all_goes_through_the_untouched_lesson(lesson_page, lesson):
    lab = lesson_page(lesson)
    assert lab.errors == []
    assert lab.console == []
    texts = lab.page.locator(CARD).all_inner_texts()
    assert len(texts) == len(of_lesson(lesson))
    assert all("Not answered yet" in text for text in texts)


@pytest.mark.long  # For people to look at: what must be true of them is asserted elsewhere.
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_pictures_of_the_outputs_are_kept(lesson_page, lesson, theme):
    lab = lesson_page(lesson)
    with lab.themed(theme):
        # An explorer's still figure gives way to the explorer.
        shown = [output for output in lab.page.locator(SEEN).all() if output.is_visible()]
        for number, output in enumerate(shown):
            lab.screenshot(f"{lesson}-{number}-{theme}", output)
    assert shown


def test_a_wrong_answer_is_named_helped_on_and_a_right_one_accepted(lesson_page):
    lab = lesson_page("steplr")

    def answer(body: str):
        lab.source("step_lr-answer", f"def step_lr(lr0, step_size, gamma, epoch):\n    {body}")
        lab.run("step_lr-answer")
        card = lab.run("step_lr").locator(CARD)
        card.scroll_into_view_if_needed()
        return card

    card = answer("return lr0 * gamma ** ((epoch + 1) // step_size)")
    card.get_by_text("Not yet right").wait_for()
    card.get_by_text("You drop one epoch early").wait_for()
    for help in ("Hint 1", "Hint 2", "A worked sibling"):
        assert help not in card.inner_text()
        card = lab.run("step_lr").locator(CARD)
        card.get_by_text(help).wait_for()
    look(lab, "answer-wrong-often", card)
    card = answer("return lr0 * gamma ** (epoch // step_size)")
    card.get_by_text("Right (2 points)").wait_for()
    lab.screenshots("answer-right", card)
