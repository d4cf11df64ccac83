"""The bowl explorer's Python half: torch's path is the closed form, and what stays elsewhere."""

import re

import pytest

from lrlab import explore_bowl, explore_constant, explore_plateau, explore_steplr
from lrlab.explore.bowl import START, STEPS, torch_path


@pytest.mark.parametrize("make", [explore_bowl, explore_constant, explore_plateau, explore_steplr])
def test_no_two_of_a_modules_files_declare_the_same_name(make):
    text = make().chart._esm
    names = re.findall(r"(?m)^(?:const|let|function|class) (\w+)", text)
    assert len(names) > 20
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("make", [explore_bowl, explore_constant, explore_plateau])
def test_sliders_are_linked_to_the_chart_in_the_browser(make):
    explorer = make()
    chart = explorer.chart
    for name, slider in explorer.sliders.items():
        assert slider.description == name
        assert getattr(chart, name) == slider.value == chart.start[name]
    ends = {(link.source, link.target) for link in explorer.links}
    assert ends == {((s, "value"), (chart, name)) for name, s in explorer.sliders.items()}


@pytest.mark.parametrize("curvature", [0.25, 1.0, 4.0])
@pytest.mark.parametrize("lr", [0.01, 0.5, 1.0, 2.0, 10.0])
@pytest.mark.parametrize("theta0", [-1.3, 0.0, START])
def test_torchs_path_is_the_closed_form(lr, curvature, theta0):
    chart = explore_bowl().chart
    settings = {"lr": lr, "theta0": theta0, "curvature": curvature}
    for name, value in settings.items():
        chart.set_trait(name, value)
    expected = [theta0 * (1 - lr * curvature) ** t for t in range(STEPS + 1)]
    assert chart.torch["of"] == settings
    assert chart.torch["path"] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("curvature", [0.5, 1, 4.0])
def test_a_given_curvature_is_no_setting(curvature):
    explorer = explore_bowl(curvature=curvature)
    assert list(explorer.sliders) == ["lr", "theta0"] == list(explorer.chart.start)
    explorer.chart.lr = 1.5
    assert explorer.chart.torch["path"] == torch_path(1.5, curvature)


@pytest.mark.parametrize("curvature", [0, -1.0, float("nan"), float("inf")])
def test_a_curvature_that_is_none_is_refused(curvature):
    with pytest.raises(ValueError, match=r"^A bowl has a finite curvature above 0, not "):
        explore_bowl(curvature=curvature)


def test_a_sliders_value_is_read_as_it_is_meant():
    chart = explore_bowl().chart
    chart.lr = 1.9998618696327441  # 10 ** 0.301, where the slider stands for lr 2
    assert chart.torch["of"]["lr"] == chart.lr
    assert chart.torch["path"] == torch_path(2.0, 1.0)
    assert chart.torch["path"][-1] == START


def test_without_widgets_a_figure_and_a_sentence_stay():
    bundle = explore_bowl()._repr_mimebundle_()
    assert "curvature 1 with lr 0.3: θ goes from 2 to 0.0016 in 20 steps." in bundle["text/plain"]
    assert len(bundle["text/html"]) < 40_000
