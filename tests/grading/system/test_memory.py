"""Memory does not grow with the class: not the coordinator's, and grown workers are replaced."""

import os
import platform
import subprocess
import sys

import pytest
from points import points_of

from grader.batch.cluster import GROWN_BYTES, Cluster
from grader.batch.dispatch import Dispatcher
from grader.batch.records import Task
from grader.submission.limits import Limits, Wall

LESSON = "constant-lr"
BALLAST_BYTES = GROWN_BYTES
TEXTS, TEXT_BYTES = 2000, 45_000
HOLES = f"""
import psutil
from grader.batch import cluster

{{}}
before = psutil.Process().memory_info().rss
texts, kept = [], []
for number in range({TEXTS}):
    texts.append(b"x" * {TEXT_BYTES})
    kept.append(bytes([number % 256]) * 600)
texts.clear()
print(psutil.Process().memory_info().rss - before)
"""


def test_a_worker_that_has_grown_is_replaced(handed_in, solved, bubblewrap, monkeypatch):
    """One after the other; what they were at is graded by others, and nothing is lost."""

    def grow():
        from grader.batch import worker

        worker.BALLAST = b"x" * BALLAST_BYTES

    content, limits = handed_in(LESSON, solved(LESSON)), Limits()
    tasks = [Task(f"s{n}", LESSON, content, "", "", "secret", limits, False) for n in range(24)]
    monkeypatch.setattr("grader.batch.dispatch.LOOK_SECONDS", 0.5)
    with Cluster(2, None, limits, Wall.bwrap) as cluster:
        before = set(cluster.client.run(os.getpid).values())
        cluster.client.run(grow)
        outcomes = Dispatcher(tasks, cluster).outcomes()
        lines = [finished[1].line for finished in outcomes if finished]
        after = set(cluster.client.run(os.getpid).values())
    assert sorted(line["student"] for line in lines) == sorted(task.student for task in tasks)
    assert {(line["status"], line["score"]) for line in lines} == {("graded", points_of(LESSON))}
    assert not before & after


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed texts")
def test_texts_that_are_freed_leave_no_holes_behind():
    """As many texts as a class hands in, each beside something small that stays."""

    def grown(prepare):
        script = [sys.executable, "-c", HOLES.format(prepare)]
        return int(subprocess.run(script, check=True, capture_output=True).stdout)

    assert grown("cluster.give_back_texts()") < TEXTS * TEXT_BYTES / 10 < grown("pass")
