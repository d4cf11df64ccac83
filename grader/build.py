"""solutions/ → lessons/: execute, normalise, release through nbgrader, compile the checks."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from lrlab import codec
from lrlab.compare import difference

from . import notebook, paths
from .exercises import of_lesson

CELL_SECONDS = 600


def build(lesson: str) -> bool:
    """Bring lessons/LESSON up to date. Return whether the solution had to be executed.

    Raises MalformedLesson when the notebook breaks a rule, CellExecutionError when a cell fails.
    """
    for path in (paths.checks(lesson), paths.released(lesson)):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not _same_checks(lesson):
        paths.checks(lesson).write_text(checks_text(lesson), encoding="utf-8")
    shutil.copyfile(paths.recorded_source(lesson), paths.recorded(lesson))
    solution = _stamped(lesson)
    executed = not _is_executed(solution, lesson)
    if executed:
        NotebookClient(
            solution,
            timeout=CELL_SECONDS,
            store_widget_state=False,
            resources={"metadata": {"path": str(paths.released(lesson).parent)}},
        ).execute()
        solution.metadata["lrlab"] = {"executed": _digest(solution, lesson)}
    notebook.normalise(solution)
    _write(solution, paths.solution(lesson))
    _write(release(solution, lesson), paths.released(lesson))
    return executed


def stale(lesson: str) -> list[str]:
    """Say, in sentences, what in lessons/LESSON is not what `build` would give. Changes nothing."""
    problems = []
    on_disk = _read(paths.solution(lesson))
    solution = _stamped(lesson)
    notebook.normalise(solution)
    if solution != on_disk:
        problems.append(f"{_name(paths.solution(lesson))} is not in the form that build writes.")
    if not _is_executed(solution, lesson):
        problems.append(f"{_name(paths.solution(lesson))} changed after it was executed.")
    released = paths.released(lesson)
    if not released.exists() or release(solution, lesson) != _read(released):
        problems.append(f"{_name(released)} is not the release of the solution.")
    if not _same_checks(lesson):
        problems.append(f"{_name(paths.checks(lesson))} is not what the exercises give.")
    shipped, source = paths.recorded(lesson), paths.recorded_source(lesson)
    if not shipped.exists() or shipped.read_bytes() != source.read_bytes():
        problems.append(f"{_name(shipped)} is not {_name(source)}.")
    return problems


def checks_text(lesson: str) -> str:
    """checks.json of a lesson: visible cases, expected observations, each misconception's. Data."""
    compiled = {}
    for exercise in of_lesson(lesson):
        cases = exercise.visible_cases()
        compiled[exercise.id] = {
            "points": exercise.points,
            "abs_tol": exercise.abs_tol,
            "cases": cases,
            "expected": exercise.expected(cases),
            "misconceptions": [asdict(known) for known in exercise.known_mistakes(cases)],
        }
    return codec.dumps(compiled, indent=1) + "\n"


def release(solution: NotebookNode, lesson: str) -> NotebookNode:
    """The learner's notebook, by nbgrader's own generate_assignment, without a database."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", lesson, f"{lesson}.ipynb")
        source.parent.mkdir(parents=True)
        _write(solution, source)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(paths.ROOT)).load_config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.source_directory = "source"
        config.CourseDirectory.release_directory = "release"
        config.CourseDirectory.assignment_id = lesson
        config.GenerateAssignment.no_database = True
        course = CourseDirectory(config=config)
        converter = GenerateAssignment(coursedir=course, config=config)
        converter.log.setLevel("ERROR")
        converter.start()
        released = _read(Path(folder, "release", lesson, f"{lesson}.ipynb"))
    released.metadata.pop("lrlab", None)
    return released


def _stamped(lesson: str) -> NotebookNode:
    solution = _read(paths.solution(lesson))
    notebook.stamp(solution, of_lesson(lesson))
    return solution


def _digest(solution: NotebookNode, lesson: str) -> str:
    inputs = (paths.checks(lesson), paths.recorded(lesson))
    return notebook.digest(solution, *(path.read_bytes() for path in inputs if path.exists()))


def _is_executed(solution: NotebookNode, lesson: str) -> bool:
    return solution.metadata.get("lrlab", {}).get("executed") == _digest(solution, lesson)


def _same_checks(lesson: str) -> bool:
    """Equal but for the last bits, which may differ between processors."""
    path = paths.checks(lesson)
    if not path.exists():
        return False
    old, new = codec.loads(path.read_text(encoding="utf-8")), codec.loads(checks_text(lesson))
    return difference(new, old, abs_tol=1e-15) is None


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _write(solution: NotebookNode, path: Path) -> None:
    nbformat.write(solution, path)


def _name(path: Path) -> str:
    return str(path.relative_to(paths.ROOT))
