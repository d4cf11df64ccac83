"""axe-core over parts of a page, and pictures of them, in the light and in the dark theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from lab import Lab
from playwright.sync_api import Locator

SERIOUS = ("serious", "critical")
# What is ours in a notebook. JupyterLab's editors, menus and toolbars are JupyterLab's to mend.
OURS = (".jp-MarkdownOutput", ".jp-OutputArea-output")
RULES = {"light": (), "dark": ("color-contrast",)}  # The others do not depend on the theme.
MARK = """([shown, ours]) => {
  const parts = [...shown.querySelectorAll(ours)];
  for (const part of parts.length ? parts : [shown]) part.dataset.lookedAt = "";
}"""
MARKED = "[data-looked-at]"
UNMARK = f"""() => {{
  for (const part of document.querySelectorAll("{MARKED}")) delete part.dataset.lookedAt;
}}"""


def serious_violations(lab: Lab, include: Sequence[str], rules: Sequence[str] = ()) -> list[str]:
    """Each serious or critical violation in words, with the elements that show it.

    Args:
        include: selectors of the parts that are looked at.
        rules: axe's names of those that are tried; all, if none is given.
    """
    options = {"runOnly": list(rules)} if rules else {}
    context = {"include": [[selector] for selector in include]}
    found: list[dict[str, Any]] = Axe().run(lab.page, context, options).response["violations"]
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


def look(lab: Lab, name: str, shown: Locator) -> None:
    """Keep pictures of an element as `Lab.screenshots` does, and assert that axe finds nothing.

    Of an element with outputs and rendered markdown in it, axe looks at these alone.
    """
    found: list[str] = []
    lab.page.evaluate(MARK, [shown.element_handle(), ", ".join(OURS)])
    for theme, suffix in (("light", ""), ("dark", "-dark")):
        with lab.themed(theme):
            found += serious_violations(lab, [MARKED], RULES[theme])
            lab.screenshot(f"{name}{suffix}", shown)
    lab.page.evaluate(UNMARK)
    assert found == [], "\n" + "\n".join(found)
