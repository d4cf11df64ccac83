"""What is found in a student's folder is graded, or a line says what lies there."""

import json
import os

import nbformat
import pytest

from grader import paths
from grader.batch.run import Batch, Settings
from grader.batch.submissions import MOST_READ, NOTED, NOTED_BYTES, beside_the_students, find
from grader.exercises import LESSONS

LESSON = "steplr"
NOTEBOOK = paths.released(LESSON).read_bytes()
FOREIGN = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))

WHERE = {
    "in its place": f"{LESSON}/{LESSON}.ipynb",
    "directly in the student's folder": f"{LESSON}.ipynb",
    "under another name": "homework 2.ipynb",
    "as a browser's second download": f"{LESSON}/{LESSON} (1).ipynb",
    "as JupyterLab's copy": f"{LESSON}/{LESSON}-Copy1.ipynb",
    "with a text editor's ending": f"{LESSON}/{LESSON}.ipynb.txt",
    "with a browser's ending": f"{LESSON}.ipynb.json",
    "in capitals": f"{LESSON.upper()}.IPYNB",
    "in a lesson's folder in capitals": "StepLR/StepLR.ipynb",
    "in a second folder of its name": f"{LESSON}/{LESSON}/{LESSON}.ipynb",
    "in a course folder": f"course/lessons/{LESSON}/{LESSON}.ipynb",
    "in a copied lesson's folder": f"{LESSON} (2)/{LESSON}.ipynb",
    "deep, under another name": "a/b/c/my work.ipynb",
}
BESIDE = {
    "nothing": {},
    "macOS's resource fork": {"._{}": b"\0\5\26\7"},
    "macOS's folder": {"__MACOSX/._{}": b"\0\5", ".DS_Store": b""},
    "a checkpoint": {".ipynb_checkpoints/{}": b"{}"},
    "the lesson's data": {"checks.json": b"{}", "recorded.json": b"{}"},
    "a student's notes": {"notes.txt": b"", "plot.png": b""},
}


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("where", WHERE.values(), ids=WHERE)
def test_a_notebook_is_taken_wherever_it_lies(where, beside, tmp_path):
    folder = (tmp_path / "ada" / where).parent
    name = where.rsplit("/", 1)[-1]
    write(tmp_path / "ada", {where: NOTEBOOK})
    write(folder, {each.format(name): content for each, content in beside.items()})
    (found,) = find(tmp_path)
    assert (found.key, found.problem, found.note) == (("ada", LESSON), "", "")
    assert found.read() == NOTEBOOK


@pytest.mark.parametrize("top", ["", "lessons/", "course/lessons/"])
def test_a_lessons_folder_that_is_handed_back_has_lessons_only(top, tmp_path):
    for lesson in LESSONS:
        write(
            tmp_path / "ada", {f"{top}{lesson}/{lesson}.ipynb": paths.released(lesson).read_bytes()}
        )
    write(tmp_path / "ada", {f"{top}lrlab/data.py": b"", f"{top}data/steplr.json": b"{}"})
    write(tmp_path / "ada", {f"{top}README.md": b"", f"{top}data/MNIST/raw/x.gz": b""})
    found = find(tmp_path)
    assert sorted(each.key for each in found) == sorted(("ada", lesson) for lesson in LESSONS)
    assert not any(each.problem or each.note for each in found)


NO_NOTEBOOK = {
    "nothing": ({}, "missing", "ada/LESSON/LESSON.ipynb is expected"),
    "an archive": ({"homework.zip": b"PK"}, "missing", "'homework.zip': unpack it"),
    "another archive": ({"a/b.tar.gz": b""}, "missing", "'b.tar.gz': unpack it"),
    "a document": ({"steplr.pdf": b""}, "missing", "no notebook: 'steplr.pdf'"),
    "many files": ({f"{n}.png": b"" for n in range(9)}, "missing", "and 6 more"),
    "a checkpoint only": ({".ipynb_checkpoints/steplr.ipynb": NOTEBOOK}, "missing", "is expected"),
    "a resource fork only": ({"._steplr.ipynb": b""}, "missing", "is expected"),
    "an empty lesson": ({f"{LESSON}/checks.json": b"{}"}, "missing", "steplr.ipynb is missing"),
    "a lesson's archive": ({f"{LESSON}/x.zip": b""}, "missing", "'x.zip': unpack it"),
    "another course's": ({"calculus.ipynb": FOREIGN}, "unrecognised", "No lesson's cells are in"),
    "no JSON": ({"calculus.ipynb": b"{"}, "unrecognised", "'calculus.ipynb'"),
}


@pytest.mark.parametrize(("files", "status", "sentence"), NO_NOTEBOOK.values(), ids=NO_NOTEBOOK)
def test_a_student_without_a_notebook_has_one_line(files, status, sentence, tmp_path):
    (tmp_path / "ada").mkdir()
    write(tmp_path / "ada", files)
    (found,) = find(tmp_path)
    assert (found.student, found.status) == ("ada", status)
    assert sentence in found.problem


def test_an_identical_copy_beside_the_notebook_is_not_worth_a_word(tmp_path):
    write(tmp_path / "ada" / LESSON, {f"{LESSON}.ipynb": NOTEBOOK, "copy.ipynb": NOTEBOOK})
    (found,) = find(tmp_path)
    assert (found.problem, found.note) == ("", "")


@pytest.mark.parametrize("names", [(f"{LESSON}.ipynb", "b.ipynb"), ("a.ipynb", "b.ipynb")])
def test_different_notebooks_of_a_lesson_are_told(names, tmp_path):
    other = json.dumps(json.loads(NOTEBOOK)).encode()
    write(tmp_path / "ada" / LESSON, {names[0]: NOTEBOOK, names[1]: other})
    (found,) = find(tmp_path)
    if names[0] == f"{LESSON}.ipynb":
        assert found.read() == NOTEBOOK
        assert "beside it lies 'b.ipynb', which was not" in found.note
    else:
        assert "There are 2 notebooks and none is called steplr.ipynb" in found.problem


@pytest.mark.parametrize("name", ["steplr.ipynb", "ada - steplr.IPYNB", "all.zip", "class.tar.gz"])
def test_what_lies_in_no_students_folder_is_told(name, tmp_path):
    write(tmp_path, {"ada/steplr/steplr.ipynb": NOTEBOOK, "._a.ipynb": b"", "roster.csv": b""})
    assert beside_the_students(tmp_path) == ""
    write(tmp_path, {name: NOTEBOOK})
    assert f"not graded: {name!r}. Move each to" in beside_the_students(tmp_path)


def test_a_student_with_very_many_notebooks_is_not_opened_without_end(tmp_path):
    write(tmp_path / "mallory", {f"{n}.ipynb": b"%d" % n for n in range(10 * MOST_READ)})
    (found,) = find(tmp_path)
    assert found.status == "unrecognised"


@pytest.mark.parametrize("line", [False, True])
def test_a_name_that_the_roster_has_replaced_is_told(line, tmp_path, caplog):
    """A folder of what was collected before, or a line of what was graded where it lay."""
    out, submitted = tmp_path / "class", tmp_path / "class" / "submitted"
    write(out, {"roster.csv": "id,name\ns1,Jane Doe\ns2,Bo Li\n"})
    names = ("s1", "s2", "eve") if line else ("Jane Doe", "s2", "eve")
    write(submitted, {f"{name}/{LESSON}/{LESSON}.ipynb": NOTEBOOK for name in names})
    if line:
        write(out, {"results.jsonl": '{"student": "Jane Doe", "lesson": "steplr"}\n'})
    with Batch.of(submitted, Settings(out, wall="none")):
        (told,) = caplog.messages
    assert told.startswith("Jane Doe is s1 on the roster, and counts under both names")
    assert f'grader remove "Jane Doe" --out "{out}"' in told


@pytest.mark.parametrize("groups", ["Team Red", "A, team red", "Team-Red;A"])
def test_what_a_group_handed_in_is_told_to_count_for_none_of_it(groups, tmp_path, caplog):
    out, submitted = tmp_path / "class", tmp_path / "class" / "submitted"
    rows = f's1,Jane Doe,"{groups}"\ns2,Bo Li,"{groups}"\ns3,Cy Roe,B\n'
    write(out, {"roster.csv": f"id,name,groups\n{rows}"})
    names = ("Team Red", "s3", "Team Blue")
    write(submitted, {f"{name}/{LESSON}/{LESSON}.ipynb": NOTEBOOK for name in names})
    with Batch.of(submitted, Settings(out, wall="none")):
        (told,) = caplog.messages
    assert told.startswith("Team Red is a group of the roster: what it handed in counts for none")
    assert "Put a copy of its folder there for each of s1, s2" in told
    assert f'grader remove "Team Red" --out "{out}"' in told


SECRET = "what the instructor alone may read"
PLANTED = {
    "a link": lambda path, notes: path.symlink_to(notes),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a device": lambda path, _: path.symlink_to("/dev/zero"),
    "a folder": lambda path, _: path.mkdir(),
    "more than is read": lambda path, _: path.write_text("x" * (NOTED_BYTES + 1)),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_note_that_a_student_has_planted_shows_and_stops_nothing(plant, tmp_path):
    (tmp_path / "notes.txt").write_text(SECRET)
    (tmp_path / "in" / "ada").mkdir(parents=True)
    plant(tmp_path / "in" / "ada" / NOTED, tmp_path / "notes.txt")
    (found,) = find(tmp_path / "in")
    assert found.status == "missing"
    assert found.problem.endswith("is expected.")
