"""An untouched lesson, handed out alone, runs from top to bottom: every cell, for real."""

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from grader import paths
from grader.exercises import LESSONS, of_lesson
from grader.notebook import graded_id, loads_mnist


def _run(notebook, folder, **environment):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        NotebookClient(
            notebook, timeout=600, resources={"metadata": {"path": str(folder)}}
        ).execute()
    return notebook


def _text(cell) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


# With MNIST, browser/test_lessons.py runs each of them, and nbval each solution. Without it, the
# others load and train as the first one does, and test_nbgrader.py runs detective so, too.
LONG = [(data, lesson) for data in ("MNIST", "stand-in") for lesson in LESSONS[1:]]
RUNS = [
    pytest.param(data, lesson, marks=pytest.mark.long if (data, lesson) in LONG else ())
    for data in ("MNIST", "stand-in")
    for lesson in LESSONS
]


@pytest.mark.parametrize(("data", "lesson"), RUNS)
def test_an_untouched_lesson_runs_through(lesson, data, tmp_path, request):
    """Handed out alone, in a folder of its own, with and without MNIST."""
    if data == "MNIST":
        request.getfixturevalue("mnist")
    handed_out = shutil.copytree(
        paths.LESSONS, tmp_path / "lessons", ignore=shutil.ignore_patterns("__pycache__")
    )
    data_folder = paths.DATA if data == "MNIST" else tmp_path / "empty"
    notebook = _run(
        nbformat.read(handed_out / lesson / f"{lesson}.ipynb", as_version=4),
        handed_out / lesson,
        LRLAB_DATA=str(data_folder),
        PYTHONPATH=str(handed_out),
        https_proxy="http://127.0.0.1:9",  # nobody listens there: no download
        http_proxy="http://127.0.0.1:9",
    )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    graded = {graded_id(cell): _text(cell) for cell in code if graded_id(cell)}
    assert list(graded) == [exercise.id for exercise in of_lesson(lesson)]
    assert all("Not answered yet" in text for text in graded.values())
    everything = "\n".join(map(_text, code))
    if not loads_mnist(notebook):
        return
    if data == "MNIST":
        assert "55,000" in everything
        assert "5,000" in everything
        assert "10,000" in everything
    else:
        assert "1,797" in everything
