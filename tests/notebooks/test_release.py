"""What learners get: complete on its own, and it knows no answer."""

import ast
import re
import subprocess
import sys

import nbformat
import pytest

from grader import build, paths
from grader.exercises import LESSONS, marked_of_lesson, of_lesson, written_of_lesson
from lrlab.checking import codec
from lrlab.checking.compare import difference

EXERCISE_FILES = paths.ROOT / "grader" / "exercises"
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
        assert graded == {e.id: e.points for e in marked_of_lesson(lesson)}
        by_hand = {each.id for each in written_of_lesson(lesson)}  # one cell is both
        assert answers == [each if each in by_hand else f"{each}-answer" for each in graded]


@lessons
def test_the_rules_of_style(lesson):
    cells = nbformat.read(paths.solution(lesson), as_version=4).cells
    titles = [c for c in cells if c.cell_type == "markdown" and c.source.startswith("# ")]
    assert len(titles) == 1
    for cell in cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= (40 if "SOLUTION" in cell.source else 20)


def _statements(code: str) -> set[str]:
    """Every statement of some code and what every lambda and `return` computes, normalised."""
    nodes = list(ast.walk(ast.parse(code)))
    found = [node for node in nodes if isinstance(node, ast.stmt)]
    found += [node.body for node in nodes if isinstance(node, ast.Lambda)]
    return set(map(ast.dump, found))


def _answers(code: str) -> list[list[str]]:
    """The bodies of all functions and lambdas of an exercise file that say more than a name."""
    bodies = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Lambda):
            bodies.append([node.body])
        elif isinstance(node, ast.FunctionDef):
            is_text = isinstance(node.body[0], ast.Expr) and isinstance(
                node.body[0].value, ast.Constant
            )
            bodies.append(node.body[is_text:])
    long_enough = [b for b in bodies if sum(len(ast.unparse(part)) for part in b) > 25]
    return [[ast.dump(part) for part in body] for body in long_enough]


def _released_code() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in paths.LESSONS.rglob("*.py")]
    for path in paths.LESSONS.rglob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts += [cell.source for cell in cells if cell.cell_type == "code"]
    return texts


def _leaks(answers: list[list[str]], released: list[str]) -> list[list[str]]:
    shipped = set().union(*map(_statements, released))
    return [body for body in answers if all(part in shipped for part in body)]


def test_no_answer_leaves_with_the_lessons():
    released = _released_code()
    assert not any("grader" in line for text in released for line in _imports(text))
    assert not any("BEGIN SOLUTION" in text for text in released)
    found = 0
    for lesson in LESSONS:
        module = (EXERCISE_FILES / f"{lesson.replace('-', '_')}.py").read_text(encoding="utf-8")
        answers = _answers(module)
        found += len(answers)
        assert _leaks(answers, [module]) == answers, "the test must find what is there"
        assert _leaks(answers, released) == []
    assert found > 300


def _imports(code: str) -> list[str]:
    return [line for line in code.splitlines() if line.strip().startswith(("import ", "from "))]


def test_only_visible_cases_and_data_leave_with_the_lessons():
    for lesson in LESSONS:
        text = paths.checks(lesson).read_text(encoding="utf-8")
        shipped = codec.loads(text)
        assert list(shipped) == [exercise.id for exercise in of_lesson(lesson)]
        for exercise in of_lesson(lesson):
            data = shipped[exercise.id]
            assert difference(exercise.visible_cases, data["cases"]) is None
            names = {"points", "abs_tol", "help", "cases", "expected", "misconceptions", "readings"}
            assert set(data) - {"relative_to"} == names
            del data["help"]  # tests/unit/test_help.py looks at the code in there
        text = codec.dumps(shipped)
        assert "lambda" not in text
        assert not re.search("(?<![0-9a-f])def ", text)  # a digest may end in these letters


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("torch", "The package torch is not installed in this notebook's Python: run "),
        ("anywidget", "The package anywidget is not installed in this notebook's Python: run "),
    ],
)
def test_where_a_package_is_missing_the_first_cell_says_what_to_do(missing, told, tmp_path):
    """One sentence, and nothing of a traceback."""
    done = _first_cell_without(missing, tmp_path)
    assert done.stderr == ""
    assert done.stdout.startswith(told)
    assert "pip install" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("page", [*LESSONS, "start"])
def test_where_lrlab_is_missing_the_first_cell_says_what_to_do(page, tmp_path):
    path = paths.LESSONS / "start.ipynb" if page == "start" else paths.released(page)
    done = _first_cell_without("lrlab", tmp_path, path)
    assert done.stderr == ""
    assert done.stdout.startswith("lrlab is missing: open this notebook in the folder lessons/, or")
    assert done.stdout.count("\n") == 1


def _first_cell_without(missing, tmp_path, path=None):
    """What IPython prints of a notebook's first code cell where a package is missing."""
    cells = nbformat.read(path or paths.released("steplr"), as_version=4).cells
    setup = next(cell.source for cell in cells if cell.cell_type == "code")
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        f"assert not InteractiveShell.instance().run_cell({setup!r}).success"
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
