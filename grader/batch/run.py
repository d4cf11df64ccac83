"""Grade a class: find what is new or changed, grade it on many workers, write as results come."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grader.errors import NoDatabase
from grader.lines import Key, Line, key
from grader.submission.bwrap import check_wall
from grader.submission.limits import Limits, Wall

from .class_folder import ClassFolder
from .cluster import Cluster
from .dispatch import Dispatcher
from .records import Task
from .submissions import Submission, find

if TYPE_CHECKING:
    from distributed.security import Security

    from .gradebook import Gradebook

MOST_NEWER = 3  # times that one run grades a submission that keeps changing
COMMIT_SUBMISSIONS = 100
COMMIT_SECONDS = 1.0  # commit at least this often, so that small classes see results early


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
    security: Security | None = None

    @property
    def db_url(self) -> str:
        if self.db:
            return self.db
        path = str(self.out.absolute() / "gradebook.db")
        return URL.create("sqlite", database=path).render_as_string()

    @property
    def db_address(self) -> str:
        """What tells one gradebook from another; the folder's own is that wherever it lies."""
        return make_url(self.db).set(password=None).render_as_string() if self.db else "own"


class Batch:
    """One run over the submissions under `path`. Use as a context manager.

    Raises NothingToGrade, NoSandbox, NoDatabase, AlreadyRunning or OSError before anything is run.

    Attributes:
        submissions: all that were found
        todo: those that are new or changed since they were graded
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self.settings = settings
        # Two folder names that are not UTF-8 can decode to the same text.
        self._by_key = {each.key: each for each in find(path)}
        self.submissions = list(self._by_key.values())
        if settings.wall == Wall.bwrap and not settings.scheduler:
            check_wall()
        if settings.db:
            check_driver(settings.db)
        self._folder = ClassFolder(settings.out)
        self._secret = settings.seed or self._folder.secret()
        self.todo = [each for each in self.submissions if not self._is_done(each)]
        self._newer_seen: Counter[Key] = Counter()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.__exit__()

    def run(self) -> Iterator[Line]:
        """Grade what is to do; yield each line once it and all that belongs to it is written."""
        settings = self.settings
        self._folder.forget({each.key for each in self.todo})
        with ExitStack() as stack:
            if self.todo:
                cluster = stack.enter_context(self._cluster())
                dispatcher = Dispatcher(map(self._task, self.todo), cluster)
            moved = not self._folder.is_in(settings.db_address)
            if self.todo or moved:
                gradebook = stack.enter_context(_gradebook(settings.db_url))
            if moved:
                self._folder.fill(gradebook, settings.db_address, self._timestamp)
            if self.todo:
                yield from self._written(dispatcher, gradebook)
        self._folder.write_summaries()

    def _cluster(self) -> Cluster:
        settings = self.settings
        workers = min(settings.workers, len(self.todo))  # one more would warm up for nothing
        return Cluster(
            workers, settings.scheduler, settings.limits, settings.wall, settings.security
        )

    def _written(self, dispatcher: Dispatcher, gradebook: Gradebook) -> Iterator[Line]:
        """Write outcomes as they come, many in one transaction; yield the lines that stand."""
        folder, committed = self._folder, time.monotonic()
        try:
            for finished in dispatcher.outcomes():
                if finished:
                    task, outcome = finished
                    if newer := self._newer(task):
                        dispatcher.send_again(newer, "handed in again while it was graded")
                    else:
                        folder.put(task, outcome)
                late = time.monotonic() - committed > COMMIT_SECONDS
                if late or folder.uncommitted >= COMMIT_SUBMISSIONS:
                    yield from folder.commit(gradebook)
                    committed = time.monotonic()
        except SQLAlchemyError:
            raise  # The gradebook was waited for already; what it lacks is graded by the next run.
        except BaseException:
            folder.commit(gradebook)  # What is whole is kept, whatever went wrong with the others.
            raise
        yield from folder.commit(gradebook)

    def lines(self) -> Iterator[Line]:
        """The lines of this run's submissions, those graded earlier included."""
        found = {each.key for each in self.submissions}
        return (line for line in self._folder.results.lines() if key(line) in found)

    def _task(self, submission: Submission) -> Task:
        return submission.task(self._secret, self.settings.limits, self.settings.feedback)

    def _timestamp(self, submission: Key) -> str:
        found = self._by_key.get(submission)
        return found.timestamp() if found else ""

    def _newer(self, task: Task) -> Task | None:
        """The submission as it lies there now, if that is not what was graded."""
        now = self._task(self._by_key[task.key])
        if now.version == task.version or self._newer_seen[task.key] == MOST_NEWER:
            return None
        self._newer_seen[task.key] += 1
        return now

    def _is_done(self, submission: Submission) -> bool:
        if submission.key not in self._folder.results:
            return False  # never graded: nothing to read yet
        version = self._task(submission).version
        return self._folder.has(submission.key, version, self.settings.feedback)


def _gradebook(url: str) -> Gradebook:
    """Open the gradebook; nbgrader takes seconds to import, in which the workers get warm."""
    from .gradebook import Gradebook

    return Gradebook(url)


def check_driver(url: str) -> None:
    """Raise NoDatabase, with a sentence, unless databases of this kind can be talked to."""
    try:
        create_engine(url)
    except ArgumentError as error:
        raise NoDatabase(f"The gradebook has no such address: {error}") from None
    except ImportError as error:
        kind = make_url(url).drivername
        raise NoDatabase(
            f"There is no driver here for {kind} databases ({error}). The one that comes with this "
            "project is for PostgreSQL: postgresql://USER:PASSWORD@HOST/NAME."
        ) from None
