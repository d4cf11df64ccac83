"""A worker that has grown is replaced while a class is graded, and nothing is lost."""

import os

from grader.cluster import Cluster
from grader.journal import Journal
from grader.many import Grading
from grader.sandbox import Limits, Wall
from grader.worker import Task

LESSON = "constant-lr"


def test_a_worker_that_has_grown_is_replaced(tmp_path, handed_in, solved):
    def is_grown_from_now_on():
        from grader import worker

        worker.GROWN_BYTES = 0

    content, limits = handed_in(LESSON, solved(LESSON)), Limits()
    tasks = [Task(f"s{n}", LESSON, content, "", "", "secret", limits, False) for n in range(12)]
    with Cluster(2, None, limits, Wall.bwrap, print) as cluster:
        before = set(cluster.client.run(os.getpid).values())
        cluster.client.run(is_grown_from_now_on)
        outcomes = Grading(tasks, cluster, Journal(tmp_path)).outcomes()
        lines = [finished[1].line for finished in outcomes if finished]
        after = set(cluster.client.run(os.getpid).values())
    assert sorted(line["student"] for line in lines) == sorted(task.student for task in tasks)
    assert {(line["status"], line["score"]) for line in lines} == {("graded", 12.0)}
    assert not before & after
