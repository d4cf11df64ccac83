"""Students choose how their files, folders and repositories are called, and what lies in them."""

import hashlib
import multiprocessing
import os
import resource
import string
import zipfile
import zlib
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from nbgrader import api
from nbgrader.server_extensions.formgrader import handlers
from page import Page
from typer.testing import CliRunner

from grader.__main__ import app
from grader.batch import lesson_names, persons, roster
from grader.batch.gradebook import Gradebook
from grader.batch.submissions import find
from grader.collect import archives, lms_names, names, times
from grader.collect.collect import Collected
from grader.collect.source import Entry
from grader.collect.table import MOST_WIDE, table
from grader.paths import COURSE_ID
from grader.untrusted import csv_cell, text_of_csv_cell

FORK = multiprocessing.get_context("fork")
CPU_SECONDS = 20  # to end a test that would take years; all of it takes a tenth of a second
NAME_CHARS = archives.NAME_BYTES

# What the names that `collect` knows are made of, and what stands between.
PARTS = [
    *("my", "homework", "copy", "copy of", "(1)", "lab", "lrlab", "e-mail", "one drive", "steplr"),
    *("constant", "a", "1", "1-1", "20200101T000000Z", "_assignsubmission_file", "_attempt_2020"),
    *("2020-01-01 00:00:00", "Jan 1, 2020 1000 PM", ".zip", ".ipynb", "Kopie von", "的副本"),
    *("12345", "LATE_anon_12345", "2020-"),
]
BETWEEN = ["", " ", "_", "-", " - ", "___", "+"]


def in_bounded_time(function, *arguments):
    """Whether a call ends by itself."""

    def called():
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        function(*arguments)

    child = FORK.Process(target=called)
    child.start()
    child.join()
    return child.exitcode == 0


def read_names(names_of_files):
    for name in names_of_files:
        lesson_names.lesson_named(name)
        lms_names.of_lms(Entry((name,), None))
        person = names.person_in(name)
        for function in (
            names.copy_number,
            lesson_names.lesson_in,
            names.says_more,
            names.without_work,
        ):
            function(name)
        lms_names.without_title([name, f"{name}_b"], bool)
        persons.Roster([persons.Person("ada", name), persons.Person(person)]).find(name)


@pytest.mark.parametrize("between", BETWEEN)
def test_no_name_takes_long_to_read(between):
    made = [
        ((f"{one}{between}{two}{between}" * NAME_CHARS)[: NAME_CHARS - 1] + end)
        for one, two in product(PARTS, ["", "copy", "homework", "1", "(1)"])
        for end in ("", "!")
    ]
    assert in_bounded_time(read_names, made)


def test_no_member_of_an_archive_has_a_longer_name_than_files_have(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ada/steplr/steplr.ipynb", "{}")
        for name in ("eve/" + "x" * 60_000 + ".ipynb", "é" * 128 + "/steplr.ipynb"):
            archive.writestr(name, "{}")
        archive.writestr("/".join(["y" * 200] * 8 + ["steplr.ipynb"]), "{}")
    with Collected.of(tmp_path / "a.zip", tmp_path / "class") as collected:
        found = collected.handed.rows
        lines = list(table(collected.handed))
    assert sorted(row.kept for row in found) == [False, False, True, True]
    assert sum("too long for any file" in row.unclear for row in found) == 2
    (ada,) = [line for line in lines if "ada/steplr" in line]
    assert len(ada) < 4 * MOST_WIDE
    assert max(map(len, lines)) < 2_000


# --- names in nbgrader's pages --------------------------------------------------------------------

NBGRADER = Environment(loader=FileSystemLoader([handlers.template_path]))  # as nbgrader makes it
NAMES = [
    *(f"a{letter}b" for letter in string.punctuation + "\u202e\x7f ‹›"),
    *(
        '";alert(1);"',
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)<",
        "<!--",
        "a\\",
        "{{ 1 }}",
    ),
    *("Ada <ada@a.example>", "O'Neil", "=1+1", "&lt;b&gt;", 'the "great" Ada', '"><svg onload=x>'),
]


def screen(student):
    return Page(NBGRADER.get_template("manage_students_assignments.tpl").render(
        student_id=student, base_url=""
    ))  # fmt: skip


def assert_only_text(student):
    plain, page = screen("ada"), screen(student)
    assert [each.tag for each in page.elements] == [each.tag for each in plain.elements]
    scripts = [[each.text for each in some.all("script")] for some in (plain, page)]
    assert scripts[1] == [text.replace('"ada"', f'"{student}"') for text in scripts[0]]
    assert '"' not in student


@pytest.mark.parametrize("name", NAMES)
def test_a_students_id_is_text_in_nbgraders_pages_or_is_refused(name, tmp_path):
    assert_only_text(roster.folder_name(name))
    if "/" not in name:
        (tmp_path / name / "steplr").mkdir(parents=True)
        (tmp_path / name / "steplr" / "steplr.ipynb").write_text("{}")
        (found,) = find(tmp_path)
        if found.problem:
            assert "rename the folder" in found.problem
        else:
            assert_only_text(found.student)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_on_a_roster_is_text_in_nbgraders_pages_and_stays_what_it_was(name, tmp_path):
    quoted = name.replace('"', '""')
    (tmp_path / "in.csv").write_text(f'id,name,email\nada,"{quoted}","{quoted}\0"\n', "utf-8")
    (person,) = roster.keep(tmp_path / "in.csv", tmp_path / "class").people
    assert Page(f"<p>{person.name}, {person.email}</p>").all("p")[0].text
    assert [each.tag for each in Page(f"<p>{person.name}</p>").elements] == ["p"]
    assert "\0" not in person.email
    assert roster.load(tmp_path / "class").people == (person,)


def test_a_gradebook_takes_every_name_of_a_roster(tmp_path):
    url, long = f"sqlite:///{tmp_path}/gradebook.db", "né " * 30_000
    (tmp_path / "in.csv").write_text(f"student,name,email,lms id\nada,{long},{long},{long}\n")
    (person,) = roster.read(tmp_path / "in.csv").people
    with Gradebook(url) as book:
        book.enrol([person])
        book.enrol([person])
    with api.Gradebook(url, COURSE_ID) as book:
        ada = book.find_student("ada")
        words = [ada.first_name, ada.last_name, ada.email, ada.lms_user_id]
    assert all(0 < len(each) <= 128 for each in words)  # PostgreSQL refuses longer ones


# --- in the terminal ------------------------------------------------------------------------------


def test_no_word_between_colons_becomes_a_picture(tmp_path):
    (tmp_path / "in" / "a:key:b" / "steplr").mkdir(parents=True)
    (tmp_path / "in" / "a:key:b" / "steplr" / "steplr.ipynb").write_text("{}")
    done = CliRunner().invoke(app, ["collect", str(tmp_path / "in"), "--dry-run"])
    assert "a:key:b/steplr/steplr.ipynb" in done.output


# --- formulas -------------------------------------------------------------------------------------

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫"
ROOM = ["", " ", "  ", "\u3000", "\xa0", "\t", "\r", "\n", "'", "''", "' "]
BEFORE = ["", "a;", "a\n", "a\r\n", "a\u2028", "a\x85", "a\t", "a; "]


@pytest.mark.parametrize("sign", SIGNS)
def test_no_cell_begins_like_a_formula_however_it_is_cut_and_all_come_back(sign):
    for before, room in product(BEFORE, ROOM):
        text = f"{before}{room}{sign}1"
        cell = csv_cell(text)
        for part in cell.replace(";", "\n").replace("\t", "\n").splitlines():
            assert not part.strip().startswith(tuple(SIGNS)), text
        assert text_of_csv_cell(cell) == text


@pytest.mark.parametrize("text", ["Ada-Lovelace", "a = b", "x@a.example", "3 + 4; then 5", "it's"])
def test_what_is_no_formula_stays_as_it_is(text):
    assert csv_cell(text) == text == text_of_csv_cell(text)


# --- repositories ---------------------------------------------------------------------------------

WHEN = 1_700_000_000


def repository(folder: Path) -> Path:
    """A .git folder with one commit, whose parts are files of their own."""
    commit = f"tree {'0' * 40}\nauthor a <a> {WHEN} +0000\ncommitter a <a> {WHEN} +0000\n\nx"
    name = loose(folder, b"commit %d\0" % len(commit) + commit.encode())
    (folder / "refs" / "heads").mkdir(parents=True)
    (folder / "refs" / "heads" / "main").write_text(f"{name}\n")
    (folder / "objects" / "info").mkdir()
    (folder / "objects" / "pack").mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    return folder


def loose(folder: Path, content: bytes) -> str:
    """Write an object; its name."""
    name = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    path = folder / "objects" / name[:2] / name[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(content))
    return name


def test_a_repository_says_when_it_was_committed_to(tmp_path):
    assert times.committed(repository(tmp_path / "git")) == datetime(2023, 11, 14, 22, 13, 20)


PLACES = [
    *("HEAD", "packed-refs", "refs", "refs/heads/main", "objects", "objects/info/alternates"),
    *("objects/pack", f"objects/pack/pack-{'1' * 40}.idx"),
]
ODD = {
    "pipe": os.mkfifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "folder": lambda path: path.mkdir(),
    "long line": lambda path: path.write_bytes(b"ref: " * 1_000_000),
    "many lines": lambda path: path.write_bytes(b"/x\n" * 200_000),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("odd", ODD)
def test_whatever_lies_in_a_repository_ends_in_a_time_or_none(odd, place, tmp_path, monkeypatch):
    monkeypatch.setattr(times, "MOST_SECONDS", 0.1)
    path = repository(tmp_path / "git") / place
    if path.exists():
        path.rename(tmp_path / "away")
    ODD[odd](path)
    assert times.committed(tmp_path / "git") in (None, datetime(2023, 11, 14, 22, 13, 20))


def test_what_is_read_without_end_ends_with_the_memory_that_it_may_have(tmp_path, monkeypatch):
    monkeypatch.setattr(times, "MOST_SECONDS", 600)
    monkeypatch.setattr(times, "MOST_MEMORY", 2**28)
    head = repository(tmp_path / "git") / "HEAD"
    head.unlink()
    head.symlink_to("/dev/zero")
    assert times.committed(tmp_path / "git") is None
