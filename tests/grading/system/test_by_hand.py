"""A written answer on its whole way: handed in, read in nbgrader's queue, graded, given back."""

import csv
import json

import pytest
from commands import grader
from nbgrader.api import Gradebook
from points import points_of

from grader.exercises.detective import advice

LESSON, QUESTION = "detective", "advice"
WORDS = "lr falls while the loss still falls.\n\n<b>So</b> I would lower the threshold first."
COMMENT = "Well read. Which seeds?"
CHECKED, BY_HAND = points_of(LESSON), advice.points


@pytest.fixture
def run(tmp_path):
    """Run a command of `grader` on tmp_path/class."""

    def run(*command):
        done = grader(*command, "--out", tmp_path / "class")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def _with_words(content, words):
    notebook = json.loads(content)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == QUESTION:
            cell["source"] = words
    return json.dumps(notebook).encode()


def _row(tmp_path, student):
    with (tmp_path / "class" / "grades.csv").open(newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["student"] == student]
    return row


def _page(tmp_path, student):
    return (tmp_path / "class" / "feedback" / student / LESSON / f"{LESSON}.html").read_text()


def _queue(book):
    """Who waits in formgrader's list of what has to be graded by hand."""
    rows = book.submission_dicts(LESSON)
    return {row["student"] for row in rows if row["needs_manual_grade"]}


def test_an_answer_in_words_is_read_graded_and_given_back(
    tmp_path, run, scheduler, handed_in, solved
):
    right = handed_in(LESSON, solved(LESSON))
    for student, content in {
        "ada": _with_words(right, WORDS),
        "bob": _with_words(handed_in(LESSON, {}), "I would try Adam."),
        "cy": right,
    }.items():
        path = tmp_path / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    command = ("grade", tmp_path / "submitted", "--scheduler", scheduler)
    run(*command)

    lines = map(json.loads, (tmp_path / "class" / "results.jsonl").read_text().splitlines())
    verdicts = {
        line["student"]: (line["exercises"][-1]["verdict"], line["score"], line["max_score"])
        for line in lines
    }
    full = CHECKED + BY_HAND
    assert verdicts == {
        "ada": ("manual", CHECKED, full),
        "bob": ("manual", 0, full),
        "cy": ("unanswered", CHECKED, full),
    }
    assert f"{BY_HAND} of these points are given by hand" in _page(tmp_path, "ada")
    assert "&lt;b&gt;So" in _page(tmp_path, "ada") and "<b>So" not in _page(tmp_path, "ada")
    assert "given by hand" not in _page(tmp_path, "cy")

    with Gradebook(f"sqlite:///{tmp_path}/class/gradebook.db", "lr-scheduling") as book:
        assert _queue(book) == {"ada", "bob"}
        grade = book.find_grade(QUESTION, LESSON, LESSON, "ada")
        assert (grade.auto_score, grade.max_score) == (None, BY_HAND)
        # What formgrader writes when an instructor types a score and a comment.
        grade.manual_score, grade.needs_manual_grade = 4.5, False
        book.find_comment(QUESTION, LESSON, LESSON, "ada").manual_comment = COMMENT
        book.db.commit()
        assert _queue(book) == {"bob"}

    run("report")
    ada = _row(tmp_path, "ada")
    points = tuple(float(ada[name]) for name in ("score", "max_score", "auto", "manual"))
    assert points == (CHECKED + 4.5, full, CHECKED, 4.5)
    assert ada["comment"] == COMMENT
    assert (_row(tmp_path, "bob")["manual"], _row(tmp_path, "cy")["manual"]) == ("", "")
    page = _page(tmp_path, "ada")
    assert f"<strong>{CHECKED + 4.5:g}</strong> of {full} points" in page
    assert COMMENT in page and "4.5 by hand" in page and "are given by hand" not in page

    # Nothing is graded twice, and what a person wrote stays when everything is graded again.
    run(*command, "--seed", "another")
    with Gradebook(f"sqlite:///{tmp_path}/class/gradebook.db", "lr-scheduling") as book:
        grade = book.find_grade(QUESTION, LESSON, LESSON, "ada")
        assert (grade.manual_score, grade.score, grade.needs_manual_grade) == (4.5, 4.5, True)
    assert float(_row(tmp_path, "ada")["score"]) == CHECKED + 4.5
