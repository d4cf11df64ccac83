"""Grade a class: find what is new or changed, grade it on many workers, write as results come."""

from __future__ import annotations

import logging
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import dask
from sqlalchemy import URL, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from grader.errors import NoDatabase, NothingToGrade
from grader.exercises import LESSONS
from grader.lines import Key, Line, key
from grader.submission.bwrap import check_wall
from grader.submission.limits import Limits, Wall
from grader.untrusted import one_line

from .class_folder import OWN, ClassFolder, address_of, handed_in_below, remembered
from .cluster import Cluster
from .dispatch import Dispatcher
from .persons import Roster
from .records import Task
from .roster import load
from .submissions import Submission, beside_the_students, find

if TYPE_CHECKING:
    from distributed.security import Security

    from .gradebook import Gradebook
    from .penalties import Policy

log = logging.getLogger(__name__)
# A notebook may have 20 MiB. What dask advises about that is meant for its programmers.
QUIET = {"distributed.admin.large-graph-warning-threshold": "1 GiB"}
MOST_NAMED = 10  # A sentence names no more people.
MOST_NEWER = 3  # A submission that keeps changing is graded so often in one run.
NOTHING = "Nothing was handed in."
NOWHERE = os.devnull  # The path of a notebook that is missing.
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
        return address_of(self.db, self.out) if self.db else OWN


class Batch:
    """One run over some submissions. Use as a context manager.

    Raises NoSandbox, NoDatabase, AlreadyRunning or OSError before anything is run.

    Attributes:
        submissions: all that were found
        todo: those that are new or changed since they were graded
    """

    def __init__(
        self, found: Iterable[Submission], settings: Settings, people: Roster | None = None
    ) -> None:
        self.settings = settings
        # Two folder names that are not UTF-8 can decode to the same text.
        self._by_key = {each.key: each for each in found}
        self._people = people or Roster()
        if settings.wall == Wall.bwrap and not settings.scheduler:
            check_wall()
        if settings.db:
            check_driver(settings.db)
        with ExitStack() as stack:
            self._folder = stack.enter_context(ClassFolder(settings.out))
            self._add_missing()
            self.submissions = list(self._by_key.values())
            self._secret = settings.seed or self._folder.secret()
            self.todo = [each for each in self.submissions if not self._is_done(each)]
            self._stack = stack.pop_all()
        self._outdated: set[Key] = set()
        self._gradebook: Gradebook | None = None
        self._newer_seen: Counter[Key] = Counter()

    @classmethod
    def of(cls, path: Path, settings: Settings) -> Batch:
        """A run over what lies under a folder, or one notebook. Raises NothingToGrade."""
        people = load(settings.out, settings.db) if path.is_dir() else None
        batch = cls(find(path, settings.out), settings, people)
        batch._outdated = batch._folder.outdated(batch._by_key, path)
        batch._folder.remember(path)
        if beside := beside_the_students(path):
            log.warning("%s", beside)
        batch._tell_other_names()
        return batch

    @classmethod
    def again(cls, student: str | None, lesson: str | None, settings: Settings) -> Batch:
        """A run that grades once more what was graded: all, a student's, or one submission.

        Raises NothingToGrade when none of it lies where it was graded from.
        """
        lying = (each for path in remembered(settings.out) for each in _found(path, settings.out))
        chosen = (each for each in lying if _chosen(each.key, student, lesson))
        batch = cls(chosen, settings, load(settings.out, settings.db))
        try:
            batch._folder.check_address(settings.db_address)
            graded = [each for each in batch._folder.results if _chosen(each, student, lesson)]
            batch.todo = [batch._by_key[each] for each in graded if each in batch._by_key]
            if not batch.todo:
                raise NothingToGrade(_nothing(graded, student, lesson, settings.out))
        except BaseException:
            batch.__exit__()
            raise
        for each in graded:
            if each not in batch._by_key:
                log.warning(
                    "%s is not there any more: it stays as it was.", one_line("/".join(each))
                )
        return batch

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self) -> Iterator[Line]:
        """Grade what is to do; yield each line once it and all that belongs to it is written."""
        settings = self.settings
        policy = policy_of_course(settings.out)
        with ExitStack() as stack:
            if self.todo:
                dispatcher = self._dispatcher(stack)
            gradebook = self._opened()
            gradebook.enrol(self._people.people)
            self._folder.forget({each.key for each in self.todo} | self._outdated)
            self._folder.fill(gradebook, settings.db_address)
            if self.todo:
                yield from self._written(dispatcher, gradebook)
        gradebook.settle(policy)
        self._folder.write_summaries(gradebook)

    def _add_missing(self) -> None:
        """Whoever is on the roster and did not hand in what others did gets a line that says so."""
        lessons = {each.lesson for each in self._by_key.values() if each.status != "missing"}
        lessons |= {lesson for _, lesson in self._folder.results}
        for person in self._people.people:
            nothing = self._by_key.get((person.student, ""))
            if nothing and nothing.status == "missing":
                del self._by_key[nothing.key]  # a line for each lesson says it
            for lesson in lessons.intersection(LESSONS):
                key = (person.student, lesson)
                if key not in self._by_key and self._may_be_missing(key):
                    problem = nothing.problem if nothing else NOTHING
                    self._by_key[key] = Submission(*key, Path(NOWHERE), problem, "missing")

    def _tell_other_names(self) -> None:
        """Say whose folder or line has a name that the roster knows, and not as a student's id."""
        for student in sorted({each[0] for each in (*self._by_key, *self._folder.results)}):
            name, out = one_line(student), self.settings.out
            if self._people.renames(student):
                ids = " or ".join(one_line(each.student) for each in self._people.find(student))
                log.warning(
                    "%s is %s on the roster, and counts under both names: rename the folder where "
                    'it lies, then run grader remove "%s" --out "%s".',
                    *(name, ids, name, out),
                )
            elif members := self._people.members(student):
                ids = ", ".join(one_line(each.student) for each in members[:MOST_NAMED])
                more = f" and {len(members) - MOST_NAMED} more" * (len(members) > MOST_NAMED)
                log.warning(
                    "%s is a group of the roster: what it handed in counts for none of its "
                    "members. Put a copy of its folder there for each of %s%s, move it away, run "
                    'grader remove "%s" --out "%s", and grade again.',
                    *(name, ids, more, name, out),
                )

    def _may_be_missing(self, key: Key) -> bool:
        """Whether nothing of it was graded from another place."""
        results = self._folder.results
        return key not in results or results.line(key)["status"] == "missing"

    def compare(self) -> Iterator[tuple[Line, Line]]:
        """Grade what is to do and write nothing; yield each line as it stands, and the new one."""
        with ExitStack() as stack:
            for finished in self._dispatcher(stack).outcomes():
                if finished:
                    task, outcome = finished
                    yield self._folder.results.line(task.key), outcome.line

    def _dispatcher(self, stack: ExitStack) -> Dispatcher:
        stack.enter_context(dask.config.set(QUIET))
        cluster = stack.enter_context(self._cluster())
        return Dispatcher(map(self._task, self.todo), cluster)

    def _opened(self) -> Gradebook:
        """The gradebook; nbgrader takes seconds to import, in which the workers get warm."""
        if self._gradebook is None:
            from .gradebook import Gradebook

            self._gradebook = self._stack.enter_context(Gradebook(self.settings.db_url))
        return self._gradebook

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
        """The lines of this run's submissions, those graded earlier included, as they count."""
        found = {each.key for each in self.submissions}
        lines = (line for line in self._folder.results.lines() if key(line) in found)
        return self._opened().marked(lines)

    @property
    def kept(self) -> int:
        """How many of this run's submissions have a line."""
        return sum(each.key in self._folder.results for each in self.submissions)

    def _task(self, submission: Submission) -> Task:
        return submission.task(self._secret, self.settings.limits, self.settings.feedback)

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


def policy_of_course(out: Path) -> Policy:
    """What being late costs, as nbgrader_config.py and course.toml say. Raises CannotBegin."""
    from .penalties import course_config, policy_of

    return policy_of(course_config(out, handed_in_below(out)))


def _found(path: Path, out: Path) -> list[Submission]:
    try:
        return find(path, out)
    except NothingToGrade:  # what lay there was moved away
        return []


def _chosen(submission: Key, student: str | None, lesson: str | None) -> bool:
    return student in (None, submission[0]) and lesson in (None, submission[1])


def _nothing(graded: Sequence[Key], student: str | None, lesson: str | None, out: Path) -> str:
    of = "/".join(filter(None, (student, lesson))) or "this class"
    if graded:
        return f"What was handed in by {of} is not there any more: grade it from where it lies now."
    return f"Nothing of {of} was graded into {out}: run `grader grade PATH --out {out}` first."


def check_driver(url: str) -> None:
    """Raise NoDatabase, with a sentence, unless databases of this kind can be talked to."""
    try:
        create_engine(url)
    except ArgumentError as error:
        raise NoDatabase(f"The gradebook has no such address: {error}") from None
    except ValueError:  # which quotes a part of the password
        raise NoDatabase(
            "The gradebook has no such address: what stands for its port is no number. In a name "
            "or a password write %2F for /, %3A for :, and %40 for @."
        ) from None
    except ImportError as error:
        kind = make_url(url).drivername
        raise NoDatabase(
            f"There is no driver here for {kind} databases ({error}). The one that comes with this "
            "project is for PostgreSQL: postgresql://USER:PASSWORD@HOST/NAME."
        ) from None
