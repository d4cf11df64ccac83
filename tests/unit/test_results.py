"""results.jsonl: one line a submission, found again by its place in the file."""

import csv
import json
import os
import stat

import pytest

from grader.batch.results import Results
from grader.errors import CannotBegin


def line(student, version="v1", score=1.0):
    return {"student": student, "lesson": "steplr", "score": score, "max_score": 2.0} | {
        "status": "graded",
        "exercises": [],
        "version": version,
    }


@pytest.fixture
def results(tmp_path):
    found = Results(tmp_path)
    found.add([line("zoë", "v1"), line("ada", "v1")])
    found.add([])
    found.add([line("bob", "v1")])
    return found


def students(results):
    return [each["student"] for each in results.lines()]


def test_lines_are_sorted_and_stay_when_read_again(results, tmp_path):
    assert students(results) == students(Results(tmp_path)) == ["ada", "bob", "zoë"]
    assert results.line(("bob", "steplr")) == line("bob")


def test_what_is_forgotten_is_gone_and_may_be_added_again(results, tmp_path):
    results.forget({("ada", "steplr"), ("nobody", "steplr")})
    assert students(results) == students(Results(tmp_path)) == ["bob", "zoë"]
    results.add([line("ada", "v2", score=2.0)])
    assert results.has(("ada", "steplr"), "v2") and not results.has(("ada", "steplr"), "v1")
    assert [each["score"] for each in Results(tmp_path).lines()] == [2.0, 1.0, 1.0]


def test_a_line_that_was_cut_off_is_removed(results, tmp_path):
    path = tmp_path / "results.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"student": "eve", "less')
    again = Results(tmp_path)
    assert students(again) == ["ada", "bob", "zoë"] and path.read_bytes() == whole
    again.add([line("eve", "v1")])
    assert students(Results(tmp_path)) == ["ada", "bob", "eve", "zoë"]


def test_lines_of_an_earlier_grader_have_no_version_and_are_old(tmp_path):
    of_old = {name: value for name, value in line("ada").items() if name != "version"}
    (tmp_path / "results.jsonl").write_text(json.dumps(of_old) + "\n")
    results = Results(tmp_path)
    assert students(results) == ["ada"] and results.line(("ada", "steplr")) == of_old
    assert not results.has(("ada", "steplr"), "v1")
    results.forget({("ada", "steplr")})
    results.add([line("ada")])
    assert Results(tmp_path).has(("ada", "steplr"), "v1")


def test_of_two_lines_of_a_submission_the_last_counts(results, tmp_path):
    results.add([line("ada", "v2", score=0.5)])
    assert next(Results(tmp_path).lines())["score"] == 0.5


def test_grades_are_a_table(results, tmp_path):
    marks = {
        "name": "Ada King", "email": "ada@example.org", "score": 1.25, "max_score": 4.0,
        "auto": 2.0, "manual": 0.5, "extra": 1.0, "penalty": 0.25,
        "waiting": 0.0, "late_seconds": 60.0, "by_hand": [{"comment": "See me"}],
    }  # fmt: skip
    results.write_grades([line("ada") | {"marks": marks}, line("bob")])
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        ada, bob = csv.DictReader(file)
    assert list(ada) == [
        "student", "name", "email", "lesson", "score", "max_score", "status", "auto", "manual",
        "extra", "penalty", "late_seconds", "comment",
    ]  # fmt: skip
    assert list(ada.values()) == [
        "ada", "Ada King", "ada@example.org", "steplr", "1.25", "4.0", "graded", "2.0", "0.5",
        "1.0", "0.25", "60.0", "See me",
    ]  # fmt: skip
    assert (bob["score"], bob["auto"], bob["manual"]) == ("1.0", "1.0", "")


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these permissions")
def test_what_holds_scores_is_its_owners_unless_it_was_shared(results, tmp_path):
    results.write_grades(results.lines())
    paths = [tmp_path / "grades.csv", tmp_path / "results.jsonl"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o600, 0o600]
    for path in paths:
        path.chmod(0o640)
    results.write_grades(results.lines())
    results.forget({("ada", "steplr")})
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o640, 0o640]


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these links")
@pytest.mark.parametrize("planted", [".grades.csv.part", "grades.csv"])
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_a_shared_class_folder_leads_no_score_elsewhere(planted, link, results, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine alone")
    victim.chmod(0o644)
    link(victim, tmp_path / planted)
    results.write_grades(results.lines())
    assert (victim.read_text(), stat.S_IMODE(victim.stat().st_mode)) == ("mine alone", 0o644)
    grades = tmp_path / "grades.csv"
    assert not grades.is_symlink() and "ada" in grades.read_text()
    if link is os.symlink:
        assert stat.S_IMODE(grades.stat().st_mode) == 0o600


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_a_name_in_grades_is_no_formula(first, tmp_path):
    results = Results(tmp_path)
    results.add([line(f"{first}HYPERLINK(1)")])
    results.write_grades(results.lines())
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert not row["student"].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert row["student"].endswith("HYPERLINK(1)")


DAMAGED = ("oops", "[]", "{}", '{"student": "ada"}', '"student lesson"', "\ufeff", "<<<<<<< mine")


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("text", DAMAGED)
def test_a_line_that_somebody_else_has_changed_is_named(text, place, results, tmp_path):
    path = tmp_path / "results.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:place], text, *lines[place:]]) + "\n")
    before = path.read_bytes()
    with pytest.raises(CannotBegin, match=rf"results\.jsonl, line {place + 1}, is not as it"):
        Results(tmp_path)
    assert path.read_bytes() == before


def test_an_editor_may_leave_the_last_line_without_its_end(results, tmp_path):
    path = tmp_path / "results.jsonl"
    path.write_text(path.read_text().rstrip("\n"))
    again = Results(tmp_path)
    again.add([line("cy")])
    assert students(again) == students(Results(tmp_path)) == ["ada", "bob", "cy", "zoë"]


EDITS = {
    "a score with a comma": lambda text: text.replace("1.0", '"15,5"', 1),
    "another program's separators": lambda text: text.replace(",", ";"),
    "a line more": lambda text: text + "eve,,,steplr,1.0\n",
    "nothing in it": lambda text: "",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_grades_that_were_changed_by_hand_are_kept_and_that_is_told_once(
    edit, results, tmp_path, caplog
):
    path = tmp_path / "grades.csv"

    def write(*students):
        Results(tmp_path).write_grades(map(line, students))

    write("ada")
    write("ada", "bob")  # what changes in the gradebook is no change by hand
    write("ada", "bob")
    assert not caplog.messages and not list(tmp_path.glob("grades-*"))
    ours = path.read_text()
    for number in ("", "-2"):
        caplog.clear()
        edited = edit(ours) + number
        path.write_text(edited)
        write("ada", "bob")
        write("ada", "bob")
        copy = tmp_path / f"grades-edited{number}.csv"
        assert (copy.read_text(), path.read_text()) == (edited, ours)
        (told,) = caplog.messages
        assert f"{copy} keeps what it said. Change marks in formgrader" in told
    assert len(list(tmp_path.glob("grades-*"))) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_grades_of_a_killed_run_were_not_changed_by_hand(
    when, results, tmp_path, monkeypatch, caplog
):
    replace = os.replace

    def killed(part, to):
        if to.name == "grades.csv":
            if when == "after":
                replace(part, to)
            raise KeyboardInterrupt
        replace(part, to)

    results.write_grades([line("ada")])
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(os, "replace", killed)
        results.write_grades([line("bob")])
    results.write_grades([line("bob")])
    assert not caplog.messages and not list(tmp_path.glob("grades-*"))


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has these links")
def test_a_link_in_the_place_of_grades_is_not_read(results, tmp_path):
    results.write_grades([line("ada")])
    (tmp_path / "grades.csv").unlink()
    (tmp_path / "grades.csv").symlink_to("/dev/zero")
    results.write_grades([line("ada")])
    assert "ada" in (tmp_path / "grades.csv").read_text()


def test_grades_of_an_earlier_grader_are_its_own(results, tmp_path, caplog):
    (tmp_path / "grades.csv").write_text("student,score\nada,1.0\n")
    results.write_grades([line("ada")])
    assert not caplog.messages
