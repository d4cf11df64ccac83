"""What is in a file decides what it is, however it is called; what is no notebook is said."""

import json

import pytest
from handing_in import File, notebook, write_folder

from grader import paths
from grader.collect.collect import Collected
from grader.collect.handed import NO_LESSON
from grader.collect.table import summary
from grader.exercises import LESSONS
from grader.notebook import read
from grader.submission.reading import cells_of

PAGE = paths.START_PAGE.read_bytes()
START_PAGES = {
    "as it was handed out": PAGE,
    "run": PAGE.replace(b'"execution_count": null', b'"execution_count": 7'),
    "without ids": PAGE.replace(b'"id": ', b'"was": '),
    "of an earlier course": PAGE.replace(b"lrlab.Course(", b"lrlab.Course('warm-up', "),
    "its code alone": json.dumps({"cells": json.loads(PAGE)["cells"][1:]}).encode(),
}


def rows(folder, *files):
    write_folder(files, folder / "in")
    with Collected.of(folder / "in", folder / "class") as collected:
        collected.write()
        return {row.file: row for row in collected.handed.rows}


BOB = File("bob/steplr/steplr.ipynb", notebook("steplr", "bob"))


@pytest.mark.parametrize("name", ["start.ipynb", "steplr/start.ipynb", "start (1).ipynb"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_that_is_called_like_the_start_page_is_that_lesson(lesson, name, tmp_path):
    mine = notebook(lesson, "jane")
    row = rows(tmp_path, BOB, File(f"jane/{name}", mine))[f"jane/{name}"]
    assert (row.student, row.lesson, row.kept) == ("jane", lesson, True)
    written = tmp_path / "class" / "submitted" / "jane" / lesson / f"{lesson}.ipynb"
    assert written.read_bytes() == mine


@pytest.mark.parametrize("name", ["start.ipynb", "lessons/start.ipynb", "start (1).ipynb"])
@pytest.mark.parametrize("page", START_PAGES.values(), ids=START_PAGES)
def test_the_start_page_alone_is_told_and_beside_a_lesson_it_is_nothing(page, name, tmp_path):
    row = rows(tmp_path / "alone", BOB, File(f"jane/{name}", page))[f"jane/{name}"]
    assert (row.student, row.notebook, row.kept) == ("jane", False, False)
    assert "start page" in row.unclear
    assert (tmp_path / "alone" / "class" / "submitted" / "jane").is_dir()
    beside = [File("jane/steplr.ipynb", notebook("steplr", "jane")), File(f"jane/{name}", page)]
    assert rows(tmp_path / "beside", BOB, *beside).keys() == {BOB.path, "jane/steplr.ipynb"}


def test_a_source_that_is_one_students_has_a_start_page_that_is_nobodys(tmp_path):
    mine = File("steplr/steplr.ipynb", notebook("steplr", "jane"))
    found = rows(tmp_path, mine, File("start.ipynb", PAGE))
    assert found.keys() == {mine.path}


def test_a_start_page_with_something_of_its_owners_is_theirs(tmp_path):
    page = read(paths.START_PAGE)
    page.cells.append({"cell_type": "code", "source": "print('my own')", "metadata": {}})
    row = rows(tmp_path, BOB, File("jane/start.ipynb", json.dumps(page).encode()))[
        "jane/start.ipynb"
    ]
    assert (row.student, row.notebook, row.kept) == ("jane", True, True)


NO_NOTEBOOKS = {  # What a file is, and a part of what is to be done.
    "empty": (b"", "it is empty: save the notebook"),
    "blank": (b" \r\n\0", "it is empty: save the notebook"),
    "web page": (b"<!DOCTYPE html><html>", "it is a web page: hand in the .ipynb"),
    "PDF": (b"%PDF-1.7", "it is a PDF: hand in the .ipynb"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1", "Git LFS has put a pointer"),
    "conflict": (b'{\n<<<<<<< HEAD\n "cells"', "git has left two versions in it"),
    "archive": (b"PK\3\4\24\0", "it is an archive: unpack it"),
    "program": (b"import torch\n", "it is the text of a program"),
    "part": (BOB.content[:300], "it breaks off"),
    "no JSON": (b'{"cells": [},}', "it is not valid JSON: open it in Jupyter"),
    "neither": (b'{"cells": [\xe9},}', "not valid JSON, and not UTF-8"),
    "no cells": (b"{}", "it has no cells"),
    "brackets": (b"[" * 1_000_001, "too many parts"),
    "many cells": (json.dumps({"cells": [{}] * 2_001}).encode(), "2001 cells"),
}


@pytest.mark.parametrize(
    "name", ["jane/steplr/steplr.ipynb", "jane/a.ipynb", "Jane - shapes.ipynb"]
)
@pytest.mark.parametrize(("content", "said"), NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS)
def test_what_a_file_is_that_is_no_notebook_is_said_with_what_to_do(content, said, name, tmp_path):
    row = rows(tmp_path, BOB, File(name, content))[name]
    assert row.kept and said in row.unclear and NO_LESSON not in row.unclear


LETTERS = {"cp1252": "é “ü” €", "latin-1": "é ü ñ", "utf-8": "é “ü” €", "utf-16": "é “ü” €"}


@pytest.mark.parametrize("encoding", [*LETTERS, "utf-8-sig"])
def test_a_notebook_is_read_however_its_letters_are_written(encoding, tmp_path):
    letters = LETTERS.get(encoding, "é")
    text = notebook("steplr", "jane").decode().replace("# jane", f"# {letters}")
    content = text.encode(encoding)
    row = rows(tmp_path, BOB, File("jane/a.ipynb", content))["jane/a.ipynb"]
    assert (row.lesson, row.kept) == ("steplr", True)
    assert ("not UTF-8" in row.unclear) == (encoding in ("cp1252", "latin-1"))
    assert any(letters in cell.source for cell in cells_of(content))


@pytest.mark.parametrize("ids", [("", ""), ("100", "101")], ids=["ids unknown", "ids known"])
@pytest.mark.parametrize("people", [1, 2])
def test_only_who_is_taken_as_one_person_is_called_that(people, ids, tmp_path):
    lines = [f"jane{n},Jane Doe,{lms_id}\n" for n, lms_id in enumerate(ids[:people])]
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "roster.csv").write_text("id,name,lms id\n" + "".join(lines))
    made = [
        File(f"{lesson}/Jane Doe_{number}_assignsubmission_file_/a.ipynb", notebook(lesson, "x"))
        for number, lesson in ((100, "steplr"), (101, "plateau"))
    ]
    write_folder(made, tmp_path / "in")
    with Collected.of(tmp_path / "in", tmp_path / "class") as collected:
        students = {row.student for row in collected.handed.rows}
        said = "\n".join(summary(collected.handed, collected.roster))
    assert len(students) == people
    assert ("is taken as one person: Jane Doe" in said) == (people == 1)
