"""axe-core over each lesson after Run All, in the light and in the dark theme.

Looked at is what is ours: the rendered markdown of the notebook and the outputs of its cells, with
the explorers in them. JupyterLab's own menus, toolbars and editors are not: they are the same for
every notebook, and theirs to mend.
"""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lab import Lab

from grader.exercises import LESSONS

NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
OURS = {
    "include": [
        [f"{NOTEBOOK} .jp-MarkdownOutput"],
        [f"{NOTEBOOK} .jp-OutputArea-output"],
    ]
}
SERIOUS = ("serious", "critical")


def serious_violations(lab: Lab) -> list[str]:
    """Each serious or critical violation in words, with the elements that show it."""
    found: list[dict[str, Any]] = Axe().run(lab.page, context=OURS).response["violations"]
    return [
        f"{each['impact']}: {each['id']}: {each['help']}"
        + "".join(
            f"\n    {node['html'][:200]}\n      {' '.join(node['failureSummary'].split())[:300]}"
            for node in each["nodes"][:5]
        )
        + (f"\n    and {len(each['nodes']) - 5} more" if len(each["nodes"]) > 5 else "")
        for each in found
        if each["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_no_serious_violation(lesson_page, lesson, theme):
    lab = lesson_page(lesson)
    assert lab.errors == []
    assert lab.page.locator(OURS["include"][1][0]).count() > 0
    with lab.themed(theme):
        found = serious_violations(lab)
    assert found == [], "\n" + "\n".join(found)


def test_a_violation_in_an_output_would_be_found(lesson_page):
    lab = lesson_page("steplr")
    lab.page.evaluate(
        """selector => document.querySelector(selector)
             .insertAdjacentHTML("beforeend", "<button id='nameless'></button>")""",
        OURS["include"][1][0],
    )
    found = serious_violations(lab)
    lab.page.evaluate("document.getElementById('nameless').remove()")
    assert len(found) == 1
    assert "button-name" in found[0]
