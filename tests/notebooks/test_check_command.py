"""`python -m lrlab check`: each verdict of a notebook, an exit code, and JUnit XML."""

import os
import subprocess
import sys

import nbformat
from junitparser import Failure, JUnitXml

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson
from lrlab.__main__ import main

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
