"""solutions/ → lessons/: execute, normalise, release through nbgrader, compile the checks."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import create_engine
from traitlets.config.loader import PyFileConfigLoader

from lrlab import load_mnist
from lrlab.checking import codec
from lrlab.checking.compare import difference
from lrlab.predicting.predictions import BadPrediction
from lrlab.predicting.predictions import load as load_predictions

from . import notebook, paths
from .errors import MalformedLesson, NoMnist
from .exercise import Exercise
from .exercises import marked_of_lesson, of_lesson
from .misreadings import observed_readings

CELL_SECONDS = 600


def build(lesson: str) -> bool:
    """Bring lessons/LESSON up to date. Return whether the solution had to be executed.

    Its cells are also registered in nbgrader's gradebook, so that stock nbgrader can grade it.
    Raises MalformedLesson when the notebook breaks a rule or does not fit a gradebook with
    submissions, NoMnist when it must be executed, loads MNIST and only its stand-in is there,
    CellExecutionError when a cell fails.
    """
    _write_data(lesson, paths.released(lesson).parent)
    solution = _stamped(lesson)
    executed = not _is_executed(solution, lesson)
    if executed:
        if notebook.loads_mnist(solution) and load_mnist().name != "MNIST":
            raise NoMnist(
                "build stores outputs on real MNIST: get the data as the line above says."
            )
        NotebookClient(
            solution,
            timeout=CELL_SECONDS,
            store_widget_state=False,
            resources={"metadata": {"path": str(paths.released(lesson).parent)}},
        ).execute()
        solution.metadata["lrlab"] = {"executed": _digest(solution, lesson)}
    notebook.normalise(solution)
    _write(solution, paths.solution(lesson))
    _write(release(solution, lesson, register=True), paths.released(lesson))
    return executed


def released_into(folder: Path, lesson: str, source: Path) -> None:
    """Release a solution notebook, as it was executed last, into a lesson's folder.

    Nothing else in the folder is touched. Raises MalformedLesson when nbgrader cannot release it.
    """
    solution = notebook.read(source)
    notebook.stamp(solution, marked_of_lesson(lesson))
    released = release(solution, lesson)
    _write_data(lesson, folder)
    _write(released, folder / f"{lesson}.ipynb")


def stale(lesson: str) -> list[str]:
    """Say, in sentences, what in lessons/LESSON is not what `build` would give. Changes nothing."""
    problems = []
    on_disk = notebook.read(paths.solution(lesson))
    solution = _stamped(lesson)
    notebook.normalise(solution)
    if solution != on_disk:
        problems.append(f"{_name(paths.solution(lesson))} is not in the form that build writes.")
    if not _is_executed(solution, lesson):
        problems.append(f"{_name(paths.solution(lesson))} changed after it was executed.")
    released = paths.released(lesson)
    if not released.exists() or release(solution, lesson) != notebook.read(released):
        problems.append(f"{_name(released)} is not the release of the solution.")
    if not _same_checks(paths.checks(lesson), checks_text(lesson)):
        problems.append(f"{_name(paths.checks(lesson))} is not what the exercises give.")
    for source, copy in _copied(lesson):
        if _bytes(copy) != _bytes(source):
            problems.append(f"{_name(copy)} is not {_name(source)}.")
    return problems


def _write_data(lesson: str, folder: Path) -> None:
    """Write what lies beside a lesson's notebook: its checks, recorded runs and predictions."""
    folder.mkdir(parents=True, exist_ok=True)
    checks = folder / paths.checks(lesson).name
    text = checks_text(lesson)
    if not _same_checks(checks, text):
        checks.write_text(text, encoding="utf-8")
    for source, copy in _copied(lesson):
        if source.exists():
            shutil.copyfile(source, folder / copy.name)
        else:
            (folder / copy.name).unlink(missing_ok=True)


def _copied(lesson: str) -> list[tuple[Path, Path]]:
    """What the author's files are, and their copies beside the lesson."""
    return [
        (paths.recorded_source(lesson), paths.recorded(lesson)),
        (paths.predictions_source(lesson), paths.predictions(lesson)),
    ]


def checks_text(lesson: str) -> str:
    """checks.json of a lesson: visible cases, expected observations, each misconception's. Data."""
    return "{" + ",\n".join(map(_checks_of, of_lesson(lesson))) + "}\n"


def _checks_of(exercise: Exercise) -> str:
    """One exercise of checks.json; each case and each misconception has its line."""
    cases = exercise.visible_cases
    fields = {
        "points": codec.dumps(exercise.points),
        "abs_tol": codec.dumps(exercise.abs_tol),
        "help": codec.dumps(asdict(exercise.help)),
        "cases": _one_per_line(cases),
        "expected": _one_per_line(exercise.expected(cases)),
        "misconceptions": _one_per_line([asdict(m) for m in exercise.known_mistakes(cases)]),
        "readings": codec.dumps(observed_readings(exercise).dumped(), separators=(",", ":")),
    }
    if exercise.relative_to:
        fields["relative_to"] = codec.dumps(exercise.relative_to)
    return f'"{exercise.id}": {{' + ",\n".join(f'"{k}": {v}' for k, v in fields.items()) + "}"


def _one_per_line(entries: list[Any]) -> str:
    return "[" + ",\n".join(codec.dumps(each, separators=(",", ":")) for each in entries) + "]"


def release(solution: NotebookNode, lesson: str, register: bool = False) -> NotebookNode:
    """The learner's notebook, by nbgrader's own generate_assignment.

    `register` also writes the lesson's cells and points into the course's gradebook.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", lesson, f"{lesson}.ipynb")
        source.parent.mkdir(parents=True)
        _write(solution, source)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(paths.ROOT)).load_config()
        config.CourseDirectory.root = folder
        config.CourseDirectory.source_directory = "source"
        config.CourseDirectory.release_directory = "release"
        config.CourseDirectory.assignment_id = lesson
        config.GenerateAssignment.exporter_class = NotebookExporter  # nbgrader's own
        if not register:  # nbgrader has no release without a gradebook: give it one to throw away
            config.CourseDirectory.db_url = f"sqlite:///{folder}/gradebook.db"
            _empty_gradebook(config.CourseDirectory.db_url)
        course = CourseDirectory(config=config)
        converter = GenerateAssignment(coursedir=course, config=config)
        converter.log.setLevel("ERROR")
        try:
            converter.start()
        except NbGraderException as error:
            raise MalformedLesson(
                "nbgrader cannot release it (its message stands above). If class/ holds "
                "submissions of an older version, move class/ away and build again."
            ) from error
        released = notebook.read(Path(folder, "release", lesson, f"{lesson}.ipynb"))
    released.metadata.pop("lrlab", None)
    return released


def _empty_gradebook(url: str) -> None:
    """Make the tables of a gradebook that is thrown away.

    Where they are missing, nbgrader starts a program that takes seconds to say their version.
    """
    engine = create_engine(url)
    api.Base.metadata.create_all(bind=engine)
    engine.dispose()


def _stamped(lesson: str) -> NotebookNode:
    solution = notebook.read(paths.solution(lesson))
    notebook.stamp(solution, marked_of_lesson(lesson))
    _compare_predictions(solution, lesson)
    return solution


def _compare_predictions(solution: NotebookNode, lesson: str) -> None:
    """Raise MalformedLesson where the notebook and predictions.toml do not have the same ones."""
    try:
        written = list(load_predictions(paths.solution(lesson).parent))
    except BadPrediction as error:
        raise MalformedLesson(str(error)) from None
    asked = notebook.predicted_ids(solution)
    if sorted(asked) != sorted(written):
        odd = sorted(set(asked) ^ set(written)) or asked
        raise MalformedLesson(
            f"predict(…) in the notebook and predictions.toml beside it differ in {odd}: each "
            "prediction stands in both, once."
        )


def _digest(solution: NotebookNode, lesson: str) -> str:
    inputs = (paths.checks(lesson), paths.recorded(lesson), paths.predictions(lesson))
    return notebook.digest(solution, *(path.read_bytes() for path in inputs if path.exists()))


def _is_executed(solution: NotebookNode, lesson: str) -> bool:
    return solution.metadata.get("lrlab", {}).get("executed") == _digest(solution, lesson)


def _same_checks(path: Path, text: str) -> bool:
    """Whether a checks.json is `text`, but for last bits that may differ between processors."""
    if not path.exists():
        return False
    old, new = codec.loads(path.read_text(encoding="utf-8")), codec.loads(text)
    return difference(new, old, abs_tol=1e-15) is None


def _bytes(path: Path) -> bytes | None:
    """What a file holds; None where there is none, as a lesson needs no recorded runs."""
    return path.read_bytes() if path.exists() else None


def _write(solution: NotebookNode, path: Path) -> None:
    nbformat.write(solution, path)


def _name(path: Path) -> str:
    return str(path.relative_to(paths.ROOT))
