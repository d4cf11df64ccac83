"""lrlab's wheel: all that a notebook alone in a folder needs, and nothing of the grader."""

import subprocess
import sys
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
        for path in (paths.checks(lesson), paths.recorded(lesson), paths.predictions(lesson)):
            expected[f"lrlab/lessons/{lesson}/{path.name}"] = path
    data = f"{wheel.name.rpartition('-py3')[0]}.data/data/etc/ipython/startup"
    for path in (paths.LESSONS / "ipython" / "startup").glob("*.py"):
        expected[f"{data}/{path.name}"] = path
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert held == expected.keys()
        assert all(archive.read(name) == path.read_bytes() for name, path in expected.items())
    assert {name.rpartition(".")[2] for name in held} == {"py", "js", "css", "json", "toml"}


def _run(cells, folder, installed):
    """Execute cells as a notebook in `folder`, with lrlab installed but for what lies beside."""
    notebook = nbformat.v4.new_notebook(cells=cells)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(installed))
        resources = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, timeout=600, resources=resources).execute()


def _shown(cell, kind="text/plain"):
    return "".join(out["data"][kind] for out in cell.outputs if kind in out.get("data", {}))


def test_a_lesson_alone_in_a_folder_runs_with_an_installed_lrlab(installed, tmp_path):
    exercises = [each.id for each in of_lesson("plateau")]
    solved = filled_in("plateau", {each: answer_source(each, "right") for each in exercises})
    code = [cell for cell in solved.cells if cell.cell_type == "code"]
    cells = [cell for cell in code if "load_mnist()" not in cell.source]  # without training
    where = nbformat.v4.new_code_cell("lrlab.__file__")
    _run([*cells, where], tmp_path, installed)
    assert _shown(where) == repr(str(installed / "lrlab" / "__init__.py"))
    verdicts = {graded_id(cell): _shown(cell) for cell in cells if graded_id(cell)}
    assert list(verdicts) == exercises
    assert all("✓ Right" in verdict for verdict in verdicts.values())
    recorded = [cell for cell in cells if "plot_runs(" in cell.source]
    assert recorded
    assert all("<img" in _shown(cell, "text/html") for cell in recorded)


def test_a_lesson_beside_its_own_lrlab_uses_that_one(installed, tmp_path):
    beside, lesson = tmp_path / "lrlab", tmp_path / "steplr"
    beside.mkdir()
    lesson.mkdir()
    (beside / "__init__.py").write_text("def __getattr__(name): return 'beside'")
    cells = nbformat.read(paths.released("steplr"), as_version=4).cells
    setup = next(cell for cell in cells if cell.cell_type == "code")
    where = nbformat.v4.new_code_cell("check")
    _run([setup, where], lesson, installed)
    assert _shown(where) == "'beside'"
