"""Find what was handed in, in nbgrader's layout STUDENT/LESSON/LESSON.ipynb, and read it safely.

No student's folder is without a submission: a notebook that lies elsewhere in it is taken where its
lesson can be told, and where there is none, a problem says what lies there.

Nothing here opens a symbolic link, a device or a huge file: a submission may be any of them.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.errors import NothingToGrade, Unreadable
from grader.exercises import LESSONS
from grader.foreign import text_of
from grader.lines import Key, Status
from grader.submission.limits import Limits
from grader.submission.reading import MAX_BYTES, too_big
from grader.submission.recognise import lesson_of
from grader.untrusted import file_name, one_line

from .files import write_whole
from .lesson_names import lesson_named
from .lying import Lying, folders, is_handed_in, is_notebook, look, notebooks_in
from .records import Task, seed_of

LAYOUT = "STUDENT/LESSON/LESSON.ipynb"
SUBMITTED = "submitted"  # nbgrader's name for the folder of what was handed in
TIMESTAMP = "timestamp.txt"  # nbgrader's collector writes it beside the notebook
SECRET = "submission_secret.txt"  # nbgrader's submit makes it; the name of released feedback
SMALL_BYTES = 200  # Neither of these two files is longer.
NOTED = ".handed-in.txt"  # says what a student handed in from whom no notebook was collected
NOTED_BYTES = 100_000
MOST_READ = 20  # notebooks of a student that are opened to see what they are
MOST_NAMED = 3  # A sentence names no more files.
MOST_OF_A_STUDENT = 50  # folders are looked at: far more than there are lessons
NAME_CHARS = 128  # nbgrader's gradebook has room for so many; PostgreSQL refuses longer names.
# nbgrader puts a student's id as it is into pages and scripts, where these end a text or begin an
# element. No folder of Windows can have them in its name; `collect` writes others in their place.
MARKUP = frozenset('<>"')


@dataclass(frozen=True)
class Submission:
    """One notebook that a student handed in for a lesson.

    Attributes:
        student: name of the student's folder
        lesson: name of the lesson's folder; maybe no lesson of the course
        path: the notebook
        problem: why it cannot be graded, as far as that shows without opening it; else ""
        status: what it has when there is a problem
        note: what else the learner should know of what was found, else ""
    """

    student: str
    lesson: str
    path: Path
    problem: str = ""
    status: Status = "unreadable"
    note: str = ""

    @property
    def key(self) -> Key:
        """What identifies it: (student, lesson)."""
        return self.student, self.lesson

    def read(self) -> bytes:
        """The notebook's bytes. Raises Unreadable, with a sentence."""
        if self.problem:
            raise Unreadable(self.problem)
        return read_bytes(self.path, MAX_BYTES)

    def timestamp(self) -> str:
        """When it was handed in, as nbgrader's collector noted it, or ""."""
        try:
            return text_of(read_bytes(self.path.with_name(TIMESTAMP), SMALL_BYTES)).strip()
        except Unreadable:
            return ""

    def exchange_secret(self) -> str:
        """What nbgrader's `submit` wrote beside it, by which only its student finds the feedback.

        "" where it did not come through nbgrader's exchange.
        """
        try:
            return text_of(read_bytes(self.path.with_name(SECRET), SMALL_BYTES)).strip()
        except Unreadable:
            return ""

    def task(self, secret: str, limits: Limits, feedback: bool = True) -> Task:
        """Read the notebook and make it ready to be sent to a worker."""
        content, problem = None, ""
        try:
            content = self.read()
        except Unreadable as error:
            problem = str(error)
        return Task(
            self.student,
            self.lesson,
            content,
            problem,
            self.timestamp(),
            seed_of(secret, self.lesson, content or b""),
            limits,
            feedback,
            self.status,
            self.note,
            self.exchange_secret(),
            self.path.name,
        )


def find(path: Path, out: Path | None = None) -> list[Submission]:
    """All submissions under a folder, or the one notebook that `path` is, sorted by student.

    Args:
        out: the class folder, which may lie among the students' and is none of them

    Raises NothingToGrade when there is none.
    """
    if path.is_file():
        return [_single(path)]
    if not path.is_dir():
        raise NothingToGrade(f"There is no folder or notebook {path}.")
    found = [each for student in folders(path, out) for each in _bounded(_of_student(student))]
    if not found:
        raise NothingToGrade(f"No submissions in {path}: expected {path}/{LAYOUT}.")
    return found


def beside_the_students(path: Path) -> str:
    """What to say of notebooks and archives that lie in no student's folder; "" if none do."""
    files = [each for each in sorted(path.iterdir()) if each.is_file()] if path.is_dir() else []
    found = [each for each in files if is_handed_in(each)]
    if not found:
        return ""
    return (
        f"In no student's folder, and so not graded: {_names(found)}. Move each to {path}/{LAYOUT}."
    )


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
    if is_handed_in(path) and not is_notebook(path):
        raise NothingToGrade(f"{path} is an archive that cannot be unpacked here: give its folder.")
    if not is_notebook(path):
        raise NothingToGrade(f"{path} is no notebook: give one .ipynb or a folder {LAYOUT}.")
    folder = path.absolute().parent
    stem = path.name.split(".")[0]
    name = next((name for name in (stem, folder.name) if name in LESSONS), "")
    name = name or _lesson_inside(path.resolve()) or lesson_named(stem)
    if not name:
        names = " or ".join(f"{lesson}.ipynb" for lesson in LESSONS)
        raise NothingToGrade(f"{path} belongs to no lesson: call it after its lesson, {names}.")
    student = folder.parent if folder.name == name else folder
    return Submission(file_name(student.name) or "student", name, path.resolve())


def _lesson_inside(path: Path) -> str:
    """The lesson that a notebook's cells come from, "" if that cannot be said."""
    try:
        return lesson_of(read_bytes(path, MAX_BYTES))
    except Unreadable:
        return ""


def _of_student(folder: Path) -> Iterator[Submission]:
    """What a student's folder holds: a submission for each lesson, or one line that says what."""
    student = file_name(folder.name)
    if folder.is_symlink():
        yield Submission(student, "", folder, _linked(folder))
        return
    if len(student) > NAME_CHARS:
        problem = f"The name of the student's folder has more than {NAME_CHARS} characters."
        yield Submission(student, "", folder, problem)
        return
    if problem := taken_for_code(student):
        yield Submission(student, "", folder, problem)
        return
    try:
        lessons = list(folders(folder))
        lying = look(folder)
    except OSError as error:
        yield Submission(student, "", folder, f"The folder cannot be opened: {error.strerror}.")
        return
    told = list(_in_lesson_folders(student, lessons))
    done = {each.lesson for each in told}
    elsewhere = [path for path in lying.notebooks if not _is_told(path, folder, told)]
    told += _elsewhere(student, folder, elsewhere[:MOST_READ], done)
    if not told:
        told.append(Submission(student, "", folder, _nothing_in(folder, lying), "missing"))
    yield from told


def taken_for_code(student: str) -> str:
    """What to say of a student's id that is more than text in nbgrader's pages; "" if it is not."""
    if not MARKUP & set(student):
        return ""
    return (
        "The name of the student's folder has one of the characters "
        f"{' '.join(sorted(MARKUP))}, which nbgrader's pages take for code: rename the folder."
    )


def _in_lesson_folders(student: str, folders: Iterable[Path]) -> Iterator[Submission]:
    """The submissions in folders that are called after a lesson, or hold a notebook themselves."""
    spelled: dict[str, Path] = {}
    for folder in folders:
        name = lesson_named(folder.name) or folder.name
        if name not in spelled or folder.name == name:
            spelled[name] = folder
    for name, folder in spelled.items():
        try:
            if name in LESSONS:
                yield of_lesson(student, name, folder)
            elif folder.is_symlink() or notebooks_in(folder):
                known = ", ".join(LESSONS)
                problem = f"There is no lesson {file_name(name)!r}. The lessons are: {known}."
                path = folder / f"{name}.ipynb"
                yield Submission(student, file_name(name), path, problem)
        except OSError as error:
            problem = f"The folder cannot be opened: {error.strerror}."
            yield Submission(student, file_name(name), folder / f"{name}.ipynb", problem)


def of_lesson(student: str, lesson: str, folder: Path) -> Submission:
    """The submission in the folder of a lesson, and what stands against grading it."""
    expected = folder / f"{lesson}.ipynb"
    if folder.is_symlink():
        return Submission(student, lesson, expected, _linked(folder))
    found = notebooks_in(folder)
    lying = Lying()
    if not found:
        lying = look(folder)
        found = lying.notebooks
    if not found:
        return Submission(student, lesson, expected, _no_notebook(expected, lying), "missing")
    return _best(student, lesson, expected, found)


def _best(student: str, lesson: str, expected: Path, found: Sequence[Path]) -> Submission:
    """Of several notebooks for a lesson the one with its name, or the only one there is."""
    if expected not in found and len(found) > 1:
        count = len(found)
        problem = f"There are {count} notebooks and none is called {expected.name}."
        return Submission(student, lesson, expected, problem)
    path = expected if expected in found else found[0]
    if path.is_symlink():
        return Submission(student, lesson, path, _linked(path))
    mine, rest = _content(path), [each for each in found if each != path]
    read = [each for each in rest[:MOST_READ] if _content(each) != mine]
    others = read + rest[MOST_READ:]
    return Submission(student, lesson, path, note=_not_read(path, others))


def _elsewhere(
    student: str, folder: Path, notebooks: Iterable[Path], done: Collection[str]
) -> Iterator[Submission]:
    """Notebooks that do not lie in a folder of their lesson: directly in here, or deeper."""
    by_lesson: dict[str, list[Path]] = {}
    for path in notebooks:
        lesson = lesson_named(path.parent.name) if path.parent != folder else ""
        lesson = lesson or lesson_named(path.name.split(".")[0]) or _lesson_inside(path)
        if lesson not in done:
            by_lesson.setdefault(lesson, []).append(path)
    for lesson, found in by_lesson.items():
        if lesson:
            yield _best(student, lesson, folder / lesson / f"{lesson}.ipynb", found)
        elif not done and len(by_lesson) == 1:
            names = _names(path.relative_to(folder) for path in found)
            layout = LAYOUT.replace("STUDENT", student)
            problem = (
                f"No lesson's cells are in {names}. {layout} is expected, where LESSON is one of "
                f"{', '.join(LESSONS)}."
            )
            yield Submission(student, "", found[0], problem, "unrecognised")


def _is_told(path: Path, folder: Path, told: Iterable[Submission]) -> bool:
    """Whether a notebook lies in one of the folders that were looked at."""
    top = path.relative_to(folder).parts[0]
    return any(each.path.relative_to(folder).parts[0] == top for each in told)


def _no_notebook(expected: Path, lying: Lying) -> str:
    missing = f"No notebook was handed in: {expected.name} is missing."
    return f"{missing} {_instead(lying)}".rstrip()


def _nothing_in(folder: Path, lying: Lying) -> str:
    where = LAYOUT.replace("STUDENT", file_name(folder.name))
    instead = _instead(lying) or _instead(_noted(folder))
    return f"No notebook was handed in: {where} is expected. {instead}".rstrip()


def note(folder: Path, names: Iterable[str]) -> None:
    """Note in a student's folder what was handed in and not collected; without names nothing is."""
    if told := "\n".join(map(one_line, names)):
        write_whole(folder / NOTED, told)
    else:
        (folder / NOTED).unlink(missing_ok=True)


def _noted(folder: Path) -> Lying:
    """What a note says; a folder that was not collected has none, or what its student likes."""
    lying = Lying()
    with suppress(Unreadable):
        for name in read_bytes(folder / NOTED, NOTED_BYTES).decode(errors="replace").splitlines():
            lying.add(folder / name)
    return lying


def _instead(lying: Lying) -> str:
    """What lies there in place of a notebook, and what to do about it."""
    if lying.archives:
        names = _names(lying.archives)
        return f"There is an archive, {names}: unpack it there, or hand over the notebook itself."
    if lying.others:
        return f"What lies there is no notebook: {_names(lying.others)}."
    return ""


def _not_read(path: Path, others: Sequence[Path]) -> str:
    if not others:
        return ""
    return f"{file_name(path.name)} was graded; beside it lies {_names(others)}, which was not."


def _names(paths: Iterable[Path]) -> str:
    """Some names, not all of them where there are many."""
    names = [repr(file_name(str(path.name))) for path in paths]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _content(path: Path) -> bytes:
    """What tells copies from different notebooks."""
    try:
        return hashlib.sha256(read_bytes(path, MAX_BYTES)).digest()
    except Unreadable:
        return os.fsencode(path)


def read_bytes(path: Path, most: int) -> bytes:
    """What is in an ordinary file of at most `most` bytes, links not followed.

    Raises Unreadable, with a sentence.
    """
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
