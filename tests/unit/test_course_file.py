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


UNWRITTEN = {  # what people write that is no TOML, or another one than they mean; and what to write
    "due = 2026-03-01T23:59+01:00": "due = 2027-03-01T23:59:00+01:00",
    "due = 1.3.2026 23:59": "due = 2027-03-01T23:59:00+01:00",
    "due = tomorrow": "due = 2027-03-01T23:59:00+01:00",
    "due = ": "due = 2027-03-01T23:59:00+01:00",
    "due 2026-03-01T23:59:00+01:00": "due = 2027-03-01T23:59:00+01:00",
    "percent_a_day = 10%": "percent_a_day = 10.5",
    "percent_a_day = 10,5": "percent_a_day = 10.5",
    'percent_a_day = "10%"': "percent_a_day = 10.5",
    "grace_minutes = 15 min": "grace_minutes = 15",
    'grace_minutes = "15"': "grace_minutes = 15",
    "[steplr.extensions]\njane.doe = 3": '"jane" = 3',
    "[steplr.extensions]\njane.a.doe = 3": '"jane" = 3',
    "[steplr.extensions]\njane@x.org = 3": '"jane" = 3',
    "[steplr.extensions]\njane doe = 3": '"jane" = 3',
    "[steplr.extensions]\nzoë = 3": '"jane" = 3',
    '[steplr.extensions]\n"jane" = 3 days': '"jane" = 3',
    '[steplr.extensions]\n"jane" = "3"': '"jane" = 3',
    "[steplr.extensions\n": "[steplr]",
}


@pytest.mark.parametrize(("text", "example"), UNWRITTEN.items())
def test_a_line_that_cannot_be_read_gets_one_that_can(text, example, tmp_path):
    before = "[steplr]\n" if text.startswith("due") else f"[steplr]\n{DUE}\n"
    number = (before + text.rstrip("\n")).count("\n") + 1
    with pytest.raises(CannotBegin) as refused:
        read(tmp_path, before + text + "\n")
    assert f"course.toml, line {number}: " in str(refused.value)
    assert str(refused.value).endswith(f"as in {example}.")


@pytest.mark.parametrize("time", ["9999-12-31T23:59:00-05:00", "0001-01-01T00:00:00+01:00"])
def test_a_time_beyond_all_calendars_gets_a_sentence(time, tmp_path):
    sentence = "too far away: .*leave the line out where nothing is ever late"
    with pytest.raises(CannotBegin, match=f"line 2.*{sentence}"):
        read(tmp_path, f"[steplr]\ndue = {time}")
    with pytest.raises(CannotBegin, match=f"line 4.*{sentence}"):
        read(tmp_path, f'[steplr]\n{DUE}\n[steplr.extensions]\n"jane" = {time}')
    last_day = "[steplr]\ndue = 9999-12-31T23:59:00Z\n"
    assert read(tmp_path, last_day).late_seconds("jane", "steplr", datetime.max) > 59
    with pytest.raises(CannotBegin, match=f"line 4.*{sentence}"):
        read(tmp_path, f'{last_day}[steplr.extensions]\n"jane" = 1')


@pytest.mark.parametrize("clock", [datetime.min, datetime.max])
def test_a_clock_that_no_zone_can_have_says_no_time(clock, tmp_path):
    """It stands in the name of a file, which a learner may have given it."""
    zone = "+01:00" if clock == datetime.min else "-01:00"
    made = read(tmp_path, f"[steplr]\ndue = 2026-03-01T23:59:00{zone}")
    assert made.utc("steplr", clock) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_any_editor_may_have_saved_it(encoding, ends, tmp_path):
    text = f'# für alle\n[steplr]\n{DUE}\n[steplr.extensions]\n"zoë" = 1\n'
    (tmp_path / "course.toml").write_bytes(text.replace("\n", ends).encode(encoding))
    assert list(course.load(tmp_path / "course.toml").terms["steplr"].extensions) == ["zoë"]


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
