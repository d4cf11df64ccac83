"""Workers, the run itself and the database are killed at random moments, again and again.

In the end every submission has exactly one line, and lines and gradebook are what an undisturbed
run writes. This is a short version; `make long` has more rounds of a larger class.
"""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter

import psutil
import pytest
from nbgrader import api
from sqlalchemy import select

pytestmark = pytest.mark.usefixtures("bubblewrap")

LESSON = "constant-lr"
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", 1))
SUBMISSIONS = int(os.environ.get("CHAOS_SUBMISSIONS", 60))
EVENTS = ("worker",) * 3 + ("run",) * 2 + ("database",) * 2  # of each round
AWAY_SECONDS = 7  # at most; SQLite itself waits for 5


@pytest.fixture(scope="module")
def class_of_many(tmp_path_factory, handed_in, solved):
    """A few different notebooks, many times, and what an undisturbed run makes of them."""
    folder = tmp_path_factory.mktemp("chaos")
    right = solved(LESSON)
    early = {name: source.replace("return", "return 1 or") for name, source in right.items()}
    first = dict(list(right.items())[:1])
    contents = [handed_in(LESSON, answers) for answers in ({}, first, right, early)]
    contents += [b"{", handed_in(LESSON, first, "import os; os._exit(3)")]
    for number in range(SUBMISSIONS):
        path = folder / "submitted" / f"s{number:03d}" / LESSON / f"{LESSON}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(contents[number % len(contents)])
        (path.parent / "timestamp.txt").write_text(f"2026-03-01 12:{number % 60:02d}:00 UTC")
    out = folder / "undisturbed"
    assert start(folder, out).wait() == 0
    return folder, lines(out), marks(f"sqlite:///{out}/gradebook.db")


def start(folder, out, *options):
    command = [sys.executable, "-m", "grader", "grade", str(folder / "submitted")]
    command += ["--out", str(out), "--workers", "2", "--seed", "chaos", "--no-feedback", *options]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, start_new_session=True, **quiet)


def lines(out):
    """The lines by student, without their times; nobody has two."""
    text = (out / "results.jsonl").read_text(encoding="utf-8")
    found = [{**json.loads(line), "seconds": 0} for line in text.splitlines()]
    by_student = {line["student"]: line for line in found}
    assert len(by_student) == len(found)
    return by_student


def marks(url):
    """All that the gradebook holds: times, scores and comments by student and cell."""
    held = Counter()
    with api.Gradebook(url, "lr-scheduling") as book:
        for kind, value in ((api.Grade, "auto_score"), (api.Comment, "auto_comment")):
            submission, notebook, cell = (
                api.SubmittedAssignment,
                api.SubmittedNotebook,
                api.BaseCell,
            )
            columns = (submission.student_id, submission.timestamp, cell.name, getattr(kind, value))
            rows = (
                select(*columns)
                .join(notebook, notebook.assignment_id == submission.id)
                .join(kind, kind.notebook_id == notebook.id)
                .join(cell, cell.id == kind.cell_id)
            )
            held.update(tuple(row) for row in book.db.execute(rows))
    return held


class Disturbed:
    """One class, graded by a run that is killed and started again until it is through."""

    def __init__(self, folder, out, db_url, postgres, rng):
        self._folder, self._out, self._url = folder, out, db_url
        self._postgres, self._rng = postgres, rng
        self._start()

    def through(self):
        """Whether the run has come to its end; one that gave up is started again."""
        if self._run.poll() not in (None, 0):
            self._start()
        return self._run.poll() == 0

    def done(self):
        path = self._out / "results.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def disturb(self, what):
        getattr(self, f"_kill_{what}")()

    def end(self):
        if self._run.poll() is None:
            os.killpg(self._run.pid, signal.SIGKILL)
            self._run.wait()

    def _start(self):
        self._run = start(self._folder, self._out, "--db", self._url)

    def _kill_worker(self):
        with contextlib.suppress(psutil.NoSuchProcess):  # the run, or a worker, is just ending
            children = psutil.Process(self._run.pid).children()
            workers = [each for each in children if each.status() != psutil.STATUS_ZOMBIE]
            workers = [each for each in workers if "spawn_main" in " ".join(each.cmdline())]
            if workers:
                self._rng.choice(workers).kill()

    def _kill_run(self):
        if self._rng.random() < 0.5:
            self._run.kill()  # and its workers find themselves alone
        else:
            os.killpg(self._run.pid, signal.SIGKILL)
        self._run.wait()
        self._start()

    def _kill_database(self):
        away = self._rng.uniform(0, AWAY_SECONDS)
        if self._postgres:
            self._postgres.kill()
            time.sleep(away)
            self._postgres.start()
        else:
            self._out.mkdir(exist_ok=True)
            other = sqlite3.connect(self._out / "gradebook.db", timeout=60)
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(away)
            other.close()


# One thing after another is killed in test_grade_command.py and test_cluster.py.
@pytest.mark.long
@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_whatever_is_killed_the_end_is_the_same(database, seed, class_of_many, request, tmp_path):
    folder, expected, gradebook = class_of_many
    rng = random.Random(f"{database} {seed}")
    postgres = request.getfixturevalue("postgres") if database == "postgresql" else None
    out = tmp_path / "class"
    url = postgres.new_database() if postgres else f"sqlite:///{out}/gradebook.db"
    events = rng.sample(EVENTS, len(EVENTS))
    moments = sorted(rng.randrange(SUBMISSIONS) for _ in events)
    happened = []
    disturbed = Disturbed(folder, out, url, postgres, rng)
    try:
        for what, moment in zip(events, moments):
            while not disturbed.through() and disturbed.done() < moment:
                time.sleep(0.02)
            if disturbed.through():
                break
            time.sleep(rng.uniform(0, 0.3))
            happened.append((what, disturbed.done()))
            disturbed.disturb(what)
        while not disturbed.through():
            time.sleep(0.1)
    finally:
        disturbed.end()
    assert lines(out) == expected
    assert marks(url) == gradebook
    assert not list(out.rglob("*.part"))
    log = out / "grade.log"
    noted = len(log.read_text().splitlines()) if log.exists() else 0
    print(
        f"\n{database}, round {seed}: {len(expected)} lines and the gradebook are the same after "
        f"{', '.join(f'{what} at {count}' for what, count in happened)}; {noted} lines of log"
    )
