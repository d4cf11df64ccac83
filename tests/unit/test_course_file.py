"""course.toml says what being late costs; what it cannot mean gets a sentence with its line."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from grader.batch import course
from grader.batch.class_folder import ClassFolder, note_collected
from grader.batch.run import policy_of_course
from grader.errors import CannotBegin
from grader.exercises import LESSONS

DUE = "due = 2026-03-01T23:59:00+01:00"


def read(tmp_path, text):
    (tmp_path / "course.toml").write_text(text)
    return course.load(tmp_path / "course.toml")


def test_what_init_writes_is_valid_and_costs_nothing_yet(tmp_path):
    path = course.make(tmp_path)
    assert set(course.load(path).terms) == set(LESSONS)
    assert not any(terms.due for terms in course.load(path).terms.values())
    with pytest.raises(CannotBegin, match="there already"):
        course.make(tmp_path)


def test_the_examples_in_it_are_valid(tmp_path):
    text = course.make(tmp_path).read_text()
    head = text.index("[")
    terms = read(tmp_path, text[:head] + text[head:].replace("# ", "")).terms["steplr"]
    assert terms.due == datetime(2027, 3, 1, 22, 59)
    assert terms.extensions["jane"] == timedelta(days=3)
    assert terms.extensions["john"] == timedelta(days=6, hours=12, minutes=1)


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [(1, 0), (900, 0), (901, 1), (86_400, 1), (86_401, 2), (5 * 86_400, 5), (10**9, 10)],
)
def test_each_day_begun_costs_after_the_grace(seconds, taken, tmp_path):
    text = f"[steplr]\n{DUE}\ngrace_minutes = 15\npercent_a_day = 10"
    assert read(tmp_path, text).terms["steplr"].penalty(10, seconds) == pytest.approx(taken)


def test_an_extension_moves_a_students_due_date(tmp_path):
    made = read(tmp_path, f'[steplr]\n{DUE}\n[steplr.extensions]\n"jane d" = 1.5\n')
    at = datetime(2026, 3, 3, 22, 59)
    assert made.late_seconds("ada", "steplr", at) == 2 * 86_400
    assert made.late_seconds("jane d", "steplr", at) == 86_400 / 2
    assert made.late_seconds("ada", "plateau", at) == made.late_seconds("ada", "steplr", None) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"[steplr\n{DUE}", "line 1"),
        (f"[steprl]\n{DUE}", r"line 1: \[steprl\]: there is no such lesson"),
        ("steplr = 1", "line 1.*a lesson is a table"),
        ("[steplr]\n\ndue = 2026-03-01T23:59:00", "line 3.*an offset from UTC is expected"),
        ("[steplr]\ndue = 2026-03-01", "line 2.*an offset"),
        ('[steplr]\ndue = "tomorrow"', "line 2.*without quotes"),
        (f"[steplr]\n{DUE}\npercent_a_day = 101", "line 3.*from 0 to 100, not 101"),
        (f"[steplr]\n{DUE}\npercent_a_day = true", "line 3.*a number"),
        (f'[steplr]\n{DUE}\ngrace_minutes = "15"', "line 3.*a number"),
        (f"[steplr]\n{DUE}\ngrace_minutes = nan", "line 3.*a number"),
        (f"[steplr]\n{DUE}\ngrace = 15", "line 3.*no such setting"),
        (f'[plateau]\n{DUE}\n[steplr.extensions]\n"jane" = 1', "line 3.*no due date"),
        (f'[steplr]\n{DUE}\n[steplr.extensions]\n"jane" = -1', "line 4.*a number"),
        (
            f'[steplr]\n{DUE}\n[steplr.extensions]\n"jane" = 2026-02-01T00:00:00Z',
            "line 4.*before the due date",
        ),
        (f'[steplr]\n{DUE}\n[steplr.extensions]\n"a\\u0000b" = 1', "no name has a NUL"),
        (f"[steplr]\n{DUE}\nextensions = 3", "line 3.*is a table"),
    ],
)
def test_a_wrong_value_gets_a_sentence_with_its_line(text, sentence, tmp_path):
    with pytest.raises(CannotBegin, match=sentence):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("where", "source", "is_read"),
    [
        ("drop", "drop", False),
        ("drop/ada", "drop", False),
        ("linked", "drop", False),
        ("drop", "linked", False),
        ("graded/ada", None, False),
        ("course", "drop", True),
        ("course", "course/submitted", True),
        ("drop-of-notes", "drop", True),
    ],
)
def test_no_program_that_was_handed_in_is_run_as_settings(
    where, source, is_read, tmp_path, monkeypatch, caplog
):
    for name in ("drop/ada", "graded/ada", "course/submitted", "drop-of-notes"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "drop")
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.chdir(tmp_path / where)
    Path("nbgrader_config.py").write_text(f"import os; os.mkdir({str(tmp_path / 'ran')!r})")
    with ClassFolder(tmp_path / "class") as folder:
        folder.remember(tmp_path / "graded")
    if source:
        note_collected(tmp_path / "class", tmp_path / source)
    policy_of_course(tmp_path / "class")
    assert (tmp_path / "ran").exists() == is_read
    assert ("lies among what was handed in" in caplog.text) != is_read
    assert (str(Path.cwd()) in sys.path) == is_read
