"""`python -m grader grade`: a folder in; a line, a score, two pages and a gradebook entry out.

Most runs are in this process and on a cluster that is warm: the start of a command, and of a worker
with its sandbox, takes seconds. Those that are about these have processes and workers of their own.
"""

import csv
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from commands import Command, grader
from nbgrader.api import Gradebook
from points import points_of
from users import within_reach

from grader import paths
from grader.exercises import LESSONS
from grader.submission.limits import Limits
from grader.untrusted import csv_cell, one_line

LESSON = "steplr"
FULL = points_of(LESSON)
CELL_SECONDS = 6
# The command has no option for what one cell may take.
HURRIED = f"""
from dataclasses import replace
from grader import __main__ as command
command.LIMITS = replace(command.LIMITS, cell_seconds={CELL_SECONDS})
command.app()
"""


@pytest.fixture
def arguments(tmp_path, db_url):
    """The command's arguments for a run over tmp_path/submitted into tmp_path/class."""

    def make(*options, path=None):
        found = ["grade", path or tmp_path / "submitted", "--out", tmp_path / "class", *options]
        return list(map(str, found if db_url.startswith("sqlite") else [*found, "--db", db_url]))

    return make


@pytest.fixture
def grade(arguments, scheduler):
    """Run the command here, on a cluster that is warm already; `options` are added."""
    return lambda *options, **kwargs: grader(
        *arguments("--scheduler", scheduler, *options, **kwargs)
    )


@pytest.fixture
def grade_alone(arguments, bubblewrap):
    """Run it as people do, in a process and with a worker of its own."""

    def run(*options, program=("-m", "grader"), prefix=(), **kwargs):
        command = [*prefix, sys.executable, *program, *arguments("--workers", "1", *options)]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, **kwargs)

    return run


@pytest.fixture
def hand_in(tmp_path):
    def write(student, content, lesson=LESSON, name=None):
        path = tmp_path / "submitted" / student / lesson / (name or f"{lesson}.ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def lines(tmp_path):
    """The lines of results.jsonl by (student, lesson); there is never a second one."""

    def read():
        text = (tmp_path / "class" / "results.jsonl").read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines()]
        by_key = {(line["student"], line["lesson"]): line for line in found}
        assert len(by_key) == len(found)
        return by_key

    return read


@pytest.fixture
def gradebook(db_url):
    return lambda: Gradebook(db_url, "lr-scheduling")


def _agrees(gradebook, lines):
    """Whether nbgrader's gradebook holds exactly the scores of results.jsonl."""
    with gradebook() as book:
        scores = {
            (submission.student.id, assignment.name): {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for assignment in book.assignments
            for submission in book.assignment_submissions(assignment.name)
        }
    told = {
        key: {mark["id"]: mark["score"] for mark in line["exercises"]}
        for key, line in lines().items()
        if line["exercises"]
    }
    assert scores == told


@pytest.mark.both_databases
def test_a_class_gets_lines_scores_pages_and_a_gradebook(
    grade, hand_in, lines, gradebook, tmp_path, handed_in, solved
):
    for lesson in LESSONS:
        hand_in("Ada", handed_in(lesson, solved(lesson)), lesson)
    hand_in("Bob", handed_in(LESSON, {"step_lr": "def step_lr(**_): return 1"}))
    hand_in("Cy", b"{")
    done = grade()
    assert done.returncode == 0, done.stderr
    found = {key: (line["status"], line["score"]) for key, line in lines().items()}
    assert found == {
        **{("Ada", lesson): ("graded", points_of(lesson)) for lesson in LESSONS},
        ("Bob", "steplr"): ("graded", 0),
        ("Cy", "steplr"): ("unreadable", 0),
    }
    out = tmp_path / "class"
    with (out / "grades.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["auto"]) == float(rows[0]["score"])
    assert {(r["student"], r["lesson"]): (r["status"], float(r["score"])) for r in rows} == found
    _agrees(gradebook, lines)
    for student, lesson in found:
        notebook = json.loads(
            (out / "autograded" / student / lesson / f"{lesson}.ipynb").read_text()
        )
        assert notebook["nbformat"] == 4
        page = (out / "feedback" / student / lesson / f"{lesson}.html").read_text()
        assert student in page
    assert "Ada" in (out / "report.html").read_text()
    assert "unreadable" in done.stdout


@pytest.mark.both_databases
def test_what_did_not_change_is_not_graded_again_and_what_changed_is(
    grade, hand_in, lines, gradebook, tmp_path, handed_in, solved
):
    hand_in("Ada", handed_in(LESSON, solved(LESSON)))
    hand_in("Bob", handed_in(LESSON, {}))
    assert grade().returncode == 0
    first = lines()
    answer = solved(LESSON)["step_lr"]
    hand_in("Bob", handed_in(LESSON, {"step_lr": answer}))
    with gradebook() as book:
        changed = book.find_grade("step_lr", LESSON, LESSON, "Bob")
        changed.manual_score, changed.extra_credit = 1.5, 0.25
        book.find_comment("step_lr-answer", LESSON, LESSON, "Bob").manual_comment = "Well done"
        book.db.commit()
    assert "1 graded, 1 unchanged" in grade().stdout
    second = lines()
    assert second["Ada", LESSON] == first["Ada", LESSON]
    assert second["Bob", LESSON]["score"] == 2
    _agrees(gradebook, lines)
    with gradebook() as book:
        kept = book.find_grade("step_lr", LESSON, LESSON, "Bob")
        assert (kept.auto_score, kept.manual_score, kept.extra_credit) == (2, 1.5, 0.25)
        assert book.find_comment("step_lr-answer", LESSON, LESSON, "Bob").comment == "Well done"
    (tmp_path / "class/feedback/Ada" / LESSON / f"{LESSON}.html").unlink()
    assert "1 graded, 1 unchanged" in grade().stdout
    assert "2 graded, 0 unchanged" in grade("--seed", "another").stdout
    assert lines()["Ada", LESSON]["score"] == FULL


def test_one_notebook_is_graded_by_itself(grade, hand_in, lines, tmp_path, handed_in, solved):
    grade(path=hand_in("Ada", handed_in(LESSON, solved(LESSON))))
    other = hand_in("Bob", handed_in("plateau", solved("plateau")), name="homework.ipynb")
    assert grade("--no-feedback", path=other).returncode == 0
    loose = tmp_path / "Cy" / "homework.ipynb"
    loose.parent.mkdir()
    loose.write_bytes(handed_in("plateau", solved("plateau")))
    assert grade("--no-feedback", path=loose).returncode == 0
    assert {key: line["score"] for key, line in lines().items()} == {
        ("Ada", "steplr"): FULL,
        ("Bob", "steplr"): 0,  # the folder says which lesson it answers
        ("Cy", "plateau"): points_of("plateau"),  # its cells say it
    }


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "There is no folder or notebook"),
        ("empty", "No submissions in"),
        ("notes.txt", "is no notebook"),
        ("homework.ipynb", "belongs to no lesson"),
    ],
)
def test_a_path_without_submissions_is_a_usage_error(name, sentence, grade, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "homework.ipynb").write_text("{}")
    done = grade(path=tmp_path / name)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr and "hunter2" not in done.stderr
    assert not (tmp_path / "class").exists()


@pytest.mark.both_databases
def test_odd_folders_get_a_line_with_a_sentence(
    grade, hand_in, lines, gradebook, tmp_path, handed_in, solved
):
    content = handed_in(LESSON, solved(LESSON))
    names = ["with space", "comma,name", "quote's", "Zoë 中文", "new\nline", "&lt;b&", "=1+1"]
    code = ['quote"s', "<b>&"]  # for nbgrader's pages
    for name in [*names, *code]:
        hand_in(name, content)
    raw = os.fsdecode(b"latin-\xe9")
    hand_in(raw, content)
    hand_in("folder", b"").unlink()
    (tmp_path / "submitted" / "folder" / LESSON / f"{LESSON}.ipynb").mkdir()
    hand_in("two", content, name="one.ipynb")
    hand_in("two", content, name="other.ipynb")
    hand_in("renamed", content, name="my homework.ipynb")
    (tmp_path / "submitted" / "none" / LESSON).mkdir(parents=True)
    hand_in("unknown", content, lesson="chapter 9")
    (tmp_path / "secret.ipynb").write_bytes(content)
    (tmp_path / "submitted" / "link" / LESSON).mkdir(parents=True)
    (tmp_path / "submitted" / "link" / LESSON / f"{LESSON}.ipynb").symlink_to(
        tmp_path / "secret.ipynb"
    )
    hand_in("n" * 129, content)
    (tmp_path / "submitted" / "linked").symlink_to(tmp_path / "submitted" / "two")
    os.mkfifo(hand_in("fifo", b"").with_suffix(".pipe"))
    fifo = hand_in("fifo", b"")
    fifo.unlink()
    os.mkfifo(fifo)
    hand_in("locked", content).chmod(0)
    (tmp_path / "submitted" / ".ipynb_checkpoints").mkdir()
    done = grade()
    assert done.returncode == 0, done.stderr
    found = lines()
    for name in [*names, "latin-\\xe9", "renamed"]:
        assert found.pop((name, LESSON))["score"] == FULL
    locked = found.pop(("locked", LESSON))  # root can read everything
    assert locked["score"] == (FULL if os.geteuid() == 0 else 0)
    assert {key: line["detail"] for key, line in found.items() if line["status"] != "graded"} == {
        ("two", LESSON): "There are 2 notebooks and none is called steplr.ipynb.",
        ("none", LESSON): "No notebook was handed in: steplr.ipynb is missing.",
        ("unknown", "chapter 9"): "There is no lesson 'chapter 9'. "
        f"The lessons are: {', '.join(LESSONS)}.",
        ("link", LESSON): "steplr.ipynb is a symbolic link, which is not followed: "
        "hand in the file itself.",
        ("linked", ""): "linked is a symbolic link, which is not followed: "
        "hand in the file itself.",
        ("n" * 129, ""): "The name of the student's folder has more than 128 characters.",
        **dict.fromkeys(
            [(name, "") for name in code],
            "The name of the student's folder has one of the characters \" < >, which nbgrader's "
            "pages take for code: rename the folder.",
        ),
        ("fifo", LESSON): "It is no ordinary file.",
        ("folder", LESSON): "It is no ordinary file.",
    }
    _agrees(gradebook, lines)
    with (tmp_path / "class" / "grades.csv").open(newline="") as file:
        assert {row["student"] for row in csv.DictReader(file)} >= {
            csv_cell(one_line(name)) for name in names
        }
    report = (tmp_path / "class" / "report.html").read_text()
    assert "<b>&amp;" not in report and "&lt;b&gt;&amp;" in report


def test_another_gradebook_gets_what_was_graded_before(
    grade, hand_in, lines, tmp_path, handed_in, solved, postgres
):
    hand_in("Ada", handed_in(LESSON, solved(LESSON)))
    hand_in("Bob", handed_in(LESSON, {}))
    (tmp_path / "submitted" / "Ada" / LESSON / "timestamp.txt").write_text("2026-03-01 12:00 UTC")
    assert grade().returncode == 0
    url = postgres.new_database()
    assert "0 graded, 2 unchanged" in grade("--db", url).stdout
    for address in (url, f"sqlite:///{tmp_path}/class/gradebook.db"):
        _agrees(lambda address=address: Gradebook(address, "lr-scheduling"), lines)
    with Gradebook(url, "lr-scheduling") as book:
        assert str(book.find_submission(LESSON, "Ada").timestamp) == "2026-03-01 12:00:00"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "The gradebook has no such address"),
        ("oracle+nosuch://host/name", "The gradebook has no such address"),
        (
            "postgresql://ada:one@of:hunter2/two@host/name",
            "The gradebook has no such address: what stand",
        ),
        ("postgresql+psycopg2://host/name", "postgresql+psycopg2 databases (No module named"),
    ],
)
def test_a_database_without_a_driver_is_a_usage_error(
    url, sentence, grade, hand_in, tmp_path, handed_in
):
    hand_in("Ada", handed_in(LESSON, {}))
    done = grade("--db", url)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr and "hunter2" not in done.stderr
    assert not (tmp_path / "class").exists()


def test_a_database_that_is_not_there_is_said_at_once(grade, hand_in, handed_in, monkeypatch):
    monkeypatch.setattr("grader.batch.database.AWAY_SECONDS", 3)
    hand_in("Ada", handed_in(LESSON, {}))
    done = grade("--db", "postgresql://grader:hunter2@127.0.0.1:1/course")
    assert done.returncode == 1
    assert "The gradebook is away" in done.stderr and "waiting up to 3 s" in done.stderr
    assert "Connection refused" in done.stderr and "0 submissions are graded" in done.stderr
    assert "Traceback" not in done.stderr and "hunter2" not in done.stderr


def test_a_database_that_stays_away_ends_the_run_and_nothing_is_lost(
    grade, arguments, scheduler, hand_in, lines, tmp_path, handed_in, postgres
):
    for number in range(8):
        hand_in(f"s{number}", handed_in(LESSON, {}, "import time; time.sleep(1)"))
    url = postgres.new_database()
    run = Command(
        *arguments("--scheduler", scheduler, "--db", url),
        instead={"grader.batch.database.AWAY_SECONDS": 3},
    )
    results = tmp_path / "class" / "results.jsonl"
    while run.poll() is None and not (results.exists() and results.stat().st_size):
        time.sleep(0.05)
    postgres.kill()
    try:
        code, said = run.wait(120), run.said()
        assert "waiting up to 3 s" in said
    finally:
        postgres.start()
        run.close()
    assert (code, "run the same command again" in said) == (1, True)
    assert "Traceback" not in said
    before = lines()
    assert 0 < len(before) < 8
    assert grade("--db", url).returncode == 0
    assert len(lines()) == 8 and before.items() <= lines().items()
    _agrees(lambda: Gradebook(url, "lr-scheduling"), lines)
    log = (tmp_path / "class" / "grade.log").read_text().splitlines()
    noted = [each.split("\t")[1:] for each in log]
    assert [about for about, text in noted if "cgroup" not in text] == ["-"]


def test_without_bubblewrap_nothing_is_run(grade_alone, hand_in, tmp_path, handed_in):
    hand_in("Ada", handed_in(LESSON, {}))
    (tmp_path / "bin").mkdir()
    done = grade_alone(env={**os.environ, "PATH": str(tmp_path / "bin")})
    assert (done.returncode, done.stdout) == (2, "")
    assert "sudo apt-get install bubblewrap" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "class").exists()


def test_without_a_wall_it_says_so(grade, hand_in, lines, handed_in, solved):
    hand_in("Ada", handed_in(LESSON, solved(LESSON)))
    done = grade("--sandbox", "none")
    assert "runs as you" in done.stderr
    assert lines()["Ada", LESSON]["score"] == FULL


@pytest.mark.parametrize("mebibytes", [11, 19])
def test_a_large_notebook_brings_no_advice_of_dask(
    mebibytes, grade, hand_in, lines, handed_in, solved
):
    notebook = json.loads(handed_in(LESSON, solved(LESSON)))
    notebook["cells"][0]["attachments"] = {"a.png": {"image/png": "A" * mebibytes * 2**20}}
    hand_in("Ada", json.dumps(notebook).encode())
    assert grade().stderr.strip() == ""
    assert lines()["Ada", LESSON]["score"] == FULL


def test_two_runs_do_not_write_into_one_folder(grade, hand_in, tmp_path, handed_in):
    import fcntl

    hand_in("Ada", handed_in(LESSON, {}))
    (tmp_path / "class").mkdir()
    with (tmp_path / "class" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = grade()
    assert (done.returncode, "Another run is grading" in done.stderr) == (2, True)


def test_a_full_disk_leaves_nothing_half_written(
    grade, scheduler, hand_in, lines, gradebook, tmp_path, handed_in, solved
):
    """The class folder is a tiny disk of its own; then there is room again.

    Two are graded while there is room. Of the others as many count as were committed before the
    disk was full: on a fast machine none.
    """
    for number in range(12):
        hand_in(
            f"student {number:02d}",
            handed_in(LESSON, solved(LESSON), "x = '''" + "y" * 40_000 + "'''"),
        )
    out = tmp_path / "class"
    out.mkdir()
    for number in range(2):
        student = f"student {number:02d}"
        shutil.copytree(tmp_path / "submitted" / student, tmp_path / "early" / student)
    there = f"{sys.executable} -m grader grade --scheduler {scheduler} --out {out} {tmp_path}"
    keep = f"echo $? > {tmp_path}/code; cp -a {out}/. {tmp_path}/kept"
    script = f"{there}/early && {there}/submitted; {keep}"
    (tmp_path / "kept").mkdir()
    wall = ["bwrap", "--dev-bind", "/", "/", "--size", str(900_000), "--tmpfs", str(out)]
    done = subprocess.run([*wall, "sh", "-c", script], capture_output=True, text=True, timeout=600)
    assert (tmp_path / "code").read_text() == "1\n", done.stderr
    assert "run the same command again" in done.stderr
    shutil.copytree(tmp_path / "kept", out, dirs_exist_ok=True)
    assert not list(out.rglob("*.part"))
    before = lines()
    assert 2 <= len(before) < 12
    again = grade()
    assert again.returncode == 0, again.stderr
    after = lines()
    assert len(after) == 12 and {line["score"] for line in after.values()} == {FULL}
    assert before.items() <= after.items()
    _agrees(gradebook, lines)


def test_a_killed_worker_is_replaced_nothing_is_lost_and_nothing_left(
    arguments, hand_in, lines, tmp_path, handed_in, solved, monkeypatch
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    slow = "import time; time.sleep(3)"
    for number in range(3):
        hand_in(f"s{number}", handed_in(LESSON, solved(LESSON), slow))
    results = tmp_path / "class" / "results.jsonl"
    run = Command(*arguments("--workers", "1"))
    while run.poll() is None and not (results.exists() and results.stat().st_size):
        time.sleep(0.05)
    workers = [each for each in psutil.Process(run.pid).children() if each.children()]
    assert len(workers) == 1
    workers[0].kill()
    assert run.wait(300) == 0, run.said()
    run.close()
    assert [line["score"] for line in lines().values()] == [FULL, FULL, FULL]
    assert not list(temporary.glob("grader-*"))


def test_a_running_dask_cluster_does_the_same(
    grade, grade_alone, hand_in, lines, tmp_path, handed_in, solved
):
    """Its scheduler and its worker were started by hand, in folders of their own."""
    hand_in("Ada", handed_in(LESSON, solved(LESSON)))
    hand_in("Cy", b"{")
    assert grade_alone().returncode == 0
    here = {key: {**line, "seconds": 0, "version": ""} for key, line in lines().items()}
    (tmp_path / "class" / "results.jsonl").unlink()
    assert grade().returncode == 0
    assert {key: {**line, "seconds": 0, "version": ""} for key, line in lines().items()} == here


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_gets_the_same_results(
    grade, grade_alone, hand_in, lines, tmp_path, handed_in, solved, monkeypatch
):
    """One cell has less time than by default, because the endless one takes all of it."""
    monkeypatch.setattr("grader.__main__.LIMITS", replace(Limits(), cell_seconds=CELL_SECONDS))
    hand_in("Ada", handed_in(LESSON, solved(LESSON)))
    hand_in("Bob", handed_in(LESSON, {"step_lr": "while True: pass"}))
    hand_in("Cy", handed_in(LESSON, {"step_lr": "import os\nwhile True: os.fork()"}))
    assert grade("--timeout", "60").returncode == 0
    as_root = {key: {**line, "seconds": 0, "version": ""} for key, line in lines().items()}
    shutil.rmtree(tmp_path / "class")
    os.chown(tmp_path, 65534, 65534)
    folders = {Path(sys.prefix), Path(sys.base_prefix), paths.ROOT, tmp_path}
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    done = grade_alone(
        *("--timeout", "60"),
        program=("-c", HURRIED),
        prefix=[*within_reach(*folders), *nobody],
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    secret = tmp_path / "class" / ".secret"
    assert (secret.stat().st_uid, stat.S_IMODE(secret.stat().st_mode)) == (65534, 0o600)
    assert {key: {**line, "seconds": 0, "version": ""} for key, line in lines().items()} == as_root
