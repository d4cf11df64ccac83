"""nbgrader's formgrader and `nbgrader export` read the gradebook, wherever it lies."""

import csv
import json
import shutil
import subprocess
import sys
import urllib.request

import pytest
from labserver import jupyterlab
from points import points_of

from grader import paths
from grader.batch.gradebook import Gradebook
from grader.exercises import of_lesson
from grader.pages.autograded import autograded
from grader.submission.grading import ungraded

LESSON = "steplr"
FULL = points_of(LESSON)
HANDED_IN = {"ada": "2026-03-01 12:00:00 UTC", "bob": "2026-03-02 12:00:00 UTC"}
pytestmark = pytest.mark.both_databases


@pytest.fixture
def course(tmp_path, db_url):
    """A course folder with two graded submissions."""
    shutil.copy(paths.ROOT / "nbgrader_config.py", tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {db_url!r}\n")
    shutil.copytree(paths.SOLUTIONS / LESSON, tmp_path / "solutions" / LESSON)
    graded = ungraded(LESSON, "")
    for kind in ("submitted", "autograded"):
        for student, timestamp in HANDED_IN.items():
            path = tmp_path / "class" / kind / student / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(autograded(LESSON, graded))
            (path.parent / "timestamp.txt").write_text(timestamp)
    with Gradebook(db_url) as book:
        book.save(
            [
                (_line("ada", "right"), HANDED_IN["ada"]),
                (_line("bob", "wrong"), HANDED_IN["bob"]),
            ]
        )
    return tmp_path


def _line(student, verdict):
    marks = [
        {
            "id": each.id,
            "score": each.points * (verdict == "right"),
            "verdict": verdict,
            "diagnosis": "You drop one epoch early." * (verdict == "wrong"),
        }
        for each in of_lesson(LESSON)
    ]
    return {"student": student, "lesson": LESSON, "exercises": marks}


def test_export_reads_it(course, db_url):
    for options in (["--db", db_url], []):  # named, and from nbgrader_config.py
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "export", *options],
            cwd=course,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        with (course / "grades.csv").open(newline="") as file:
            rows = {row["student_id"]: row for row in csv.DictReader(file)}
        assert {student: float(row["score"]) for student, row in rows.items()} == {
            "ada": FULL,
            "bob": 0,
        }
        assert rows["bob"]["timestamp"] == "2026-03-02 12:00:00"
        (course / "grades.csv").unlink()


@pytest.fixture
def formgrader(course):
    """Ask the formgrader of a real Jupyter server; with `body`, change something."""
    with jupyterlab(course, course / "home") as server:

        def ask(path, body=None):
            request = urllib.request.Request(
                f"{server.url}{path}",
                data=json.dumps(body).encode() if body else None,
                headers={"Authorization": f"token {server.token}"},
                method="PUT" if body else "GET",
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read().decode()

        yield ask


def test_formgrader_reads_it_and_writes_into_it(course, formgrader, db_url):
    submissions = json.loads(formgrader(f"/formgrader/api/submissions/{LESSON}"))
    assert {each["student"]: each["score"] for each in submissions} == {"ada": FULL, "bob": 0}
    assert all(each["autograded"] for each in submissions)
    students = json.loads(formgrader("/formgrader/api/students"))
    assert {each["id"]: each["score"] for each in students} == {"ada": FULL, "bob": 0}
    (assignment,) = (
        each
        for each in json.loads(formgrader("/formgrader/api/assignments"))
        if each["name"] == LESSON
    )
    assert (assignment["num_submissions"], assignment["max_score"]) == (2, FULL)
    notebooks = json.loads(formgrader(f"/formgrader/api/submitted_notebooks/{LESSON}/{LESSON}"))
    bobs = next(each["id"] for each in notebooks if each["student"] == "bob")
    assert "steplr" in formgrader(f"/formgrader/submissions/{bobs}/?index=0")
    grades = json.loads(formgrader(f"/formgrader/api/grades?submission_id={bobs}"))
    grade = next(each["id"] for each in grades if each["name"] == "step_lr")
    changed = formgrader(f"/formgrader/api/grade/{grade}", {"manual_score": 1.5})
    assert json.loads(changed)["manual_score"] == 1.5
    with Gradebook(db_url) as book:  # graded again: the person's mark stays
        book.save([(_line("bob", "right"), HANDED_IN["bob"])])
    (bob,) = (
        each
        for each in json.loads(formgrader(f"/formgrader/api/submissions/{LESSON}"))
        if each["student"] == "bob"
    )
    assert (bob["score"], bob["needs_manual_grade"]) == (19.5, True)
