"""Which attempt earns most: all attempts of a lesson are graded, lateness counted, none written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from grader.batch.class_folder import ClassFolder
from grader.batch.course import Course
from grader.batch.outcomes import grade_task
from grader.batch.records import Task, seed_of
from grader.submission.bwrap import check_linux, check_wall
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

from .rows import Row


def keep_best(
    rows: Sequence[Row], course: Course, out: Path, seed: str | None, limits: Limits | None
) -> None:
    """Of several attempts keep the one with the highest score; of equal ones the newest.

    Args:
        rows: all attempts; the one that is kept is marked.
        course: what being late costs.
        out: the class folder.
        seed: what hidden cases are drawn from; None for the secret of the class folder.
        limits: what one attempt may use; None for what is usual.

    Raises NoSandbox where nothing can be graded.
    """
    attempts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.student and row.lesson and row.notebook and row.entry.path:
            attempts[row.student, row.lesson].append(row)
    several = [some for some in attempts.values() if len({row.digest for row in some}) > 1]
    if not several:
        return
    check_linux()
    check_wall()
    with ClassFolder(out) as folder:
        secret = seed or folder.secret()
    with Sandbox(limits) as sandbox:
        for some in several:
            scores = {id(row): _score(row, course, secret, sandbox) for row in some}
            best = max(some, key=lambda row: (scores[id(row)], row.kept, *row.age))
            for row in some:
                row.kept = row is best


def _score(row: Row, course: Course, secret: str, sandbox: Sandbox) -> float:
    """What an attempt earns as it would be graded, less what its lateness costs."""
    content = row.entry.read()
    limits = sandbox.limits
    seed = seed_of(secret, row.lesson, content)
    task = Task(row.student, row.lesson, content, "", "", seed, limits, feedback=False)
    score = grade_task(task, sandbox).line["score"]
    terms = course.terms.get(row.lesson)
    return score - terms.penalty(score, row.late_seconds) if terms else score
