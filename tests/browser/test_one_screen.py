"""On a laptop's screen: every explorer fits, and a link shows all that it is about."""

import pytest
from explorer import Explorer

from lrlab.explore import bowl, plateau

SCREEN = {"width": 1280, "height": 720}
HIGHEST = 600  # So much of that screen JupyterLab leaves to a notebook.
EXPLORERS = ("bowl", "constant", "steplr", "plateau", "plateau_mnist", "shapes")
LINK = "metric=flat&patience=1&cooldown=3&factor=0.5&call=20"
CELLS = (
    'import sys\nsys.path.append("..")\nfrom IPython.display import Markdown\nfrom lrlab import *',
    *(f"explore_{name}()" for name in EXPLORERS),
    f'Markdown("[with a cooldown](#{LINK}) [one cycle](#scheduler=OneCycleLR&max_lr=0.2)")',
)


@pytest.fixture(scope="module")
def find(lab):
    """An explorer of a notebook that has them all."""
    before = lab.page.viewport_size
    lab.page.set_viewport_size(SCREEN)
    lab.write("steplr/screen.ipynb", *CELLS)
    lab.open("steplr/screen.ipynb")
    assert lab.run_all() == []
    yield lambda name: Explorer(lab, lab.cell(1 + EXPLORERS.index(name)), name.replace("_", "-"))
    lab.page.set_viewport_size(before)


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_fits(find, name):
    explorer = find(name)
    assert explorer.root.bounding_box()["height"] <= HIGHEST
    explorer.lab.screenshots(f"one-screen-{name}", explorer.root)


def test_the_scheduler_with_the_most_settings_fits(find):
    explorer = find("shapes")
    explorer.button("one cycle").click()
    explorer.svg("momentum").wait_for()
    assert explorer.root.bounding_box()["height"] <= HIGHEST
    explorer.lab.screenshots("one-screen-one-cycle", explorer.root)
    explorer.button("Reset").click()


def in_view(explorer: Explorer) -> bool:
    box = explorer.root.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= SCREEN["height"]


def test_a_link_sets_everything_shows_it_whole_and_leads_back(find):
    explorer = find("plateau")
    page = explorer.lab.page
    explorer.button("threshold too large").click()  # The link must undo what it does not name.
    link = page.get_by_role("link", name="with a cooldown", exact=True)
    link.click()
    config = {"patience": 1, "factor": 0.5, "threshold": 1e-4, "cooldown": 3}
    explorer.wait("lr", "torch", plateau.torch_lrs(plateau.preset_metrics()["flat"], **config))
    page.wait_for_timeout(1000)  # It scrolls smoothly.
    assert in_view(explorer)
    explorer.root.get_by_role("button", name="back to where you were").click()
    page.wait_for_timeout(1000)
    assert 0 <= link.bounding_box()["y"] <= SCREEN["height"]
    assert explorer.root.locator(".lrlab-back").count() == 0


def test_a_link_to_a_scheduler_brings_its_own_settings(find):
    explorer = find("shapes")
    explorer.lab.page.get_by_role("link", name="one cycle", exact=True).click()
    explorer.svg("momentum").wait_for()
    assert explorer.value("max_lr") == 0.2
    assert explorer.value("total_steps") == 9
    assert "OneCycleLR(optimizer, max_lr=0.2, total_steps=9" in explorer.root.inner_text()


def test_the_bowl_plays_and_steps(find):
    explorer = find("bowl")
    path = bowl.torch_path(0.1, 1)
    explorer.button("Step").click()
    explorer.wait("theta", "torch", path[:2])
    explorer.button("Step").click()
    explorer.wait("theta", "torch", path[:3])
    explorer.button("▶ Play").click()
    explorer.wait("theta", "torch", path)
    explorer.button("swing").click()
    explorer.wait("theta", "torch", bowl.torch_path(1.5, 1))


def test_plateau_live_on_mnist(find):
    explorer = find("plateau_mnist")
    explorer.button("Train live").click()
    explorer.root.locator(".lrlab-message").filter(has_text="It took").wait_for()
    used = explorer.values("mnist lr", "live 1")
    assert len(used) == plateau.EPOCHS
    assert used[0] == plateau.LR
    assert used[-1] < plateau.LR  # With patience 0 the first worse epoch is enough.
    explorer.lab.screenshots("plateau-live", explorer.root)
