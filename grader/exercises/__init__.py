"""All exercises of the course, by id, in the order of the lessons.

The lessons' files need torch, so they are imported when somebody asks for an exercise.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.exercise import Exercise
    from grader.written import Written

    EXERCISES: dict[str, Exercise]

# The lessons in the order of the course. Each has its file here, with _ for - in its name.
LESSONS = (
    "constant-lr",
    "steplr",
    "plateau",
    "shapes",
    "detective",
)


@cache
def marked_of_lesson(lesson: str) -> tuple[Exercise | Written, ...]:
    """All that earns points in a lesson, in the order of its file; none if it is no lesson."""
    from grader.exercise import Exercise
    from grader.written import Written

    if lesson not in LESSONS:
        return ()
    module = import_module(f"{__name__}.{lesson.replace('-', '_')}")
    return tuple(each for each in vars(module).values() if isinstance(each, Exercise | Written))


@cache
def of_lesson(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of one lesson that are checked automatically, in their order."""
    from grader.exercise import Exercise

    return tuple(each for each in marked_of_lesson(lesson) if isinstance(each, Exercise))


@cache
def written_of_lesson(lesson: str) -> tuple[Written, ...]:
    """The questions of one lesson that are answered in words and graded by hand."""
    from grader.written import Written

    return tuple(each for each in marked_of_lesson(lesson) if isinstance(each, Written))


def __getattr__(name: str) -> dict[str, Exercise]:
    if name != "EXERCISES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = {each.id: each for lesson in LESSONS for each in of_lesson(lesson)}
    globals()["EXERCISES"] = found
    return found
