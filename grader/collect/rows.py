"""The rows of a SOURCE: one for each file and student, and which of several counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from grader.batch.persons import Person

from .lms_names import Told
from .names import normal
from .source import Entry
from .times import Submitter

OTHER_CELLS = "but its cells are those of"


@dataclass
class Row:
    """One file that was handed in, for one student.

    Attributes:
        file: its path in the SOURCE
        told: what its path says
        student: whose it is, as a folder's name; "" if that cannot be said
        lesson: the lesson whose cells are in it; "" if there is none
        handed_in: in UTC without a zone; None if nobody noted it
        late_seconds: after the due date, as far as both times are known
        kept: whether this is what will be graded
        unclear: what somebody should look at; "" if nothing
        digest: of its bytes; "" if it cannot be read
        entry: the file itself
        submitter: who handed it in, where Gradescope says that
        notebook: whether it is one by its name
        on_roster: whether the roster has exactly one such person
    """

    file: str
    told: Told
    entry: Entry
    student: str = ""
    lesson: str = ""
    handed_in: datetime | None = None
    late_seconds: float = 0.0
    kept: bool = False
    unclear: str = ""
    digest: str = ""
    submitter: Submitter | None = None
    notebook: bool = True
    on_roster: bool = False

    def __post_init__(self) -> None:
        # What the file's name says; `told.attempt` becomes its place among all attempts.
        self.number = self.told.attempt

    @property
    def who(self) -> str:
        """The person as the SOURCE names them."""
        return self.submitter.name if self.submitter else self.told.name

    @property
    def said(self) -> str:
        """When it was handed in, as the SOURCE has it; "" where it says nothing of that."""
        return self.submitter.time if self.submitter else self.told.time

    @property
    def key(self) -> tuple[str, str]:
        """What tells its owner from all others of the SOURCE."""
        if self.submitter:
            return self.told.kind, f"{self.submitter.name}\0{self.submitter.email}"
        return self.told.kind, normal(self.told.key)

    @property
    def age(self) -> tuple[bool, datetime, datetime, int]:
        """What is said of how new it is. One that is called after another lesson comes first."""
        clock = self.told.clock or datetime.min
        return OTHER_CELLS not in self.unclear, self.handed_in or datetime.min, clock, self.number

    def note(self, unclear: str) -> None:
        """Add to what is unclear."""
        self.unclear = "; ".join(filter(None, (self.unclear, unclear)))

    def as_json(self, source: str) -> dict[str, Any]:
        """Its line of collected.jsonl, whose keys are a contract."""
        return {
            "file": self.file,
            "source": source,
            "shape": self.told.shape,
            "student": self.student,
            "lesson": self.lesson,
            "handed_in": f"{self.handed_in.isoformat()}Z" if self.handed_in else None,
            "late_seconds": self.late_seconds,
            "lms": self.told.lms,
            "lms_id": self.told.lms_id,
            "name": self.told.back,
            "attempt": self.told.attempt,
            "clock": self.told.clock.isoformat() if self.told.clock else None,
            "submission": self.told.submission or None,
            "kept": self.kept,
            "unclear": self.unclear or None,
        }


@dataclass
class HandedIn:
    """The rows of a SOURCE, sorted by student.

    Attributes:
        rows: one a file
        absent: people of the roster who have no row
        numbered: names for which Moodle has several numbers, and which are taken for one person
    """

    rows: list[Row]
    absent: list[Person] = field(default_factory=list)
    numbered: list[str] = field(default_factory=list)


def keep_newest(rows: Sequence[Row]) -> None:
    """Of the notebooks of a student for a lesson, keep the newest; say where nothing tells that."""
    by_key: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.student and row.notebook and row.entry.path is not None:
            by_key[row.student, row.lesson].append(row)
    for some in by_key.values():
        ordered = sorted(some, key=_age)
        newest = ordered[-1]
        newest.kept = True
        if len({each.told.attempt for each in ordered}) < len(ordered):
            for attempt, each in enumerate(ordered, start=1):
                each.told = replace(each.told, attempt=attempt)
        differing = [each for each in ordered if each.digest != newest.digest]
        unsure = [each for each in differing if each.age == newest.age]
        for each in [*unsure, newest] if unsure else []:
            each.note(f"nothing says which is newest of {len(ordered)}: {newest.file} counts")
        if differing and not unsure and newest.told.shape == "flat" and not newest.on_roster:
            for each in ordered:
                each.note(f"{len(ordered)} files of this name: taken as attempts of one person")


def _age(row: Row) -> tuple[Any, ...]:
    """What tells the newest: what is said of it, else its right name, else the file's own time."""
    return (*row.age, row.entry.name == f"{row.lesson}.ipynb", row.entry.modified, row.file)
