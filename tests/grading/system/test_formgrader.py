"""nbgrader's own doors: Generate, Autograde and Generate Feedback do as `grader` does."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
from nbgrader.api import Gradebook
from points import points_of

from grader import paths
from grader.exercises import LESSONS, marked_of_lesson

LESSON = "steplr"
# For LESSON, with its submissions, browser/test_nbgrader_screens.py presses formgrader's button.
SOONER = "detective"
FULL = points_of(LESSON)
EARLY = """
def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** ((epoch + 1) // step_size)
"""
FORGED = "from IPython import get_ipython; get_ipython().displayhook = lambda _: 100"


@pytest.fixture(scope="module")
def course(tmp_path_factory, handed_in, solved, bubblewrap):
    """A course folder that nbgrader has autograded: right, mistaken, forged, broken, linked.

    Its gradebook is new: nobody has built or generated the lesson there.
    """
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(paths.ROOT / "nbgrader_config.py", folder)
    shutil.copytree(paths.SOLUTIONS / LESSON, folder / "solutions" / LESSON)
    (folder / "secret.txt").write_text("exam on Friday")
    for student, content in {
        "ada": handed_in(LESSON, solved(LESSON)),
        "bob": handed_in(LESSON, {"step_lr": EARLY}),
        "eve": handed_in(LESSON, {}, FORGED),
        "cy": b"{",
        "new": handed_in(LESSON, {}).replace(b'"schema_version": 3', b'"schema_version": 99'),
        "late": handed_in(LESSON, solved(LESSON)),
        "renamed": handed_in(LESSON, solved(LESSON)),
        "<img src=x onerror=alert(1)>": handed_in(LESSON, solved(LESSON)),  # in no gradebook
    }.items():
        name = f"{LESSON} (1)" if student == "renamed" else LESSON
        path = folder / "class" / "submitted" / student / LESSON / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        (path.parent / "notes.txt").symlink_to(folder / "secret.txt")
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    late = folder / "class" / "submitted" / "late" / LESSON / "timestamp.txt"
    late.write_text("2026-03-01 12:00:01 UTC")
    with Gradebook(f"sqlite:///{folder}/class/gradebook.db", "lr-scheduling") as book:
        book.update_or_create_assignment(LESSON, duedate="2026-03-01 12:00:00 UTC")
    _nbgrader(folder, "autograde", LESSON)
    return folder


def _nbgrader(folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_autograde_gives_the_scores_of_the_judge(course):
    with Gradebook(f"sqlite:///{course}/class/gradebook.db") as book:
        scores = {each.student.id: each.score for each in book.assignment_submissions(LESSON)}
        assert {each.id for each in book.students} == scores.keys()
        (comment,) = {book.find_comment("step_lr-answer", LESSON, LESSON, "bob").comment}
    assert scores == {
        "ada": FULL,
        "bob": 0,
        "eve": 0,
        "cy": 0,
        "new": 0,
        "late": FULL,
        "renamed": FULL,
    }
    assert comment.startswith("You drop one epoch early")


def test_results_and_pages_agree(course):
    lines = (course / "class" / "results.jsonl").read_text().splitlines()
    found = {line["student"]: (line["status"], line["score"]) for line in map(json.loads, lines)}
    assert found == {
        "ada": ("graded", FULL),
        "bob": ("graded", 0),
        "eve": ("graded", 0),
        "cy": ("unreadable", 0),
        "new": ("not_started", 0),
        "late": ("graded", FULL),
        "renamed": ("graded", FULL),
    }
    page = course / "class" / "feedback" / "bob" / LESSON / f"{LESSON}.html"
    assert "You drop one epoch early" in page.read_text()


def test_files_behind_links_are_not_carried_along(course):
    carried = {path.name for path in (course / "class" / "autograded").rglob("*") if path.is_file()}
    assert carried == {f"{LESSON}.ipynb"}


def test_export_has_the_same_marks(course):
    _nbgrader(course, "export")
    with (course / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    nothing = dict.fromkeys(["bob", "eve", "cy", "new", "late"], 0)
    assert scores == {"ada": FULL, "renamed": FULL, **nothing}
    with (course / "class" / "grades.csv").open(newline="") as file:
        ours = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in ours.items()} == scores
    late = ours["late"]
    assert (float(late["penalty"]), float(late["late_seconds"])) == (FULL, 1)


def test_generate_feedback_keeps_our_page_and_writes_what_was_given_by_hand(course):
    page = course / "class" / "feedback" / "bob" / LESSON / f"{LESSON}.html"
    before = page.read_text()
    with Gradebook(f"sqlite:///{course}/class/gradebook.db") as book:
        comment = book.find_comment("step_lr-answer", LESSON, LESSON, "bob")
        comment.manual_comment = "Count from zero, <b>please</b>."
        book.find_grade("step_lr", LESSON, LESSON, "bob").manual_score = 1.5
        book.db.commit()
    _nbgrader(course, "generate_feedback", LESSON, "--force")
    after = page.read_text()
    assert "You drop one epoch early" in after
    assert "Count from zero, &lt;b&gt;please&lt;/b&gt;." in after and "please" not in before
    assert after.split("<!-- marks -->")[0] == before.split("<!-- marks -->")[0]


def test_generate_feedback_without_our_pages_makes_nbgraders(course):
    shutil.rmtree(course / "class" / "feedback" / "bob")
    _nbgrader(course, "generate_feedback", LESSON)
    page = course / "class" / "feedback" / "bob" / LESSON / f"{LESSON}.html"
    assert "You drop one epoch early" in page.read_text()


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(each, marks=() if each == SOONER else pytest.mark.long) for each in LESSONS],
)
def test_generate_leaves_a_lesson_as_it_is_and_mends_what_is_lost(lesson, course):
    """Also with submissions in the gradebook, with force, and with files of somebody's own."""
    there = course / "lessons" / lesson
    if not (course / "solutions" / lesson).exists():
        shutil.copytree(paths.SOLUTIONS / lesson, course / "solutions" / lesson)
    shutil.copytree(paths.LESSONS / lesson, there, ignore=shutil.ignore_patterns("[._]*"))
    (there / "mine.txt").write_text("keep me")
    before = {path.name: path.read_bytes() for path in there.iterdir()}
    (there / "checks.json").unlink()
    _nbgrader(course, "generate_assignment", lesson, "--force")
    assert {path.name: path.read_bytes() for path in there.iterdir()} == before
    with Gradebook(f"sqlite:///{course}/class/gradebook.db") as book:
        cells = {cell.name for cell in book.find_notebook(lesson, lesson).grade_cells}
    assert cells == {each.id for each in marked_of_lesson(lesson)}
