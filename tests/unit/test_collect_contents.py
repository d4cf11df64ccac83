"""What is in a file decides what it is, however it is called; what is no notebook is said."""

import json

import pytest
from handing_in import File, notebook, write_folder

from grader import paths
from grader.collect.collect import Collected
from grader.exercises import LESSONS
from grader.notebook import read

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
