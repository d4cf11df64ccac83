"""The one place that knows where things lie and what they are called."""

from __future__ import annotations

from pathlib import Path

COURSE_ID = "lr-scheduling"  # nbgrader's name of the course
ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
LESSONS = ROOT / "lessons"
START_PAGE = LESSONS / "start.ipynb"
DATA = ROOT / "data"
LRLAB = LESSONS / "lrlab"
INSIDE = ROOT / "grader" / "inside"


def solution(lesson: str) -> Path:
    """The notebook with answers."""
    return SOLUTIONS / lesson / f"{lesson}.ipynb"


def released(lesson: str) -> Path:
    """The notebook that learners get."""
    return LESSONS / lesson / f"{lesson}.ipynb"


def checks(lesson: str) -> Path:
    """What `lrlab.check` compares with: visible cases and observations, no code."""
    return LESSONS / lesson / "checks.json"


def recorded(lesson: str) -> Path:
    """The recorded runs, as shipped with the lesson."""
    return LESSONS / lesson / "recorded.json"


def recorded_source(lesson: str) -> Path:
    """The recorded runs, as `python -m lrlab.record` wrote them."""
    return DATA / f"{lesson}.json"


def predictions(lesson: str) -> Path:
    """The lesson's predictions with their answers, as shipped with it."""
    return LESSONS / lesson / "predictions.toml"


def predictions_source(lesson: str) -> Path:
    """The predictions as their author writes them."""
    return SOLUTIONS / lesson / "predictions.toml"
