"""What a card says of an answer whose cell no longer stands for it, and its button."""

import pytest

GOOD = """def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)"""
EARLY = GOOD.replace("epoch //", "(epoch + 1) //")
CARD = "[role=status].lrlab-card"


@pytest.fixture
def answered(lesson_page):
    """Lesson steplr, in which step_lr's answer is right and was checked."""
    lab = lesson_page("steplr")
    assert "Right" in _checked(lab, GOOD).inner_text()
    return lab


def _checked(lab, source=None):
    if source is not None:
        lab.source("step_lr-answer", source)
        lab.run("step_lr-answer")
    card = lab.run("step_lr").locator(CARD)
    card.wait_for()
    card.scroll_into_view_if_needed()
    return card


def _words(card) -> str:
    """What is seen of a card, what its style sheet writes included."""
    return card.evaluate(
        "card => getComputedStyle(card, '::before').content + ' ' + card.innerText"
    )


def test_a_cell_that_is_edited_and_not_run_takes_the_verdict_away(answered):
    card = answered.cell("step_lr").locator(CARD)
    for source in (GOOD + "  # edited", EARLY, GOOD[:-1]):
        answered.source("step_lr-answer", source)
        answered.page.wait_for_function(
            "card => !card.innerText.includes('✓')", arg=card.element_handle()
        )
        assert "Changed, not run" in _words(card)
        assert "Right" not in _words(card)
        checked = _checked(answered)  # Checked again without running it: still not a word of right.
        assert "Changed, not run" in _words(checked)
        assert "✓" not in _words(checked)
        card = checked
    answered.screenshots("answer-edited", card)
    assert "Right (2 points)" in _words(_checked(answered, GOOD))


def test_a_cell_that_stopped_is_named_and_its_old_version_not_judged(answered):
    card = _checked(answered, GOOD[:-1])
    assert "Your cell stopped with a SyntaxError in line 2" in card.inner_text()
    assert "✓ Right" not in card.inner_text()
    answered.screenshots("answer-stopped", card)
    card = _checked(answered, GOOD.replace("step_lr", "stepLr"))
    assert "no longer defines step_lr, but stepLr" in card.inner_text()
    answered.screenshots("answer-renamed", card)


def test_the_button_runs_the_answer_and_checks_it(answered):
    for source, said in ((EARLY, "You drop one epoch early"), (GOOD, "Right (2 points)")):
        answered.source("step_lr-answer", source)
        button = answered.cell("step_lr").get_by_role("button", name="Run answer and check")
        button.focus()
        answered.page.keyboard.press("Enter")
        answered.cell("step_lr").locator(CARD).get_by_text(said).wait_for()
        assert "Changed" not in _words(answered.cell("step_lr").locator(CARD))


def test_after_a_restart_the_first_cell_is_asked_for(lesson_page):
    lab = lesson_page("steplr")
    lab.restart_kernel()
    output = lab.run("step_lr").locator(".jp-OutputArea-output")
    output.get_by_text("`check` comes from the first code cell of this lesson").wait_for()
    lab.screenshots("after-a-restart", lab.cell("step_lr"))
    lesson_page.give_up("steplr")
