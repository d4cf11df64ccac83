"""A cluster that misbehaves: everything is graded all the same, and grade.log says what happened.

Scheduler and workers are started by hand, on machines without a common disk.
"""

import json
import subprocess
import sys
import time
from functools import partial

import pytest
from distributed import Client
from distributed.security import Security
from machines import Machines
from points import points_of

pytestmark = pytest.mark.usefixtures("bubblewrap")

LESSON = "constant-lr"
FULL = points_of(LESSON)
COUNT = 12
SLOW = "import time; time.sleep(0.4)"
PATIENT = (
    "import grader.batch.dispatch as dispatch; dispatch.SLACK_SECONDS = 1\n"
    "from grader.__main__ import app; app()"
)

IMPATIENT = (
    "import grader.batch.cluster as cluster, grader.batch.dispatch as dispatch\n"
    "cluster.AWAY_SECONDS = dispatch.AWAY_SECONDS = cluster.ANSWER_SECONDS = 3\n"
    "from grader.__main__ import app; app()"
)


@pytest.fixture
def machines(tmp_path):
    with Machines(tmp_path) as machines:
        machines.start_scheduler()
        yield machines


@pytest.fixture(scope="module")
def hand_in_below(handed_in, solved):
    """Submissions, every third of them right, wrong, unanswered; `extra` is a cell of their own."""
    right = solved(LESSON)
    wrong = {name: source.replace("return", "return 1 or") for name, source in right.items()}

    def write(folder, count, extra=SLOW, first=0):
        for number in range(first, first + count):
            path = folder / "submitted" / f"s{number:02d}" / LESSON / f"{LESSON}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(handed_in(LESSON, (right, wrong, {})[number % 3], extra))

    return write


@pytest.fixture
def hand_in(hand_in_below, tmp_path):
    return partial(hand_in_below, tmp_path)


@pytest.fixture(scope="module")
def undisturbed(hand_in_below, tmp_path_factory):
    """The lines of COUNT submissions from a run on workers of its own, which nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    hand_in_below(folder, COUNT)
    return Run(folder, "here", "--workers", "2").lines()


class Run:
    """`grader grade` on tmp_path/submitted into tmp_path/NAME, with the same seed each time."""

    def __init__(self, folder, name, *options, code=None):
        self.out = folder / name
        program = ["-c", code] if code else ["-m", "grader"]
        command = [sys.executable, *program, "grade", str(folder / "submitted")]
        command += ["--out", str(self.out), "--seed", "of this test", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def wait_for_lines(self, count):
        path = self.out / "results.jsonl"
        while not (path.exists() and path.read_bytes().count(b"\n") >= count):
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.05)

    def lines(self):
        """What stands at its end, by student; each has one line."""
        said = self.process.communicate(timeout=600)[1]
        assert self.process.returncode == 0, said
        text = (self.out / "results.jsonl").read_text(encoding="utf-8")
        found = [json.loads(line) for line in text.splitlines()]
        by_student = {line["student"]: {**line, "seconds": 0, "version": ""} for line in found}
        assert len(by_student) == len(found)
        return by_student

    def fails(self):
        """What it says when it ends with exit code 1."""
        said = self.process.communicate(timeout=600)[1]
        assert (self.process.returncode, "Traceback" in said) == (1, False), said
        return said

    def log(self):
        """(submission, reason) of each line of grade.log."""
        path = self.out / "grade.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [tuple(line.split("\t")[1:]) for line in lines]


@pytest.fixture
def run(tmp_path):
    runs = []

    def start(*args, **kwargs):
        runs.append(Run(tmp_path, *args, **kwargs))
        return runs[-1]

    yield start
    for each in runs:
        each.process.kill()
        each.process.communicate()


def test_machines_without_a_common_disk_give_the_same_results(run, machines, hand_in, undisturbed):
    """Two runs at once share the cluster; neither disturbs the other."""
    machines.start_worker("one")
    machines.start_worker("two")
    hand_in(COUNT)
    there = run("there", "--scheduler", machines.address)
    also = run("also", "--scheduler", machines.address, "--timeout", "60")
    assert there.lines() == also.lines() == undisturbed
    assert len(undisturbed) == COUNT
    assert {line["score"] for line in undisturbed.values()} == {0, FULL}
    assert there.log() == also.log() == []
    for name in ("one", "two"):
        kept = {path.name for path in machines.disk(name).rglob("*") if path.is_file()}
        assert all("lock" in each for each in kept), kept  # dask's own


def test_a_cluster_that_talks_tls_grades_for_those_who_have_its_certificate(
    run, hand_in, undisturbed, tmp_path, tmp_path_factory
):
    pem = tmp_path_factory.mktemp("pem")
    made = Security.temporary()
    (pem / "cert.pem").write_text(made.tls_client_cert)
    (pem / "key.pem").write_text(made.tls_client_key)
    files = ("--tls-ca", "cert.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
    options = [name if name.startswith("--") else str(pem / name) for name in files]
    hand_in(COUNT)
    with Machines(tmp_path, pem) as machines:
        machines.start_scheduler()
        machines.start_worker("one")
        there = run("there", "--scheduler", machines.address, *options)
        assert there.lines() == undisturbed
        with pytest.raises(OSError):
            Client(machines.address.replace("tls", "tcp"), timeout=2)


@pytest.mark.long
def test_a_scheduler_that_is_restarted_is_waited_for(run, machines, hand_in, undisturbed):
    machines.start_worker("one")
    hand_in(COUNT)
    there = run("there", "--scheduler", machines.address)
    there.wait_for_lines(2)
    machines.kill("scheduler")
    time.sleep(2)
    machines.start_scheduler()
    while machines.runs("one"):  # dask's workers end with their scheduler
        time.sleep(0.1)
    machines.start_worker("one")
    lines = there.lines()
    assert len(lines) == COUNT
    assert lines == undisturbed
    log = there.log()
    assert ("-", "The scheduler is away: waiting up to 120 s for it.") in log
    assert ("-", "The scheduler is back.") in log
    again = {name for name, reason in log if reason == "the scheduler forgot it; sent again"}
    assert again and again < {f"{student}/{LESSON}" for student in lines}


@pytest.mark.long
def test_a_cluster_that_stays_away_ends_the_run_and_nothing_is_lost(
    run, machines, hand_in, undisturbed
):
    machines.start_worker("one")
    hand_in(COUNT)
    there = run("there", "--scheduler", machines.address, code=IMPATIENT)
    there.wait_for_lines(2)
    machines.kill("scheduler")
    assert "run the same command again" in there.fails()
    before = there.out.joinpath("results.jsonl").read_text().splitlines()
    assert 2 <= len(before) < COUNT
    machines.start_scheduler()
    alone = run("there", "--scheduler", machines.address, code=IMPATIENT)
    assert "The scheduler has no workers: waiting up to 3 s" in alone.fails()
    assert run("there", "--workers", "1").lines() == undisturbed
    assert there.out.joinpath("results.jsonl").read_text().splitlines()[: len(before)] == before


@pytest.mark.long
def test_a_worker_that_hangs_is_given_up_and_the_others_go_on(run, machines, hand_in, undisturbed):
    machines.start_worker("one")
    machines.start_worker("two")
    hand_in(COUNT)
    there = run("there", "--scheduler", machines.address, "--timeout", "5", code=PATIENT)
    there.wait_for_lines(4)
    machines.stop("one")
    lines = there.lines()
    assert len(lines) == COUNT
    assert lines == undisturbed
    reasons = [reason for _, reason in there.log()]
    assert any(reason.startswith("nothing from its worker tcp://") for reason in reasons), reasons


KILLER = """
import psutil
for process in psutil.Process().parents():
    if "spawn_main" in " ".join(process.cmdline()):
        process.kill()
        break
"""


def test_what_kills_its_workers_gets_a_line_and_the_others_their_scores(run, hand_in):
    hand_in(6)
    hand_in(1, KILLER, first=3)
    here = run("here", "--workers", "2", "--sandbox", "none")
    lines = here.lines()
    assert (lines["s03"]["status"], lines["s03"]["score"]) == ("crashed", 0)
    assert lines.pop("s03")["detail"].startswith("The worker that ran it was lost 4 times")
    assert [line["score"] for _, line in sorted(lines.items())] == [FULL, 0, 0, 0, 0]
    mine = [reason for name, reason in here.log() if name == f"s03/{LESSON}"]
    assert [reason.split("; ")[1] for reason in mine] == ["sent again"] * 3 + ["given up"]


def test_what_is_handed_in_again_while_it_is_graded_counts(run, hand_in):
    hand_in(1, "import time; time.sleep(5)")
    hand_in(1, SLOW, first=1)
    here = run("here", "--workers", "2")
    here.wait_for_lines(1)  # s01 is done, s00 at work
    changed = here.out.parent / "submitted" / "s00" / LESSON / f"{LESSON}.ipynb"
    (here.out.parent / "submitted" / "s01" / LESSON / f"{LESSON}.ipynb").rename(changed)
    hand_in(1, SLOW, first=1)
    (changed.parent / "timestamp.txt").write_text("2026-03-01 12:00:00 UTC")
    lines = here.lines()
    assert {student: line["score"] for student, line in lines.items()} == {"s00": 0, "s01": 0}
    noted = [each for each in here.log() if "cgroup" not in each[1]]
    assert noted == [(f"s00/{LESSON}", "handed in again while it was graded")]
    again = run("here", "--workers", "2")
    assert again.lines() == lines  # nothing is left to do
