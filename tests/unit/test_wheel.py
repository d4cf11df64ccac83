"""lrlab's wheel: all that a notebook needs which lies alone in a folder, and nothing of the grader."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
from nbclient import NotebookClient

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import LESSONS, of_lesson
from grader.notebook import graded_id


def _pip(*arguments):
    subprocess.run([sys.executable, "-m", "pip", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    _pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, paths.LESSONS)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with lrlab, installed, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    _pip("install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


def test_it_holds_lrlab_and_the_lessons_data_and_nothing_else(wheel):
    package = [path for path in paths.LRLAB.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    expected = {path.relative_to(paths.LESSONS).as_posix(): path for path in package}
    for lesson in LESSONS:
        for path in (paths.checks(lesson), paths.recorded(lesson)):
            expected[f"lrlab/lessons/{lesson}/{path.name}"] = path
    assert {".py", ".js", ".css", ".json"} == {path.suffix for path in expected.values()}
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert held == expected.keys()
        assert all(archive.read(name) == path.read_bytes() for name, path in expected.items())


def _run(notebook, folder, **environment):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, str(value))
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, timeout=120, resources=resources).execute()


def _data(cell, kind):
    return [out["data"][kind] for out in cell.outputs if kind in out.get("data", {})]


def test_a_lesson_alone_in_a_folder_runs_with_an_installed_lrlab(installed, tmp_path):
    lesson = "plateau"
    notebook = filled_in(lesson, {each.id: answer_source(each.id, "right") for each in of_lesson(lesson)})
    notebook.cells = [cell for cell in notebook.cells if "load_mnist()" not in cell.source]
    notebook.cells.append(nbformat.v4.new_code_cell("lrlab.__file__"))
    _run(notebook, tmp_path, PYTHONPATH=installed)
    *cells, where = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert _data(where, "text/plain") == [repr(str(installed / "lrlab" / "__init__.py"))]
    verdicts = {graded_id(cell): _data(cell, "text/plain") for cell in cells if graded_id(cell)}
    assert list(verdicts) == [each.id for each in of_lesson(lesson)]
    assert all("Right" in text for [text] in verdicts.values())
    plots = [cell for cell in cells if "plot_runs(" in cell.source]
    assert plots and all(_data(cell, "text/html") for cell in plots), "recorded curves are shown"


def test_a_lesson_beside_its_own_lrlab_uses_that_one(installed, tmp_path):
    setup = next(c for c in nbformat.read(paths.released("steplr"), 4).cells if c.cell_type == "code")
    beside = tmp_path / "lessons" / "lrlab"
    beside.mkdir(parents=True)
    (beside / "__init__.py").write_text("def __getattr__(name): return 'beside'")
    (tmp_path / "lessons" / "steplr").mkdir()
    asked = nbformat.v4.new_code_cell("check")
    notebook = nbformat.v4.new_notebook(cells=[setup, asked])
    _run(notebook, tmp_path / "lessons" / "steplr", PYTHONPATH=installed)
    assert _data(asked, "text/plain") == ["'beside'"]
