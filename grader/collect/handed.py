"""What a SOURCE hands in: one row a file, with its student, lesson, time, and what is unclear."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from grader import paths
from grader.batch.course import Course
from grader.batch.lesson_names import lesson_in, lesson_named
from grader.batch.lying import ARCHIVE
from grader.batch.persons import Person, Roster
from grader.batch.roster import folder_name
from grader.batch.timestamps import utc
from grader.errors import Unreadable
from grader.submission.recognise import lesson_of

from .lms_names import Told
from .names import normal, stem
from .shapes import Shapes
from .source import GRADESCOPE, Entry, Source
from .times import Submitter, committed, noted_beside, submitters

OURS = ("lrlab", "data")  # folders of lessons/ itself, which learners hand back with it
MOST_OTHERS = 3  # files that are no notebook, of one student
NOBODY = "nobody's name is on it: name its folder or its file after the student"
NO_LESSON = "no lesson's cells are in it"
NO_NOTEBOOK = "no notebook"
CLOSED = "an archive that cannot be opened here: unpack it in its place"
OTHER_CELLS = "but its cells are those of"
NOT_ON_ROSTER = "not on the roster"
NAMESAKES = "several people on the roster are called so: put an id on it, not only a name"


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


class _Cells:
    """The lesson and the digest of each notebook, read once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], tuple[str, str, str]] = {}

    def read(self, entry: Entry) -> tuple[str, str, str]:
        """Lesson, digest, and what is wrong with the file."""
        if entry.parts not in self._seen:
            try:
                content = entry.read()
                digest = hashlib.sha256(content).hexdigest()
                self._seen[entry.parts] = (lesson_of(content), digest, "")
            except Unreadable as error:
                self._seen[entry.parts] = ("", "", str(error).rstrip("."))
        return self._seen[entry.parts]

    def lesson(self, entry: Entry) -> str:
        return self.read(entry)[0] or named_after(entry)


def named_after(entry: Entry) -> str:
    """The lesson that a file or its nearest folder is called after."""
    names = [stem(entry.name), *reversed(entry.parts[:-1])]
    return next(filter(None, (lesson_named(each) or lesson_in(each) for each in names)), "")


def handed_in(
    source: Source, roster: Roster, course: Course, before: Sequence[Mapping[str, Any]] = ()
) -> HandedIn:
    """Tell of each file whose it is, what it is, and which of several counts.

    Args:
        before: lines of collected.jsonl about other files of the class, which have told ids apart
    """
    cells = _Cells()
    given = {path.name for path in paths.LESSONS.glob("*.ipynb")}  # the start page
    entries = [each for each in source.entries if each.name != GRADESCOPE]
    notebooks = [each for each in entries if each.is_notebook and each.name not in given]
    others = [
        each for each in entries if not each.is_notebook and not set(OURS) & set(each.parts[:-1])
    ]
    shapes = Shapes(
        [*notebooks, *others], cells.lesson, roster.knows, source.repositories, source.name
    )
    exports = {
        parts[: parts.index(told.back)]
        for parts, told in shapes.told.items()
        if told.shape == "gradescope"
    }
    people = submitters(source.entries, exports)
    rows = [row for entry in notebooks for row in _rows(entry, shapes.told[entry.parts], people)]
    newest = cache(committed)  # A repository is read once, however many notebooks are in it.
    for row in rows:
        lesson, row.digest, problem = cells.read(row.entry)
        row.lesson = lesson or (named_after(row.entry) if problem or row.digest else "")
        named = named_after(row.entry)
        if problem:
            row.note(problem)
        elif not lesson:
            row.note(NO_LESSON)
        elif named not in ("", lesson):
            row.note(f"called {named}, {OTHER_CELLS} {lesson}")
        row.note(row.told.doubt)
        row.handed_in = _time(row, source, newest) or course.utc(row.lesson, row.told.clock)
    rows += _without_notebook(others, shapes, {row.key for row in rows}, people)
    numbered = _Owners(rows, roster, before).assign()
    for row in rows:
        row.late_seconds = course.late_seconds(row.student, row.lesson, row.handed_in)
        if row.told.late and not row.late_seconds:
            row.note("late, says Canvas, but not how late: nothing is taken for that")
    keep_newest(rows)
    rows.sort(key=lambda row: (row.student.casefold(), row.lesson, row.file))
    seen = {row.student for row in rows}
    absent = [each for each in roster.people if each.student not in seen]
    return HandedIn(rows, absent, numbered)


def _rows(
    entry: Entry, told: Told, people: Mapping[tuple[str, ...], Sequence[Submitter]]
) -> Iterator[Row]:
    """One row, or one for each member of a group."""
    file = "/".join(entry.parts)
    found: Sequence[Submitter] = ()
    if told.shape == "gradescope":
        found = people.get(entry.parts[: entry.parts.index(told.back) + 1], ())
    if found:
        for each in found:
            yield Row(file, told, entry, submitter=each, notebook=entry.is_notebook)
    else:
        yield Row(file, told, entry, notebook=entry.is_notebook)


def _time(row: Row, source: Source, newest: Callable[[Path], datetime | None]) -> datetime | None:
    """When it was handed in, by the first that has noted it."""
    said = row.submitter.time if row.submitter else row.told.time
    if found := utc(said) or noted_beside(source, row.entry):
        return found
    for count in range(len(row.entry.parts) - 1, 0, -1) if row.told.shape == "repository" else ():
        if git := source.repositories.get(row.entry.parts[:count]):
            return newest(git)
    return None


def _without_notebook(
    others: Iterable[Entry],
    shapes: Shapes,
    have: set[tuple[str, str]],
    people: Mapping[tuple[str, ...], Sequence[Submitter]],
) -> Iterator[Row]:
    """What lies there of those who handed in no notebook at all, and archives that are closed."""
    count: Counter[tuple[str, str]] = Counter()
    for entry in others:
        for row in _rows(entry, shapes.told[entry.parts], people):
            named = bool(row.who)
            if not (entry.problem or (named and row.key not in have)):
                continue
            count[row.key] += 1
            if count[row.key] <= MOST_OTHERS or entry.problem:
                row.notebook = False
                row.note(entry.problem or _what(entry))
                yield row


def _what(entry: Entry) -> str:
    """What an entry is that is no notebook, and what to do where one may be in it."""
    if entry.is_folder:
        return "nothing in it"
    return CLOSED if ARCHIVE.search(entry.name) else NO_NOTEBOOK


class _Owners:
    """Finds the student of each row, and merges nobody with anybody without a word."""

    def __init__(
        self, rows: Sequence[Row], roster: Roster, before: Sequence[Mapping[str, Any]]
    ) -> None:
        self._rows, self._roster = rows, roster
        self._before = {
            (line["lms"], line["lms_id"]): line["student"]
            for line in before
            if line["lms_id"] and line["student"]
        }
        self._ids: dict[tuple[str | None, str], dict[str, set[str]]] = defaultdict(
            lambda: defaultdict(set)
        )
        for row in rows:
            if row.told.lms_id and not row.submitter:
                self._ids[row.told.lms, row.who][row.lesson].add(row.told.lms_id)
        for line in before:
            for (lms, name), by_lesson in self._ids.items():
                student, own = line["student"], folder_name(name)
                alike = student == own or student.startswith(f"{own} (")
                if alike and line["lms"] == lms and line["lms_id"]:
                    by_lesson[line["lesson"]].add(line["lms_id"])

    def assign(self) -> list[str]:
        """Set every row's student; return the names for which Moodle's numbers differ."""
        owners: dict[tuple[str, str], tuple[str, str, bool]] = {}
        for row in self._rows:
            if row.who and row.key not in owners:
                owners[row.key] = self._owner(row)
        taken: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for key, (student, _, _) in owners.items():
            taken[student].add(key)
        for row in self._rows:
            if not row.who:
                row.note(NOBODY)
                continue
            row.student, unclear, sure = owners[row.key]
            row.note(unclear)
            rivals = sorted(each for each in taken[row.student] if each != row.key)
            if row.student and rivals:
                self._tell_rivals(row, rivals, sure)
        self._tell_groups()
        return sorted(
            name
            for (lms, name), by_lesson in self._ids.items()
            if lms == "moodle"
            and len(set().union(*by_lesson.values())) > 1
            and not self._are_namesakes(lms, name)
        )

    def _owner(self, row: Row) -> tuple[str, str, bool]:
        """A student, what is unclear about that, and whether an id or the roster says so."""
        told, own = row.told, row.submitter
        found = self._roster.find(
            row.who, told.lms_id, own.email if own else "", own.sis_id if own else ""
        )
        namesakes = self._are_namesakes(told.lms, row.who)
        if len(found) == 1 and not (namesakes and found[0].lms_id != told.lms_id):
            (person,) = found
            exact = row.who in (person.student, person.name, person.login, person.email)
            return person.student, "", exact or person.lms_id == told.lms_id != ""
        unclear = NOT_ON_ROSTER if self._roster and not found else ""
        if told.lms_id and not own:
            if known := self._before.get((told.lms, told.lms_id)):
                return known, unclear, True
            if namesakes or len(found) > 1:
                name = f"{row.who} ({told.lms_id})"
                unclear = f"one of several called {row.who}: taken by the number"
                return folder_name(name), unclear, True
        if len(found) > 1:
            return "", NAMESAKES, False
        return folder_name(row.who), unclear, False

    def _are_namesakes(self, lms: str | None, name: str) -> bool:
        """Whether several people have this name: ids tell, and Moodle's in one lesson."""
        by_lesson = self._ids.get((lms, name), {})
        if lms != "moodle":
            return len(set().union(*by_lesson.values())) > 1 if by_lesson else False
        return any(len(ids) > 1 for ids in by_lesson.values())

    def _tell_rivals(self, row: Row, rivals: Sequence[tuple[str, str]], sure: bool) -> None:
        """Several names of the SOURCE lead to one student: in one shape these may be two people."""
        kind, name = row.key
        if row.told.lms_id and not row.submitter:
            rivals = [each for each in rivals if each[0] != kind]  # its numbers are told elsewhere
        alike = [other.partition("\0")[0] for shape, other in rivals if shape == kind]
        if alike and not sure:
            own = name.partition("\0")[0]
            row.note(
                f"{own!r} and {alike[0]!r} would both be {row.student}: name one of them otherwise"
            )
            row.student = ""
        elif alike:
            row.note(f"{alike[0]!r} leads to the same person of the roster")
        elif rivals and not self._roster:
            shapes = ", ".join(sorted({shape for shape, _ in rivals}))
            row.note(f"named so in another shape ({shapes}), too: taken as one person")

    def _tell_groups(self) -> None:
        """A name that stands in several groups may be that of several people."""
        groups: dict[str, set[str]] = defaultdict(set)
        for row in self._rows:
            groups[row.student].add(row.told.group)
        known = {each.student for each in self._roster.people}
        for row in self._rows:
            row.on_roster = row.student in known
            if (
                row.student
                and row.told.group
                and len(groups[row.student]) > 1
                and not row.on_roster
            ):
                row.note(f"in several groups ({row.told.group}, …): taken as one person")


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
