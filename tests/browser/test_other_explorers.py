"""The explorers of lessons 1 and 3: every slider by key and by mouse, values read from the page."""

import pytest
from explorer import Explorer

from lrlab.explore import bowl, constant, plateau

CONFIG = ("patience", "factor", "threshold", "cooldown")
SHARES = (0.8, 0.35)  # The mouse drags a handle to these shares of its track.
METRIC = "improves, then flat"


@pytest.fixture
def find(lesson_page):
    """An explorer of an untouched lesson, as it is after Reset."""

    def explorer(lesson: str, name: str, arguments: str = "") -> Explorer:
        lab = lesson_page(lesson)
        cell = lab.cell(lab.find(f"explore_{name}({arguments})"))
        found = Explorer(lab, cell, name)
        found.button("Reset").click()
        return found

    return explorer


def moves(explorer: Explorer, name: str):
    """A slider's values after keys, then after drags; each differs from the one before."""
    before = explorer.value(name)
    for act, how in (
        *(
            (explorer.press, key)
            for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "Home")
        ),
        *((explorer.drag, share) for share in SHARES),
    ):
        after = act(name, how)
        yield after
        if how == "Home" or isinstance(how, float):
            assert after != before
        before = after


@pytest.mark.parametrize("name", ["lr", "theta0"])
def test_the_bowl_before_any_code(find, name):
    explorer = find("constant-lr", "bowl", "curvature=1")
    for _ in moves(explorer, name):
        lr, theta0 = (explorer.value(each) for each in ("lr", "theta0"))
        explorer.wait("theta", "closed form", [theta0 * (1 - lr) ** t for t in range(21)])
        explorer.wait("theta", "torch", bowl.torch_path(lr, 1, theta0))
    assert "curvature" not in explorer.root.inner_text()


@pytest.mark.parametrize("name", ["lr", "theta0", "curvature"])
def test_bowl(find, name):
    explorer = find("constant-lr", "bowl")
    for _ in moves(explorer, name):
        lr, theta0, curvature = (explorer.value(each) for each in ("lr", "theta0", "curvature"))
        closed = [theta0 * (1 - lr * curvature) ** step for step in range(bowl.STEPS + 1)]
        explorer.wait("theta", "closed form", closed)
        explorer.wait("theta", "torch", bowl.torch_path(lr, curvature, theta0))
        [limit] = set(explorer.drawn("lr", "2/curvature")["x"])
        assert limit == pytest.approx(2 / curvature)
        region = "monotone" if lr <= 1 / curvature else "oscillating" if lr < limit else "diverging"
        assert f"curvature {curvature:.3g}: {region}" in explorer.words


def test_bowl_presets(find):
    explorer = find("constant-lr", "bowl")
    for preset, lr, what in (("in one step", 1, "stays there"), ("the very edge", 2, "for ever")):
        explorer.button(preset).click()
        explorer.wait("theta", "torch", bowl.torch_path(lr, 1))
        assert explorer.value("lr") == lr
        assert what in explorer.words
        explorer.lab.screenshots(f"bowl-{preset.replace(' ', '-')}", explorer.root)


def assert_shows_recorded(explorer: Explorer) -> bool:
    """The curve of this lr, if it was recorded, over as many epochs as the slider says."""
    lr, epochs = explorer.value("lr"), int(explorer.value("epochs"))
    means = {each["lr"]: each["val_accuracy"]["mean"] for each in constant.recorded_curves()}
    for other, mean in means.items():
        explorer.wait("mnist", "recorded" if other == lr else f"lr {other:g}", mean[:epochs])
    if lr not in means:
        assert "recorded" not in explorer.marks("mnist")
        assert f"lr {lr:.3g} is not recorded" in explorer.words
    return lr in means


@pytest.mark.parametrize("name", ["lr", "epochs"])
def test_constant(find, name):
    explorer = find("constant-lr", "constant")
    assert assert_shows_recorded(explorer)
    for _ in moves(explorer, name):
        assert_shows_recorded(explorer)


def test_no_two_panels_share_a_name(find):
    """A clip path is found by its id: the first with it on the page would cut all others."""
    page = find("constant-lr", "constant").lab.page
    ids = page.locator(".lrlab-chart clipPath").evaluate_all("all => all.map(each => each.id)")
    panels = page.locator(".lrlab-chart svg[data-panel]").count()
    assert len(ids) == len(set(ids)) == panels > 2


def test_constant_presets(find):
    explorer = find("constant-lr", "constant")
    for preset, known in (("0.3", True), ("0.05, not recorded", False)):
        explorer.button(preset).click()
        explorer.lab.page.wait_for_timeout(200)
        assert assert_shows_recorded(explorer) == known
        explorer.lab.screenshots(f"constant-{preset[:4]}", explorer.root)


def assert_follows_torch(explorer: Explorer) -> None:
    config = {name: explorer.value(name) for name in CONFIG}
    counts = {name: int(config[name]) for name in ("patience", "cooldown")}
    call = int(explorer.value("call"))
    lrs = plateau.torch_lrs(plateau.preset_metrics()[METRIC], **config | counts)[:call]
    explorer.wait("lr", "lr", lrs)
    explorer.wait("lr", "torch", lrs)
    assert explorer.words.startswith(f"Call {call} of {plateau.CALLS}: ")


@pytest.mark.parametrize("name", ["call", *CONFIG])
def test_plateau(find, name):
    explorer = find("plateau", "plateau")
    for _ in moves(explorer, name):
        assert_follows_torch(explorer)


def test_plateau_presets(find):
    explorer = find("plateau", "plateau")
    explorer.button("patience 0").click()
    config = {"patience": 0, "factor": 0.1, "threshold": 1e-4, "cooldown": 0}
    lrs = plateau.torch_lrs(plateau.preset_metrics()["flat"], **config)
    explorer.wait("lr", "torch", lrs[:5])
    assert lrs[1] < lrs[0]  # torch's documentation says otherwise.
    assert "future lr" not in explorer.marks(
        "lr"
    )  # It would answer the question before it is asked.


def with_three_calls():
    config = {"patience": 1, "factor": 0.5, "threshold": 1e-4, "cooldown": 3}
    return plateau.torch_lrs(plateau.preset_metrics()["flat"], **config)


# What is expected is a function: torch takes seconds to import what its first optimizer needs, and
# every worker reads this table.
@pytest.mark.parametrize(
    ("lesson", "call", "link", "mark", "expected"),
    [
        (
            "constant-lr",
            "bowl(curvature=1)",
            "1.5",
            ("theta", "torch"),
            lambda: bowl.torch_path(1.5, 1),
        ),
        (
            "constant-lr",
            "bowl()",
            "curvature 2",
            ("theta", "torch"),
            lambda: bowl.torch_path(0.8, 2),
        ),
        (
            "constant-lr",
            "bowl()",
            "a steep one",
            ("theta", "torch"),
            lambda: bowl.torch_path(0.6, 4),
        ),
        (
            "steplr",
            "steplr()",
            "step_size 4 and gamma 0.5",
            ("lr", "torch"),
            lambda: [0.2 * 0.5 ** (e // 4) for e in range(9)],
        ),
        (
            "steplr",
            'steplr(bug="made anew each epoch")',
            "before the batches",
            ("lr", "torch"),
            lambda: [0.2 * 0.5 ** ((e + 1) // 3) for e in range(9)],
        ),
        ("plateau", "plateau()", "with 3 calls of it", ("lr", "torch"), with_three_calls),
    ],
)
def test_a_link_in_the_prose_sets_the_nearest_explorer(find, lesson, call, link, mark, expected):
    name, _, arguments = call.removesuffix(")").partition("(")
    explorer = find(lesson, name, arguments)
    explorer.lab.page.get_by_role("link", name=link, exact=True).click()
    explorer.wait(*mark, expected())
