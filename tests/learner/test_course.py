"""The start page and what is kept from one day to the next."""

import errno
import json
import os
import re
import stat
import sys
from pathlib import Path

import pytest

from lrlab import Course, check, own_files
from lrlab.checking import kept
from lrlab.folders import LESSONS


def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The folders in which progress may be kept, of a notebook that somebody has open."""
    folders = [tmp_path / "lessons", tmp_path / "home"]
    folders[0].mkdir()
    monkeypatch.setattr(own_files, "folders", lambda: folders)
    monkeypatch.setattr(kept, "_told", "")
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", "steplr/steplr.ipynb")
    return folders


def _html() -> str:
    return Course("constant-lr", "steplr", "plateau")._repr_html_()


def test_what_is_right_stays_so_and_the_page_says_where_to_go_on(folders):
    assert _html().count(">begin</a>") == 3
    check("step_lr", lambda **_: 1.0)
    assert "continue at step_lr</a>" in _html()
    check("step_lr", step_lr)
    check("drop_epochs", lambda **_: [1])
    page = Course("constant-lr", "steplr", "plateau")
    steplr = page.lessons[1]
    assert (steplr.earned["step_lr"], steplr.earned["drop_epochs"]) == (2, 0)
    assert steplr.next == "step_lr_trace"
    assert "1 of 9 right · 2 of 20 points" in repr(page)
    (cell,) = re.findall(r'steplr/steplr.ipynb#cell-id=(\w+)">continue at step_lr_trace', _html())
    cells = json.loads((LESSONS / "steplr" / "steplr.ipynb").read_text(encoding="utf-8"))["cells"]
    (answer,) = (each for each in cells if each["id"] == cell)
    assert answer["source"][0].startswith("def step_lr_trace")


def test_a_lesson_that_is_done_says_so_and_the_next_one_is_current(folders):
    earned = {each: points for each, points in Course("constant-lr").lessons[0].points.items()}
    (folders[0] / kept.FILE).write_text(json.dumps(earned))
    page = Course("constant-lr", "steplr")
    assert page.current.name == "steplr"
    assert "✓ done" in page._repr_html_()


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows write everywhere"
)
def test_a_folder_that_cannot_be_written_is_no_obstacle_for_a_user(folders):
    folders[0].chmod(stat.S_IRUSR | stat.S_IXUSR)
    check("step_lr", step_lr)
    assert kept.earned_so_far() == {"step_lr": 2}


def test_where_the_lessons_cannot_be_written_the_users_folder_is_used(folders):
    folders[0].rmdir()
    folders[0].write_text("no folder")
    check("step_lr", step_lr)
    assert (folders[1] / kept.FILE).exists()
    assert kept.earned_so_far() == {"step_lr": 2}


def test_nothing_is_lost_where_the_lessons_may_no_longer_be_written(folders):
    check("step_lr", step_lr)
    (folders[0] / f"{kept.FILE}.new").mkdir()  # As read-only as it gets, for root as well.
    check("drop_epochs", lambda **_: [1])
    check("step_lr_trace", lambda **_: [1])
    assert kept.earned_so_far() == {"step_lr": 2, "drop_epochs": 0, "step_lr_trace": 0}
    (folders[0] / f"{kept.FILE}.new").rmdir()
    check("step_lr", lambda **_: 1.0)
    assert kept.earned_so_far() == {"step_lr": 0, "drop_epochs": 0, "step_lr_trace": 0}


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"step_lr": "two"}', "\0"])
def test_a_damaged_file_is_as_none(folders, text):
    (folders[0] / kept.FILE).write_text(text)
    assert kept.earned_so_far() == {}
    check("step_lr", step_lr)
    assert kept.earned_so_far() == {"step_lr": 2}


@pytest.mark.parametrize("variable", ["no session", "nbgrader"])
def test_what_nobody_has_open_is_not_kept(folders, variable, monkeypatch):
    if variable == "nbgrader":
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    else:
        monkeypatch.delenv("JPY_SESSION_NAME")
    check("step_lr", step_lr)
    assert kept.earned_so_far() == {}


def _file(folder):
    """A file stands where the folder should be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("no folder")


def _folder(folder):
    """A folder stands where the file should be."""
    (folder / kept.FILE / "here").mkdir(parents=True)


@pytest.mark.parametrize("first", [_file, _folder])
@pytest.mark.parametrize("second", [_file, _folder])
def test_where_nothing_can_be_kept_it_is_said_once_and_why(folders, first, second):
    folders[0].rmdir()
    first(folders[0])
    second(folders[1])
    result = check("step_lr", step_lr)
    assert result.verdict.kind == "right"
    assert "counts only until this kernel ends" in repr(result)
    for folder in folders:
        assert f"in {folder} a file and a folder have the same name" in repr(result)
    assert "kernel ends" not in repr(check("step_lr", step_lr))
    if first is second is _file:
        assert "kernel ends" in _html()
        assert "kernel ends" in repr(Course("steplr"))
    folders.append(folders[1].parent / "third")
    assert "kernel ends" not in repr(check("step_lr", step_lr))
    assert kept.earned_so_far() == {"step_lr": 2}
    assert "kernel ends" not in _html()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, "nothing may be written"),
        (errno.EACCES, "nothing may be written"),
        (errno.ENOSPC, "there is no room left on the disk"),
        (errno.EDQUOT, "there is no room left on the disk"),
        (errno.EIO, f"writing fails: {os.strerror(errno.EIO)}"),
    ],
)
@pytest.mark.parametrize("step", ["mkdir", "write_text", "replace"])
def test_each_step_of_keeping_may_be_refused(folders, number, words, step, monkeypatch):
    check("step_lr", lambda **_: 1.0)
    refused = OSError(number, os.strerror(number))
    with monkeypatch.context() as today:
        today.setattr(Path, step, lambda *_args, **_kwargs: (_ for _ in ()).throw(refused))
        assert f"in {folders[1]} {words}" in repr(check("step_lr", step_lr))
    assert kept.earned_so_far() == {"step_lr": 0}  # What was kept before is whole.
    assert [each.name for each in folders[0].iterdir()] == [kept.FILE]


@pytest.mark.parametrize("version", ["installed", "older"])
def test_an_account_without_a_home_is_told_so_and_no_other_folder_made(
    version, tmp_path, monkeypatch, homeless
):
    if version == "older":  # It gave what os.path.expanduser gives, whatever that was.
        monkeypatch.setattr(own_files, "user_data_path", lambda *_, **__: Path("~/lrlab"))
    (tmp_path / "lessons").write_text("no folder")
    monkeypatch.setattr(own_files, "LESSONS", tmp_path / "lessons")
    monkeypatch.setattr(kept, "_told", "")
    monkeypatch.setenv("JPY_SESSION_NAME", "steplr/steplr.ipynb")
    monkeypatch.chdir(tmp_path)
    assert f"in {tmp_path / 'lessons'} a file" in repr(check("step_lr", step_lr))
    assert [each.name for each in tmp_path.iterdir()] == ["lessons"]
    monkeypatch.setattr(own_files, "LESSONS", own_files.INSTALLED)
    assert "your account has no home folder" in _html()
