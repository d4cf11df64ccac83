"""The instructor's folder: results, pages, gradebook. One process at a time writes it.

The line of results.jsonl comes last: where it stands, everything about its submission is there,
whenever the process was killed. Scores are written many at once, in one transaction; a submission
whose scores are in the gradebook and whose line is not is graded again, to the same scores.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from grader.errors import AlreadyRunning, CannotBegin
from grader.exercises import LESSONS
from grader.lines import Key, Line, key
from grader.pages import render
from grader.pages.students import Person
from grader.similar.page import similar_page
from grader.untrusted import one_line

from . import roster
from .address import without_passwords
from .exchange import make_releasable
from .feedback import FeedbackPages
from .files import OWNER_ONLY, make_folder, write_whole
from .log import LogFile, about
from .lying import is_same
from .records import Outcome, Task
from .results import Results
from .submissions import SUBMITTED
from .timestamps import utc

if TYPE_CHECKING:
    from .gradebook import Gradebook
    from .penalties import Policy

log = logging.getLogger(__name__)

FILLED_AT_ONCE = 100
SECRET_CHARS = 32
SOURCES = ".sources.json"
COLLECTED_FROM = ".collected-from.json"
SIMILAR = "similar.html"
OWN = "own"  # the address of the folder's own gradebook, wherever the folder lies
FOR_THE_EXCHANGE = 0o644  # nbgrader copies a page as it is; the folder feedback/ is its owner's
MAX_TIME_CHARS = 60  # The log quotes so much of a learner's timestamp.txt.
REFUSED = "The gradebook refuses the scores of this submission; grade.log has the reason."


class Finished(NamedTuple):
    """A graded submission whose pages are written and whose line is not."""

    line: Line
    timestamp: str

    @property
    def entry(self) -> tuple[Line, str]:
        """What the gradebook gets."""
        return self.line, self.timestamp


class ClassFolder:
    """Use as a context manager. Raises AlreadyRunning, or OSError when it cannot be written.

    Args:
        folder: made when it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder(folder)
        self._lock = _locked(folder)
        self._log = LogFile(folder)
        self.results = Results(folder)
        self._address = folder / ".gradebook"
        self._feedback = FeedbackPages(folder)
        self._uncommitted: list[Finished] = []

    def __enter__(self) -> ClassFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()
        self._lock.release()

    def secret(self) -> str:
        """Made when the class is first graded, then kept, so that scores stay.

        Raises CannotBegin when it is so short that the hidden cases could be guessed.
        """
        path = self.folder / ".secret"
        if not path.exists():
            write_whole(path, secrets.token_hex(SECRET_CHARS // 2))
        secret = path.read_text(encoding="utf-8").strip()
        if len(secret) < SECRET_CHARS:
            raise CannotBegin(
                f"The secret in {path} is shorter than {SECRET_CHARS} characters, so hidden cases "
                "could be guessed. Delete it and run this again: everything is then graded anew."
            )
        return secret

    def remember(self, path: Path) -> None:
        """Note from where submissions are graded, so that they can be graded again."""
        _note(self.folder / SOURCES, _sources(self.folder), path)

    def outdated(self, found: Collection[Key], path: Path) -> set[Key]:
        """Lines about no lesson of students who handed one in since, or have another name now.

        There are no scores in them. They stay where what they are about may still lie elsewhere.

        Args:
            found: the submissions under `path`, all of them
        """
        students = {student for student, _ in found}
        elsewhere = [each for each in _sources(self.folder) if not is_same(path, Path(each))]
        # `collect` owns this folder: whoever is not in it any more is somebody else in there.
        only_collected = is_same(path, self.folder / SUBMITTED) and not elsewhere
        return {
            (student, lesson)
            for student, lesson in self.results
            if lesson not in LESSONS
            and (student, lesson) not in found
            and (only_collected or student in students)
            and not any((Path(each) / student).is_dir() for each in elsewhere)
        }

    def has(self, submission: Key, version: str, feedback: bool) -> bool:
        """Whether exactly this version was graded, and its pages are still there."""
        if not self.results.has(submission, version):
            return False
        if not self.results.line(submission)["exercises"]:
            return True  # What is of no lesson of the course has a line and nothing else.
        page = not feedback or self._feedback.path(submission).exists()
        return page and self._autograded(submission).exists()

    def forget(self, submissions: set[Key]) -> None:
        """Drop the lines of submissions that are about to be graded again."""
        self.results.forget(submissions)

    def replace(self, task: Task, outcome: Outcome, gradebook: Gradebook, policy: Policy) -> None:
        """Write everything about one submission, in place of what was there."""
        self.forget({task.key})
        self.put(task, outcome)
        self.commit(gradebook)
        gradebook.settle(policy)
        self.write_summaries(gradebook)

    def put(self, task: Task, outcome: Outcome) -> None:
        """Write the pages of one submission; `commit` makes it count."""
        if outcome.trouble:
            log.info("the grader failed: %s", outcome.trouble, extra=about(task.key))
        if task.timestamp and utc(task.timestamp) is None:
            log.warning(
                "The timestamp.txt of %s says %r, which cannot be read as a time: it counts as not "
                "late. Write it as 2026-03-01 23:59 UTC.",
                one_line("/".join(task.key)),
                task.timestamp[:MAX_TIME_CHARS],
            )
        if outcome.notebook:
            write_whole(self._autograded(task.key), outcome.notebook)
            if outcome.feedback:
                page = self._feedback.path(task.key)
                write_whole(page, outcome.feedback, FOR_THE_EXCHANGE)
                make_releasable(page, task.timestamp, task.exchange_secret, task.file)
        self._feedback.is_new(task.key)
        line: Line = {**outcome.line, "version": task.version, "timestamp": task.timestamp}
        self._uncommitted.append(Finished(line, task.timestamp))

    def commit(self, gradebook: Gradebook) -> list[Line]:
        """Write the scores of all that was put here, then their lines; return the lines.

        Where the gradebook refuses them, they are written one by one, so that only what it refuses
        is marked as failed. Whatever was not written when this raises is written by the next call.
        """
        if not self._uncommitted:
            return []
        lines = [each.line for each in _saved(gradebook, self._uncommitted)]
        self.results.add(lines)
        self._uncommitted.clear()
        return lines

    def is_in(self, address: str) -> bool:
        """Whether what stands here is in the gradebook at this address, not in another one."""
        return self._address.exists() and self._address.read_text() == address

    def check_address(self, address: str) -> None:
        """Raise CannotBegin when what stands here is in another gradebook."""
        if self._address.exists() and not self.is_in(address):
            kept = self._address.read_text()
            where = "its own gradebook.db" if kept == OWN else kept
            how = "leave --db out" if kept == OWN else f"add --db {kept}"
            raise CannotBegin(f"The scores of {self.folder} are kept in {where}: {how}.")

    def fill(self, gradebook: Gradebook, address: str) -> bool:
        """Write what stands here and not in a gradebook into it: it is new, or has lost some.

        Returns whether there was any.
        """
        there = gradebook.whole() if self.is_in(address) else set()
        lines = (
            line
            for line in self.results.lines()
            if key(line) not in there and gradebook.takes(line)
        )
        lacked = False
        while some := list(islice(lines, FILLED_AT_ONCE)):
            _saved(gradebook, [Finished(line, line.get("timestamp", "")) for line in some])
            lacked = True
        write_whole(self._address, address)
        return lacked

    def remove(self, submissions: Sequence[Key], gradebook: Gradebook, student: str = "") -> None:
        """Forget submissions, their pages and scores; a student too, if one is named."""
        gradebook.remove(submissions, student)
        for each in submissions:
            for page in (self._autograded(each), self._feedback.path(each)):
                shutil.rmtree(page.parent, ignore_errors=True)
                with suppress(OSError):  # other lessons are in there
                    page.parent.parent.rmdir()
            self._feedback.is_new(each)
        self.forget(set(submissions))
        if (self.folder / SIMILAR).exists():
            self.write_similar()
        self.write_summaries(gradebook)

    @property
    def uncommitted(self) -> int:
        """How many were put here since the last commit."""
        return len(self._uncommitted)

    def write_summaries(self, gradebook: Gradebook) -> None:
        """Write grades.csv and report.html, and marks into pages, as the gradebook has them."""
        self.results.write_grades(gradebook.marked(self.results.lines()))
        self.write_report(self._feedback.marked(gradebook.marked(self.results.lines())))

    def write_similar(self) -> None:
        """Write similar.html, about the answers as the graded notebooks have them now.

        This takes minutes where the class is large, so it is left out where nothing was graded or
        forgotten since.
        """
        path, noted = self.folder / SIMILAR, self.folder / ".similar"
        fingerprint = self.results.fingerprint()
        if path.exists() and noted.exists() and noted.read_text() == fingerprint:
            return
        write_whole(path, similar_page(self.folder, self.results))
        write_whole(noted, fingerprint)

    def write_report(self, lines: Iterable[Line]) -> Path:
        """Write report.html; return its path."""
        path = self.folder / "report.html"
        similar = (self.folder / SIMILAR).exists()
        has_page = self._feedback.has_page
        write_whole(path, render.report(lines, self._people(), has_page, similar))
        return path

    def _people(self) -> dict[str, Person]:
        """Names and sections by student, where the folder has a roster that can be read."""
        try:
            kept = self.folder / roster.ROSTER
            found = roster.read(kept).people if kept.exists() else ()
        except CannotBegin as error:  # what was graded is worth a report without them
            log.warning("The report has no names and sections. %s", error)
            found = ()
        return {each.student: Person(each.name, each.section) for each in found}

    def _autograded(self, submission: Key) -> Path:
        student, lesson = submission
        return self.folder / "autograded" / student / lesson / f"{lesson}.ipynb"


def address_of(url: str, folder: Path) -> str:
    """What tells the gradebook at `url` from others, seen from a class folder; no password."""
    address = make_url(url)
    own = (folder / "gradebook.db").resolve()
    if address.get_backend_name() == "sqlite" and Path(address.database or "").resolve() == own:
        return OWN
    return without_passwords(address)


def remembered(folder: Path) -> list[Path]:
    """From where the submissions of a class folder were graded, as far as that is still there."""
    return [path for each in _sources(folder) if (path := Path(each)).exists()]


def note_collected(folder: Path, path: Path) -> None:
    """Note in a class folder from where submissions were collected."""
    _note(folder / COLLECTED_FROM, _noted(folder / COLLECTED_FROM) or [], path)


def handed_in_below(folder: Path) -> list[Path]:
    """Where learners may have written files: from where a class was collected and graded."""
    return [*remembered(folder), *map(Path, _noted(folder / COLLECTED_FROM) or [])]


def _sources(folder: Path) -> list[str]:
    """From where submissions were graded."""
    noted = _noted(folder / SOURCES)
    return [str((folder / SUBMITTED).absolute())] if noted is None else noted


def _note(file: Path, known: list[str], path: Path) -> None:
    """Put a path at the end of those that a file holds."""
    own = str(path.absolute())
    write_whole(file, json.dumps([*(each for each in known if each != own), own]))


def _noted(file: Path) -> list[str] | None:
    """The paths that a file holds; one that is damaged, or not there, tells nothing."""
    try:
        return [str(each) for each in json.loads(file.read_bytes())]
    except (OSError, ValueError, TypeError):
        return None


def _saved(gradebook: Gradebook, some: Sequence[Finished]) -> list[Finished]:
    """Save scores in one transaction, or one by one where the gradebook refuses them together.

    One that it refuses even alone comes back as failed.
    """
    try:
        gradebook.save([each.entry for each in some if each.line["exercises"]])
    except Exception as error:
        if not _refuses(error):
            raise
        if len(some) > 1:
            return [saved for each in some for saved in _saved(gradebook, [each])]
        (one,) = some
        log.info("the gradebook refuses it: %s", error, extra=about(key(one.line)))
        return [one._replace(line={**one.line, "status": "failed", "detail": REFUSED})]
    return list(some)


def _refuses(error: Exception) -> bool:
    """Whether a database cannot take what it was given; else it lacks room, or is away."""
    if isinstance(error, DBAPIError):
        return isinstance(error, DataError | IntegrityError)
    return isinstance(error, StatementError | ValueError | TypeError | ArithmeticError)


def _locked(folder: Path) -> FileLock:
    """The lock of a class folder, taken. It is let go when the process ends, however it ends."""
    lock = FileLock(folder / ".lock", timeout=0, mode=OWNER_ONLY, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(f"Another run is grading into {folder}.") from None
    except NotImplementedError:
        raise CannotBegin(
            f"{folder} lies on a disk that has no file locks, so two runs could mix their scores. "
            "Give a folder on another disk with --out."
        ) from None
    return lock
