"""Stock nbgrader, its own commands and settings, grades the lessons."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.validator import Validator

from grader import paths
from grader.exercises import LESSONS, of_lesson

# A near miss that earns half of its points.
NEAR_MISS = {
    "step_lr": "def step_lr(lr0, step_size, gamma, epoch):\n"
    "    return round(lr0 * gamma ** (epoch // step_size), 4)"
}
OURS = re.compile(r"c\.(Autograde|Generate\w+)\.")  # settings that put our grader in its place
PATIENCE = "c.Execute.timeout = 600\n"  # nbgrader gives a cell 30 s, also on a busy machine
NOBODY = "http://127.0.0.1:9"  # no download
# Around a right answer: what it does inside the graded cell must cost nothing.
WARNS = """

import functools, sys, warnings

def _noisy(answer):
    @functools.wraps(answer)
    def with_noise(*arguments, **named):
        warnings.warn("a torch warning")
        print("a line on stderr", file=sys.stderr)
        return answer(*arguments, **named)
    return with_noise

{exercise} = _noisy({exercise})
"""


def _run(command: list[str], folder: Path) -> str:
    """No mark depends on the images, and training on the small stand-in takes less time."""
    environment = {
        **os.environ,
        "PYTHONWARNINGS": "default",
        "LRLAB_DATA": str(folder / "no images"),
        **dict.fromkeys(("http_proxy", "https_proxy"), NOBODY),
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def _without_demos(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Cells that only demonstrate or train, which take most of the time, do nothing."""
    for cell in notebook.cells:
        if "demo" in cell.metadata.get("tags", []):
            cell.source = "pass"
    return notebook


def _submissions(lesson: str) -> dict[str, tuple[nbformat.NotebookNode, float]]:
    """Student → notebook and the score it must get. Every cell runs in the untouched one alone."""
    released = nbformat.read(paths.released(lesson), as_version=4)
    solution = nbformat.read(paths.solution(lesson), as_version=4)
    answers = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in solution.cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    }
    exercises = of_lesson(lesson)

    def handed_in(answered: set[str], changes: dict[str, str], suffix: str = ""):
        notebook = _without_demos(copy.deepcopy(released))
        for cell in notebook.cells:
            meta = cell.metadata.get("nbgrader", {})
            exercise = meta.get("grade_id", "").removesuffix("-answer")
            if meta.get("solution") and exercise in answered:
                answer = changes.get(exercise, answers[meta.grade_id])
                cell.source = answer + suffix.format(exercise=exercise)
        return notebook

    everything = {exercise.id for exercise in exercises}
    full = sum(e.points for e in exercises)
    some = _some_alone(answers)
    mixed = sum(e.points * (0.5 if e.id in NEAR_MISS else 1) for e in exercises if e.id in some)
    return {
        "untouched": (released, 0),
        "mixed": (handed_in(some, NEAR_MISS), mixed),
        "solved": (handed_in(everything, {}, WARNS), full),
    }


def _some_alone(answers: dict[str, str]) -> set[str]:
    """Most of the exercises whose answers call no other answer; the second one stays untouched."""
    bodies = {grade_id.removesuffix("-answer"): source for grade_id, source in answers.items()}
    alone = [
        exercise
        for exercise, body in bodies.items()
        if not any(re.search(rf"\b{other}\(", body) for other in bodies if other != exercise)
    ]
    return {*alone[:1], *alone[2:]}


@pytest.fixture
def course(tmp_path, lesson) -> Path:
    """A course folder with its own gradebook, so that tests leave the repository alone."""
    folder = tmp_path / "course"
    folder.mkdir()
    ours = (paths.ROOT / "nbgrader_config.py").read_text()
    stock = "".join(line for line in ours.splitlines(True) if not OURS.match(line))
    assert stock != ours
    (folder / "nbgrader_config.py").write_text(stock + PATIENCE)
    shutil.copytree(paths.SOLUTIONS, folder / "solutions")
    _run(["generate_assignment", lesson], folder)
    return folder


# The exercises of the others are judged alike, and the checks' own tests take every one of them.
SOONER = "detective"


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(each, marks=() if each == SOONER else pytest.mark.long) for each in LESSONS],
)
def test_autograde_gives_each_submission_its_points(lesson, course):
    expected = {}
    for student, (notebook, score) in _submissions(lesson).items():
        path = course / "class" / "submitted" / student / lesson / f"{lesson}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        expected[student] = score
    _run(["autograde", lesson], course)
    with Gradebook(f"sqlite:///{course / 'class' / 'gradebook.db'}") as gradebook:
        scores = {s: gradebook.find_submission(lesson, s).score for s in expected}
    assert scores == expected


def test_validate_reports_the_diagnosis(tmp_path):
    notebook = _submissions("steplr")["solved"][0]
    early = next(e for e in of_lesson("steplr") if e.id == "step_lr")
    sentence = next(s for s in early.misconceptions if "early" in s)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "step_lr-answer":
            cell.source = (
                "def step_lr(lr0, step_size, gamma, epoch):\n"
                "    return lr0 * gamma ** ((epoch + 1) // step_size)"
            )
    path = tmp_path / "steplr.ipynb"
    nbformat.write(notebook, path)
    failed = Validator(ignore_checksums=True).validate(str(path))["failed"]
    assert failed[0]["source"] == 'check("step_lr", step_lr)'  # then those that build on it
    assert " ".join(sentence.split()) in " ".join(failed[0]["error"].split())
