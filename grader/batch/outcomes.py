"""A task in, its line and its pages out.

What judges and renders is imported in here only when it is needed: the process that sends tasks
out never does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.exercises import LESSONS

from .records import Outcome, Task

if TYPE_CHECKING:
    from grader.submission.graded import Graded
    from grader.submission.sandbox import Sandbox


def grade_task(task: Task, sandbox: Sandbox) -> Outcome:
    """Grade a task and make everything that is written about it."""
    from grader.submission.grading import grade_submission, ungraded

    if task.content is None:
        return outcome_of(task, ungraded(task.lesson, task.problem))
    return outcome_of(task, grade_submission(task.content, task.lesson, task.seed, sandbox))


def outcome_of(task: Task, graded: Graded) -> Outcome:
    """The line and the pages of a graded submission."""
    from grader.pages import render
    from grader.pages.autograded import autograded

    line = graded.as_line(task.student, task.lesson)
    if task.lesson not in LESSONS:
        return Outcome(line)
    page = render.feedback(task.student, task.lesson, graded) if task.feedback else ""
    return Outcome(line, autograded(task.lesson, graded), page)
