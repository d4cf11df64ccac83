"""A page that is too busy to load a widget's code in time still hears what the kernel says.

anywidget gives its code two seconds. When they are over it drops every message to the widget, for
as long as the page lives.
"""

import pytest
from lab import Lab
from steplr_chart import CALL, StepLR, assert_follows, closed_form

ANYWIDGETS_MS = 2_000
GIVES_UP_AT_ONCE = f"""const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (ms) => timeout(ms === {ANYWIDGETS_MS} ? 0 : ms);"""
LATE = """const url = URL.createObjectURL.bind(URL);
URL.createObjectURL = (...given) => { const until = Date.now() + 50;
  while (Date.now() < until); return url(...given); };"""
SETUP = 'import sys\n\nsys.path.insert(0, "..")\nfrom lrlab import check, explore_steplr'
ANSWER = (
    "def step_lr(lr0, step_size, gamma, epoch):\n    return lr0 * gamma ** (epoch // step_size)"
)
CELLS = (SETUP, CALL, ANSWER, 'check("step_lr", step_lr)')


@pytest.fixture(scope="module")
def late(browser, server):
    """A notebook, all of it run, on a page where anywidget has given up every widget."""
    lab = Lab(browser, server)
    lab.page.add_init_script(GIVES_UP_AT_ONCE + LATE)
    lab.write("steplr/late.ipynb", *CELLS)
    lab.open("steplr/late.ipynb")
    assert lab.run_all() == []
    yield lab
    lab.page.close()


def test_a_live_run_is_drawn_and_torch_answers(late):
    explorer = StepLR(late, late.cell(1))
    explorer.press("step_size", "ArrowRight")
    explorer.wait("lr", "torch", closed_form(assert_follows(explorer)))
    explorer.train()
    explorer.wait_for_epochs("live 1", 1)
    explorer.stop()
    assert late.console == []


def test_a_card_knows_that_its_answer_was_changed(late):
    late.source(2, ANSWER.replace("//", "///"))
    late.page.wait_for_function(
        """words => [...document.querySelectorAll(".lrlab-card")].some(card =>
             getComputedStyle(card, "::before").content.includes(words))""",
        arg="Changed since this check",
    )
