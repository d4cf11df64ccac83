"""`check` knows whether the cell above still stands for the function that it is given."""

import json
import shutil

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lrlab.checking import cells, names, progress
from lrlab.folders import LESSONS

GOOD = """def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)
"""
CHECK = 'result = check("step_lr", step_lr)'
# Each leaves the function of an earlier run in the kernel, and what the card says of it.
OLD = {
    "an open bracket": (GOOD.replace("step_size)\n", "step_size\n"), "SyntaxError in line 2"),
    "a missing colon": (GOOD.replace("):", ")"), "SyntaxError in line 1"),
    "a wrong indent": (GOOD + "  return 1\n", "IndentationError in line 3"),
    "an unknown annotation": (GOOD.replace("lr0,", "lr0: Tenser,"), "NameError in line 1"),
    "a failing line before": ("1 / 0\n" + GOOD, "ZeroDivisionError in line 1"),
    "an interrupt before": ("raise KeyboardInterrupt\n" + GOOD, "KeyboardInterrupt in line 1"),
    "another name": (
        GOOD.replace("step_lr", "stepLr"),
        "defines `step_lr`, but `stepLr`",
    ),
    "no function": ("lr = 0.1", "no longer defines `step_lr`, but `lr`"),
    "only a comment": ("# later", "no longer defines `step_lr`."),
}
# Each of these defines it anew, so it is judged.
NEW = {
    "mended": GOOD,
    "a failing line after": GOOD + "\nstep_lr(1)",
    "an assignment": GOOD.replace("step_lr(", "rule(") + "step_lr = rule",
    "a magic": "%pwd\n" + GOOD,
}


@pytest.fixture
def shell(monkeypatch):
    """An IPython shell in which `check` is imported and step_lr's answer is right."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    progress.forget()
    shell = InteractiveShell()
    shell.showtraceback = lambda *args, **kwargs: None
    monkeypatch.setattr(cells, "CELLS", cells.Cells(shell))
    shell.run_cell("from lrlab import check")
    assert _verdict(shell, GOOD) == ("right", "")
    return shell


def _verdict(shell, answer: str | None = None, cell: str = "answer") -> tuple[str, str]:
    if answer is not None:
        shell.run_cell(answer, store_history=True, cell_id=cell)
    shell.run_cell(CHECK, store_history=True, cell_id="check")
    verdict = shell.user_ns["result"].verdict
    return verdict.kind, verdict.diagnosis


@pytest.mark.parametrize(("source", "said"), OLD.values(), ids=OLD)
def test_an_old_version_is_not_judged_until_its_cell_is_mended(shell, source, said):
    kind, diagnosis = _verdict(shell, source)
    assert kind == "stale"
    assert said in diagnosis
    result = shell.user_ns["result"]
    assert "✓" not in repr(result)
    assert "✓" not in result._repr_html_()
    assert result.progress.right == 0
    assert _verdict(shell) == (kind, diagnosis)  # checking again changes nothing
    assert _verdict(shell, GOOD) == ("right", "")


@pytest.mark.parametrize("source", NEW.values(), ids=NEW)
def test_what_its_cell_defines_is_judged(shell, source):
    assert _verdict(shell, source) == ("right", "")


@pytest.mark.parametrize("source", [source for source, _ in OLD.values()], ids=OLD)
def test_a_cell_that_only_tries_something_out_takes_nothing_from_the_answer(shell, source):
    shell.run_cell(source, cell_id="scratch")
    assert _verdict(shell) == ("right", "")
    shell.run_cell(GOOD.replace("gamma **", "1 +"), cell_id="scratch")  # it once defined it, too
    assert _verdict(shell, GOOD) == ("right", "")
    shell.run_cell(source, cell_id="scratch")
    assert _verdict(shell) == ("right", "")


@pytest.mark.parametrize("source", [source for source, _ in OLD.values()], ids=OLD)
def test_the_answers_cell_is_known_after_another_one_defined_its_name(shell, source):
    shell.run_cell(GOOD, cell_id="scratch")
    assert _verdict(shell, source)[0] == "stale"


@pytest.mark.parametrize(
    "source",
    [source for source, said in OLD.values() if "Error" in said],
    ids=[name for name, (_, said) in OLD.items() if "Error" in said],
)
def test_where_cells_have_no_ids_their_texts_tell_them_apart(shell, source):
    assert _verdict(shell, GOOD, cell=None) == ("right", "")
    shell.run_cell("# What if lr never fell?\ndef step_lr(**all):\n    return all['lr0'")
    assert _verdict(shell) == ("right", "")
    assert _verdict(shell, source, cell=None)[0] == "stale"


def test_an_old_version_of_either_of_two_functions_is_known(shell):
    both = "def save(*a):\n    return {}\ndef resume(*a):\n    return {}\n"
    shell.run_cell(both, cell_id="two")
    shell.run_cell("def resume(*a):\n    return {", cell_id="two")
    shell.run_cell('result = check("resume", save, resume)')
    assert shell.user_ns["result"].verdict.kind == "stale"


def test_the_page_is_told_the_texts_that_a_verdict_is_about(shell):
    helper, other = "def drops(a, b):\n    return a // b", "unused = 1"
    answer = GOOD.replace("epoch // step_size", "drops(epoch, step_size)")
    for cell, source in {"helper": helper, "other": other, "answer": answer}.items():
        shell.run_cell(source, cell_id=cell)
    asked = "told = cells.CELLS.judged([step_lr])"
    shell.run_cell(f"from lrlab.checking import cells\n{asked}", cell_id="check")
    told = shell.user_ns["told"]
    assert told.check == "check"
    assert told.texts == {"step_lr": answer, "drops": helper}
    assert told.ran == {"helper": helper, "answer": answer}
    shell.run_cell(answer[:-1], cell_id="answer")  # What failed is what the card speaks of.
    shell.run_cell(asked, cell_id="check")
    assert shell.user_ns["told"].texts == {"step_lr": answer[:-1], "drops": helper}
    shell.run_cell(f"{GOOD}\n{asked}", cell_id="answer")  # The cell that checks is not yet done.
    assert shell.user_ns["told"].texts == {"step_lr": f"{GOOD}\n{asked}"}
    shell.run_cell("from operator import mul as step_lr")
    shell.run_cell(asked, cell_id="check")
    assert shell.user_ns["told"].texts == {}  # No cell's text says what was imported.


def test_nbgrader_judges_what_is_there(shell, monkeypatch):
    shell.run_cell(OLD["a missing colon"][0], cell_id="answer")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run_cell(CHECK)
    assert shell.user_ns["result"] == 2


def _restarted(folder, monkeypatch) -> tuple[InteractiveShell, list[str]]:
    """A kernel in a lesson's folder in which nothing has run yet, and what it shows of errors."""
    monkeypatch.chdir(folder)
    shell, shown = InteractiveShell(), []
    shell._showtraceback = lambda kind, error, lines: shown.extend(lines)
    names.explain_missing(shell)
    return shell, shown


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (CHECK, "`check` comes from the first code cell of this lesson: run that first."),
        ("lr: torch.Tensor = 1", "`torch` comes from the first code cell"),
        ("explore_steplr()", "`explore_steplr` comes from the first code cell"),
        ("math.sqrt(2)", "`math` comes from the first code cell"),
        ("step_lr(0.2, 4, 0.5, 8)", "Run the cell of `step_lr` first"),
        ("toy(0.2)", "comes from a cell of section “3 · torch's own StepLR”"),
        ("def f():\n    return runs.where()\nf()", "comes from a cell of section “1 · One drop”"),
    ],
)
def test_a_missing_name_says_which_cell_comes_first(cell, said, tmp_path, monkeypatch):
    shutil.copy(LESSONS / "steplr" / "steplr.ipynb", tmp_path)
    (tmp_path / "broken.ipynb").write_text("{")
    (tmp_path / "list.ipynb").write_text(json.dumps([1]))
    shell, shown = _restarted(tmp_path, monkeypatch)
    shell.run_cell(cell)
    assert said in shown[-1]
    assert ("Traceback" in "".join(shown)) == cell.startswith("def")


def test_a_name_of_nobody_is_left_to_python(tmp_path, monkeypatch):
    shell, shown = _restarted(tmp_path, monkeypatch)
    shell.run_cell("nobody")
    assert "NameError" in shown[-1]
    assert "first" not in shown[-1]


def test_an_answer_that_calls_a_missing_one_names_its_cell(shell, monkeypatch):
    monkeypatch.chdir(LESSONS / "steplr")
    shell.run_cell(
        "def trace(lr0, step_size, gamma, epochs):\n    return [step_lr(1) for _ in 'ab']"
    )
    shell.run_cell("del step_lr")
    shell.run_cell('result = check("step_lr_trace", trace)')
    assert "Run the cell of `step_lr` first" in shell.user_ns["result"].verdict.diagnosis
