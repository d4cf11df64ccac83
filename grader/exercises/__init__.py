"""All exercises of the course, by id, in the order of the lessons."""

from __future__ import annotations

from grader.exercise import Exercise

from . import constant_lr, plateau, steplr

LESSONS = {"constant-lr": constant_lr, "steplr": steplr, "plateau": plateau}

EXERCISES: dict[str, Exercise] = {
    value.id: value
    for module in LESSONS.values()
    for value in vars(module).values()
    if isinstance(value, Exercise)
}


def of_lesson(lesson: str) -> list[Exercise]:
    """The exercises of one lesson, in the order of its file."""
    return [exercise for exercise in EXERCISES.values() if exercise.lesson == lesson]
