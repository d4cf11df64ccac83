"""What learners get: complete on its own, runs untouched, and knows no answer."""

import ast
import inspect
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from grader import build, paths
from grader.exercises import EXERCISES, LESSONS, of_lesson
from grader.notebook import graded_id

lessons = pytest.mark.parametrize("lesson", LESSONS)


@lessons
def test_lessons_are_what_build_would_give(lesson):
    assert build.stale(lesson) == []


@lessons
def test_graded_cells_carry_ids_and_points_of_the_registry(lesson):
    for path in (paths.solution(lesson), paths.released(lesson)):
        cells = nbformat.read(path, as_version=4).cells
        meta = [cell.metadata.nbgrader for cell in cells if "nbgrader" in cell.metadata]
        graded = {m.grade_id: m.points for m in meta if m.grade}
        answers = [m.grade_id for m in meta if m.solution]
        assert graded == {e.id: e.points for e in of_lesson(lesson)}
        assert answers == [f"{exercise}-answer" for exercise in graded]


@lessons
def test_the_rules_of_style(lesson):
    cells = nbformat.read(paths.solution(lesson), as_version=4).cells
    titles = [c for c in cells if c.cell_type == "markdown" and c.source.startswith("# ")]
    assert len(titles) == 1
    for cell in cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= (40 if "SOLUTION" in cell.source else 20)


def _bodies(function) -> set[str]:
    """The normalised statements of a function's body that say more than a name or a number."""
    try:
        tree = ast.parse(inspect.getsource(function).strip().rstrip(","))
    except SyntaxError:
        return set()
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    bodies += [s for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) for s in n.body]
    return {text for body in bodies if len(text := ast.unparse(body)) > 40}


def _released_code() -> str:
    texts = [path.read_text(encoding="utf-8") for path in paths.LESSONS.rglob("*.py")]
    for path in paths.LESSONS.rglob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts += [cell.source for cell in cells if cell.cell_type == "code"]
    return "\n".join(ast.unparse(ast.parse(text)) for text in texts)


def test_no_answer_leaves_with_the_lessons():
    code = _released_code()
    assert "grader" not in {word for line in code.splitlines() for word in _imports(line)}
    assert "BEGIN SOLUTION" not in code
    known = 0
    for exercise in EXERCISES.values():
        wrong = [getattr(m, "answer", m) for m in exercise.misconceptions.values()]
        for answer in [exercise.reference, *wrong]:
            for function in answer if isinstance(answer, tuple) else (answer,):
                for body in _bodies(function):
                    known += 1
                    assert body not in code, f"{exercise.id}: {body}"
    assert known > 50, "the test looks at nothing"


def _imports(line: str) -> list[str]:
    words = line.split()
    return words[1].split(".") if words[:1] in (["import"], ["from"]) else []


def test_no_hidden_case_leaves_with_the_lessons():
    for lesson in LESSONS:
        text = paths.checks(lesson).read_text(encoding="utf-8")
        for exercise in of_lesson(lesson):
            hidden = exercise.draws("a secret", 5)
            visible = exercise.visible_cases()
            assert any(case not in visible for case in hidden)
        assert "lambda" not in text
        assert "def " not in text


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


@lessons
@pytest.mark.parametrize("data", ["MNIST", "stand-in"])
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
    if data == "MNIST":
        assert "55,000" in everything
        assert "5,000" in everything
        assert "10,000" in everything
    else:
        assert "1,797" in everything


def test_without_lrlab_the_first_cell_says_what_to_do(tmp_path):
    cells = nbformat.read(paths.released("steplr"), as_version=4).cells
    setup = next(cell.source for cell in cells if cell.cell_type == "code")
    elsewhere = [sys.executable, "-I", "-S", "-c", setup]  # -S: nothing that is installed
    done = subprocess.run(elsewhere, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stderr.startswith("lrlab not found: open this notebook in its folder")
