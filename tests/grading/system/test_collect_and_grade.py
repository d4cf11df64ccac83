"""What an LMS gave is graded by one command, behind the wall."""

import json
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from grader.__main__ import app
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson

LESSON = "steplr"


def solved(*exercises):
    return nbformat.writes(
        filled_in(LESSON, {each: answer_source(each, "right") for each in exercises})
    )


def run(*words, expected=0):
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == expected, (done.output, done.exception)
    return done


@pytest.mark.usefixtures("bubblewrap")
def test_from_an_lms_zip_to_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second, *_ = (each.id for each in of_lesson(LESSON))
    points = {each.id: each.points for each in of_lesson(LESSON)}
    with zipfile.ZipFile("submissions.zip", "w") as archive:
        archive.writestr("doejane_11_90_steplr.ipynb", solved(first, second))
        archive.writestr("doejane_LATE_11_91_steplr-1.ipynb", solved(first))
        archive.writestr("roejohn_12_92_steplr.ipynb", solved(first))
    people = "Student,ID,SIS Login ID,Section\n Points Possible,,,\n"
    people += '"Doe, Jane",11,jane,A\n"Roe, John",12,john,A\n"Poe, Zoe",13,zoe,A\n'
    (tmp_path / "canvas.csv").write_text(people)
    words = ("submissions.zip", "--out", "class", "--roster", "canvas.csv")
    seen = run("collect", *words, "--dry-run").stdout
    assert (
        "doejane_11_90_steplr.ipynb" in seen and "On the roster, and nothing here: Zoe Poe" in seen
    )
    assert not (tmp_path / "class").exists()

    lines = run("grade", *words, "--json", "--workers", 1).stdout.splitlines()
    assert all(isinstance(json.loads(line), dict) for line in lines)  # the table goes elsewhere
    scores = {"jane": points[first], "john": points[first], "zoe": 0}
    assert results(tmp_path) == scores
    run("grade", *words, "--keep", "best", "--workers", 1)
    assert results(tmp_path) == scores | {"jane": points[first] + points[second]}
    lines = (tmp_path / "class" / "collected.jsonl").read_text().splitlines()
    kept = map(json.loads, lines)
    assert {line["name"]: line["kept"] for line in kept} == {
        "doejane_11_90_steplr": True,
        "doejane_LATE_11_91_steplr-1": False,
        "roejohn_12_92_steplr": True,
    }
    run("export", "feedback", "canvas", "--out", "class", "-o", "back.zip")
    with zipfile.ZipFile("back.zip") as archive:  # called as the download was
        assert archive.namelist() == ["doejane_11_90_steplr.html", "roejohn_12_92_steplr.html"]


def results(folder):
    lines = map(json.loads, (folder / "class" / "results.jsonl").read_text().splitlines())
    return {line["student"]: line["score"] for line in lines}
