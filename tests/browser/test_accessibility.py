"""axe-core over each lesson after Run All, in the light and in the dark theme.

Looked at is what is ours: the rendered markdown of the notebook and the outputs of its cells, with
the explorers in them. JupyterLab's own menus, toolbars and editors are not: they are the same for
every notebook, and theirs to mend. What Run All does not show, such as hints, has axe look at it
where a test of this folder brings it about, with `accessibility.look`.
"""

import pytest
from accessibility import OURS, RULES, serious_violations

from grader.exercises import LESSONS

SHOWN = [f".jp-NotebookPanel:not(.lm-mod-hidden) {each}" for each in OURS]
OUTPUT = SHOWN[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_no_serious_violation(lesson_page, lesson, theme):
    lab = lesson_page(lesson)
    assert lab.errors == []
    assert lab.page.locator(OUTPUT).count() > 0
    with lab.themed(theme):
        found = serious_violations(lab, SHOWN, RULES[theme])
    assert found == [], "\n" + "\n".join(found)


def test_a_violation_in_an_output_would_be_found(lesson_page):
    lab = lesson_page("steplr")
    lab.page.evaluate(
        """selector => document.querySelector(selector)
             .insertAdjacentHTML("beforeend", "<button id='nameless'></button>")""",
        OUTPUT,
    )
    found = serious_violations(lab, SHOWN)
    lab.page.evaluate("document.getElementById('nameless').remove()")
    assert len(found) == 1
    assert "button-name" in found[0]
