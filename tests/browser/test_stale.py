"""What a card says of an answer that no longer stands as it was judged, wherever it stands."""

import shutil

import nbformat
import pytest
from accessibility import look
from lab import PYTHON
from nbformat.v4 import new_code_cell, new_notebook

GOOD = """def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)"""
EARLY = GOOD.replace("epoch //", "(epoch + 1) //")
DROPS = "def drops(epoch, step_size):\n    return epoch // step_size"
CALLER = GOOD.replace("epoch // step_size", "drops(epoch, step_size)")
OTHER = "def other():\n    return 1"
CHECK = 'check("step_lr", step_lr)'
SETUP = 'import sys\nsys.path.insert(0, "..")\nfrom lrlab import check'
CARD = "[role=status].lrlab-card"
STALE, RIGHT, WRONG = "Changed since this check", "Right (2 points)", "You drop one epoch early"

# Where an answer may stand. The first cell with `epoch //` is the one that is edited.
LAYOUTS = {
    "right above": [GOOD, CHECK],
    "a cell between": [GOOD, "lr0 = 0.1", CHECK],
    "below its check": [CHECK, "lr0 = 0.1", GOOD],
    "in its check's cell": [f"{GOOD}\n\n\n{CHECK}"],
    "in two cells": [DROPS, CALLER, CHECK],
    "its helper below": [CALLER, "lr0 = 0.1", CHECK, DROPS],
    "two answers in a cell": [f"{OTHER}\n\n\n{GOOD}\n\n\nlr = 0.1", CHECK],
    "decorated": [f"import functools\n\n\n@functools.cache\n{DROPS}", CALLER, CHECK],
    "assigned": ["drops = lambda epoch, step_size: (\n    epoch // step_size\n)", CALLER, CHECK],
    "quoted": [GOOD.replace("    ", '    """Give lr.\n\nAt the margin.\n"""\n    '), CHECK],
    "checked twice": [GOOD, CHECK, "lr0 = 0.1", CHECK],
    "below an earlier try": [GOOD.replace("epoch //", "1 +"), GOOD, CHECK],
}
# What takes nothing from a verdict: the cells, then an edit or a command of JupyterLab in one.
HARMLESS = {
    "another cell is edited": ([GOOD, "lr = 0.1", CHECK], 2, "lr = 0.2"),
    "another function beside it": ([f"{OTHER}\n\n\n{GOOD}", CHECK], 1, f"{OTHER} + 1\n\n\n{GOOD}"),
    "a line is tried below it": ([GOOD, CHECK], 1, f"{GOOD}\n\n\nstep_lr(1, 2, 3, 4)"),
    "a copy gets another name": ([GOOD, GOOD, CHECK], 2, EARLY.replace("step_lr", "old")),
    "edited and edited back": ([GOOD, CHECK], 1, f"{GOOD}\n"),
    "run again": ([GOOD, CHECK], 1, "notebook:run-cell"),
    "all run again": ([GOOD, CHECK], 1, "notebook:run-all-cells"),
    "copied": ([GOOD, CHECK], 1, "notebook:duplicate-below"),
    "merged": (["lr = 0.1", GOOD, CHECK], 2, "notebook:merge-cell-above"),
    "moved up": (["lr = 0.1", GOOD, CHECK], 2, "notebook:move-cell-up"),
    "moved down": (["lr = 0.1", GOOD, CHECK], 2, "notebook:move-cell-down"),
}


@pytest.fixture(scope="module")
def notebook(lab):
    """A notebook in lesson steplr's folder in which `check` was imported, and nothing else."""
    cells = [new_code_cell(SETUP)]
    path = lab.server.root / "steplr" / "stale.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=PYTHON), path)
    lab.open("steplr/stale.ipynb")
    lab.run(0)
    yield lab
    lab.console.clear()


def _laid_out(lab, sources):
    """Give the notebook these cells and run them, checks last. Returns where the checks are."""
    lab.page.evaluate(
        """sources => {
             const shared = jupyterapp.shell.currentWidget.content.model.sharedModel;
             shared.deleteCellRange(1, shared.cells.length);
             shared.insertCells(1, sources.map(source => ({cell_type: "code", source})));
           }""",
        sources,
    )
    where = range(1, len(sources) + 1)
    checks = [at for at in where if CHECK in sources[at - 1]]
    for at in [*(at for at in where if at not in checks), *checks]:
        lab.run(at)
    for at in checks:
        _says(lab, at, RIGHT)
    return checks


def _says(lab, check, words):
    """Wait until these words are seen on a card, what its style sheet writes included."""
    lab.page.wait_for_function(
        """([at, words, stale]) => {
             const visible = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook";
             const cell = document.querySelector(visible).querySelectorAll(".jp-Cell")[at];
             const card = cell.querySelector(".lrlab-card");
             if (!card) return false;
             const seen = getComputedStyle(card, "::before").content + " " + card.innerText;
             return seen.includes(words) && seen.includes(stale) === (words === stale)
               && !(words === stale && seen.includes("✓"));
           }""",
        arg=[check, words, STALE],
    )
    return lab.cell(check).locator(CARD)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_edited_answer_has_no_verdict_until_it_is_run_and_checked(notebook, layout):
    sources = LAYOUTS[layout]
    home = next(at for at, source in enumerate(sources, 1) if "epoch //" in source)
    checks = _laid_out(notebook, sources)
    right = sources[home - 1]
    early = right.replace("epoch //", "(epoch + 1) //")
    notebook.source(home, early)
    for check in checks:
        _says(notebook, check, STALE)
    if home not in checks:
        notebook.run(checks[-1])  # Checked again without running it: still not a word of right.
        _says(notebook, checks[-1], STALE)
    notebook.source(home, right)  # As it was run, so the verdict is about it.
    _says(notebook, checks[-1], RIGHT)
    notebook.source(home, early)
    if home not in checks:
        notebook.run(home)  # Run and not checked: the verdict is still about another text.
        _says(notebook, checks[-1], STALE)
    button = notebook.cell(checks[-1]).get_by_role("button", name="Run answer and check")
    button.focus()
    notebook.page.keyboard.press("Enter")
    _says(notebook, checks[-1], WRONG)
    if len(checks) > 1:
        _says(notebook, checks[0], STALE)


@pytest.mark.parametrize("what", HARMLESS)
def test_what_leaves_the_answer_as_it_was_says_nothing(notebook, what):
    sources, at, done = HARMLESS[what]
    _laid_out(notebook, sources)
    if done.startswith("notebook:"):
        notebook.page.evaluate(
            "at => { jupyterapp.shell.currentWidget.content.activeCellIndex = at }", at
        )
        notebook.command(done)
    else:
        notebook.source(at, done)
    notebook.page.wait_for_timeout(50)  # The page looks in the next frame.
    _says(notebook, notebook.find(CHECK), RIGHT)


def test_a_deleted_answer_is_missed_until_it_is_back(notebook):
    _laid_out(notebook, [GOOD, "lr = 0.1", CHECK])
    notebook.page.wait_for_timeout(600)  # What was done within 500 ms is undone together.
    notebook.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    notebook.command("notebook:delete-cell")
    card = _says(notebook, notebook.find(CHECK), STALE)
    said = card.evaluate("card => getComputedStyle(card, '::before').content")
    assert "No cell of this notebook defines step_lr" in said
    look(notebook, "answer-deleted", card)
    notebook.command("notebook:undo-cell-action")
    _says(notebook, notebook.find(CHECK), RIGHT)


def test_a_copy_that_is_open_beside_it_keeps_its_own_verdict(notebook):
    (check,) = _laid_out(notebook, [GOOD, CHECK])
    notebook.save()
    folder = notebook.server.root / "steplr"
    shutil.copy(folder / "stale.ipynb", folder / "twin.ipynb")
    current = "path => jupyterapp.shell.currentWidget?.context.path === path"
    notebook.command("docmanager:open", path="steplr/twin.ipynb")
    notebook.page.wait_for_function(current, arg="steplr/twin.ipynb")
    notebook.wait_until_idle()
    _says(notebook, check, RIGHT)
    notebook.page.evaluate(
        """source => { [...jupyterapp.shell.widgets("main")]
             .find(each => each.context?.path === "steplr/stale.ipynb")
             .content.model.cells.get(1).sharedModel.setSource(source) }""",
        EARLY,
    )
    notebook.page.wait_for_timeout(50)  # The page looks in the next frame.
    _says(notebook, check, RIGHT)
    notebook.page.evaluate("jupyterapp.shell.currentWidget.dispose()")
    notebook.page.wait_for_function(current, arg="steplr/stale.ipynb")
    _says(notebook, check, STALE)


def test_an_answer_is_run_that_is_too_far_away_to_be_in_the_page(notebook):
    """In the windowing mode "full" a cell comes into the page when it is first scrolled near."""
    set_mode = """mode => jupyterapp.serviceManager.settings.save(
      "@jupyterlab/notebook-extension:tracker", JSON.stringify({windowingMode: mode}))"""
    in_page = """text => [...document.querySelectorAll(".jp-Cell")]
      .some(cell => cell.textContent.includes(text))"""
    far = ["# Far away.\n" * 30] * 12
    notebook.page.evaluate(set_mode, "full")
    try:
        notebook.write("steplr/far.ipynb", SETUP, *far, GOOD, *far, CHECK)
        notebook.open("steplr/far.ipynb")
        notebook.run_all()
        button = notebook.page.get_by_role("button", name="Run answer and check")
        button.wait_for()
        notebook.source(1 + len(far), EARLY)
        assert not notebook.page.evaluate(in_page, "epoch //")
        button.click()
        notebook.page.locator(CARD).get_by_text(WRONG).wait_for()
    finally:
        notebook.page.evaluate(set_mode, "none")
        notebook.open("steplr/stale.ipynb")
        notebook.run(0)


def test_a_function_cut_in_two_is_no_longer_the_one_that_was_checked(notebook):
    (check,) = _laid_out(notebook, [GOOD, CHECK])
    notebook.page.evaluate(
        """const notebook = jupyterapp.shell.currentWidget.content;
           notebook.activeCellIndex = 1;
           notebook.activeCell.editor.setCursorPosition({line: 1, column: 0});"""
    )
    notebook.command("notebook:split-cell-at-cursor")
    card = _says(notebook, check + 1, STALE)
    look(notebook, "answer-edited", card)


def test_a_cell_that_stopped_is_named_and_its_old_version_not_judged(notebook):
    for between in ([], ["lr = 0.1"]):
        (check,) = _laid_out(notebook, [GOOD, *between, CHECK])
        notebook.source(1, GOOD[:-1])
        notebook.run(1)
        notebook.run(check)
        card = _says(notebook, check, "Your cell stopped with a SyntaxError in line 2")
        assert "✓ Right" not in card.inner_text()
        notebook.source(1, GOOD)  # Mended and not run: the slip is not there any longer.
        _says(notebook, check, STALE)
    notebook.source(1, GOOD[:-1])
    look(notebook, "answer-stopped", _says(notebook, check, "Your cell stopped"))
    notebook.source(1, GOOD.replace("step_lr", "stepLr"))
    notebook.run(1)
    notebook.run(check)
    card = _says(notebook, check, "no longer defines step_lr, but stepLr")
    look(notebook, "answer-renamed", card)


def test_after_a_restart_the_first_cell_is_asked_for(notebook):
    _laid_out(notebook, [GOOD, CHECK])
    notebook.restart_kernel()
    output = notebook.run(2).locator(".jp-OutputArea-output")
    output.get_by_text("`check` comes from the first code cell of this lesson").wait_for()
    look(notebook, "after-a-restart", notebook.cell(2))
    for at in range(3):
        notebook.run(at)
    _says(notebook, 2, RIGHT)
    notebook.source(1, EARLY)
    _says(notebook, 2, STALE)
