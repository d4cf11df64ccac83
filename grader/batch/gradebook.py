"""nbgrader's own gradebook, in its own tables. Only one process writes it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nbgrader import api
from nbgrader.preprocessors import SaveCells
from sqlalchemy import Column, Connection, bindparam, create_engine, insert, select, update

from grader import paths
from grader.errors import OtherCourse
from grader.exercises import LESSONS
from grader.lines import Line
from grader.notebook import ANSWER_SUFFIX, released
from grader.untrusted import markdown

from .database import keep_private, make_tables, persist
from .timestamps import utc

NO_RESPONSE = "No response."  # nbgrader's own words
STUDENT = api.Student.__table__
SUBMISSION = api.SubmittedAssignment.__table__
NOTEBOOK = api.SubmittedNotebook.__table__
GRADE = api.Grade.__table__
COMMENT = api.Comment.__table__
Pair = tuple[str, str]
Entry = tuple[Line, str]  # a line of results.jsonl, and when it was handed in; "": nobody said


@dataclass(frozen=True)
class _Lesson:
    """The ids of a lesson's rows: its assignment, its notebook, and cells by name."""

    assignment: str
    notebook: str
    grade_cells: dict[str, str]
    answer_cells: dict[str, str]


class Gradebook:
    """Scores and comments by lesson and student; manual ones are never touched.

    Args:
        url: any SQLAlchemy URL; a SQLite file is made when it does not exist.

    Raises OtherCourse when the lessons do not fit what is in there.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_pre_ping=True)
        keep_private(self._engine.url)
        make_tables(self._engine)
        with api.Gradebook(url, paths.COURSE_ID) as book:
            for lesson in LESSONS:
                _register(book, url, lesson)
            self._lessons = {lesson: _rows_of(book, lesson) for lesson in LESSONS}

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def takes(self, line: Line) -> bool:
        """Whether a line that was written earlier is about a lesson as it is now."""
        lesson = self._lessons.get(line["lesson"])
        return lesson is not None and lesson.grade_cells.keys() == {
            mark["id"] for mark in line["exercises"]
        }

    def save(self, entries: Sequence[Entry]) -> None:
        """Write the scores of some submissions in one transaction: all of them, or none.

        The number of statements does not depend on how many there are, nor on the class. Waits for
        a database that is away; then raises what SQLAlchemy raised.
        """
        if entries:
            persist(lambda: self._write(entries))

    def _write(self, entries: Sequence[Entry]) -> None:
        with self._engine.begin() as connection:
            _add_students(connection, {line["student"] for line, _ in entries})
            notebooks = self._notebooks(connection, entries)
            scores: dict[Pair, float] = {}
            comments: dict[Pair, str | None] = {}
            for (line, _), notebook in zip(entries, notebooks):
                cells = self._lessons[line["lesson"]]
                marks = {mark["id"]: mark for mark in line["exercises"]}
                for name, cell in cells.grade_cells.items():
                    scores[cell, notebook] = marks[name]["score"]
                for name, cell in cells.answer_cells.items():
                    mark = marks[name.removesuffix(ANSWER_SUFFIX)]
                    unanswered = mark["verdict"] == "unanswered"
                    said = NO_RESPONSE if unanswered else markdown(mark["diagnosis"])
                    comments[cell, notebook] = said or None
            _set_scores(connection, scores)
            _set_comments(connection, comments)

    def _notebooks(self, connection: Connection, entries: Sequence[Entry]) -> list[str]:
        """The id of each entry's submitted notebook; what is missing is made."""
        lessons = [self._lessons[line["lesson"]] for line, _ in entries]
        wanted = [(its.assignment, line["student"]) for its, (line, _) in zip(lessons, entries)]
        by_pair = _ids(connection, SUBMISSION.c.assignment_id, SUBMISSION.c.student_id, wanted)
        submissions = [by_pair[pair] for pair in wanted]
        _set_timestamps(connection, zip(submissions, (timestamp for _, timestamp in entries)))
        wanted = [(its.notebook, submission) for its, submission in zip(lessons, submissions)]
        by_pair = _ids(connection, NOTEBOOK.c.notebook_id, NOTEBOOK.c.assignment_id, wanted)
        return [by_pair[pair] for pair in wanted]


def _register(book: api.Gradebook, url: str, lesson: str) -> None:
    """Write the lesson's cells and points, as nbgrader's generate_assignment does."""
    if _is_registered(book, lesson):
        return
    book.update_or_create_assignment(lesson)
    where = {"notebook": lesson, "assignment": lesson, "db_url": url}
    try:
        SaveCells().preprocess(copy.deepcopy(released(lesson)), {"nbgrader": where})
    except RuntimeError as error:
        raise OtherCourse(
            f"The gradebook holds submissions of another version of {lesson} ({error}). "
            "Move the folder with the gradebook away, or grade with another --out."
        ) from None
    book.db.rollback()  # forget what was read before


def _is_registered(book: api.Gradebook, lesson: str) -> bool:
    try:
        notebook = book.find_notebook(lesson, lesson)
    except api.MissingEntry:
        return False
    cells = [cell for cell in released(lesson).cells if "nbgrader" in cell.metadata]
    meta = [cell.metadata.nbgrader for cell in cells]
    points = {each.grade_id: each.points for each in meta if each.grade}
    sources = {each.grade_id: cell.source for each, cell in zip(meta, cells)}
    return points == {cell.name: cell.max_score for cell in notebook.grade_cells} and (
        sources == {cell.name: cell.source for cell in notebook.source_cells}
    )


def _rows_of(book: api.Gradebook, lesson: str) -> _Lesson:
    notebook = book.find_notebook(lesson, lesson)
    return _Lesson(
        assignment=notebook.assignment_id,
        notebook=notebook.id,
        grade_cells={cell.name: cell.id for cell in notebook.grade_cells},
        answer_cells={cell.name: cell.id for cell in notebook.solution_cells},
    )


def _add_students(connection: Connection, students: set[str]) -> None:
    known = connection.scalars(select(STUDENT.c.id).where(STUDENT.c.id.in_(students)))
    if missing := sorted(students.difference(known)):
        connection.execute(insert(STUDENT), [{"id": student} for student in missing])


def _ids(
    connection: Connection, first: Column[str], second: Column[str], wanted: Iterable[Pair]
) -> dict[Pair, str]:
    """Ids of the rows with these values in two columns, together unique; missing ones are made."""
    table = first.table
    seconds = {value for _, value in wanted}
    found = connection.execute(select(first, second, table.c.id).where(second.in_(seconds)))
    ids = {(one, other): row for one, other, row in found}
    missing = {pair: api.new_uuid() for pair in wanted if pair not in ids}
    if missing:
        connection.execute(
            insert(table),
            [{first.key: a, second.key: b, "id": row} for (a, b), row in missing.items()],
        )
    return ids | missing


def _set_timestamps(connection: Connection, timestamps: Iterable[Pair]) -> None:
    """Note when submissions were handed in; nbgrader finds from that which are late."""
    known = [{"row": row, "at": at} for row, text in timestamps if (at := utc(text))]
    if known:
        row = SUBMISSION.c.id == bindparam("row")
        connection.execute(update(SUBMISSION).where(row).values(timestamp=bindparam("at")), known)


def _set_scores(connection: Connection, scores: dict[Pair, float]) -> None:
    ids = _ids(connection, GRADE.c.cell_id, GRADE.c.notebook_id, scores)
    changed = (
        update(GRADE)
        .where(GRADE.c.id == bindparam("row"))
        .values(
            auto_score=bindparam("score"),
            needs_manual_grade=GRADE.c.manual_score.is_not(None),  # as nbgrader does
        )
    )
    connection.execute(changed, [{"row": ids[pair], "score": s} for pair, s in scores.items()])


def _set_comments(connection: Connection, comments: dict[Pair, str | None]) -> None:
    ids = _ids(connection, COMMENT.c.cell_id, COMMENT.c.notebook_id, comments)
    changed = (
        update(COMMENT)
        .where(COMMENT.c.id == bindparam("row"))
        .values(auto_comment=bindparam("text"))
    )
    connection.execute(changed, [{"row": ids[pair], "text": t} for pair, t in comments.items()])
