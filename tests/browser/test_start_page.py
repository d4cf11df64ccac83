"""The start page, the first thing that a learner sees, and progress over a kernel's restart."""

from accessibility import look
from lab import Lab

from lrlab.checking import kept

SETUP = 1  # The first code cell imports `check`.
GOOD = """def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)"""

IS_OPEN = """path => jupyterapp.shell.currentWidget.context.path === path
  && jupyterapp.shell.currentWidget.content.widgets.length > 0"""
# Whether a cell of the open notebook is on the screen.
IS_SHOWN = """grade_id => {
  const idOf = cell => cell.model.getMetadata("nbgrader")?.grade_id;
  const cell = jupyterapp.shell.currentWidget.content.widgets.find(c => idOf(c) === grade_id);
  if (!cell) return false;
  const {top, bottom} = cell.node.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight && bottom > top;
}"""


def test_it_shows_how_far_one_is_and_leads_on(browser, server, lesson_page):
    lesson_page.give_up("steplr")
    lesson = Lab(browser, server).open("steplr/steplr.ipynb")
    lesson.run(SETUP)
    (server.root / kept.FILE).unlink(missing_ok=True)  # other tests' progress
    lesson.source("step_lr-answer", GOOD)
    lesson.run("step_lr-answer")
    lesson.run("step_lr").get_by_text("Right (2 points)").wait_for()
    lesson.restart_kernel()
    lesson.page.close()
    lab = Lab(browser, server).open("start.ipynb")
    assert lab.run_all() == []
    output = lab.cell(1).locator(".jp-OutputArea-output")
    output.get_by_text("1 of 9 right · 2 of 20 points").wait_for()
    look(lab, "start-page", lab.page.locator(".jp-Notebook"))
    onward = output.get_by_role("link", name="continue at step_lr_trace")
    onward.click()
    lab.page.wait_for_function(IS_OPEN, arg="steplr/steplr.ipynb")
    # JupyterLab finds a cell only in a notebook that is open already.
    lab.page.get_by_role("tab", name="start.ipynb").click()
    onward.click()
    lab.page.wait_for_function(IS_SHOWN, arg="step_lr_trace-answer")
    lab.page.close()
