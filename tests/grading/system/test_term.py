"""A term: whatever happens, all lists of marks say the same as nbgrader's gradebook, to the cent.

Submissions are graded to what their bytes say, so that no sandbox is needed.
"""

import csv
import json
import re
import shutil
import sys
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest
from nbformat.v4 import new_notebook
from nbgrader import api
from nbgrader.plugins import CsvExportPlugin
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import text
from typer.testing import CliRunner

from grader import notebook
from grader.__main__ import app
from grader.batch import run
from grader.batch.outcomes import outcome_of
from grader.batch.penalties import course_config
from grader.batch.records import seed_of
from grader.batch.run import Batch, Settings
from grader.collect import best
from grader.errors import BadConfig, NoDatabase
from grader.exercises import of_lesson
from grader.lines import NOT_IN_VERSION
from grader.submission.graded import Graded, Mark
from grader.submission.grading import ungraded
from grader.submission.limits import Limits
from lrlab.checking.judge import Verdict

LESSON = "constant-lr"
DUE = "2026-03-01 12:00:00 UTC"
EARLY = "2026-03-01 11:00:00 UTC"
LATE = "2026-03-03 12:00:00 UTC"  # two days
CONFIG = """
c = get_config()
c.AssignLatePenalties.plugin_class = "tenth_a_day.TenthADay"
"""
PLUGIN = """
from nbgrader.plugins import BasePlugin

class TenthADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score * 0.1 * total_seconds_late / 86400
"""


class Dispatcher:
    """Gives every submission the credit that it asks for."""

    def __init__(self, tasks):
        self.tasks = tasks

    def outcomes(self):
        for task in self.tasks:
            if task.content is None:
                yield task, outcome_of(task, ungraded(task.lesson, task.problem, task.status))
                continue
            credit = json.loads(task.content)
            marks = tuple(
                Mark(each.id, each.points, _verdict(credit.get(each.id, 0.0)))
                for each in of_lesson(task.lesson)
            )
            yield task, outcome_of(task, Graded("graded", "", 1.0, marks))


def _verdict(credit):
    return Verdict("right", 1.0) if credit == 1 else Verdict("wrong", credit, "too early")


class Course:
    """A course folder, what is done in it, and what its lists of marks say."""

    def __init__(self, folder, db):
        self.folder, self.out, self.db = folder, folder / "class", db
        self.url = db or f"sqlite:///{self.out}/gradebook.db"

    def hand_in(self, student, at="", **credit):
        path = self.folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(credit))
        (path.parent / "timestamp.txt").write_text(at)

    def grade(self):
        with Batch.of(self.folder / "submitted", Settings(self.out, wall="none", db=self.db)) as b:
            list(b.run())
            return len(b.todo)

    def command(self, *words, expected=0, where="stdout"):
        options = ["--db", self.db] if self.db else []
        done = CliRunner().invoke(app, [*words, "--out", str(self.out), *options])
        assert done.exit_code == expected, (done.output, done.stderr, done.exception)
        return getattr(done, where)

    @contextmanager
    def book(self):
        with api.Gradebook(self.url, "lr-scheduling") as book:
            yield book
            book.db.commit()

    def rows(self):
        with (self.out / "grades.csv").open(newline="", encoding="utf-8") as file:
            return {row["student"]: row for row in csv.DictReader(file)}

    def exported(self):
        to = self.folder / "exported.csv"
        with api.Gradebook(self.url, "lr-scheduling") as book:
            CsvExportPlugin(to=str(to), assignment=[LESSON]).export(book)
        with to.open(newline="") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    def scores(self):
        """The final score of each student, on which every list agrees."""
        rows, exported = self.rows(), self.exported()
        report = (self.out / "report.html").read_text()
        found = {}
        for student, row in rows.items():
            final = float(row["score"])
            nbgrader = exported[student]
            assert final == pytest.approx(float(nbgrader["score"]), abs=0.005)
            assert float(row["penalty"]) == pytest.approx(
                float(nbgrader["late_submission_penalty"]), abs=0.005
            )
            assert float(row["max_score"]) == float(nbgrader["max_score"])
            with self.book() as book:  # as formgrader reads it
                seen = book.find_submission(LESSON, student)
                assert max(0, seen.score - seen.late_submission_penalty) == pytest.approx(final)
            page = (self.out / "feedback" / student / LESSON / f"{LESSON}.html").read_text()
            (total,) = re.findall(r'class="total"><strong>([\d.]+)</strong>', page)
            assert float(total) == pytest.approx(final, abs=0.005)
            cell = re.search(
                rf'{LESSON}.html"><bdi>{student}</bdi>.*?number">([\d.]+)<', report, re.S
            )
            assert float(cell[1]) == pytest.approx(final, abs=0.005)
            found[student] = round(final, 2)
        assert found.keys() == exported.keys()
        assert {path.name for path in (self.out / "feedback").iterdir()} == found.keys()
        return found


@pytest.fixture
def course(tmp_path, monkeypatch, db_url, bubblewrap):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.delitem(sys.modules, "tenth_a_day", raising=False)
    monkeypatch.setattr(run.Batch, "_dispatcher", lambda b, _: Dispatcher(map(b._task, b.todo)))
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    (tmp_path / "tenth_a_day.py").write_text(PLUGIN)
    return Course(tmp_path, None if db_url.startswith("sqlite") else db_url)


@pytest.fixture
def points():
    return {each.id: each.points for each in of_lesson(LESSON)}


@pytest.mark.both_databases
def test_a_term(course, points):
    first, second, *_ = points
    full = sum(points.values())
    right = dict.fromkeys(points, 1)
    for student, at in (("ada", EARLY), ("bob", LATE), ("cleo", "")):
        course.hand_in(student, at, **right)
    assert course.grade() == 3
    with course.book() as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)
        book.update_or_create_student("ada", first_name="Ada", last_name="King", email="a@b.org")
    assert course.grade() == 0  # a due date that was set afterwards counts
    assert course.scores() == {"ada": full, "bob": round(0.8 * full, 2), "cleo": full}
    assert (course.rows()["ada"]["name"], course.rows()["ada"]["email"]) == ("Ada King", "a@b.org")
    assert float(course.rows()["bob"]["late_seconds"]) == 2 * 86400

    course.hand_in("bob", EARLY, **(right | {second: 0}))
    assert course.grade() == 1  # on time now: no penalty
    on_time = full - points[second]
    assert course.scores()["bob"] == on_time

    with course.book() as book:
        grade = book.find_grade(first, LESSON, LESSON, "bob")
        grade.manual_score, grade.extra_credit = 0.25, 2
        comment = book.find_comment(f"{first}-answer", LESSON, LESSON, "bob")
        comment.manual_comment = "Well done, <Bob>"
    course.command("report")
    by_hand = on_time - points[first] + 0.25 + 2
    assert course.scores()["bob"] == by_hand
    row = course.rows()["bob"]
    seen = [float(row[name]) for name in ("auto", "manual", "extra", "penalty")]
    assert seen == [on_time, 0.25, 2, 0]
    assert row["comment"] == "Well done, <Bob>"
    page = (course.out / "feedback" / "bob" / LESSON / f"{LESSON}.html").read_text()
    assert "Well done, &lt;Bob&gt;" in page
    assert "Well done, &lt;Bob&gt;" in (course.out / "report.html").read_text()

    course.hand_in("bob", LATE, **right)
    course.grade()  # late again; what was given by hand stays
    assert course.scores()["bob"] == pytest.approx(0.8 * (full - points[first] + 2.25), abs=0.006)
    assert float(course.rows()["bob"]["manual"]) == 0.25
    course.hand_in("bob", EARLY, **(right | {second: 0}))
    course.grade()
    assert course.scores() == {"ada": full, "bob": by_hand, "cleo": full}

    said = course.command("remove", "cleo", "--yes")
    assert "cleo" in said and "submitted/cleo" in said  # the next run grades it again
    assert course.scores().keys() == {"ada", "bob"}
    assert course.grade() == 1
    assert course.scores()["cleo"] == full

    with course.book() as book:
        book.remove_student("cleo")
    assert course.grade() == 0
    assert course.scores() == {"ada": full, "bob": by_hand, "cleo": full}

    _lose(course)
    assert course.grade() == 0
    assert course.scores() == {"ada": full, "bob": on_time, "cleo": full}
    assert course.command("regrade", "--dry-run").startswith("0 of 3 would change")


def _lose(course):
    """Take the gradebook away, or empty it where it lies on a server."""
    if course.db is None:
        (course.out / "gradebook.db").unlink()
        return
    with api.Gradebook(course.url, "lr-scheduling") as book:
        book.db.remove()
        api.Base.metadata.drop_all(book.engine)


@pytest.fixture
def change(monkeypatch):
    """Make the lesson another one from now on."""
    released, exercises = notebook.released, of_lesson

    def to(edit, gone=()):
        changed = edit(released(LESSON).copy())
        kept = [each for each in exercises(LESSON) if each.id not in gone]
        for module in ("grader.batch.registered", "grader.notebook", "grader.pages.autograded"):
            monkeypatch.setattr(
                f"{module}.released", lambda name: changed if name == LESSON else released(name)
            )
        monkeypatch.setitem(globals(), "of_lesson", lambda name: kept)
        monkeypatch.setattr("grader.batch.records.course_fingerprint", lambda _: str(gone) + "x")

    return to


def _without(*ids):
    def edit(lesson):
        meta = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in lesson.cells]
        lesson.cells = [
            cell
            for cell, name in zip(lesson.cells, meta)
            if name.removesuffix("-answer") not in ids
        ]
        return lesson

    return edit


def _reworded(lesson):
    lesson.cells = [cell.copy() for cell in lesson.cells]
    for cell in lesson.cells:
        cell.source += "\n# reworded"
    return lesson


def _demo_removed(lesson):
    first = next(
        n for n, cell in enumerate(lesson.cells) if "demo" in cell.metadata.get("tags", [])
    )
    del lesson.cells[first]
    return lesson


@pytest.mark.parametrize("edit", [_reworded, _demo_removed], ids=["reworded", "a cell less"])
def test_a_changed_lesson_keeps_every_mark(edit, course, points, change):
    first, *_ = points
    for student in ("ada", "bob"):
        course.hand_in(student, **{first: 1})
    course.grade()
    with course.book() as book:
        book.find_grade(first, LESSON, LESSON, "bob").manual_score = 0.5
    change(edit)
    assert course.grade() == 2
    assert course.scores() == {"ada": points[first], "bob": 0.5}


def test_an_added_and_a_removed_exercise(course, points, change):
    """What stays keeps its marks, what is new says so, also where the hand-in is gone."""
    first, *_, last = points
    full = sum(points.values())
    change(_without(last), gone=(last,))
    for student in ("ada", "bob"):
        course.hand_in(student, **dict.fromkeys(points, 1))
    course.grade()
    before = full - points[last]
    with course.book() as book:
        book.find_grade(first, LESSON, LESSON, "bob").manual_score = 0.25
        book.find_comment(f"{first}-answer", LESSON, LESSON, "bob").manual_comment = "See me"
    by_hand = before - points[first] + 0.25
    shutil.rmtree(course.folder / "submitted" / "bob")
    change(_without())
    assert course.grade() == 1
    assert course.scores() == {"ada": full, "bob": by_hand}
    assert course.rows()["bob"]["comment"] == "See me"
    assert float(course.rows()["bob"]["max_score"]) == full
    with course.book() as book:
        assert book.find_comment(f"{last}-answer", LESSON, LESSON, "bob").comment == NOT_IN_VERSION
        book.find_grade(last, LESSON, LESSON, "ada").manual_score = 0.125
    change(_without(last), gone=(last,))
    assert course.grade() == 1
    assert course.scores() == {"ada": before, "bob": by_hand}
    assert "0.125" in (course.out / "grade.log").read_text()  # nothing that is written is lost


def test_regrade_grades_what_is_named_and_a_dry_run_writes_nothing(course, points):
    first, second, *_ = points
    for student in ("ada", "bob"):
        course.hand_in(student, **{first: 1})
    course.grade()
    shutil.copytree(course.folder / "submitted", course.folder / "moved away")
    for student in ("ada", "bob"):
        course.hand_in(student, **{first: 1, second: 1})
    files = [course.out / name for name in ("results.jsonl", "grades.csv", "report.html")]
    before = [path.read_bytes() for path in files]
    said = course.command("regrade", "--dry-run")
    gained = f"({second} 0 → {points[second]})"
    assert f"ada / {LESSON}: {points[first]} → {points[first] + points[second]} {gained}" in said
    assert "2 of 2 would change" in said
    assert [path.read_bytes() for path in files] == before
    course.command("regrade", "ada", LESSON)
    assert course.scores() == {"ada": points[first] + points[second], "bob": points[first]}
    shutil.rmtree(course.folder / "submitted" / "ada")
    done = CliRunner().invoke(app, ["regrade", "ada", "--out", str(course.out)])
    assert (done.exit_code, "is not there any more" in done.stderr) == (2, True)
    assert course.scores().keys() == {"ada", "bob"}


@pytest.mark.parametrize("given", ["as an option", "in the environment", "by nobody"])
def test_what_is_graded_again_meets_the_cases_and_limits_that_it_was_graded_with(
    course, monkeypatch, given
):
    seeds, seconds = [], []

    def dispatched(batch, _):
        tasks = [batch._task(each) for each in batch.todo]
        seeds.extend(task.seed for task in tasks)
        seconds.extend(task.limits.seconds for task in tasks)
        return Dispatcher(tasks)

    monkeypatch.setattr(run.Batch, "_dispatcher", dispatched)
    course.hand_in("ada")
    options = ["--seed", "s" * 32, "--timeout", "7"] if given == "as an option" else []
    if given == "in the environment":
        monkeypatch.setenv("GRADER_SEED", "s" * 32)
    course.command("grade", str(course.folder / "submitted"), *options)
    course.command("regrade", *options)
    own = (
        seed_of((course.out / ".secret").read_text(), LESSON, b"{}") if given == "by nobody" else ""
    )
    assert seeds == [own or seed_of("s" * 32, LESSON, b"{}")] * 2
    assert seconds == [7 if options else Limits().seconds] * 2


@pytest.mark.parametrize("command", ["grade", "collect"])
def test_the_best_attempt_is_found_with_the_cases_that_it_is_graded_with(
    course, monkeypatch, command
):
    tried = []

    def graded(task, sandbox):
        tried.append((task.seed, sandbox.limits.seconds))
        return outcome_of(task, ungraded(task.lesson, "", "graded"))

    monkeypatch.setattr(best, "grade_task", graded)
    monkeypatch.setattr(best, "Sandbox", lambda limits: nullcontext(SimpleNamespace(limits=limits)))
    monkeypatch.setattr(best, "check_wall", lambda: None)
    contents = [json.dumps(new_notebook(metadata={"n": n})).encode() for n in range(2)]
    for day, content in enumerate(contents, start=1):
        path = course.folder / "inbound" / f"ada+{LESSON}+2026-03-0{day} 12:00:00 UTC+x"
        path.mkdir(parents=True)
        (path / f"{LESSON}.ipynb").write_bytes(content)
    limits = ["--timeout", "7"] if command == "grade" else []
    options = ["--keep", "best", "--seed", "s" * 32, *limits]
    course.command(command, str(course.folder / "inbound"), *options)
    seeds = {seed_of("s" * 32, LESSON, content) for content in contents}
    assert set(tried) == {(seed, 7 if limits else Limits().seconds) for seed in seeds}


@pytest.mark.parametrize("words", [("remove", "eve"), ("regrade", "eve"), ("remove", "../ada")])
def test_nobody_of_that_name(words, course, points):
    course.hand_in("ada", **dict.fromkeys(points, 1))
    course.grade()
    done = CliRunner().invoke(app, [*words, "--out", str(course.out)])
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert course.scores().keys() == {"ada"}


def test_remove_asks_first_and_takes_one_lesson_or_all(course, points):
    for student in ("ada", "bob"):
        course.hand_in(student, **dict.fromkeys(points, 1))
    course.grade()
    asked = CliRunner().invoke(app, ["remove", "ada", "--out", str(course.out)], input="n\n")
    assert asked.exit_code == 1 and course.scores().keys() == {"ada", "bob"}
    course.command("remove", "ada", LESSON, "--yes")
    with course.book() as book:  # a withdrawn hand-in, not a withdrawn student
        assert {student.id for student in book.students} == {"ada", "bob"}
    assert course.rows().keys() == {"bob"}
    course.command("remove", "ada", "--yes", expected=2)
    course.command("remove", "bob", "--yes")
    with course.book() as book:
        assert [student.id for student in book.students] == ["ada"]
    assert not list((course.out / "autograded").iterdir())


def test_nothing_is_erased_before_the_run_can_go_on(course, points, change):
    course.hand_in("ada", **dict.fromkeys(points, 1))
    course.grade()
    before = (course.out / "results.jsonl").read_bytes()
    change(_reworded)
    with course.book() as book:
        book.db.execute(text("UPDATE alembic_version SET version_num = 'abcdef012345'"))
    with pytest.raises(NoDatabase):
        course.grade()
    (course.folder / "nbgrader_config.py").write_text("c = get_config(")
    with pytest.raises(BadConfig, match=r"nbgrader_config\.py cannot be read \(SyntaxError"):
        course.grade()
    assert (course.out / "results.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("plugin", "penalty"),
    [
        ("return 1", 1),
        ("return -1", 0),
        ("return 1000", "all"),
        ("return None", 0),
        ("raise KeyError(student_id)", 0),
    ],
)
def test_whatever_the_plugin_says_is_bounded(plugin, penalty, course, points, monkeypatch):
    full = sum(points.values())
    monkeypatch.delitem(sys.modules, "tenth_a_day", raising=False)
    code = PLUGIN.replace("return score * 0.1 * total_seconds_late / 86400", plugin)
    (course.folder / "tenth_a_day.py").write_text(code)
    course.hand_in("ada", LATE, **dict.fromkeys(points, 1))
    course.grade()
    with course.book() as book:
        book.update_or_create_assignment(LESSON, duedate=DUE)
    course.grade()
    assert course.scores() == {"ada": full - (full if penalty == "all" else penalty)}


OURS = """
c = get_config()
c.AssignLatePenalties.plugin_class = "grader.batch.lateness.LatePerDay"
"""
ROSTER = "id,name,email\nada,Ada King,a@b.org\nzoe,Zoe Roe,z@b.org\nyan,Yan Li,\n"


@pytest.mark.both_databases
def test_a_roster_names_everybody_and_says_who_is_missing(course, points):
    full = sum(points.values())
    for student in ("ada", "bob"):
        course.hand_in(student, **dict.fromkeys(points, 1))
    (course.folder / "submitted" / "yan").mkdir()  # handed in no notebook
    (course.folder / "list.csv").write_text(ROSTER)
    words = ("grade", str(course.folder / "submitted"), "--sandbox", "none", "--roster")
    course.command(*words, str(course.folder / "list.csv"))
    rows = course.rows()
    assert {student: (row["status"], float(row["score"])) for student, row in rows.items()} == {
        "ada": ("graded", full),
        "bob": ("graded", full),
        "yan": ("missing", 0),
        "zoe": ("missing", 0),
    }
    assert (rows["zoe"]["name"], rows["zoe"]["email"]) == ("Zoe Roe", "z@b.org")
    assert "zoe" in (course.out / "report.html").read_text()
    with course.book() as book:
        assert book.find_student("ada").last_name == "King"
    assert course.grade() == 0  # the roster is kept, and a missing one is not graded twice
    course.hand_in("zoe", **dict.fromkeys(points, 1))
    assert course.grade() == 1
    assert course.rows()["zoe"]["status"] == "graded"
    shutil.rmtree(course.folder / "submitted" / "zoe")
    course.grade()  # what was graded stays, wherever the hand-in is now
    assert course.rows()["zoe"]["status"] == "graded"


@pytest.mark.both_databases
def test_course_toml_says_what_being_late_costs_on_every_route(course, points, monkeypatch):
    full = sum(points.values())
    (course.folder / "nbgrader_config.py").write_text(OURS)
    table = f"[{LESSON}]\ndue = 2026-03-01T13:00:00+01:00\npercent_a_day = 10\n"
    later = f"[{LESSON}.extensions]\nbob = 3\n"
    course.out.mkdir()
    (course.out / "course.toml").write_text(table)
    for student, at in (("ada", EARLY), ("bob", LATE), ("cleo", LATE)):
        course.hand_in(student, at, **dict.fromkeys(points, 1))
    course.grade()
    late = round(0.8 * full, 2)
    assert course.scores() == {"ada": full, "bob": late, "cleo": late}
    assert float(course.rows()["bob"]["late_seconds"]) == 2 * 86400
    (course.out / "course.toml").write_text(table + later)
    course.command("report")
    assert course.scores() == {"ada": full, "bob": full, "cleo": late}
    _autograded_by_nbgrader(course, "bob", "cleo")
    assert course.scores() == {"ada": full, "bob": full, "cleo": late}
    (course.out / "course.toml").write_text(table.replace("10", "25"))
    course.command("report")
    half = full / 2
    assert course.scores() == {"ada": full, "bob": half, "cleo": half}
    _autograded_by_nbgrader(course, "bob", "cleo")
    assert course.scores() == {"ada": full, "bob": half, "cleo": half}
    (course.out / "course.toml").write_text("[nonsense]")
    assert "line 1" in course.command("report", expected=2, where="stderr")


TERMS = f"[{LESSON}]\ndue = 2026-03-01T13:00:00+01:00\npercent_a_day = 10\n"
CHANGES = {  # what course.toml says next; None where it is deleted
    "is deleted": None,
    "says nothing": "",
    "has no due date any more": f"[{LESSON}]\npercent_a_day = 10\n",
    "has a later due date": TERMS.replace("03-01", "03-02"),
    "costs more": TERMS.replace("10", "25"),
    "has an extension": f"{TERMS}[{LESSON}.extensions]\nbob = 1\n",
}


COMMANDS = ("report", "export", "grade")
ORDERS = [
    pytest.param(before, after, COMMANDS[(n + m) % 3], id=f"{word}, then it {what}")
    for n, (word, before) in enumerate({"terms": TERMS, "no terms": ""}.items())
    for m, (what, after) in enumerate(CHANGES.items())
]


@pytest.mark.parametrize(("before", "after", "first"), ORDERS)
def test_each_command_gives_the_marks_of_course_toml_as_it_is(before, after, first, course, points):
    """Whichever is run first after a change: the others say the same."""
    (course.folder / "nbgrader_config.py").write_text(OURS)
    course.out.mkdir()
    (course.out / "course.toml").write_text(before)
    for student, at in (("ada", EARLY), ("bob", LATE)):
        course.hand_in(student, at, **dict.fromkeys(points, 1))
    course.grade()
    if after is None:
        (course.out / "course.toml").unlink()
    else:
        (course.out / "course.toml").write_text(after)

    def exported():
        course.command("export", "csv")
        with (course.out / "csv.csv").open(newline="") as file:
            return {row["student"]: round(float(row[LESSON]), 2) for row in csv.DictReader(file)}

    def reported():
        course.command("report")
        return course.scores()

    def graded():
        course.grade()
        return course.scores()

    marks = {"report": reported, "export": exported, "grade": graded}
    found = [marks.pop(first)(), *(each() for each in marks.values())]
    assert found == found[:1] * 3


def _autograded_by_nbgrader(course, *students):
    """What `nbgrader autograde` and formgrader's button do about lateness."""
    config = course_config(course.out)
    for student in students:
        named = {"notebook": LESSON, "assignment": LESSON, "student": student}
        step = AssignLatePenalties(config=config)
        step.preprocess(new_notebook(), {"nbgrader": named | {"db_url": course.url}})
