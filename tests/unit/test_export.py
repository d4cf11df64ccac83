"""Final scores and feedback for an LMS: its own file filled by id, nothing else in it touched."""

import csv
import io
import json
import os
import random
import shutil
from zipfile import ZipFile

import pandas
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from grader.__main__ import app
from grader.batch.headings import COLUMNS
from grader.exercises import of_lesson
from grader.export.lms import CSV, Template

LESSONS = ("constant-lr", "steplr", "plateau")
# Two people of one name, one with what a table must quote, one whose name a spreadsheet would run.
PEOPLE = {
    "jdoe1": ("Jane Doe", "jane1@example.org"),
    "jdoe2": ("Jane Doe", "jane2@example.org"),
    "obrien": ('Seán "Jo", O\'Brien; II', "sean@example.org"),
    "formula": ("=HYPERLINK(A1)", "f@example.org"),
    "late": ("Zoë Núñez", "zoe@example.org"),
    "stranger": ("Not Inthe List", "nobody@example.org"),
}
IDS = {student: str(1000 + n) for n, student in enumerate(PEOPLE)}
MANUAL = 0.125
LATE = ("jdoe2", "plateau")
COURSE = "[plateau]\ndue = 2026-03-01T12:00:00Z\npercent_a_day = 10\n"
WRITTEN = {
    "as Canvas and Moodle write it": ("utf-8", "", ",", "\n", False),
    "with a byte-order mark": ("utf-8", "\ufeff", ",", "\r\n", False),
    "with semicolons": ("utf-8", "\ufeff", ";", "\r\n", False),
    "as a spreadsheet saves it": ("cp1252", "", ";", "\r\n", False),
    "as Unicode text": ("utf-16-le", "\ufeff", "\t", "\r\n", False),
    "with quotes around everything": ("utf-8", "", ",", "\n", True),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class with random scores, of which some are given by hand or late; and its gradebook."""
    out, rng = tmp_path_factory.mktemp("class"), random.Random(5)
    keys = [(student, lesson) for student in PEOPLE for lesson in LESSONS]
    keys.remove(("late", "plateau"))
    lines = []
    for student, lesson in keys:
        marks = [
            {"id": each.id, "score": rng.choice([0, each.points / 2, each.points]),
             "max_score": each.points, "verdict": "wrong", "diagnosis": ""}
            for each in of_lesson(lesson)
        ]  # fmt: skip
        sums = {name: sum(mark[name] for mark in marks) for name in ("score", "max_score")}
        lines.append(
            {"student": student, "lesson": lesson, **sums, "status": "graded", "detail": "",
             "seconds": 1.0, "exercises": marks, "version": "1",
             "timestamp": "2026-03-03 11:00:00 UTC" if (student, lesson) == LATE else ""}
        )  # fmt: skip
    lines.append({"student": "absent", "lesson": "", "score": 0, "max_score": 0, "detail": "",
                  "status": "missing", "seconds": 0, "exercises": []})  # fmt: skip
    (out / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    rows = [["student", "name", "email", "section", "lms_id", "sis_id", "login"]]
    rows += [
        [student, f"'{name}" if name.startswith("=") else name, email, "A", IDS[student], "", ""]
        for student, (name, email) in PEOPLE.items()
    ]
    with (out / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (out / "course.toml").write_text(COURSE)
    assert _run("csv", "--out", out)[0] == 0  # this makes the gradebook
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        for student in ("jdoe1", "obrien"):
            notebook = book.find_submission_notebook("steplr", "steplr", student)
            notebook.grades[0].manual_score = MANUAL
        assert book.find_submission_notebook("plateau", *LATE[::-1]).late_submission_penalty > 0
        book.db.commit()
    return out


@pytest.fixture(scope="module")
def truth(graded):
    """The final scores, as nbgrader computes them."""
    scores = {}
    with Gradebook(f"sqlite:///{graded / 'gradebook.db'}") as book:
        for lesson in LESSONS:
            for each in book.assignment_submissions(lesson):
                score = each.score - each.late_submission_penalty
                scores[each.student.id, lesson] = max(0.0, score)
    assert len(scores) == len(PEOPLE) * len(LESSONS) - 1
    return scores


def _run(*arguments):
    done = CliRunner().invoke(app, ["export", *map(str, arguments)], catch_exceptions=False)
    return done.exit_code, done.output


def _bytes(rows, written):
    encoding, bom, separator, end, quoted = WRITTEN[written]

    def cell(text):
        text = text.encode(encoding, "replace").decode(encoding)
        special = quoted or any(each in text for each in ('"', separator, "\n"))
        return '"' + text.replace('"', '""') + '"' if special else text

    lines = (separator.join(map(cell, row)) + end for row in rows)
    return (bom + "".join(lines)).encode(encoding)


def _read(content, written):
    encoding, _, separator, *_ = WRITTEN[written]
    encoding = {"utf-8": "utf-8-sig", "utf-16-le": "utf-16"}.get(encoding, encoding)
    return pandas.read_csv(
        io.BytesIO(content), encoding=encoding, sep=separator, dtype=str, keep_default_na=False
    )


def _number(score):
    return f"{score:.6f}".rstrip("0").rstrip(".")


def _canvas():
    """Canvas' gradebook export; the columns of three lessons stand among others."""
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Essay (17)",
            "Week 2: StepLR (18)", "Constant LR (19)", "ReduceLROnPlateau (20)",
            "Current Score", "Final Grade"]  # fmt: skip
    most = [
        "    Points Possible",
        "",
        "",
        "",
        "",
        "10.0",
        *["100.0"] * 3,
        "(read only)",
        "(read only)",
    ]
    places = {"steplr": 6, "constant-lr": 7, "plateau": 8}
    rows = [head, [""] * 5 + ["Manual Posting", *[""] * 5], most]
    for student, (name, email) in PEOPLE.items():
        if student != "stranger":
            last_first = ", ".join(reversed(name.split(" ", 1)))
            rows.append([last_first, IDS[student], f"S{IDS[student]}", email, "A; B",
                         "007.50", "", "0", " 3.5 ", "90.01", "A+"])  # fmt: skip
    rows.append(["Nobody, Knows", "77", "", "k@x.org", "A", "", "", "1.50", "", "", ""])
    rows.append(["Student, Test", "78", "", "long-hash", "A", "", "", "", "", "", ""])
    return rows, places


@pytest.mark.parametrize("written", WRITTEN)
def test_canvas_file_is_filled_and_all_else_stays(written, graded, truth, tmp_path):
    rows, places = _canvas()
    template, target = tmp_path / "Grades.csv", tmp_path / "filled.csv"
    template.write_bytes(_bytes(rows, written))
    code, said = _run("canvas", "--template", template, "--out", graded, "-o", target)
    assert code == 0, said
    students = {ID: student for student, ID in IDS.items()}
    expected = [list(row) for row in rows]
    for row in expected:
        for lesson, place in places.items():
            if (score := truth.get((students.get(row[1]), lesson))) is not None:
                row[place] = _number(score)
    assert target.read_bytes() == _bytes(expected, written)
    assert template.read_bytes() == _bytes(rows, written)
    table = _read(target.read_bytes(), written).set_index("ID")
    for (student, lesson), score in truth.items():
        if student != "stranger":
            assert float(table.loc[IDS[student], rows[0][places[lesson]]]) == score
    assert "Not Inthe List (stranger) is not in Canvas's file: no row has an id" in said
    assert "Nobody, Knows, line 9, has no score here: left as it is." in said
    assert "Student, Test" not in said
    assert all(f"{each} has " in said and ", and 100 in Canvas" in said for each in LESSONS)


@pytest.mark.parametrize("written", WRITTEN)
def test_moodle_worksheet_is_filled_by_the_number_of_its_assignment(
    written, graded, truth, tmp_path
):
    """Its participants have a number an assignment, and one grade can no longer be changed."""
    head = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade",
            "Grade can be changed", "Last modified (grade)", "Feedback comments"]  # fmt: skip
    numbers = {student: str(5_000_000 + int(IDS[student])) for student in PEOPLE}
    rows = [head] + [
        [f"Participant {numbers[student]}", name, f"{student}@other.example", "Submitted", "-",
         "20,00", "No" if student == "late" else "Yes", "-", "keep, me"]
        for student, (name, _) in PEOPLE.items()
    ]  # fmt: skip
    out = tmp_path / "class"
    out.mkdir()
    for name in ("results.jsonl", "gradebook.db", "roster.csv", ".gradebook"):
        (out / name).write_bytes((graded / name).read_bytes())
    lines = [
        {"file": "f", "source": "s.zip", "shape": "moodle", "student": student, "lesson": lesson,
         "lms": "moodle", "lms_id": number if lesson == "steplr" else IDS["jdoe1"],
         "name": "n", "kept": True}
        for lesson in ("steplr",)
        for student, number in numbers.items()
    ]  # fmt: skip
    (out / "collected.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    template, target = tmp_path / "Grades-Course-1234.csv", tmp_path / "filled.csv"
    template.write_bytes(_bytes(rows, written))
    code, said = _run("moodle", "--template", template, "--out", out, "-o", target)
    assert code == 0, said
    expected = [list(row) for row in rows]
    for row, student in zip(expected[1:], PEOPLE):
        if student != "late":
            row[4] = _number(truth[student, "steplr"]).replace(".", ",")
    assert target.read_bytes() == _bytes(expected, written)
    assert "Zoë Núñez (late), steplr: Moodle says that this grade cannot be changed." in said


def test_a_table_of_ones_own_has_every_final_score(graded, truth, tmp_path):
    target = tmp_path / "scores.csv"
    assert _run("csv", "--out", graded, "-o", target)[0] == 0
    table = pandas.read_csv(target, keep_default_na=False, dtype=str).set_index("student")
    assert list(table.columns) == ["name", "email", "section", *LESSONS, "total"]
    assert list(table.index) == sorted([*PEOPLE, "absent"])
    assert table.loc["formula", "name"] == "'=HYPERLINK(A1)"
    for student in PEOPLE:
        scores = {lesson: truth.get((student, lesson)) for lesson in LESSONS}
        for lesson, score in scores.items():
            assert table.loc[student, lesson] == ("" if score is None else _number(score))
        assert float(table.loc[student, "total"]) == sum(filter(None, scores.values()))
    assert list(table.loc["absent"]) == ["", "", "", "", "", "", "0"]


OTHER_LMS = {  # a head with a column for steplr, and the row of a user
    "Brightspace": (
        "OrgDefinedId,Username,StepLR Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator",
        "#,#{},,#",
        "utf-8",
    ),
    "Blackboard": (
        '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"steplr [Total Pts: 20 Score] |77"',
        '"X"\t"Y"\t"{}"\t"S7"\t""',
        "utf-16",
    ),
}


@pytest.mark.parametrize(("head", "row", "encoding"), OTHER_LMS.values(), ids=OTHER_LMS)
def test_tables_of_other_lms_are_filled_by_their_users(
    head, row, encoding, graded, truth, tmp_path
):
    template, target = tmp_path / "grades.csv", tmp_path / "filled.csv"
    lines = [head, *(row.format(student) for student in ("jdoe1", "obrien"))]
    template.write_bytes("\n".join(lines).encode(encoding))
    code, said = _run("csv", "--template", template, "--out", graded, "-o", target)
    assert code == 0, said
    place = 2 if encoding == "utf-8" else 4
    written = csv.reader(
        target.read_bytes().decode(encoding).splitlines(),
        delimiter="\t" if encoding == "utf-16" else ",",
    )
    scores = [row[place] for row in written][1:]
    assert scores == [_number(truth[student, "steplr"]) for student in ("jdoe1", "obrien")]


def test_answers_that_wait_for_a_person_are_told(graded, tmp_path):
    out = tmp_path / "class"
    out.mkdir()
    line = json.loads((graded / "results.jsonl").read_text().splitlines()[0])
    marks = [
        {"id": each.id, "score": 0, "max_score": each.points, "verdict": "manual", "diagnosis": ""}
        for each in of_lesson("detective")
    ]
    lines = [{**line, "lesson": "detective", "student": who, "exercises": marks} for who in "ab"]
    (out / "results.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    template = tmp_path / "mine.csv"
    template.write_text("student,detective\na,\nb,\n")
    for named in ([], ["--template", template]):
        code, said = _run("csv", *named, "--out", out, "-o", tmp_path / "filled.csv")
        assert code == 0
        assert "detective: 2 submissions wait for you in formgrader's Manual Grading" in said


UNSURE = {
    "two rows have the id": ("jdoe1,X,,\njdoe1,Y,,\n", "lines 2 and 3 have the same student"),
    "another name": ("jdoe1,Bob Smith,,\n", "line 2 has such an id, but another name"),
    "an id of nobody": ("nobody,Jane Doe,,\n", "no row has an id of theirs"),
}


@pytest.mark.parametrize(("rows", "why"), UNSURE.values(), ids=UNSURE)
def test_whoever_is_not_surely_meant_is_told_and_left_out(rows, why, graded, tmp_path):
    template, target = tmp_path / "mine.csv", tmp_path / "filled.csv"
    template.write_text("student,name,steplr,steplr-late\n" + rows)
    code, said = _run("csv", "--template", template, "--out", graded, "-o", target)
    assert code == 0
    assert f"Jane Doe (jdoe1) is not in the table's file: {why.replace(' and ', ', ')}" in said
    assert target.read_bytes() == template.read_bytes()


@pytest.mark.parametrize(
    ("lms", "content", "sentence"),
    [
        ("canvas", None, "Export the table in Canvas"),
        ("canvas", b"", "is no table of Canvas"),
        ("csv", b"a,b\n1,2\n", "t.csv is no table with ids: none of its first lines has"),
        ("moodle", b"a,b\n1,2\n", "is no table of Moodle"),
        ("canvas", b"\xff\xfe\x00", "cannot be read"),
        ("canvas", b"PK\3\4\0", "a spreadsheet program's own file: give it as CSV, in Canvas"),
        ("moodle", b"Identifier,Grade\nParticipant 1,\n", "Which lesson is"),
    ],
)
def test_what_is_no_file_of_the_lms_gets_a_sentence(lms, content, sentence, graded, tmp_path):
    template, target = tmp_path / "t.csv", tmp_path / "filled.csv"
    if content is not None:
        template.write_bytes(content)
    named = [] if content is None else ["--template", template]
    code, said = _run(lms, *named, "--out", graded, "-o", target)
    assert code == 2
    assert sentence in said
    assert not target.exists()


HEADS = {what: COLUMNS[what] for what in ("student", "sis_id", "email", "login", "lms_id")}
SPELLED = ("Matrikelnr.", "Student No.", "Numéro étudiant", "学号")


@pytest.mark.parametrize(
    ("what", "head"),
    [*((what, head) for what, heads in HEADS.items() for head in heads)]
    + [("sis_id", head) for head in SPELLED],
)
def test_a_table_may_have_ids_under_each_heading_that_the_roster_reads(what, head, tmp_path):
    (tmp_path / "mine.csv").write_text(f"{head};steplr\n0012;\n")
    place = Template(tmp_path / "mine.csv", CSV).place
    assert place[what] == 0


@pytest.fixture
def numbered(graded, tmp_path):
    """The same class, on whose roster one has a number with leading zeros, another one without."""
    out = tmp_path / "class"
    shutil.copytree(graded, out)
    (out / "roster.csv").write_text(
        "student,name,sis_id,email\n"
        "jdoe1,Jane Doe,0012,j1@x.org\nobrien,O'Brien,44,o@x.org\njdoe2,Jane Doe,,\n"
    )
    return out


@pytest.mark.parametrize(
    ("head", "ids"),
    {
        "netid": ("jdoe1", "obrien"),
        "Matrikelnr.": ("0012", "44"),
        "E-Mail-Adresse": ("j1@x.org", "o@x.org"),
    }.items(),
)
def test_a_table_with_ids_that_the_roster_has_is_filled(head, ids, numbered, truth, tmp_path):
    template, target = tmp_path / "mine.csv", tmp_path / "filled.csv"
    template.write_text(f"{head};steplr\n{ids[0]};\n{ids[1]};\n")
    code, said = _run("csv", "--template", template, "--out", numbered, "-o", target)
    assert code == 0, said
    scores = [row.split(";")[1] for row in target.read_text().splitlines()[1:]]
    assert scores == [_number(truth[each, "steplr"]) for each in ("jdoe1", "obrien")]


@pytest.mark.parametrize("cell", ["0012", '="0012"', '"=""0012"""'])
def test_an_id_is_found_as_a_spreadsheet_keeps_it(cell, numbered, truth, tmp_path):
    template, target = tmp_path / "mine.csv", tmp_path / "filled.csv"
    template.write_text(f"Matrikelnummer,steplr\n{cell},\n")
    assert _run("csv", "--template", template, "--out", numbered, "-o", target)[0] == 0
    assert target.read_text().splitlines()[1] == f"{cell},{_number(truth['jdoe1', 'steplr'])}"


NO_ROW = {  # what stands in the table, and why Jane Doe's row is not found in it
    "12": "line 2 has 12, and their id is 0012: write it there with these zeros.",
    "0000012": "line 2 has 0000012, and their id is 0012: write it there with these zeros.",
    "13": "no row has an id of theirs, which is 0012: set that right there, or in the roster.",
}


@pytest.mark.parametrize(("cell", "why"), NO_ROW.items())
def test_why_somebody_with_an_id_is_not_in_a_table_is_told(cell, why, numbered, tmp_path):
    template, target = tmp_path / "mine.csv", tmp_path / "filled.csv"
    template.write_text(f"Student No.,steplr\n{cell},\n")
    code, said = _run("csv", "--template", template, "--out", numbered, "-o", target)
    assert code == 0
    assert f"Jane Doe (jdoe1) is not in the table's file: {why}" in said
    assert "Jane Doe (jdoe2) is not in the table's file: no row has an id of theirs, so" in said
    assert target.read_text() == template.read_text()


def test_the_lms_own_file_is_never_written_over(graded, tmp_path):
    template = tmp_path / "t.csv"
    template.write_text("student,steplr\njdoe1,\n")
    assert _run("csv", "--template", template, "--out", graded, "-o", template)[0] == 2
    assert template.read_text() == "student,steplr\njdoe1,\n"


# --- feedback -------------------------------------------------------------------------------------

DOWNLOADED = {  # student → what the LMS called the hand-in, and the file in its download
    "moodle": {
        "jdoe1": ("Jane Doe_11_assignsubmission_file_", "{}/my work.ipynb"),
        "jdoe2": ("Jane Doe_12_assignsubmission_file_", "{}/steplr.ipynb"),
        "obrien": ("Seán O'Brien, II_13_assignsubmission_file_steplr (1)", "{}.ipynb"),
    },
    "canvas": {
        "jdoe1": ("doejane_LATE_101_9001_steplr-1", "{}.ipynb"),
        "jdoe2": ("doejane_102_9002_steplr", "{}.ipynb"),
        "obrien": ("obriense\u0301an_103_9003_my_work-2", "{}.ipynb"),
    },
}


@pytest.fixture
def collected(tmp_path):
    """A class of which each student handed in steplr, one of them twice, and has a page."""
    lines, results = [], []
    for student in ("jdoe1", "jdoe2", "obrien", "late"):
        page = tmp_path / "feedback" / student / "steplr" / "steplr.html"
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{student}")
        results.append({"student": student, "lesson": "steplr"})
    for lms, files in DOWNLOADED.items():
        for student, (name, file) in files.items():
            row = {"student": student, "lesson": "steplr", "lms": lms, "lms_id": "1"}
            lines += [
                {**row, "file": file.format(f"old {name}"), "name": f"old {name}", "kept": False},
                {**row, "file": file.format(name), "name": name, "kept": True},
            ]
    lines.append({**row, "student": "nopage", "file": "x_1.ipynb", "name": "x_1", "kept": True})
    lines.append({**row, "student": "late", "file": "a.ipynb", "name": "../../a", "kept": True})
    for name, rows in (("collected", lines), ("results", results)):
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text)
    return tmp_path


def test_a_feedback_zip_has_the_names_of_the_download(collected):
    for lms, files in DOWNLOADED.items():
        code, said = _run("feedback", lms, "--out", collected)
        assert code == 0, said
        with ZipFile(collected / f"feedback-{lms}.zip") as archive:
            held = {name: archive.read(name).decode() for name in archive.namelist()}
        expected = {
            (f"{name}/steplr.html" if "/" in file else f"{name}.html"): f"<p>{student}"
            for student, (name, file) in files.items()
        }
        assert held == expected
    assert "nopage, steplr: there is no page" in said
    assert "'../../a' cannot go back" in said


def test_a_zip_a_lesson_as_an_lms_takes_one_an_assignment(collected):
    lines = (collected / "collected.jsonl").read_text()
    both = lines + lines.replace('"steplr"', '"plateau"')
    (collected / "collected.jsonl").write_text(both)
    for student in ("jdoe1", "jdoe2", "obrien"):
        page = collected / "feedback" / student / "plateau" / "plateau.html"
        page.parent.mkdir()
        page.write_text("<p>plateau")
    assert _run("feedback", "moodle", "--out", collected, "-o", collected / "back.zip")[0] == 0
    assert sorted(path.name for path in collected.glob("*.zip")) == [
        "back-plateau.zip", "back-steplr.zip",
    ]  # fmt: skip


def test_a_folder_has_a_file_for_each_student_named_for_people(collected):
    names = {
        "jdoe1": "Jane Doe", "jdoe2": "Jane Doe", "obrien": 'CON: "Jo"/\\O\'Brien. ', "late": "",
    }  # fmt: skip
    with (collected / "roster.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["student", "name"], *names.items()])
    target = collected / "feedback-by-name"
    usual = os.umask(0)
    try:
        assert _run("feedback", "folder", "--out", collected)[0] == 0
    finally:
        os.umask(usual)
    if os.name == "posix":
        assert not any(path.stat().st_mode & 0o077 for path in (target, *target.rglob("*")))
    held = {
        path.relative_to(target).as_posix(): path.read_text() for path in target.rglob("*.html")
    }
    assert held == {
        "steplr/Jane Doe (jdoe1).html": "<p>jdoe1",
        "steplr/Jane Doe (jdoe2).html": "<p>jdoe2",
        "steplr/CON_ _Jo___O'Brien.html": "<p>obrien",
        "steplr/late.html": "<p>late",
    }
    code, said = _run("feedback", "folder", "--out", collected)
    assert code == 2
    assert "is there already" in said


def test_a_class_that_came_from_no_lms_is_told_what_to_do(collected):
    (collected / "collected.jsonl").unlink()
    code, said = _run("feedback", "canvas", "--out", collected)
    assert code == 2
    assert "export feedback folder" in said
