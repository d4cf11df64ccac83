"""A notebook is checked in a fresh kernel on every system; whatever is in it gets a sentence."""

import nbformat
import pytest

from lrlab.__main__ import main
from lrlab.checking import notebook as runner
from lrlab.checking.checks import load_checks

EXERCISES = [name for name, each in load_checks().items() if each.lesson == "plateau"]
RIGHT = ["from lrlab import check", "def first_drop(patience):\n    return patience + 2"]


def _checked(folder, sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / "renamed (1).ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return runner.check_notebook(path)


BREAKING = {
    "a syntax error": ("def first_drop(patience)\n", "stops with SyntaxError"),
    "an own cell that fails": ("1 / 0", "stops with ZeroDivisionError: division by zero"),
    "an own cell that ends Python": ("import os; os._exit(1)", "ended Python"),
}


@pytest.mark.parametrize(("source", "problem"), BREAKING.values(), ids=BREAKING)
def test_a_notebook_that_does_not_run_through_is_not_right(source, problem, tmp_path):
    checked = _checked(tmp_path, [*RIGHT, source, 'check("first_drop", first_drop)'])
    assert checked.problem.startswith("Cell 3, ")
    assert problem in checked.problem
    assert not checked.right
    kinds = {each.exercise: each.kind for each in checked.told}
    assert list(kinds) == EXERCISES
    goes_on = "stale" if "Syntax" in problem else "right"
    assert kinds.pop("first_drop") == (goes_on if "stops" in problem else "unchecked")
    assert set(kinds.values()) == {"unchecked"}


def test_an_endless_cell_ends_the_notebook(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "CELL_SECONDS", 2)
    checked = _checked(tmp_path, ["while True: pass", 'check("first_drop", None)'])
    assert checked.problem.startswith("Cell 1, counted from the top, did not come to an end")
    assert [each.kind for each in checked.told] == ["unchecked"] * len(EXERCISES)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"cells": 3}',
        b"\xff\xfe\x00",
        b"PK\x03\x04",
        b'{"nbformat": 4}',
    ],
)
def test_what_is_no_notebook_gets_a_sentence(content, tmp_path):
    path = tmp_path / "steplr.ipynb"
    path.write_bytes(content)
    checked = runner.check_notebook(path)
    assert not checked.right
    assert checked.problem
    assert "\n" not in checked.problem


@pytest.mark.parametrize("said", [None, [], 1, "x", {}, {"grade_id": []}, {"grade_id": None}])
def test_whatever_a_cell_says_for_nbgrader_its_exercises_are_found(said):
    cell = nbformat.v4.new_code_cell('check("first_drop", f)', metadata={"nbgrader": said})
    assert runner._exercises(nbformat.v4.new_notebook(cells=[cell]), {}) == EXERCISES


def test_a_notebook_without_exercises_is_not_right(tmp_path):
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), path)
    checked = runner.check_notebook(path)
    assert (checked.right, checked.told) == (False, [])
    assert checked.problem == "No exercise of the course is in it."


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["check", "gone.ipynb"],
        ["check", "{here}"],
        ["check", "{file}", "--junit", "gone/verdicts.xml"],
        ["check", "{file}", "--junit"],
        ["chek", "{file}"],
    ],
)
def test_a_wrong_call_gets_a_sentence_and_2(arguments, tmp_path, capsys):
    file = tmp_path / "a.ipynb"
    file.touch()
    with pytest.raises(SystemExit) as ended:
        main([each.format(here=tmp_path, file=file) for each in arguments])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("Traceback")) == ("", 0)
    assert said.err.splitlines()[-1].startswith("python -m lrlab")
