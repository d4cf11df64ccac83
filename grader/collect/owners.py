"""Whose each row of a SOURCE is: nobody is merged with anybody without a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from grader.batch.persons import Roster
from grader.batch.roster import folder_name

from .rows import Row

NOBODY = "nobody's name is on it: name its folder or its file after the student"
NOT_ON_ROSTER = "not on the roster"
NAMESAKES = "several people on the roster are called so: put an id on it, not only a name"


class Owners:
    """Finds the student of each row.

    Args:
        rows: all that a SOURCE hands in
        roster: the people of the class; empty where there is no list of them
        before: lines of collected.jsonl about other files of the class, which told ids apart
    """

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
        students = self._before | {
            (row.told.lms, row.told.lms_id): row.student for row in self._rows
        }
        return sorted(
            name
            for (lms, name), by_lesson in self._ids.items()
            if lms == "moodle"
            and len(ids := set().union(*by_lesson.values())) > 1
            and len({students[lms, each] for each in ids if (lms, each) in students}) == 1
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
            rivals = [each for each in rivals if each[0] != kind]  # `_owner` tells numbers apart.
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
