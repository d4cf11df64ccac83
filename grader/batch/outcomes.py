"""A task in, its line and its pages out.

What judges and renders is imported in here only when it is needed: the process that sends tasks
out never does.
"""

from __future__ import annotations

import json
import re
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from grader.errors import NoSandbox
from grader.exercises import LESSONS
from grader.lines import NOT_IN_VERSION

from .records import Outcome, Task

if TYPE_CHECKING:
    from grader.submission.graded import Graded
    from grader.submission.sandbox import Sandbox


NOT_STARTED = "Not started: nothing was added to the lesson as it was handed out."
FAILED = (
    "The grader itself failed at this submission, which is not the learner's fault. Nothing was "
    "graded; grade.log has the reason."
)


def grade_task(task: Task, sandbox: Sandbox) -> Outcome:
    """Grade a task and make everything that is written about it.

    Whatever is raised on the way becomes this submission's outcome, `failed`. Raises NoSandbox, and
    OSError where the machine fails: both concern every submission.
    """
    try:
        return _graded(task, sandbox)
    except (NoSandbox, OSError):
        raise
    except Exception as error:
        return failed(task, error)


def _graded(task: Task, sandbox: Sandbox) -> Outcome:
    from grader.submission.grading import grade_submission, ungraded

    if task.content is None:
        return outcome_of(task, ungraded(task.lesson, task.problem, task.status))
    graded = grade_submission(task.content, task.lesson, task.seed, sandbox)
    return outcome_of(task, _told(task, graded))


def _told(task: Task, graded: Graded) -> Graded:
    """What was graded, with what is known of the hand-in as a whole."""
    if _is_untouched(task.lesson, graded):
        return replace(graded, status="not_started", detail=NOT_STARTED)
    if not graded.cells:
        return replace(graded, detail=graded.detail or task.note)  # Nothing was read of it.
    content = task.content or b""
    text = content.decode(json.detect_encoding(content), "replace")
    marks = tuple(
        replace(mark, found=replace(mark.found, diagnosis=NOT_IN_VERSION))
        if mark.verdict == "unanswered" and not _names(mark.id, text)
        else mark
        for mark in graded.exercises
    )
    return replace(graded, exercises=marks, detail=graded.detail or task.note)


def _names(exercise: str, text: str) -> bool:
    """Whether a text has this word; it may be long, so what is looked for first is the word."""
    return re.search(rf"{exercise}(?<!\w{exercise})\b", text) is not None


def _is_untouched(lesson: str, graded: Graded) -> bool:
    """Whether every cell is as it was handed out, and nothing else is there."""
    from grader.notebook import released

    if graded.status != "graded" or any(each.verdict != "unanswered" for each in graded.exercises):
        return False
    handed_out = {"", *(cell.source.strip() for cell in released(lesson).cells)}
    return all(cell.source.strip() in handed_out for cell in graded.cells)


def failed(task: Task, error: Exception) -> Outcome:
    """The outcome of a submission at which the grader failed: a line that says so, and no page."""
    from grader.submission.grading import ungraded

    line = ungraded(task.lesson, FAILED, "failed").as_line(task.student, task.lesson)
    return Outcome(line, trouble="".join(traceback.format_exception(error)))


def outcome_of(task: Task, graded: Graded) -> Outcome:
    """The line and the pages of a graded submission."""
    from grader.pages import render
    from grader.pages.autograded import autograded

    line = graded.as_line(task.student, task.lesson)
    if task.lesson not in LESSONS:
        return Outcome(line)
    page = render.feedback(task.student, task.lesson, graded) if task.feedback else ""
    return Outcome(line, autograded(task.lesson, graded), page)
