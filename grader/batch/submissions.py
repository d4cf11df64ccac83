"""Find what was handed in, in nbgrader's layout STUDENT/LESSON/LESSON.ipynb, and read it safely.

Nothing here opens a symbolic link, a device or a huge file: a submission may be any of them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.errors import NothingToGrade, Unreadable
from grader.exercises import LESSONS
from grader.lines import Key
from grader.submission.assemble import MAX_BYTES, lesson_of, too_big
from grader.submission.limits import Limits
from grader.untrusted import file_name

from .records import Task
from .timestamps import text_of

LAYOUT = "STUDENT/LESSON/LESSON.ipynb"
TIMESTAMP = "timestamp.txt"  # nbgrader's collector writes it beside the notebook
TIMESTAMP_BYTES = 200
MOST_OF_A_STUDENT = 50  # folders: far more than there are lessons
NAME_CHARS = 128  # of nbgrader's gradebook; SQLite takes longer ones, PostgreSQL does not


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in for a lesson.

    Attributes:
        student: name of the student's folder
        lesson: name of the lesson's folder; maybe no lesson of the course
        path: the notebook
        problem: why it cannot be graded, as far as that shows without opening it; else ""
    """

    student: str
    lesson: str
    path: Path
    problem: str = ""

    @property
    def key(self) -> Key:
        """What identifies it: (student, lesson)."""
        return self.student, self.lesson

    def read(self) -> bytes:
        """The notebook's bytes. Raises Unreadable, with a sentence."""
        if self.problem:
            raise Unreadable(self.problem)
        return _read(self.path, MAX_BYTES)

    def timestamp(self) -> str:
        """When it was handed in, as nbgrader's collector noted it, or ""."""
        try:
            return text_of(_read(self.path.with_name(TIMESTAMP), TIMESTAMP_BYTES))
        except Unreadable:
            return ""

    def task(self, secret: str, limits: Limits, feedback: bool = True) -> Task:
        """Read the notebook and make it ready to be sent to a worker."""
        content, problem = None, ""
        try:
            content = self.read()
        except Unreadable as error:
            problem = str(error)
        timestamp = self.timestamp()
        return Task(
            self.student, self.lesson, content, problem, timestamp, secret, limits, feedback
        )


def find(path: Path) -> list[Submission]:
    """All submissions under a folder, or the one notebook that `path` is, sorted by student.

    Raises NothingToGrade when there is none.
    """
    if path.is_file():
        return [_single(path)]
    if not path.is_dir():
        raise NothingToGrade(f"There is no folder or notebook {path}.")
    found = [each for student in _folders(path) for each in _bounded(_of_student(student))]
    if not found:
        raise NothingToGrade(f"No submissions in {path}: expected {path}/{LAYOUT}.")
    return found


def _bounded(submissions: Iterator[Submission]) -> Iterator[Submission]:
    """The submissions of one student; where they are too many, one that says so ends them."""
    for number, each in enumerate(submissions):
        if number == MOST_OF_A_STUDENT:
            problem = (
                f"There are more than {MOST_OF_A_STUDENT} folders: the others are not looked at."
            )
            yield Submission(each.student, "", each.path.parent, problem)
            return
        yield each


def _single(path: Path) -> Submission:
    if path.suffix != ".ipynb":
        raise NothingToGrade(f"{path} is no notebook: give one .ipynb or a folder {LAYOUT}.")
    folder = path.absolute().parent
    name = next((name for name in (path.stem, folder.name) if name in LESSONS), "")
    name = name or _lesson_inside(path.resolve())
    if not name:
        names = " or ".join(f"{lesson}.ipynb" for lesson in LESSONS)
        raise NothingToGrade(f"{path} belongs to no lesson: call it after its lesson, {names}.")
    student = folder.parent if folder.name == name else folder
    return Submission(file_name(student.name) or "student", name, path.resolve())


def _lesson_inside(path: Path) -> str:
    """The lesson that a notebook's cells come from, "" if that cannot be said."""
    try:
        return lesson_of(_read(path, MAX_BYTES))
    except Unreadable:
        return ""


def _of_student(folder: Path) -> Iterator[Submission]:
    student = file_name(folder.name)
    if folder.is_symlink():
        yield Submission(student, "", folder, _linked(folder))
        return
    if len(student) > NAME_CHARS:
        problem = f"The name of the student's folder has more than {NAME_CHARS} characters."
        yield Submission(student, "", folder, problem)
        return
    try:
        lessons = list(_folders(folder))
    except OSError as error:
        yield Submission(student, "", folder, f"The folder cannot be opened: {error.strerror}.")
        return
    for lesson in lessons:
        path = lesson / f"{lesson.name}.ipynb"
        try:
            path, problem = _notebook_in(lesson)
        except OSError as error:
            problem = f"The folder cannot be opened: {error.strerror}."
        yield Submission(student, file_name(lesson.name), path, problem)


def _notebook_in(folder: Path) -> tuple[Path, str]:
    """The notebook of a lesson's folder, and what stands against grading it."""
    expected = folder / f"{folder.name}.ipynb"
    if folder.name not in LESSONS:
        known = ", ".join(LESSONS)
        return expected, f"There is no lesson {file_name(folder.name)!r}. The lessons are: {known}."
    if folder.is_symlink():
        return expected, _linked(folder)
    notebooks = sorted(each for each in folder.iterdir() if each.suffix == ".ipynb")
    if expected in notebooks or len(notebooks) == 1:
        path = expected if expected in notebooks else notebooks[0]
        return path, _linked(path) if path.is_symlink() else ""
    if notebooks:
        count = len(notebooks)
        return expected, f"There are {count} notebooks and none is called {expected.name}."
    return expected, f"No notebook was handed in: {expected.name} is missing."


def _folders(path: Path) -> Iterator[Path]:
    """The sub-folders that are not hidden, and links to folders, sorted by name."""
    for each in sorted(path.iterdir()):
        if not each.name.startswith((".", "__MACOSX")) and _is_folder(each):
            yield each


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to a name that is too long, for one
        return path.is_symlink()


def _read(path: Path, most: int) -> bytes:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Unreadable(f"The file cannot be opened: {error.strerror}.") from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("It is no ordinary file.")
        if status.st_size > most:
            raise Unreadable(too_big(status.st_size))
        with open(fd, "rb", closefd=False) as file:
            return file.read(most)
    except OSError as error:
        raise Unreadable(f"The file cannot be read: {error.strerror}.") from None
    finally:
        os.close(fd)


def _linked(path: Path) -> str:
    name = file_name(path.name)
    return f"{name} is a symbolic link, which is not followed: hand in the file itself."
