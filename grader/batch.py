"""Grade a class: find what is new or changed, grade it on many workers, write as results come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL

from .assemble import Unreadable
from .class_folder import ClassFolder
from .many import cluster, graded
from .results import Line, key
from .sandbox import Limits, Wall, check_wall
from .submissions import Submission, find
from .worker import Task

if TYPE_CHECKING:
    from .gradebook import Gradebook


@dataclass(frozen=True)
class Settings:
    """How a class is graded; see `grader grade --help`."""

    out: Path
    workers: int = 1
    scheduler: str | None = None
    wall: str = Wall.bwrap
    limits: Limits = field(default_factory=Limits)
    seed: str | None = None
    db: str | None = None
    feedback: bool = True

    @property
    def db_url(self) -> str:
        if self.db:
            return self.db
        path = str(self.out.absolute() / "gradebook.db")
        return URL.create("sqlite", database=path).render_as_string()


class Batch:
    """One run over the submissions under `path`. Use as a context manager.

    Raises NothingToGrade, NoSandbox, AlreadyRunning or OSError before anything is run.

    Attributes:
        submissions: all that were found
        todo: those that are new or changed since they were graded
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.settings = settings
        self.submissions = find(path)
        if settings.wall == Wall.bwrap and not settings.scheduler:
            check_wall()
        self._folder = ClassFolder(settings.out)
        self._secret = settings.seed or self._folder.secret()
        self.todo = [each for each in self.submissions if not self._is_done(each)]

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.__exit__()

    def run(self) -> Iterator[Line]:
        """Grade what is to do; yield each line once it and all that belongs to it is written."""
        settings, results = self.settings, self._folder.results
        results.forget({each.key for each in self.todo})
        with ExitStack() as stack:
            if self.todo:
                client = stack.enter_context(
                    cluster(settings.workers, settings.scheduler, settings.limits, settings.wall)
                )
                outcomes = graded(map(self._task, self.todo), client)
                gradebook = stack.enter_context(_gradebook(settings.db_url))
                for task, outcome in outcomes:
                    self._folder.write(task, outcome, gradebook)
                    yield outcome.line
        self._folder.write_summaries()

    def lines(self) -> list[Line]:
        """The lines of this run's submissions, those graded earlier included."""
        found = {each.key for each in self.submissions}
        return [line for line in self._folder.results.lines() if key(line) in found]

    def _task(self, submission: Submission) -> Task:
        return task_of(submission, self._secret, self.settings.limits, self.settings.feedback)

    def _is_done(self, submission: Submission) -> bool:
        if submission.key not in self._folder.results:
            return False  # never graded: nothing to read yet
        version = self._task(submission).version
        return self._folder.has(submission.key, version, self.settings.feedback)


def _gradebook(url: str) -> Gradebook:
    """Open the gradebook; nbgrader takes seconds to import, in which the workers get warm."""
    from .gradebook import Gradebook

    return Gradebook(url)


def task_of(submission: Submission, secret: str, limits: Limits, feedback: bool = True) -> Task:
    """Read a submission and make it ready to be sent to a worker."""
    try:
        content, problem = submission.read(), ""
    except Unreadable as error:
        content, problem = None, str(error)
    student, lesson = submission.key
    timestamp = submission.timestamp()
    return Task(student, lesson, content, problem, timestamp, secret, limits, feedback)
