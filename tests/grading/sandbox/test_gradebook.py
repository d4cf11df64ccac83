"""nbgrader's gradebook, on SQLite and on PostgreSQL: whole batches, flat cost, patience."""

import re
import sqlite3
import threading
from datetime import datetime, timedelta

import pytest
import sqlalchemy
from nbgrader import api
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError

from grader.batch import database
from grader.batch.course import Course, Terms
from grader.batch.gradebook import Gradebook
from grader.batch.penalties import Policy
from grader.errors import NoDatabase
from grader.exercises import of_lesson

LESSON = "steplr"
pytestmark = pytest.mark.both_databases


@pytest.fixture
def told(caplog):
    """What was said so far: `told()`."""
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.fixture
def book(db_url, tmp_path):
    (tmp_path / "class").mkdir()
    with Gradebook(db_url) as book:
        yield book


@pytest.fixture
def nbgrader(db_url):
    """The same gradebook as nbgrader sees it."""
    with api.Gradebook(db_url, "lr-scheduling") as book:
        yield book


def line(student, score=1.0, diagnosis="too early"):
    marks = [
        {"id": each.id, "score": score, "verdict": "wrong", "diagnosis": diagnosis}
        for each in of_lesson(LESSON)
    ]
    return {"student": student, "lesson": LESSON, "exercises": marks}


def scores(nbgrader):
    nbgrader.db.remove()
    nbgrader.engine.dispose()  # a server that was restarted knows its connections no more
    return {each.student.id: each.score for each in nbgrader.assignment_submissions(LESSON)}


def test_nbgrader_reads_what_was_saved_and_manual_marks_stay(book, nbgrader):
    book.save([(line("ada"), ""), (line("bob", 0.5), "")])
    count = len(of_lesson(LESSON))
    assert scores(nbgrader) == {"ada": count, "bob": count / 2}
    grade = nbgrader.find_grade("step_lr", LESSON, LESSON, "ada")
    assert grade.needs_manual_grade is False
    grade.manual_score, grade.extra_credit = 1.5, 0.25
    nbgrader.find_comment("step_lr-answer", LESSON, LESSON, "ada").manual_comment = "Well done"
    nbgrader.db.commit()
    book.save([(line("ada", 0.0, "too late"), "")])
    nbgrader.db.expire_all()
    grade = nbgrader.find_grade("step_lr", LESSON, LESSON, "ada")
    seen = (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
    assert seen == (0, 1.5, 0.25, True)
    comment = nbgrader.find_comment("step_lr-answer", LESSON, LESSON, "ada")
    assert (comment.auto_comment, comment.comment) == ("too late", "Well done")


def test_late_submissions_are_late_and_a_newer_one_has_its_own_time(book, nbgrader):
    nbgrader.update_or_create_assignment(LESSON, duedate="2026-03-01 12:00:00 UTC")
    for timestamp, late in (
        ("2026-03-01 11:00:00 UTC", 0),
        ("2026-03-01T14:00:00+01:00", 3600),
        ("", 0),  # handed in again and nobody noted when: the time of what was there is not its own
        ("2026-03-01T14:00:00+01:00", 3600),
        ("no date", 0),
        ("2026-03-01 12:00:30 UTC", 30),
    ):
        book.save([(line("ada"), timestamp)])
        nbgrader.db.expire_all()
        assert nbgrader.find_submission(LESSON, "ada").total_seconds_late == late


@pytest.mark.parametrize("timestamp", ["", "no date", "2026-03-01 11:00:00 UTC"])
def test_a_penalty_ends_with_the_hand_in_that_was_late_and_what_was_given_by_hand_stays(
    timestamp, book, nbgrader
):
    terms = Terms(datetime(2026, 3, 1, 12), percent_a_day=10)
    policy = Policy(_Step(terms), Course({LESSON: terms}))
    nbgrader.update_or_create_assignment(LESSON, duedate="2026-03-01 12:00:00 UTC")
    book.save([(line("ada"), "2026-03-03 11:00:00 UTC")])
    book.settle(policy)
    notebook = nbgrader.find_submission_notebook(LESSON, LESSON, "ada")
    assert notebook.late_submission_penalty == pytest.approx(0.2 * notebook.score)
    grade = nbgrader.find_grade("step_lr", LESSON, LESSON, "ada")
    grade.extra_credit = 0.25
    nbgrader.db.commit()
    book.save([(line("ada"), timestamp)])
    book.settle(policy)
    nbgrader.db.expire_all()
    assert notebook.late_submission_penalty in (None, 0)
    assert (grade.extra_credit, nbgrader.find_submission(LESSON, "ada").total_seconds_late) == (
        0.25,
        0,
    )


class _Step:
    """What of nbgrader's AssignLatePenalties asks a plugin."""

    def __init__(self, terms):
        self.plugin_inst, self._terms = self, terms

    def late_submission_penalty(self, student, score, late):
        return self._terms.penalty(score, late)


def test_an_extension_of_nobody_is_told(book, told):
    book.save([(line("ada"), ""), (line("zoë, jr."), "")])
    days = timedelta(days=2)
    for names, strangers in (
        (["ada", "zoë, jr."], []),
        (["Ada", "ada", "zoe"], ["'Ada'", "'zoe'"]),
    ):
        terms = Terms(datetime(2026, 3, 1), extensions=dict.fromkeys(names, days))
        book.settle(Policy(None, Course({LESSON: terms, "plateau": terms})))
        said = [each for each in told() if "extension" in each]
        assert len(said) == bool(strangers)
        assert all(f"extension to {', '.join(strangers)}, and nobody" in each for each in said)


def test_a_batch_is_all_or_nothing(book, nbgrader):
    book.save([(line("ada"), "")])

    @event.listens_for(book._engine, "before_cursor_execute")
    def fail(connection, cursor, statement, *_):
        if statement.startswith("UPDATE comment"):  # the last one
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        book.save([(line("ada", 0.0), ""), (line("bob"), "")])
    assert scores(nbgrader) == {"ada": len(of_lesson(LESSON))}
    assert [student.id for student in nbgrader.students] == ["ada"]


def test_the_cost_does_not_grow_with_the_class(book):
    statements = []
    event.listen(book._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    counts = []
    for batch, size in enumerate((1, 20, 20, 20, 40)):
        statements.clear()
        book.save([(line(f"s{batch}-{number}"), "2026-03-01") for number in range(size)])
        counts.append(len(statements))
    assert len(set(counts)) == 1 and counts[0] < 20


def test_a_gradebook_that_a_kill_left_half_made_is_completed(db_url, tmp_path, told):
    (tmp_path / "class").mkdir()
    engine = create_engine(db_url)
    api.Base.metadata.create_all(engine)
    newest = api.get_alembic_version()
    for _ in range(2):
        Gradebook(db_url).__exit__()
        assert told() == []
        with engine.connect() as connection:
            versions = connection.scalars(text("SELECT version_num FROM alembic_version")).all()
        assert versions == [newest]
    engine.dispose()


def test_any_text_of_a_learner_can_be_stored(book, nbgrader):
    book.save([(line("Zoë\n'; DROP TABLE grade; --", diagnosis="a\0b 中 <i> % {x}"), "")])
    (submission,) = nbgrader.assignment_submissions(LESSON)
    (notebook,) = submission.notebooks
    assert {each.comment for each in notebook.comments} == {"a\ufffdb 中 \\<i\\> % {x}"}


@pytest.fixture
def outage(request, db_url):
    """Make the database unusable; call what it returns to end that."""

    def begin():
        if db_url.startswith("sqlite"):
            other = sqlite3.connect(db_url.removeprefix("sqlite:///"), check_same_thread=False)
            other.execute("BEGIN EXCLUSIVE")
            return other.close
        server = request.getfixturevalue("postgres")
        server.kill()
        return server.start

    return begin


def test_a_database_that_goes_away_is_waited_for(book, nbgrader, outage, told):
    book.save([(line("ada"), "")])
    nbgrader.db.remove()
    end = outage()
    ending = threading.Timer(7, end)  # SQLite itself waits for 5 s
    ending.start()
    book.save([(line("bob"), "")])
    ending.join()
    assert scores(nbgrader).keys() == {"ada", "bob"}
    away, back = told()
    assert re.fullmatch(r"The gradebook is away \(.+\): waiting up to 120 s for it\.", away)
    assert back == "The gradebook is back."


def test_a_database_that_is_away_when_the_run_begins_is_waited_for(book, outage, db_url, told):
    book.__exit__()
    end = outage()
    ending = threading.Timer(7, end)
    ending.start()
    with Gradebook(db_url) as again:
        again.save([(line("bob"), "")])
    ending.join()
    away, back = told()
    assert "waiting up to 120 s" in away and back == "The gradebook is back."


def _age(connection, revision):
    """Take a gradebook back to what an earlier nbgrader made, as far as tables show it."""
    connection.execute(text("ALTER TABLE student DROP COLUMN lms_user_id"))
    if revision:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
    else:
        connection.execute(text("DROP TABLE alembic_version"))


def _is_of_the_future(connection, revision):
    connection.execute(text("UPDATE alembic_version SET version_num = 'abcdef012345'"))


@pytest.mark.parametrize(
    ("change", "revision", "sentence"),
    [
        (_age, "167914646830", "nbgrader db upgrade --db"),
        (_age, "b6d005d67074", "nbgrader db upgrade --db"),
        (_age, None, "nbgrader db upgrade --db"),
        (_is_of_the_future, None, "was made by a newer nbgrader"),
    ],
)
def test_a_gradebook_of_another_nbgrader_is_left_as_it_is(change, revision, sentence, book, db_url):
    with book._engine.begin() as connection:
        change(connection, revision)
        before = sqlalchemy.inspect(connection).get_table_names()
    with pytest.raises(NoDatabase, match=sentence):
        Gradebook(db_url)
    with book._engine.begin() as connection:
        assert sqlalchemy.inspect(connection).get_table_names() == before


def test_the_waiting_has_an_end(book, nbgrader, outage, monkeypatch, told):
    """SQLite's own five seconds are longer than this limit: there nothing more is waited for."""
    monkeypatch.setattr(database, "AWAY_SECONDS", 1)
    end = outage()
    try:
        with pytest.raises(OperationalError):
            book.save([(line("bob"), "")])
    finally:
        end()
    assert len(told()) <= 1
    assert all("waiting up to 1 s for it." in each for each in told())
    book.save([(line("bob"), "")])
    assert scores(nbgrader).keys() == {"bob"}


def test_an_error_that_stays_is_not_waited_for(book, told):
    with book._engine.begin() as connection:
        connection.execute(text("DROP TABLE comment"))
    with pytest.raises(sqlalchemy.exc.DBAPIError):
        book.save([(line("bob"), "")])
    assert told() == []
