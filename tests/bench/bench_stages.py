"""Where the time of one submission goes: CPU milliseconds by stage, on worker and in the sandbox.

`python tests/bench/bench_stages.py [ROUNDS]`. CPU time, not wall-clock: a busy machine hardly
changes it. The gradebook is not in here: bench_scale.py has the coordinator's share.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import psutil
from generated_class import text

from grader.batch.outcomes import grade_task
from grader.batch.records import Task
from grader.exercise import Exercise
from grader.exercises import LESSONS
from grader.inside.warm import JOBS_BEFORE_HUGE_PAGES
from grader.pages import autograded
from grader.pages import render as pages
from grader.submission import grading
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

KINDS = ("right", "mistaken", "untouched")
EMPTY_JOBS = 40
STAGES = {
    "assemble": (grading, "assemble"),
    "draw cases": (Exercise, "hidden_cases"),
    "read observations": (grading, "observations"),
    "judge": (Exercise, "judge"),
    "graded notebook": (autograded, "autograded"),
    "feedback page": (pages, "feedback"),
}


def timed(function: Callable[..., Any], spent: dict[str, float], stage: str) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - started

    return wrapper


def cpu_seconds(warm: psutil.Process) -> float:
    """Of the warm process and of all children that it had."""
    return sum(warm.cpu_times()[:4])


def stages(lesson: str, kind: str, rounds: int, sandbox: Sandbox) -> dict[str, float]:
    """Mean CPU milliseconds of one submission by stage."""
    spent: dict[str, float] = defaultdict(float)
    warm = warm_process()
    with ExitStack() as stack:
        for stage, (owner, name) in STAGES.items():
            function = timed(getattr(owner, name), spent, stage)
            stack.enter_context(patch.object(owner, name, function))
        inside, whole = cpu_seconds(warm), time.process_time()
        for number in range(rounds):
            content = text(lesson, kind, random.Random(number)).encode()
            task = Task("ada", lesson, content, "", "", f"secret {number}", Limits(), True)
            grade_task(task, sandbox)
        whole = time.process_time() - whole
    spent["rest of worker"] = whole - sum(spent.values())
    spent["sandbox"] = cpu_seconds(warm) - inside
    return {stage: seconds / rounds * 1000 for stage, seconds in spent.items()}


def empty_job(sandbox: Sandbox, rounds: int) -> float:
    """Mean CPU milliseconds in the sandbox of a job without a cell."""
    warm = warm_process()
    before = cpu_seconds(warm)
    for _ in range(rounds):
        sandbox.run([])
    return (cpu_seconds(warm) - before) / rounds * 1000


def warm_process() -> psutil.Process:
    """The one process of the sandbox that every job is forked from."""
    children = psutil.Process().children(recursive=True)
    (warm,) = (each for each in children if each.name() != "bwrap" and "inside" in each.cmdline())
    return warm


def main(rounds: int) -> None:
    names = [*STAGES, "rest of worker", "sandbox"]
    few = JOBS_BEFORE_HUGE_PAGES - 2
    with Sandbox() as sandbox:
        sandbox.run([])
        usual = empty_job(sandbox, few)
        for _ in range(2):  # It moves its memory between these two.
            sandbox.run([])
        huge = empty_job(sandbox, EMPTY_JOBS)
        print(f"An empty job: {usual:.0f} ms of CPU (mean of {few}),", end=" ")
        print(f"{huge:.0f} with huge pages (mean of {EMPTY_JOBS}).\n")
        print(f"| CPU ms, mean of {rounds} | {' | '.join(names)} | sum |")
        print("| --- |" + " ---: |" * (len(names) + 1))
        for lesson in LESSONS:
            stages(lesson, "right", 2, sandbox)  # fills what is kept for each lesson
            for kind in KINDS:
                spent = stages(lesson, kind, rounds, sandbox)
                numbers = [*(spent[name] for name in names), sum(spent.values())]
                print(f"| {lesson}, {kind} | {' | '.join(f'{n:.1f}' for n in numbers)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
