"""A prediction of each kind, by mouse and by keyboard; and what it hides until it is made."""

import json
import shutil

import nbformat
import pytest
from accessibility import look
from lab import Lab
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SETUP = 'import sys\nsys.path.insert(0, "..")\nfrom lrlab import predict'
TOML = """
[one]
choices = ["shrinks", "grows"]
answer = "grows"
[several]
choices = ["call 1", "call 2", "call 3"]
answer = ["call 2", "call 3"]
[amount]
answer = 2.4
within = 0.05
[two]
answer = { "without zero_grad" = 12, "with it" = 6 }
unit = "g"
[curve]
levels = [0.2, 0.1, 0.05]
answer = [0.2, 0.2, 0.1, 0.1]
"""
KINDS = ("one", "several", "amount", "two", "curve")
SECRET = "the output gives it away"
FOLDED = "because of the reason"
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}


def _notebook():
    cells = [new_code_cell(SETUP)]
    for id in KINDS:
        cells += [
            new_markdown_cell(f"**Predict.** What about {id}?"),
            new_code_cell(f'predict("{id}")'),
            new_code_cell(f'print("{SECRET[:9]}" + "{SECRET[9:]} ({id})")'),
            new_markdown_cell(
                f"<details><summary>Explain</summary>\n\n{FOLDED} ({id})\n\n</details>"
            ),
        ]
    return new_notebook(cells=cells, metadata=PYTHON)


@pytest.fixture
def asked(browser, server):
    """A notebook with a prediction of each kind, on a page of its own, after Run All."""
    folder = server.root / "predicting"
    shutil.rmtree(folder, ignore_errors=True)
    (server.root / "predictions.json").unlink(missing_ok=True)
    folder.mkdir()
    (folder / "predictions.toml").write_text(TOML)
    nbformat.write(_notebook(), folder / "asked.ipynb")
    lab = Lab(browser, server).open("predicting/asked.ipynb")
    assert lab.run_all(reveal=False) == []
    yield lab
    # A kernel that goes on would write down what was predicted after the next test has begun.
    lab.page.evaluate("globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
    lab.page.close()
    shutil.rmtree(folder)


def _form(lab, id):
    return lab.page.locator(".jp-Cell").nth(lab.find(f'predict("{id}")')).locator(".lrlab-predict")


def _seen(lab) -> str:
    """Everything that stands in the accessibility tree of the notebook, folds and outputs."""
    return lab.page.locator(".jp-Notebook").aria_snapshot()


def _assert_open(lab, id):
    lab.page.get_by_text(f"{SECRET} ({id})", exact=True).wait_for()
    lab.page.locator(".jp-RenderedMarkdown p").get_by_text(f"{FOLDED} ({id})").wait_for()


def _assert_nothing_given_away(lab, *ids, answered=None):
    seen = _seen(lab)
    for id in ids:
        assert f"{SECRET} ({id})" not in seen
        assert f"{FOLDED} ({id})" not in seen
    assert ("It is" in seen) == (answered is not None)


def test_by_mouse(asked):
    _assert_nothing_given_away(asked, *KINDS)
    look(asked, "predict-every-kind", asked.page.locator(".jp-Notebook"))
    form = _form(asked, "one")
    form.get_by_role("button", name="Commit").click()
    assert "Say something first" in form.inner_text()
    _assert_nothing_given_away(asked, "one")
    form.get_by_label("shrinks").check()
    asked.screenshots("predict-waiting", form)
    form.get_by_role("button", name="Commit").click()
    form.get_by_text("You said: shrinks. It is: grows.").wait_for()
    _assert_open(asked, "one")
    _assert_nothing_given_away(asked, "several", "amount", "curve", answered="one")

    form = _form(asked, "several")
    form.get_by_label("call 2").check()
    form.get_by_label("call 3").check()
    form.get_by_role("button", name="Commit").click()
    form.get_by_text("Right. You said: call 2, call 3.").wait_for()

    form = _form(asked, "amount")
    form.get_by_role("button", name="Show without predicting").click()
    form.get_by_text("It is: 2.4.").wait_for()
    _assert_open(asked, "amount")

    form = _form(asked, "two")
    for field, number in (("without zero_grad", "6"), ("with it", "6")):
        form.get_by_label(field).fill(number)
    form.get_by_role("button", name="Commit").click()
    form.get_by_text(
        "You said: without zero_grad: 6 g, with it: 6 g. "
        "It is: without zero_grad: 12 g, with it: 6 g."
    ).wait_for()

    form = _form(asked, "curve")
    svg = form.locator("svg")
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    circle = form.get_by_role("slider", name="lr in epoch 1").bounding_box()
    asked.page.mouse.move(circle["x"] + 3, box["y"] + 20)
    asked.page.mouse.down()
    asked.page.mouse.move(circle["x"] + 5, box["y"] + box["height"] * 0.46, steps=3)
    asked.page.mouse.up()
    asked.screenshots("predict-curve-waiting", form)
    form.get_by_role("button", name="Commit").click()
    form.get_by_text(
        "Yours is dashed. You are right in 3 of 4 places; what you missed is shaded."
    ).wait_for()
    assert "at epoch 1: you said 0.1; it is 0.2." in form.inner_text()
    assert form.locator("rect").count() == 1
    _assert_open(asked, "curve")
    look(asked, "predict-every-kind-made", asked.page.locator(".jp-Notebook"))
    assert asked.console == []


def test_by_keyboard(asked):
    press = asked.page.keyboard.press
    _form(asked, "one").get_by_label("shrinks").focus()
    press("ArrowDown")
    press("Enter")
    _form(asked, "one").get_by_text("Right. You said: grows.").wait_for()
    _form(asked, "several").get_by_label("call 1").focus()
    press("Space")
    press("Enter")
    _form(asked, "several").get_by_text("You said: call 1. It is: call 2, call 3.").wait_for()
    _form(asked, "amount").get_by_label("Your number").focus()
    asked.page.keyboard.type("-2.42")
    press("Enter")
    _form(asked, "amount").get_by_text("You said: −2.42. It is: 2.4.").wait_for()
    _form(asked, "curve").get_by_role("slider", name="lr in epoch 0").focus()
    press("ArrowRight")
    press("ArrowRight")
    press("ArrowDown")
    for _ in range(2):
        press("Tab")
    press("Enter")  # on Commit
    _form(asked, "curve").get_by_text("Yours is dashed. You are right in 4 of 4 places.").wait_for()
    for id in ("one", "several", "amount", "curve"):
        _assert_open(asked, id)
    focused = "document.activeElement.classList.contains('lrlab-result')"
    asked.page.wait_for_function(focused)


def test_reopened_on_a_new_kernel(asked):
    form = _form(asked, "one")
    outputs = f"""JSON.stringify(jupyterapp.shell.currentWidget.content.model.cells
        .get({asked.find('predict("one")')}).toJSON().outputs)"""
    asking = asked.page.evaluate(outputs)
    form.get_by_label("grows").check()
    form.get_by_role("button", name="Commit").click()
    kept = asked.server.root / "predictions.json"
    for _ in range(100):
        if kept.exists():
            break
        asked.page.wait_for_timeout(100)
    assert json.loads(kept.read_text()) == {"one": "grows"}
    asked.page.wait_for_function(f"asking => {outputs} !== asking", arg=asking)
    asked.save()
    asked.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    saved = nbformat.read(asked.server.root / asked.opened, as_version=4)
    assert [c.outputs[0].output_type for c in saved.cells if c.source.startswith("print")] == [
        "stream"
    ] * len(KINDS)

    asked.open(asked.opened)
    _form(asked, "one").get_by_text("Right. You said: grows.").wait_for()
    assert f"{SECRET} (one)" in _seen(asked)
    _assert_nothing_given_away(asked, "several", "amount", "curve")
    assert asked.page.locator(".jp-Notebook.lrlab-lesson").count() == 1  # It looks like a lesson.
    assert "Error displaying widget" not in _seen(asked)
    form = _form(asked, "amount")  # No kernel of this page has run a cell yet.
    form.get_by_label("Your number").fill("2.4")
    form.get_by_role("button", name="Commit").click()
    _assert_open(asked, "amount")
    assert (
        asked.run_all(reveal=False) == []
    )  # What was said is there again; the others still hide theirs.
    _form(asked, "one").get_by_text("Right. You said: grows.").wait_for()
    _assert_nothing_given_away(asked, "several", "curve")


def test_in_notebook_7_and_as_a_page_of_nbconvert(asked):
    """Neither shows what JupyterLab has saved, until it is predicted there."""
    asked.save()
    page, _ = HTMLExporter().from_filename(str(asked.server.root / asked.opened))
    (asked.server.root / "predicting" / "asked.html").write_text(page)
    notebook_7 = f"{asked.server.url}/notebooks/{asked.opened}?token={asked.server.token}"
    for address in (notebook_7, (asked.server.root / "predicting" / "asked.html").as_uri()):
        asked.page.goto(address)
        asked.page.wait_for_load_state("networkidle")  # Notebook 7 renders outputs more than once.
        form = asked.page.locator(".lrlab-predict").first
        form.get_by_label("shrinks").check()
        assert asked.page.locator(".jp-Notebook.lrlab-lesson").count() == 1
        seen = asked.page.locator("body").aria_snapshot()
        assert SECRET not in seen
        assert FOLDED not in seen
        form.get_by_role("button", name="Commit").click()
        form.get_by_text("You said: shrinks. It is: grows.").wait_for()
        asked.page.get_by_text(f"{SECRET} (one)", exact=True).wait_for()
        asked.page.locator("p").get_by_text(f"{FOLDED} (one)").wait_for()
        assert f"{SECRET} (curve)" not in asked.page.locator("body").aria_snapshot()
