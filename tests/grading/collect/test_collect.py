"""A class comes in whole, whatever its shape: nobody is lost, nobody becomes somebody else."""

import csv
import json
import re
import shutil
import unicodedata
from dataclasses import asdict

import handing_in
import pytest
from typer.testing import CliRunner

from grader.__main__ import app
from grader.batch.course import COURSE
from grader.batch.persons import Person
from grader.batch.roster import ROSTER
from grader.batch.submissions import find
from grader.collect.again import tell_changed_times
from grader.collect.collect import Collected
from grader.collect.layout import is_to_be_collected
from grader.collect.owners import NAMESAKES
from grader.collect.table import table
from grader.errors import NothingToGrade

DUE = "".join(f'["{each}"]\ndue = 2026-03-01T23:59:00+01:00\n' for each in handing_in.LESSONS)


def write_roster(path, persons):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, asdict(persons[0]))
        writer.writeheader()
        writer.writerows(map(asdict, persons))


def nfc(text):
    return unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("shape", handing_in.SHAPES, ids=lambda shape: shape.__name__)
def test_a_class_of_60_comes_in_the_same_in_every_shape(shape, packed, tmp_path):
    lms = "moodle" if shape.__name__.startswith(("moodle", "mixed")) else "canvas"
    persons = handing_in.people(lms)
    files = list(shape(persons))
    source, out = tmp_path / "handed in", tmp_path / "class"
    out.mkdir()
    handing_in.write_folder(handing_in.with_dirt(files), source)
    (out / COURSE).write_text(DUE)
    write_roster(out / ROSTER, persons)
    if packed == "zip":
        source = handing_in.zipped(source, tmp_path / "download.zip")
    with Collected.of(source, out) as collected:
        rows, lines = collected.handed.rows, list(table(collected.handed))
        collected.write()

    expected = {file.path: file for file in files if file.listed}
    found = {nfc(row.file): row for row in rows if row.notebook}
    assert found.keys() == expected.keys()
    for path, file in expected.items():
        row = found[path]
        seen = (row.student, row.lesson, row.handed_in, row.late_seconds > 0, row.kept)
        assert seen == (file.student, file.lesson, file.at, file.late, file.kept), path
        assert row.unclear == "" or not file.student or "says Canvas" in row.unclear, row
    assert all(row.unclear == NAMESAKES for row in found.values() if not row.student)

    assert len(lines) == len(rows) + 1
    for line, row in zip(lines[1:], rows):
        file = expected.get(nfc(row.file), handing_in.File(row.file, b""))
        when, late = "–", "late" if row.told.late else ""
        if file.late:
            late = f"{(file.at - handing_in.DUE).total_seconds() / 3600:.0f} h"
        if row.notebook and file.at:
            when = f"{file.at:%Y-%m-%d %H:%M}"
        what = row.unclear or ("" if row.kept else "another attempt counts")
        cells = (row.told.shape, row.file, row.student or "?", row.lesson or "?", when, late, what)
        assert re.split(r"\s{2,}", line) == [cell for cell in cells if cell]

    submitted = {
        (path.parts[-3], path.parts[-2]): path.read_bytes()
        for path in (out / "submitted").rglob("*.ipynb")
    }
    assert submitted == {
        (file.student, file.lesson): file.content for file in expected.values() if file.kept
    }
    told = [json.loads(line) for line in (out / "collected.jsonl").read_text().splitlines()]
    assert {nfc(line["file"]) for line in told} == expected.keys()
    absent = {person.student for person in collected.handed.absent}
    assert persons[-1].student in absent
    wrong = {file.student for file in files if not file.listed and file.student}
    assert {row.student for row in rows if not row.notebook} == wrong


@pytest.mark.parametrize("shape", handing_in.SHAPES, ids=lambda shape: shape.__name__)
def test_grade_collects_what_is_not_in_nbgraders_layout(shape, tmp_path):
    source = tmp_path / "in"
    handing_in.write_folder(handing_in.with_dirt(shape(handing_in.people())), source)
    assert is_to_be_collected(source, tmp_path, None) == (shape is not handing_in.nbgraders)


@pytest.mark.parametrize("where", ["class", "Kurs ü"])
@pytest.mark.parametrize("shape", [handing_in.nbgraders, handing_in.google, handing_in.homes])
def test_a_class_folder_among_what_was_handed_in_is_none_of_it(shape, where, tmp_path):
    source, out = tmp_path / "in", tmp_path / "in" / where
    handing_in.write_folder(shape(handing_in.people()), source)
    for folder in ("submitted", "autograded", "feedback"):
        for name in ("ada", "bob", "cy"):
            file = handing_in.File(f"{folder}/{name}/steplr/steplr.ipynb", b"{}")
            handing_in.write_folder([file], out)
    (out / "results.jsonl").touch()
    with Collected.of(source, out) as collected:
        assert not any(row.file.startswith(where) for row in collected.handed.rows)
    assert is_to_be_collected(source, out, None) == (shape is not handing_in.nbgraders)
    if shape is handing_in.nbgraders:
        assert where not in {each.student for each in find(source, out)}
    shutil.copytree(out, tmp_path / "copy")
    for again in (out, tmp_path / "copy"):
        with pytest.raises(NothingToGrade, match="is a class folder"):
            Collected.of(again, out)


@pytest.mark.parametrize(
    "inside", ["{}.ipynb", "a/b/c/my work.ipynb", "work/{}.ipynb", "{0}/x.zip"]
)
def test_grade_takes_students_folders_as_they_are(inside, tmp_path):
    for name in ("ada", "bob", "cy"):
        handing_in.write_folder(
            [handing_in.File(f"{name}/steplr/steplr.ipynb", b"{}")], tmp_path / "in"
        )
    path = tmp_path / "in" / "eve" / inside.format("steplr")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"{}")
    (tmp_path / "in" / "zoe").mkdir()
    assert not is_to_be_collected(tmp_path / "in", tmp_path, None)


MEANT = {  # what a folder may be called by somebody whom the roster calls s1
    "a name": "Jane Zoë Doe",
    "the last name first": "Doe, Jane Zoë",
    "an address": "jane@uni.example",
    "the first part of an address": "jane",
    "a login": "jdoe",
    "a number": "4711",
    "as Sakai does": "Doe, Jane Zoë(jdoe)",
    "as a Mac writes accents": unicodedata.normalize("NFD", "Jane Zoë Doe"),
    "in capitals": "S1",
}


@pytest.mark.parametrize("inside", ["steplr/steplr.ipynb", "Submission attachment(s)/my.ipynb"])
@pytest.mark.parametrize("named", MEANT.values(), ids=MEANT)
def test_grade_and_collect_agree_on_whose_a_folder_is(named, inside, tmp_path):
    """A folder that the roster calls otherwise is collected first: one person has one name."""
    out, source = tmp_path / "class", tmp_path / "in"
    out.mkdir()
    row = Person("s1", "Jane Zoë Doe", "jane@uni.example", sis_id="4711", login="jdoe")
    write_roster(out / ROSTER, [row, Person("s2", "Bo Li")])
    solved = handing_in.notebook("steplr", "right")
    files = [handing_in.File(f"{each}/{inside}", solved) for each in ("s2", "eve")]
    handing_in.write_folder(files, source)
    assert not is_to_be_collected(source, out, None)
    handing_in.write_folder([handing_in.File(f"{named}/{inside}", solved)], source)
    assert is_to_be_collected(source, out, None)
    with Collected.of(source, out) as collected:
        collected.write()
    assert {each.student for each in find(out / "submitted")} == {"s1", "s2", "eve"}
    assert not is_to_be_collected(out / "submitted", out, None)


CLOCKED = {  # files on which an LMS has written a time without its zone
    "Blackboard": "steplr_jdoe_attempt_2026-03-03-10-00-00_steplr.ipynb",
    "Brightspace": "12-34 - Jane Doe - Mar 3, 2026 1000 AM - steplr.ipynb",
    "ILIAS": "Doe_Jane_jdoe_7/20260303100000_steplr.ipynb",
}
ZONES = ("", *(f"[steplr]\ndue = 2026-03-01T23:59:00{each}\n" for each in ("+01:00", "-05:00")))


@pytest.mark.parametrize("now", ZONES)
@pytest.mark.parametrize("then", ZONES)
@pytest.mark.parametrize("file", CLOCKED.values(), ids=CLOCKED)
def test_hand_ins_whose_times_course_toml_changes_are_to_be_collected_again(
    file, then, now, tmp_path, caplog
):
    out, source = tmp_path / "class", tmp_path / "download"
    out.mkdir()
    solved = handing_in.notebook("steplr", "right")
    dated = "Jane Roe_7_assignsubmission_file_/steplr.ipynb"
    handing_in.write_folder([handing_in.File(each, solved) for each in (file, dated)], source)
    (out / COURSE).write_text(then)

    def collect():
        with Collected.of(source, out) as collected:
            collected.write()

    collect()
    tell_changed_times(out)
    assert not caplog.messages
    (out / COURSE).write_text(now)
    tell_changed_times(out)
    assert len(caplog.messages) == (now not in ("", then))
    assert all("1 of its hand-ins still count" in each for each in caplog.messages)
    assert all(f'again: grader grade "PATH/{source.name}"' in each for each in caplog.messages)
    caplog.clear()
    collect()
    tell_changed_times(out)
    assert not caplog.messages


def test_grade_report_and_export_say_what_is_to_be_collected_again(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("grader.collect.again.tell_changed_times", asked.append)
    (tmp_path / "in" / "ada" / "steplr").mkdir(parents=True)
    (tmp_path / "results.jsonl").touch()
    grade = ["grade", str(tmp_path / "in"), "--sandbox", "none"]
    for words in (grade, ["report"], ["export", "csv"]):
        CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    assert asked == [tmp_path] * 3


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["essay.pdf"], "no notebook: 'essay.pdf'"),
        (["work.rar"], "an archive, 'work.rar': unpack it"),
        (["essay.pdf", "work.7z"], "an archive, 'work.7z'"),
        ([f"{n}.png" for n in range(3)], "'0.png', '1.png', '2.png'"),
        (["line\nbreak <b>.docx"], "line\N{REPLACEMENT CHARACTER}break <b>.docx"),
        ([], "is expected."),
    ],
)
def test_what_was_handed_in_instead_of_a_notebook_is_said_until_there_is_one(names, said, tmp_path):
    source, out = tmp_path / "handed in", tmp_path / "class"
    folder = source / "Ada King_17_assignsubmission_file"
    other = source / "Bob Roe_18_assignsubmission_file"
    for each in (folder, other):
        each.mkdir(parents=True)
    solved = handing_in.notebook("steplr", "right")
    (other / "steplr.ipynb").write_bytes(solved)
    for name in names:
        (folder / name).write_bytes(b"Rar!")

    def told():
        with Collected.of(source, out) as collected:
            collected.write()
        ada, _bob = sorted(find(out / "submitted", out), key=lambda each: each.student)
        return ada

    assert told().status == "missing"
    assert said in told().problem
    (folder / "steplr.ipynb").write_bytes(solved)
    assert told().problem == ""
