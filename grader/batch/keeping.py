"""What is done to a class folder without grading: written again, or something in it forgotten."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from grader.errors import CannotBegin
from grader.lines import Line
from grader.untrusted import file_name, one_line

from .class_folder import ClassFolder, remembered
from .run import Settings, check_driver, policy_of_course


def write_again(out: Path, db: str | None) -> None:
    """Write grades.csv, reports and the marks on pages as the gradebook has them now.

    What the gradebook has lost is written into it first. Raises CannotBegin when there is another
    gradebook than the one named.
    """
    with _Opened(out, db) as opened:
        opened.settle()
        opened.folder.write_similar()
        opened.folder.write_summaries(opened.gradebook)


def final_lines(out: Path, db: str | None) -> list[Line]:
    """All lines with the marks that the gradebook has now, which no file has.

    Raises CannotBegin when there is another gradebook than the one named.
    """
    with _Opened(out, db) as opened:
        opened.settle()
        return list(opened.gradebook.marked(opened.folder.results.lines()))


class _Opened:
    """A class folder and its gradebook. Use as a context manager."""

    def __init__(self, out: Path, db: str | None) -> None:
        from .gradebook import Gradebook

        self.settings = Settings(out, db=db)
        if db:
            check_driver(db)
        with ExitStack() as stack:
            self.folder = stack.enter_context(ClassFolder(out))
            self.folder.check_address(self.settings.db_address)
            self.gradebook = stack.enter_context(Gradebook(self.settings.db_url))
            self._stack = stack.pop_all()

    def settle(self) -> None:
        """Fill the gradebook with what it lacks, and bring its penalties up to date."""
        self.folder.fill(self.gradebook, self.settings.db_address)
        self.gradebook.settle(policy_of_course(self.folder.folder))

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


class Removal:
    """A student, or one submission, that is to be forgotten. Use as a context manager.

    Raises CannotBegin when nothing of it is known.

    Attributes:
        told: a sentence that says what will be forgotten
        done: one that says what was, and what to do with the hand-in itself
    """

    def __init__(self, student: str, lesson: str | None, out: Path, db: str | None) -> None:
        if not out.is_dir():
            raise CannotBegin(f"There is no class folder {out}: name it with --out.")
        self._opened = _Opened(out, db)
        folder, gradebook = self._opened.folder, self._opened.gradebook
        student = file_name(student)  # as results and gradebooks have one that is not UTF-8
        known = {each for each in folder.results if each[0] == student}
        known |= gradebook.submissions(student)
        self._submissions = sorted(each for each in known if lesson in (None, each[1]))
        # Whoever is withdrawn wholly leaves the gradebook's list of students, too.
        self._student = student if lesson is None else ""
        name = one_line("/".join(filter(None, (student, lesson))))
        if not self._submissions:
            self._opened.__exit__()
            raise CannotBegin(f"Nothing of {name} is in {out}: grades.csv has all names.")
        lessons = ", ".join(one_line(each[1]) or "no lesson" for each in self._submissions)
        self.told = f"{one_line(student)}: {lessons}. Scores and comments given by hand go too."
        lying = [path / student for path in remembered(out) if _is_name(student) and path.is_dir()]
        there = [str(path) for path in lying if path.exists()]
        self.done = f"{name} is forgotten." + (
            f" {one_line(there[0])} still lies there: the next run grades it again, unless you "
            "move it away."
            if there
            else ""
        )

    def __enter__(self) -> Removal:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.__exit__()

    def do(self) -> None:
        """Forget it: results, pages, gradebook, then report and grades.csv."""
        submissions = [each for each in self._submissions if all(map(_is_name, each))]
        odd = [each for each in self._submissions if each not in submissions]
        self._opened.folder.results.forget(set(odd))
        self._opened.folder.remove(submissions, self._opened.gradebook, self._student)


def _is_name(name: str) -> bool:
    """Whether it can be the name of a folder, and of no other place."""
    return name not in ("", ".", "..") and "/" not in name
