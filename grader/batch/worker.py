"""What a worker does: bytes of a submission in, its line and its pages out. It writes no file.

What judges and renders is imported in here only when it is needed: the process that sends tasks
out never does.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any

import psutil
from distributed import Worker, WorkerPlugin, get_worker

from grader import paths
from grader.exercises import LESSONS
from grader.submission.sandbox import Limits, Sandbox, Wall, check_wall

if TYPE_CHECKING:
    from grader.submission.grading import Graded

GROWN_BYTES = 3 * 2**29  # twice what a worker has that has seen every lesson


@dataclass(frozen=True)
class Task:
    """One submission on its way to a worker.

    Attributes:
        content: the notebook's bytes; None if they could not be read, and `problem` says why
        timestamp: when it was handed in, "" if nobody noted it
        secret: the secret of the class, from which this submission's seed is made
        feedback: whether the learner's page is wanted
    """

    student: str
    lesson: str
    content: bytes | None
    problem: str
    timestamp: str
    secret: str
    limits: Limits
    feedback: bool

    @property
    def seed(self) -> str:
        """The same for the same student and lesson, and not to be guessed without the secret."""
        message = f"{self.student}\0{self.lesson}".encode()
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    @property
    def version(self) -> str:
        """A fingerprint of all that the result depends on."""
        parts = (course_fingerprint(self.lesson), repr(self.limits), self.seed)
        texts = "\0".join([*parts, self.timestamp, self.problem])
        return hashlib.sha256(texts.encode() + b"\0" + (self.content or b"")).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its line of results.jsonl, and pages as text, "" if there is none."""

    line: dict[str, Any]
    notebook: str = ""
    feedback: str = ""


@cache
def course_fingerprint(lesson: str) -> str:
    """Changes when the lesson or any code that grades it changes."""
    digest = hashlib.sha256()
    code = [*(paths.ROOT / "grader").rglob("*.py"), *paths.LRLAB.rglob("*.py")]
    notebook = [paths.released(lesson)] if lesson in LESSONS else []
    for path in sorted(code) + notebook:
        digest.update(path.read_bytes())
    return digest.hexdigest()


class SandboxPlugin(WorkerPlugin):
    """A warm sandbox that lives as long as its dask worker."""

    def __init__(self, limits: Limits, wall: str) -> None:
        self.sandbox = Sandbox(limits, wall)
        self.lock = Lock()  # a worker may have been started with several threads

    def setup(self, worker: Worker) -> None:
        self.sandbox.__enter__()

    def teardown(self, worker: Worker) -> None:
        self.sandbox.__exit__()


async def warm_up(limits: Limits, wall: str, dask_worker: Worker) -> str:
    """Start a sandbox on this worker if none with these limits is there; return its name.

    Named after what it is, so that runs on one cluster share it and none takes another's away.
    Raises NoSandbox where there is no bubblewrap.
    """
    name = f"sandbox {wall} {limits}"
    if name not in dask_worker.plugins:
        if wall == Wall.bwrap:
            check_wall()
        plugin = SandboxPlugin(limits, wall)
        await dask_worker.plugin_add(plugin, name=name, catch_errors=False)
    return name


def work(task: Task, wall: str) -> Outcome:
    """Grade a task in the sandbox of this dask worker."""
    worker = get_worker()
    starting = warm_up(task.limits, wall, worker)
    name = asyncio.run_coroutine_threadsafe(starting, worker.loop.asyncio_loop).result()
    plugin = worker.plugins[name]
    with plugin.lock:
        outcome = grade_task(task, plugin.sandbox)
    _make_room(worker)
    return outcome


def _make_room(worker: Worker) -> None:
    """Have this worker and its sandbox replaced, by its nanny, once it has grown."""
    if worker.nanny and psutil.Process().memory_info().rss > GROWN_BYTES:
        replace = partial(worker.close_gracefully, restart=True, reason="it has grown")
        worker.loop.add_callback(replace)  # once what it has is with others


def grade_task(task: Task, sandbox: Sandbox) -> Outcome:
    """Grade a task and make everything that is written about it."""
    from grader.submission.grading import grade_submission, ungraded

    if task.content is None:
        return outcome_of(task, ungraded(task.lesson, task.problem))
    return outcome_of(task, grade_submission(task.content, task.lesson, task.seed, sandbox))


def outcome_of(task: Task, graded: Graded) -> Outcome:
    """The line and the pages of a graded submission."""
    from grader.pages import render
    from grader.pages.autograded import autograded

    line = graded.as_line(task.student, task.lesson)
    if task.lesson not in LESSONS:
        return Outcome(line)
    page = render.feedback(task.student, task.lesson, graded) if task.feedback else ""
    return Outcome(line, autograded(task.lesson, graded), page)
