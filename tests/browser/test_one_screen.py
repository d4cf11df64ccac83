"""On a laptop's screen: every explorer fits, and a link shows all that it is about."""

import pytest
from accessibility import look
from explorer import Explorer

from lrlab.explore import bowl, plateau

SCREEN = {"width": 1280, "height": 720}
HIGHEST = 600  # So much of that screen JupyterLab leaves to a notebook.
BUG = "made anew each epoch"
EXPLORERS = {
    "opening": "explore_bowl(curvature=1)",
    "bowl": "explore_bowl()",
    "constant": "explore_constant()",
    "steplr": "explore_steplr()",
    "bugs": f'explore_steplr(bug="{BUG}")',
    "plateau": "explore_plateau()",
    "plateau_mnist": "explore_plateau_mnist()",
    "shapes": "explore_shapes()",
}
LINK = "metric=flat&patience=1&cooldown=3&factor=0.5&call=20"
CELLS = (
    'import sys\nsys.path.insert(0, "..")\n'
    "from IPython.display import Markdown\nfrom lrlab import *",
    *EXPLORERS.values(),
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

    def find(name):
        kind = EXPLORERS[name].removeprefix("explore_").partition("(")[0].replace("_", "-")
        return Explorer(lab, lab.cell(1 + list(EXPLORERS).index(name)), kind)

    yield find
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


def test_a_bug_stands_before_the_schedule_as_it_was_meant(find):
    explorer = find("bugs")
    meant = [0.2 * 0.1 ** (epoch // 3) for epoch in range(9)]
    for bug, drops in (("before the batches", lambda e: (e + 1) // 3), (BUG, lambda e: 0)):
        explorer.root.get_by_label("scheduler stepped with a bug").select_option(bug)
        explorer.wait("lr", "closed form", [0.2 * 0.1 ** drops(epoch) for epoch in range(9)])
        explorer.wait("lr", "meant", meant)
    look(explorer.lab, "bug-and-as-it-was-meant", explorer.root)
    assert explorer.root.bounding_box()["height"] <= HIGHEST


def test_the_bowl_plays_when_it_is_seen_pauses_and_steps(find):
    explorer = find("opening")
    path = bowl.torch_path(0.3, 1)
    play, step = explorer.root.locator(".lrlab-play"), explorer.button("Step")
    explorer.lab.run(1)  # It is made anew, as others have seen it already.
    explorer.button("Pause").click()
    shown = len(explorer.values("theta", "closed form"))
    assert shown < len(path)
    step.click()
    explorer.wait("theta", "torch", path[: shown + 1])
    play.click()
    look(explorer.lab, "bowl-playing", explorer.root)
    explorer.wait("theta", "torch", path)
    assert play.inner_text() == "▶ Play"
    for count in (2, 3):  # Behind the last step the walk begins again.
        step.click()
        explorer.wait("theta", "torch", path[:count])


@pytest.mark.parametrize("name", ["opening", "bowl"])
def test_the_start_and_the_rate_are_dragged_along_the_bowl(find, name):
    explorer = find(name)
    explorer.button("Reset").click()
    explorer.lab.page.wait_for_function(
        "play => play.textContent !== 'Pause'",
        arg=explorer.root.locator(".lrlab-play").element_handle(),
    )
    drag(explorer, 2.0, -1.5)
    explorer.wait("theta", "torch", bowl.torch_path(0.3, 1, -1.5))
    assert explorer.value("theta0") == -1.5
    for theta in (0.75, 1.5, -0.6):  # 0.75 is as far on the other side: lr 1.5.
        drag(explorer, -1.5 * (1 - explorer.value("lr")), theta)
        lr = explorer.value("lr")
        assert -1.5 * (1 - lr) == pytest.approx(theta, abs=0.03)
        explorer.wait("theta", "torch", bowl.torch_path(lr, 1, -1.5))
    drag(explorer, -1.5, 3.0)  # It stops where the slider does.
    assert explorer.value("theta0") == bowl.START
    look(explorer.lab, f"{name}-dragged", explorer.root)
    explorer.button("Reset").click()
    explorer.wait("theta", "torch", bowl.torch_path(0.3, 1))


# It counts the nodes that come and go in an explorer, text nodes among them.
COUNT_NODES = """explorer => {
  window.lrlabNodes = 0;
  new MutationObserver(records => {
    for (const { addedNodes, removedNodes } of records)
      window.lrlabNodes += addedNodes.length + removedNodes.length;
  }).observe(explorer, { childList: true, subtree: true });
}"""


@pytest.mark.parametrize(
    ("name", "slider"),
    [("opening", "theta0"), ("bowl", "curvature"), ("steplr", "gamma"), ("plateau", "call")],
)
def test_no_node_comes_or_goes_while_a_slider_moves(find, name, slider):
    """Each would cost time: JupyterLab's style sheets have :has(), for which much is looked at."""
    explorer = find(name)
    explorer.button("Reset").click()
    words = explorer.words
    explorer.root.evaluate(COUNT_NODES)
    explorer.press(slider, "ArrowLeft" if slider == "theta0" else "ArrowRight")
    assert explorer.words != words
    assert explorer.lab.page.evaluate("lrlabNodes") == 0


def drag(explorer: Explorer, start: float, end: float) -> None:
    """Drag in the bowl from one θ to another."""
    svg = explorer.svg("bowl")
    svg.scroll_into_view_if_needed()
    area = svg.locator(".lrlab-area").bounding_box()
    x, x_end = (area["x"] + area["width"] * (theta + 3) / 6 for theta in (start, end))
    y = area["y"] + area["height"] / 2
    mouse = explorer.lab.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x_end, y, steps=5)
    mouse.up()


def test_plateau_live_on_mnist(find):
    explorer = find("plateau_mnist")
    explorer.button("Train live").click()
    explorer.root.locator(".lrlab-message").filter(has_text="It took").wait_for()
    used = explorer.values("mnist lr", "live 1")
    assert len(used) == plateau.EPOCHS
    assert used[0] == plateau.LR
    assert used[-1] < plateau.LR  # With patience 0 the first worse epoch is enough.
    explorer.lab.screenshots("plateau-live", explorer.root)
