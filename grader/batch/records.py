"""What flows between the process that writes a class and the workers that grade it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cache

from grader import paths
from grader.exercises import LESSONS
from grader.lines import Key, Line, Status
from grader.submission.limits import Limits


def seed_of(secret: str, lesson: str, content: bytes) -> str:
    """The same for the same bytes, whoever hands them in; not to be guessed without the secret.

    Any change meets new cases, so what one hand-in has read of its cases is of no use to the next.
    The secret of the class, from which all seeds are made, goes to no worker.
    """
    return hmac.new(secret.encode(), lesson.encode() + b"\0" + content, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Task:
    """One submission on its way to a worker.

    Attributes:
        content: the notebook's bytes; None if they could not be read, and `problem` says why
        timestamp: when it was handed in, "" if nobody noted it
        seed: draws its hidden cases; see `seed_of`
        feedback: whether the learner's page is wanted
        status: what it has when there is a problem
        note: what else the learner should know of what was found, else ""
        exchange_secret: what nbgrader's `submit` wrote beside it, "" if it came another way
        file: what the notebook was called that was handed in
    """

    student: str
    lesson: str
    content: bytes | None
    problem: str
    timestamp: str
    seed: str = field(repr=False)  # dask writes into a worker's log what a task was called with
    limits: Limits
    feedback: bool
    status: Status = "unreadable"
    note: str = ""
    exchange_secret: str = field(default="", repr=False)
    file: str = ""

    @property
    def key(self) -> Key:
        """What identifies it: (student, lesson)."""
        return self.student, self.lesson

    @property
    def version(self) -> str:
        """A fingerprint of all that the result depends on."""
        parts = (course_fingerprint(self.lesson), repr(self.limits), self.seed)
        texts = "\0".join([*parts, self.timestamp, self.problem, self.note])
        return hashlib.sha256(texts.encode() + b"\0" + (self.content or b"")).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What became of a task: its line of results.jsonl, and pages as text, "" if there is none.

    `trouble` is the traceback where the grader itself failed, for the log.
    """

    line: Line
    notebook: str = ""
    feedback: str = ""
    trouble: str = ""


@cache
def course_fingerprint(lesson: str) -> str:
    """Changes when the lesson or any code that grades it changes."""
    digest = hashlib.sha256()
    code = [*(paths.ROOT / "grader").rglob("*.py"), *paths.LRLAB.rglob("*.py")]
    notebook = [paths.released(lesson)] if lesson in LESSONS else []
    for path in sorted(code) + notebook:
        digest.update(path.read_bytes())
    return digest.hexdigest()
