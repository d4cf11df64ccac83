"""What holds for every explorer."""

import pytest

from lrlab import explore_bowl, explore_constant, explore_plateau, explore_steplr


@pytest.mark.parametrize(
    "explore", [explore_bowl, explore_constant, explore_steplr, explore_plateau]
)
def test_no_echo_of_a_setting_comes_back_to_undo_the_next(explore, monkeypatch):
    explorer = explore()
    sent = []
    for widget in (explorer.chart, *explorer.sliders.values()):
        monkeypatch.setattr(widget, "_send", lambda message, buffers=None: sent.append(message))
    for name, slider in explorer.sliders.items():
        highest = slider.base**slider.max if hasattr(slider, "base") else slider.max
        slider.set_state({"value": highest})
        explorer.chart.set_state({name: highest})
        assert getattr(explorer.chart, name) == slider.value == highest
    told = {name for message in sent for name in message["state"]}
    assert not told & {"value", *explorer.chart.start}
    assert "echo_update" not in {message["method"] for message in sent}
