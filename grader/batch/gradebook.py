"""nbgrader's own gradebook, in its own tables. Only one process writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nbgrader import api
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from grader import paths
from grader.exercises import LESSONS
from grader.lines import NOT_IN_VERSION, Key, Line, MarkLine
from grader.untrusted import markdown
from lrlab.checking.answer import ANSWER_SUFFIX

from . import marks, penalties
from .database import connected, keep_private, make_tables, persist
from .penalties import Policy
from .persons import Person
from .registered import Registered, register
from .submissions import NAME_CHARS
from .tables import ASSIGNMENT, COMMENT, GRADE, NOTEBOOK, STUDENT, SUBMISSION
from .timestamps import utc

NO_RESPONSE = "No response."  # nbgrader's own words
Pair = tuple[str, str]
Entry = tuple[Line, str]  # a line of results.jsonl, and when it was handed in; "": nobody said


class Gradebook:
    """Scores and comments by lesson and student; manual ones are never touched.

    Args:
        url: any SQLAlchemy URL; a SQLite file is made when it does not exist.

    Waits for a database that is away. Raises NoDatabase when it cannot hold a gradebook.
    """

    def __init__(self, url: str) -> None:
        self._engine = connected(url)
        keep_private(self._engine.url)
        try:
            self._lessons = persist(lambda: self._opened(url))
        except BaseException:
            self._engine.dispose()
            raise

    def _opened(self, url: str) -> dict[str, Registered]:
        make_tables(self._engine)
        with api.Gradebook(url, paths.COURSE_ID) as book:
            return {lesson: register(book, lesson) for lesson in LESSONS}

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def takes(self, line: Line) -> bool:
        """Whether a line is about a lesson of the course, so that it has scores in here."""
        return line["lesson"] in self._lessons and bool(line["exercises"])

    def whole(self) -> set[Key]:
        """The submissions that have a score in here for every exercise of their lesson."""

        def read() -> set[Key]:
            with self._engine.begin() as connection:
                return {
                    (student, lesson)
                    for lesson, its in self._lessons.items()
                    for student in connection.scalars(_whole(its))
                }

        return persist(read)

    def submissions(self, student: str) -> set[Key]:
        """All submissions that a student has in here."""
        query = (
            select(ASSIGNMENT.c.name)
            .join_from(SUBMISSION, ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
            .where(SUBMISSION.c.student_id == student)
        )

        def read() -> set[Key]:
            with self._engine.begin() as connection:
                return {(student, lesson) for lesson in connection.scalars(query)}

        return persist(read)

    def marked(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines with their `marks`: what this gradebook says of them now."""
        yield from marks.marked(self._engine, lines)

    def enrol(self, people: Sequence[Person]) -> None:
        """Give students the names and addresses of a roster; those who are new come into it."""
        if people:
            persist(lambda: self._enrol(people))

    def _enrol(self, people: Sequence[Person]) -> None:
        columns = ("first_name", "last_name", "email", "lms_user_id")
        with self._engine.begin() as connection:
            there = {row.id: row for row in connection.execute(select(STUDENT))}
            _add_students(connection, {each.student for each in people}.difference(there))
            for each in people:
                first, _, last = each.name.rpartition(" ")
                texts = (first, last, each.email, each.lms_id)
                said = {name: text[:NAME_CHARS] for name, text in zip(columns, texts)}
                row = there.get(each.student)
                new = {
                    name: value
                    for name, value in said.items()
                    if value and value != (getattr(row, name) if row else None)
                }
                if new:
                    one = update(STUDENT).where(STUDENT.c.id == each.student)
                    connection.execute(one.values(**new))

    def settle(self, policy: Policy) -> None:
        """Give every late submission its penalty, and take back those that no longer hold."""
        persist(lambda: penalties.settle(self._engine, policy))

    def remove(self, submissions: Iterable[Key], student: str = "") -> None:
        """Forget submissions, manual scores included, and a student if one is named."""
        persist(lambda: self._remove(list(submissions), student))

    def _remove(self, submissions: Sequence[Key], student: str) -> None:
        with self._engine.begin() as connection:
            for each, lesson in submissions:
                rows = (
                    select(SUBMISSION.c.id)
                    .join(ASSIGNMENT, SUBMISSION.c.assignment_id == ASSIGNMENT.c.id)
                    .where(SUBMISSION.c.student_id == each, ASSIGNMENT.c.name == lesson)
                )
                ids = connection.scalars(rows).all()
                notebooks = select(NOTEBOOK.c.id).where(NOTEBOOK.c.assignment_id.in_(ids))
                for table in (GRADE, COMMENT):
                    connection.execute(delete(table).where(table.c.notebook_id.in_(notebooks)))
                connection.execute(delete(NOTEBOOK).where(NOTEBOOK.c.assignment_id.in_(ids)))
                connection.execute(delete(SUBMISSION).where(SUBMISSION.c.id.in_(ids)))
            connection.execute(delete(STUDENT).where(STUDENT.c.id == student))

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
            scores: dict[Pair, float | None] = {}
            comments: dict[Pair, str | None] = {}
            for (line, _), notebook in zip(entries, notebooks):
                cells = self._lessons[line["lesson"]]
                found = {mark["id"]: mark for mark in line["exercises"]}
                for name, cell in cells.grade_cells.items():
                    scores[cell, notebook] = _score(found[name]) if name in found else 0.0
                for name, cell in cells.answer_cells.items():
                    mark = found.get(name.removesuffix(ANSWER_SUFFIX))
                    comments[cell, notebook] = _said(mark) if mark else NOT_IN_VERSION
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


def _score(mark: MarkLine) -> float | None:
    """What the judge gave; None where a person has to."""
    return None if mark["verdict"] == "manual" else mark["score"]


def _said(mark: MarkLine) -> str | None:
    if mark["verdict"] == "unanswered" and mark["diagnosis"] != NOT_IN_VERSION:
        return NO_RESPONSE
    return markdown(mark["diagnosis"]) or None


def _whole(lesson: Registered) -> Select[Any]:
    read_or_waiting = or_(GRADE.c.manual_score.is_not(None), GRADE.c.needs_manual_grade)
    by_hand = GRADE.c.cell_id.in_(lesson.written_cells) & read_or_waiting
    return (
        select(SUBMISSION.c.student_id)
        .join(NOTEBOOK, NOTEBOOK.c.assignment_id == SUBMISSION.c.id)
        .join(GRADE, GRADE.c.notebook_id == NOTEBOOK.c.id)
        .where(
            GRADE.c.cell_id.in_(lesson.grade_cells.values()),
            or_(GRADE.c.auto_score.is_not(None), by_hand),
        )
        .group_by(SUBMISSION.c.student_id)
        .having(func.count() == len(lesson.grade_cells))
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
    """Note when submissions were handed in; nbgrader finds from that which are late.

    Where nobody has noted it, nothing is known: the time of an earlier hand-in is not its own.
    """
    times = [{"row": row, "at": utc(text)} for row, text in timestamps]
    row = SUBMISSION.c.id == bindparam("row")
    connection.execute(update(SUBMISSION).where(row).values(timestamp=bindparam("at")), times)


def _set_scores(connection: Connection, scores: dict[Pair, float | None]) -> None:
    ids = _ids(connection, GRADE.c.cell_id, GRADE.c.notebook_id, scores)
    changed = (
        update(GRADE)
        .where(GRADE.c.id == bindparam("row"))
        .values(
            auto_score=bindparam("score"),
            needs_manual_grade=or_(  # as nbgrader does
                GRADE.c.manual_score.is_not(None), bindparam("unread", type_=Boolean)
            ),
        )
    )
    connection.execute(
        changed,
        [{"row": ids[pair], "score": s, "unread": s is None} for pair, s in scores.items()],
    )


def _set_comments(connection: Connection, comments: dict[Pair, str | None]) -> None:
    ids = _ids(connection, COMMENT.c.cell_id, COMMENT.c.notebook_id, comments)
    changed = (
        update(COMMENT)
        .where(COMMENT.c.id == bindparam("row"))
        .values(auto_comment=bindparam("text"))
    )
    connection.execute(changed, [{"row": ids[pair], "text": t} for pair, t in comments.items()])
