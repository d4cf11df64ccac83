"""Each lesson as a learner meets it: JupyterLab, Run All, sliders, a wrong answer, a right one."""

import pytest

from grader.exercises import LESSONS, of_lesson


@pytest.mark.parametrize("lesson", LESSONS)
def test_run_all_goes_through_the_untouched_lesson(lab, lesson):
    lab.open(f"{lesson}/{lesson}.ipynb")
    assert lab.run_all() == []
    cards = lab.page.locator(".jp-OutputArea [role=status]")
    texts = cards.all_inner_texts()
    assert len(texts) == len(of_lesson(lesson))
    assert all("Not answered yet" in text for text in texts)
    for number, panel in enumerate(lab.page.locator(".jp-OutputArea:visible").all()):
        if panel.locator("img, .widget-slider").count():
            panel.scroll_into_view_if_needed()
            lab.screenshot(f"{lesson}-output-{number}", panel)


@pytest.fixture(scope="module")
def steplr(lab):
    """The StepLR lesson, opened, every cell run."""
    lab.open("steplr/steplr.ipynb")
    assert lab.run_all() == []
    return lab


@pytest.mark.parametrize("name", ["step_size", "gamma"])
def test_a_slider_follows_the_keyboard(steplr, name):
    lab = steplr
    row = lab.page.locator(".widget-slider", has_text=name).first
    row.scroll_into_view_if_needed()
    handle = row.locator("[role=slider]")
    before = float(handle.get_attribute("aria-valuenow"))
    handle.focus()
    handle.press("ArrowRight")
    lab.page.wait_for_function(
        "([element, before]) => Number(element.getAttribute('aria-valuenow')) > before",
        arg=[handle.element_handle(), before],
    )
    after = float(handle.get_attribute("aria-valuenow"))
    # The text alternative below the figure is rewritten by the kernel, from the drawn values.
    shown = f"{after:g}"
    explorer = lab.page.locator(".jp-OutputArea:visible", has=row).first
    explorer.get_by_text(f"{name} = {shown}").or_(
        explorer.get_by_text(f"{name} {shown}")
    ).first.wait_for()
    lab.screenshot(f"slider-{name}", explorer)


def test_a_wrong_answer_is_named_and_a_right_one_accepted(steplr):
    lab = steplr

    def answer(body: str) -> str:
        lab.page.evaluate(
            """body => {
              const notebook = jupyterapp.shell.currentWidget.content;
              const idOf = cell => cell.getMetadata("nbgrader")?.grade_id;
              const index = [...notebook.model.cells].map(idOf).indexOf("step_lr-answer");
              notebook.model.cells.get(index).sharedModel.setSource(body);
              notebook.activeCellIndex = index;
            }""",
            body,
        )
        for _ in range(2):
            lab.page.evaluate("jupyterapp.commands.execute('notebook:run-cell-and-select-next')")
        card = lab.page.locator(".jp-OutputArea [role=status]", has_text="step_lr").first
        card.scroll_into_view_if_needed()
        return card

    signature = "def step_lr(lr0, step_size, gamma, epoch):\n    "
    card = answer(signature + "return lr0 * gamma ** ((epoch + 1) // step_size)")
    card.get_by_text("Not yet right").wait_for()
    lab.screenshot("answer-wrong", card)
    card = answer(signature + "return lr0 * gamma ** (epoch // step_size)")
    card.get_by_text("Right (2 points)").wait_for()
    lab.screenshot("answer-right", card)
