"""README's way from the LMS's zip to the marks in the LMS, walked with the commands it gives."""

import contextlib
import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import nbformat
import pandas
import pytest
from commands import grader
from labserver import Server, jupyterlab
from points import points_of

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson
from grader.exercises.detective import advice

LESSON, QUESTION = "detective", "advice"
FIRST, SECOND, *_ = (each.id for each in of_lesson(LESSON))
POINTS = {each.id: each.points for each in of_lesson(LESSON)}
ALL = tuple(POINTS)
WORDS = "lr falls while the loss still falls: <i>I would wait longer</i>."
COMMENT = "Well read, José. Which seeds?"
BY_HAND = 4.5
# What lies in the zip, as Canvas names it: login, attempt and lesson; the answers; the words.
ZIP = {
    "doejane_11_90_detective": ((FIRST, SECOND), ""),
    "doejane_LATE_11_91_detective-1": ((FIRST,), ""),
    "nunezjose_12_92_detective": (ALL, WORDS),
    "obrienseán_13_93_detective": ((FIRST,), "I would try Adam."),
    "roejohn_14_94_detective": ((), ""),
    "weberana_15_95_detective": ((FIRST,), ""),
}
KEPT = ["doejane_11_90_detective", *list(ZIP)[2:]]
AUTO = {
    "jane": POINTS[FIRST] + POINTS[SECOND],
    "jose": points_of(LESSON),
    "sean": POINTS[FIRST],
    "john": 0,
    "ana": POINTS[FIRST],
    "zoe": 0,
}
HEAD = "Student,ID,SIS Login ID,Section,Homework (7),detective (8),Final Score\n"
POSSIBLE = f"    Points Possible,,,,10,{points_of(LESSON) + advice.points},(read only)\n"
PEOPLE = """"Doe, Jane",11,jane,A,8.5,,71
"Núñez, José",12,jose,A,9,,80
"O'Brien, Seán",13,sean,B,7,,
"Roe, John",14,john,B,,,
"Weber, Ana",15,ana,B,3,,55
"Poe, Zoe",16,zoe,A,,,
"""


def readme(after: str) -> list[str]:
    """The commands of README's first block of bash after some words, without their comments."""
    text = (paths.ROOT / "README.md").read_text("utf-8").partition(after)[2]
    block = re.search(r"^```bash\n(.*?)^```$", text, re.M | re.S)
    return [re.sub(r"\s+#.*", "", line) for line in block[1].splitlines()]


@pytest.fixture
def course(tmp_path, bubblewrap):
    """The folder in which README is followed: the course, with what Canvas gave."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    shutil.copy(paths.ROOT / "nbgrader_config.py", folder)
    for each in (paths.SOLUTIONS, paths.LESSONS):
        shutil.copytree(each, folder / each.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("roster.csv", "Grades.csv"):  # Canvas' own export serves as both
        (folder / name).write_text(HEAD + POSSIBLE + PEOPLE, encoding="utf-8")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for name, (exercises, words) in ZIP.items():
            archive.writestr(f"{name}.ipynb", handed_in(exercises, words))
    return folder


def handed_in(exercises: tuple[str, ...], words: str) -> str:
    """A notebook in which some exercises are solved and the written one says something."""
    notebook = filled_in(LESSON, {each: answer_source(each, "right") for each in exercises})
    for cell in notebook.cells:
        if words and cell.metadata.get("nbgrader", {}).get("grade_id") == QUESTION:
            cell.source = words
    return nbformat.writes(notebook)


def follow(course: Path, command: str) -> str:
    """What a command prints; it must succeed."""
    environment = {**os.environ, "LRLAB_DATA": str(paths.DATA)}
    done = subprocess.run(
        shlex.split(command),
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    return printed_by(done)


def follow_here(course: Path, command: str) -> str:
    """The same in this process, which has imported already what takes a command seconds."""
    program, *words = shlex.split(command)
    assert program == ".venv/bin/grader"
    with contextlib.chdir(course):
        return printed_by(grader(*words))


def printed_by(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, (done.args, done.stdout, done.stderr)
    return done.stdout


def formgrader(server: Server, path: str, change: dict | None = None) -> str:
    """What formgrader answers; a change is put as its page puts what somebody types."""
    request = urllib.request.Request(
        f"{server.url}/formgrader/{path}",
        data=None if change is None else json.dumps(change).encode(),
        headers={"Authorization": f"token {server.token}"},
        method="GET" if change is None else "PUT",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def waiting(server: Server) -> dict[str, str]:
    """Whose answer has to be read, with the id by which formgrader opens it."""
    rows = json.loads(formgrader(server, f"api/submitted_notebooks/{LESSON}/{LESSON}"))
    return {row["student"]: row["id"] for row in rows if row["needs_manual_grade"]}


def grade_by_hand(server: Server, notebook: str, score: float, comment: str) -> None:
    """Read the answer on formgrader's page, and give it points and a comment there."""
    page = formgrader(server, f"submissions/{notebook}/?index=0")
    assert "I would wait longer" in page
    for kind, change in {
        "grade": {"manual_score": score, "extra_credit": 0},
        "comment": {"manual_comment": comment},
    }.items():
        rows = json.loads(formgrader(server, f"api/{kind}s?submission_id={notebook}"))
        (row,) = [row for row in rows if row["name"] == QUESTION]
        formgrader(server, f"api/{kind}/{row['id']}", change)


def scores(course: Path) -> dict[str, float]:
    lines = map(json.loads, (course / "class" / "results.jsonl").read_text().splitlines())
    return {line["student"]: line["score"] for line in lines}


def test_from_the_zip_of_an_lms_to_marks_and_feedback_in_it(course, tmp_path):
    grade, lab, *after = readme("From the LMS's zip to the marks in the LMS:")
    words = (paths.ROOT / "README.md").read_text("utf-8")
    look = re.search(r"`grader (collect submissions\.zip --dry-run)`", words)[1]
    seen = follow(course, f".venv/bin/grader {look} --roster roster.csv")
    assert "doejane_11_90_detective.ipynb" in seen
    assert "On the roster, and nothing here: Zoe Poe" in seen
    assert not (course / "class").exists()

    follow(course, grade)
    assert scores(course) == AUTO | {"jane": POINTS[FIRST]}  # her newest attempt
    printed = follow_here(course, f"{grade} --keep best --json").splitlines()
    assert all(isinstance(json.loads(line), dict) for line in printed)  # the table goes elsewhere
    assert scores(course) == AUTO
    collected = map(json.loads, (course / "class" / "collected.jsonl").read_text().splitlines())
    assert {line["name"]: line["kept"] for line in collected} == {
        name: name in KEPT for name in ZIP
    }

    assert lab == ".venv/bin/jupyter lab"
    (tmp_path / "home").mkdir()
    with jupyterlab(course, tmp_path / "home") as server:
        to_read = waiting(server)
        assert to_read.keys() == {"jose", "sean"}
        grade_by_hand(server, to_read["jose"], BY_HAND, COMMENT)
        assert waiting(server).keys() == {"sean"}

    for command in after:
        follow_here(course, command)
    final = AUTO | {"jose": AUTO["jose"] + BY_HAND}
    with (course / "class" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in rows.items()} == final
    assert (rows["jose"]["comment"], float(rows["jose"]["manual"])) == (COMMENT, BY_HAND)
    assert rows["zoe"]["status"] == "missing"

    given, filled = (
        pandas.read_csv(path, dtype=str, keep_default_na=False)
        for path in (course / "Grades.csv", course / "class" / "canvas.csv")
    )
    mine = "detective (8)"
    assert filled.drop(columns=mine).equals(given.drop(columns=mine))
    entered = zip(filled["SIS Login ID"][1:], filled[mine][1:], strict=True)
    assert {student: float(score or 0) for student, score in entered} == final

    with zipfile.ZipFile(course / "class" / "feedback-canvas.zip") as archive:
        assert archive.namelist() == sorted(f"{name}.html" for name in KEPT)  # as they came
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    of_jose = pages.pop("nunezjose_12_92_detective.html")
    full = points_of(LESSON) + advice.points
    assert f"<strong>{final['jose']:g}</strong> of {full} points" in of_jose
    assert COMMENT in of_jose and f"{BY_HAND:g} by hand" in of_jose
    assert not [name for name, page in pages.items() if COMMENT in page]
