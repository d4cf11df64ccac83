"""`python -m lrlab check`: each verdict of a notebook, an exit code, and JUnit XML."""

import os
import subprocess
import sys

import nbformat
import pytest
from junitparser import Failure, JUnitXml

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson
from lrlab.__main__ import main
from lrlab.checking import notebook as runner

LESSON = "plateau"
EXERCISES = [each.id for each in of_lesson(LESSON)]
POINTS = sum(each.points for each in of_lesson(LESSON))
PRINTED = "\x1b[31m\x00<b>]]>\ud83d"


def _notebook(folder, answers, kernel="python3"):
    """A lesson without its training, which takes long, in a folder of its own."""
    notebook = filled_in(LESSON, answers)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and "demo" not in cell.metadata.get("tags", [])
    ]
    notebook.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    path = folder / LESSON / f"{LESSON}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    return path


def _check(*arguments, **environment):
    """Run the command as a learner's CI does; nothing of its own Jupyter is in the way."""
    command = [sys.executable, "-m", "lrlab", "check", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(paths.LESSONS), **environment}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=env)


def _solved():
    return {each: answer_source(each, "right") for each in EXERCISES}


def test_a_solved_notebook_exits_with_0_whatever_jupyter_it_is_called_from(tmp_path):
    path = _notebook(tmp_path, _solved(), kernel="conda-of-somebody-else")
    before = path.read_bytes()
    done = _check(path, NBGRADER_EXECUTION="validate", JPY_SESSION_NAME="somebody's")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("✓ Right") == len(EXERCISES)
    words = f"{len(EXERCISES)} of {len(EXERCISES)} right · {POINTS:g} of {POINTS:g} points"
    assert words in done.stdout
    assert path.read_bytes() == before


def test_a_half_solved_and_an_untouched_notebook_are_told_and_written_as_junit(tmp_path, capsys):
    right = answer_source("first_drop", "right")
    mistaken = {
        "first_drop": right.replace("return", f"print({PRINTED!r}); return 1 +"),
        EXERCISES[-1]: answer_source(EXERCISES[-1], "-"),
    }
    half = _notebook(tmp_path / "half", {**_solved(), **mistaken})
    untouched = _notebook(tmp_path / "untouched", {})
    junit = tmp_path / "verdicts.xml"
    assert main(["check", str(half), str(untouched), "--junit", str(junit)]) == 1
    of_half, of_untouched = capsys.readouterr().out.split(f"{LESSON}.ipynb\n")[1:]
    assert of_half.count("✓ Right") == len(EXERCISES) - len(mistaken)
    assert of_untouched.count("Not answered yet") == len(EXERCISES)
    suites = {suite.name: suite for suite in JUnitXml.fromfile(junit)}
    assert list(suites) == [half.as_posix(), untouched.as_posix()]
    for suite, not_right in zip(suites.values(), (list(mistaken), EXERCISES)):
        cases = {case.name: case.result for case in suite}
        assert list(cases) == ["runs from top to bottom", *EXERCISES]
        wrong = {name: result for name, (result,) in filter(lambda each: each[1], cases.items())}
        assert sorted(wrong) == sorted(not_right)
        assert (suite.tests, suite.failures, suite.errors) == (len(cases), len(wrong), 0)
        assert all(isinstance(each, Failure) and each.message for each in wrong.values())
    assert {name: each.type for name, each in wrong.items()} == dict.fromkeys(
        EXERCISES, "unanswered"
    )
    told = {case.name: case.result[0] for case in suites[half.as_posix()] if case.result}
    assert "<b>]]>" in told["first_drop"].text
    assert told["first_drop"].message in of_half


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
    right = ["from lrlab import check", answer_source("first_drop", "right")]
    checked = _checked(tmp_path, [*right, source, 'check("first_drop", first_drop)'])
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


def test_a_notebook_without_exercises_is_not_right(tmp_path):
    path = tmp_path / "own.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), path)
    checked = runner.check_notebook(path)
    assert (checked.right, checked.told) == (False, [])
    assert checked.problem == "No exercise of the course is in it."


@pytest.mark.parametrize(
    "arguments", [[], ["gone.ipynb"], ["{here}"], ["{file}", "--junit", "gone/verdicts.xml"]]
)
def test_a_wrong_call_gets_a_sentence_and_2(arguments, tmp_path):
    file = tmp_path / "a.ipynb"
    file.touch()
    done = _check(*(each.format(here=tmp_path, file=file) for each in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
