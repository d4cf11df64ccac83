"""A notebook that is opened again on a new kernel: figures and a sentence, where charts were."""

import pytest

CELLS = (
    'import sys\nsys.path.insert(0, "..")\n'
    "from lrlab import explore_bowl, explore_plateau, explore_shapes, explore_steplr",
    "explore_bowl()",
    "explore_steplr()",
    "explore_plateau()",
    "explore_shapes()",
)
EXPLORERS = len(CELLS) - 1


@pytest.fixture(scope="module")
def reopened(lab):
    """The notebook after Run All, saved, its kernel shut down."""
    lab.write("steplr/reopened.ipynb", *CELLS)
    lab.open("steplr/reopened.ipynb")
    assert lab.run_all() == []
    lab.page.locator(".lrlab-explorer").nth(EXPLORERS - 1).wait_for()
    assert lab.page.locator(".lrlab-still:visible").count() == 0
    lab.save()
    lab.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    yield lab
    lab.console.clear()


@pytest.mark.parametrize("frontend", ["/lab/tree/", "/notebooks/"])
def test_figures_and_a_sentence_stand_in_for_the_charts(reopened, frontend):
    page = reopened.page
    page.goto(reopened.server.tree(reopened.opened).replace("/lab/tree/", frontend))
    page.locator(".lrlab-still").nth(EXPLORERS - 1).wait_for()
    # Until ipywidgets has given up, nothing has gone wrong.
    lost = page.get_by_text("Error displaying widget")
    lost.nth(EXPLORERS - 1).wait_for(state="attached")
    assert page.locator(".lrlab-still:visible").count() == EXPLORERS
    assert page.locator(".lrlab-still img:visible").count() == EXPLORERS
    assert [each for each in lost.all() if each.is_visible()] == []
    said = page.locator(".lrlab-still figcaption").all_inner_texts()
    assert all("run the first code cell in JupyterLab, then this one" in each for each in said)
    reopened.screenshot(f"reopened-{frontend.strip('/').replace('/', '-')}")


def test_run_again_the_charts_are_back(reopened):
    reopened.open(reopened.opened)
    assert reopened.run_all() == []
    reopened.page.locator(".lrlab-explorer").nth(EXPLORERS - 1).wait_for()
    assert reopened.page.locator(".lrlab-still:visible").count() == 0
