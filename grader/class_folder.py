"""The instructor's folder: results, pages, gradebook. One process at a time writes it.

The line of results.jsonl comes last: where it stands, everything about its submission is there,
whenever the process was killed.
"""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from . import pages
from .files import write_whole
from .results import Key, Line, Results
from .worker import Outcome, Task

if TYPE_CHECKING:
    from .gradebook import Gradebook


class AlreadyRunning(RuntimeError):
    """Another process grades into the same folder."""


class OtherCourse(RuntimeError):
    """The gradebook holds submissions of another version of a lesson; the message says more."""


class ClassFolder:
    """Use as a context manager. Raises AlreadyRunning, or OSError when it cannot be written.

    Args:
        folder: made when it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise AlreadyRunning(f"Another run is grading into {folder}.") from None
        self.results = Results(folder)

    def __enter__(self) -> ClassFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def secret(self) -> str:
        """Made when the class is first graded, then kept, so that scores stay."""
        path = self.folder / ".secret"
        if not path.exists():
            write_whole(path, secrets.token_hex(16), mode=0o600)
        return path.read_text()

    def has(self, submission: Key, version: str, feedback: bool) -> bool:
        """Whether exactly this version was graded, and its pages are still there."""
        if not self.results.has(submission, version):
            return False
        if not self.results.line(submission)["exercises"]:
            return True  # of no lesson of the course: it has a line and nothing else
        page = not feedback or self._feedback(submission).exists()
        return page and self._autograded(submission).exists()

    def write(self, task: Task, outcome: Outcome, gradebook: Gradebook) -> None:
        """Write everything about one submission."""
        submission = (task.student, task.lesson)
        if outcome.notebook:
            write_whole(self._autograded(submission), outcome.notebook)
            if outcome.feedback:
                write_whole(self._feedback(submission), outcome.feedback)
            gradebook.save(outcome.line, task.timestamp)
        self.results.add(outcome.line, task.version)

    def write_summaries(self) -> None:
        """Write grades.csv and report.html from all lines."""
        self.results.write_grades()
        write_report(self.folder, self.results.lines())

    def _autograded(self, submission: Key) -> Path:
        student, lesson = submission
        return self.folder / "autograded" / student / lesson / f"{lesson}.ipynb"

    def _feedback(self, submission: Key) -> Path:
        student, lesson = submission
        return self.folder / "feedback" / student / lesson / f"{lesson}.html"


def write_report(folder: Path, lines: list[Line]) -> Path:
    """Write report.html; return its path."""
    path = folder / "report.html"
    write_whole(path, pages.report(lines))
    return path
