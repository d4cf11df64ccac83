"""What the gradebook says of submissions: scores by the judge and by hand, penalty, comments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from nbgrader import api
from sqlalchemy import Connection, Engine, select

from grader.exercises import LESSONS
from grader.lines import ByHand, Key, Line, Marks, key
from grader.submission.graded import DECIMALS
from lrlab.checking.answer import ANSWER_SUFFIX

from .database import persist
from .penalties import seconds_late

LINES = 500  # read at once: memory does not grow with the class


def marked(engine: Engine, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines with their marks; those that the gradebook does not have come as they are."""
    rest = iter(lines)
    while some := list(islice(rest, LINES)):
        marks = persist(lambda some=some: _read(engine, some))  # type: ignore[misc]
        for line in some:
            yield {**line, "marks": marks[key(line)]} if key(line) in marks else line


def _read(engine: Engine, lines: Sequence[Line]) -> dict[Key, Marks]:
    with engine.begin() as connection:
        submissions = connection.execute(
            select(
                api.SubmittedNotebook.id,
                api.SubmittedNotebook.late_submission_penalty.label("penalty"),
                api.Student.id.label("student"),
                api.Student.first_name,
                api.Student.last_name,
                api.Student.email,
                api.SubmittedAssignment.timestamp,
                api.SubmittedAssignment.extension,
                api.Assignment.name.label("lesson"),
                api.Assignment.duedate,
            )
            .join(
                api.SubmittedAssignment,
                api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id,
            )
            .join(api.Student, api.SubmittedAssignment.student_id == api.Student.id)
            .join(api.Assignment, api.SubmittedAssignment.assignment_id == api.Assignment.id)
            .where(
                api.Student.id.in_({line["student"] for line in lines}),
                api.Assignment.name.in_(LESSONS),
            )
        ).all()
        most: dict[str, float] = dict(
            connection.execute(select(api.Assignment.name, api.Assignment.max_score)).all()
        )
        grades = _grades(connection, [row.id for row in submissions])
        return {
            (row.student, row.lesson): _marks(row, grades[row.id], most[row.lesson])
            for row in submissions
        }


def _grades(connection: Connection, notebooks: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Scores and comments by notebook, one entry an exercise."""
    scores = select(
        api.Grade.notebook_id,
        api.BaseCell.name,
        api.Grade.auto_score,
        api.Grade.manual_score,
        api.Grade.extra_credit,
        api.Grade.max_score.label("max_score"),
        api.Grade.score.label("score"),
    ).join(api.BaseCell, api.Grade.cell_id == api.BaseCell.id)
    comments = (
        select(api.Comment.notebook_id, api.BaseCell.name, api.Comment.manual_comment)
        .join(api.BaseCell, api.Comment.cell_id == api.BaseCell.id)
        .where(api.Comment.manual_comment != "")
    )
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in connection.execute(scores.where(api.Grade.notebook_id.in_(notebooks))):
        found[row.notebook_id][row.name] = {**row._mapping, "comment": ""}
    for row in connection.execute(comments.where(api.Comment.notebook_id.in_(notebooks))):
        exercise = row.name.removesuffix(ANSWER_SUFFIX)
        if exercise in found[row.notebook_id]:
            found[row.notebook_id][exercise]["comment"] = row.manual_comment
    return defaultdict(list, {each: list(cells.values()) for each, cells in found.items()})


def _marks(row: Any, grades: Sequence[dict[str, Any]], max_score: float) -> Marks:
    manual = [each["manual_score"] for each in grades if each["manual_score"] is not None]
    total = sum(each["score"] for each in grades)
    penalty = row.penalty or 0.0
    by_hand: list[ByHand] = [
        {
            "id": each["name"],
            "auto": each["auto_score"],
            "manual": each["manual_score"],
            "extra": each["extra_credit"] or 0.0,
            "comment": each["comment"],
        }
        for each in grades
        if each["manual_score"] is not None or each["extra_credit"] or each["comment"]
    ]
    return {
        "name": " ".join(filter(None, (row.first_name, row.last_name))),
        "email": row.email or "",
        "score": _rounded(max(0.0, total - penalty)),  # as nbgrader exports it
        "max_score": max_score,
        "auto": _rounded(sum(each["auto_score"] or 0.0 for each in grades)),
        "manual": _rounded(sum(manual)) if manual else None,
        "extra": _rounded(sum(each["extra_credit"] or 0.0 for each in grades)),
        "penalty": _rounded(penalty),
        "waiting": _rounded(
            sum(
                each["max_score"]
                for each in grades
                if each["auto_score"] is None and each["manual_score"] is None
            )
        ),
        "late_seconds": seconds_late(row.timestamp, row.duedate, row.extension),
        "by_hand": by_hand,
    }


def _rounded(points: float) -> float:
    return round(points, DECIMALS)
