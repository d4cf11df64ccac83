"""The StepLR explorer of the solved lesson: every control, and what the chart then shows.

What is drawn is read twice: the values that each mark carries, and the pixels of its path.
"""

import base64
import itertools

import pytest
from explorer import staircase
from steplr_chart import START, assert_follows, closed_form

from lrlab.explore.steplr import BUGS, torch_lrs
from lrlab.runs import recorded

BINARY = 2  # the kind of frame in which JupyterLab talks to a kernel
# So many presses of a key, before the page can do anything else.
PRESSES = """(slider, times) => {
  for (let i = 0; i < times; i++)
    slider.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
}"""


@pytest.mark.parametrize("name", START)
def test_a_slider_by_keyboard(explorer, name):
    for key, sign in (("ArrowRight", 1), ("ArrowLeft", -1)):
        before = explorer.value(name)
        after = explorer.press(name, key, times=2)
        assert (after - before) * sign >= 0
        settings = assert_follows(explorer)
        explorer.wait("lr", "torch", closed_form(settings))  # These come from the kernel.
    for key in ("End", "Home"):
        explorer.press(name, key)
        assert_follows(explorer)


@pytest.mark.parametrize("name", START)
def test_a_slider_by_mouse(explorer, name):
    before = explorer.value(name)
    seen = {before}
    for share in (0.75, 1.0, 0.6):
        seen.add(explorer.drag(name, share))
        settings = assert_follows(explorer)
    assert len(seen) == 4
    explorer.wait("lr", "torch", closed_form(settings))


def test_a_value_is_typed(explorer):
    readout = explorer.root.get_by_role("textbox", name="gamma: type a value")
    readout.click()
    readout.press("ControlOrMeta+a")
    explorer.lab.page.keyboard.type("0.5")
    readout.press("Enter")
    explorer.wait("lr", "closed form", closed_form(START | {"gamma": 0.5}))
    assert assert_follows(explorer)["gamma"] == 0.5


def test_presets_and_reset(explorer):
    explorer.button("gentle").click()
    explorer.wait("lr", "closed form", closed_form(START | {"step_size": 2, "gamma": 0.7}))
    assert assert_follows(explorer) == START | {"step_size": 2, "gamma": 0.7}
    explorer.lab.screenshots("steplr-preset-gentle", explorer.root)
    explorer.press("epochs", "End")
    explorer.button("Reset").click()
    explorer.wait("lr", "closed form", closed_form(START))
    assert assert_follows(explorer) == START


def test_the_kernel_hears_of_a_sliders_last_value_once_it_rests(explorer):
    """Each message makes JupyterLab redraw its toolbar, in the way of the next frame."""
    network = explorer.lab.page.context.new_cdp_session(explorer.lab.page)
    network.send("Network.enable")
    sent = []
    network.on("Network.webSocketFrameSent", lambda frame: sent.append(frame["response"]))
    explorer.slider("epochs").evaluate(PRESSES, 5)
    assert explorer.value("epochs") == START["epochs"] + 5
    settings = assert_follows(explorer)
    explorer.wait("lr", "torch", closed_form(settings))
    network.detach()
    messages = [base64.b64decode(each["payloadData"]) for each in sent if each["opcode"] == BINARY]
    assert sum(b'"method":"update"' in message for message in messages) == 2  # slider and chart


def test_a_drag_takes_no_time_from_the_next_frame(explorer):
    """While the mouse holds a slider, the kernel is told nothing, and no node comes or goes.

    Each of both would take longer than the drawing. The pauses are longer than a slider's rest.
    """
    explorer.press("epochs", "Home")
    explorer.slider("epochs").evaluate(PRESSES, 29)  # Whatever is ever drawn is there now.
    explorer.button("Reset").click()
    explorer.wait("lr", "torch", closed_form(assert_follows(explorer)))
    network = explorer.lab.page.context.new_cdp_session(explorer.lab.page)
    network.send("Network.enable")
    sent = []
    network.on("Network.webSocketFrameSent", lambda frame: sent.append(frame["response"]))
    came_or_went = explorer.slider("epochs").evaluate(
        f"""async slider => {{
          let count = 0;
          const changes = new MutationObserver(records => {{ count += records.length; }});
          const root = slider.closest(".lrlab-explorer");
          changes.observe(root, {{ childList: true, subtree: true }});
          document.dispatchEvent(new PointerEvent("pointerdown"));
          for (let moves = 0; moves < 6; moves += 1) {{
            ({PRESSES})(slider, 1);
            await new Promise(done => setTimeout(done, 100));
          }}
          document.dispatchEvent(new PointerEvent("pointerup"));
          changes.disconnect();
          return count;
        }}"""
    )
    settings = assert_follows(explorer)
    explorer.wait("lr", "torch", closed_form(settings))
    network.detach()
    messages = [base64.b64decode(each["payloadData"]) for each in sent if each["opcode"] == BINARY]
    assert sum(b'"method":"update"' in message for message in messages) == 2  # slider and chart
    assert came_or_went == 0


def test_log_axis(explorer):
    explorer.choose("log")
    explorer.lab.page.wait_for_function(
        "svg => svg.querySelector('[data-area]').dataset.yscale === 'log'",
        arg=explorer.svg("lr").element_handle(),
    )
    assert_follows(explorer)
    explorer.button("gentle").click()
    settings = assert_follows(explorer)
    stairs = staircase(explorer.drawn("lr", "closed form"))[:: int(settings["step_size"])]
    heights = [high / low for high, low in itertools.pairwise(stairs)]
    assert heights == pytest.approx([heights[0]] * len(heights), rel=0.02)
    explorer.lab.screenshots("steplr-log", explorer.root)
    explorer.choose("linear")
    assert_follows(explorer)


def test_recorded_curves(explorer):
    runs = recorded("steplr").where(lr=0.2, step_size=3, gamma=0.1)
    for label, field in (("loss", "val_loss"), ("accuracy", "val_accuracy")):
        explorer.choose(label)
        means = [sum(values) / len(runs) for values in zip(*(getattr(r, field) for r in runs))]
        explorer.wait("mnist", "recorded", [float(f"{mean:.5g}") for mean in means])
    explorer.drag("lr0", 1.0)
    assert "not recorded" in explorer.words
    assert "recorded" not in explorer.marks("mnist")


@pytest.mark.parametrize("bug", BUGS)
def test_bugs(explorer, bug):
    explorer.root.locator("select").select_option(bug)
    expected = torch_lrs(**START, bug=bug)
    explorer.wait("lr", "torch", expected)
    explorer.wait("lr", "closed form", expected)
    explorer.lab.screenshot(f"steplr-bug-{bug.replace(' ', '-')}", explorer.root)


def test_prediction(explorer):
    explorer.button("Predict first").click()
    handles = explorer.root.locator(".lrlab-handles [role=slider]")
    assert handles.count() == START["epochs"]
    assert "closed form" not in explorer.marks("lr"), "the truth is not shown beforehand"
    assert "recorded" not in explorer.marks("mnist")
    handles.nth(3).press("ArrowDown")
    explorer.lab.screenshots("steplr-predicting", explorer.root)
    explorer.button("Compare with the truth").click()
    explorer.root.get_by_text("Your prediction is right in 6 of 9 epochs").wait_for()
    explorer.lab.screenshots("steplr-predicted-wrong", explorer.root)
    explorer.button("Predict first").click()
    for epoch in (3, 6):
        handles.nth(epoch).press("ArrowDown")
    explorer.button("Compare with the truth").click()
    explorer.root.get_by_text("Your prediction is right in all 9 epochs.").wait_for()
