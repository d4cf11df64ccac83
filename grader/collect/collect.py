"""`grader collect`: a SOURCE looked through, told in a table, and written into a class folder."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from grader.batch import course, roster
from grader.batch.class_folder import note_collected
from grader.batch.lying import is_same
from grader.batch.persons import Roster
from grader.batch.submissions import SUBMITTED
from grader.errors import NothingToGrade
from grader.submission.limits import Limits

from . import Keep
from .handed import handed_in
from .rows import HandedIn
from .source import Source
from .write import Written, collected, of_others, write

OF_A_CLASS = ("results.jsonl", "autograded")


@dataclass(frozen=True)
class Collected:
    """A SOURCE that was looked through. Use as a context manager; `write` writes it.

    Raises CannotBegin, or NothingToGrade where nothing is in it.
    """

    source: Source
    roster: Roster
    handed: HandedIn
    course: course.Course
    out: Path

    @classmethod
    def of(
        cls, path: Path, out: Path, people: Path | None = None, db: str | None = None
    ) -> Collected:
        """Look through `path`.

        Args:
            people: a roster; else the one that the class folder keeps
        """
        if is_same(path, out) or all((path / each).exists() for each in OF_A_CLASS):
            raise NothingToGrade(
                f"{path} is a class folder, in which are marks and pages too: give what was handed "
                f"in, or {path}/{SUBMITTED}."
            )
        known = roster.read(people) if people else roster.load(out, db)
        terms = course.load(out / course.COURSE)
        with ExitStack() as stack:
            source = stack.enter_context(Source(path, out))
            files = {"/".join(entry.parts) for entry in source.entries}
            before = of_others(collected(out), source.name, files)
            handed = handed_in(source, known, terms, before)
            if not any(row.notebook for row in handed.rows):
                raise NothingToGrade(f"No notebook is in {path}.")
            stack.pop_all()
        return cls(source, known, handed, terms, out)

    def __enter__(self) -> Collected:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.__exit__()

    def write(
        self,
        people: Path | None = None,
        keep: Keep = Keep.last,
        seed: str | None = None,
        limits: Limits | None = None,
    ) -> Written:
        """Write notebooks, times and collected.jsonl into the class folder, and keep the roster.

        Args:
            people: a roster, to be kept.
            keep: which of several attempts counts.
            seed: draws the cases that tell the best one; None for the secret of the class.
            limits: what one attempt may use meanwhile; None for what is usual.
        """
        if people:
            roster.keep(people, self.out)
        if keep == Keep.best:
            from .best import keep_best

            keep_best(self.handed.rows, self.course, self.out, seed, limits)
        note_collected(self.out, self.source.path)
        return write(self.handed, self.source.name, self.out)
