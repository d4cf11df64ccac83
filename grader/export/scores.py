"""Final scores for an LMS: its own file filled in, and what that changes."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.lesson_names import letters
from grader.batch.persons import Person
from grader.errors import CannotBegin
from grader.exercises import LESSONS
from grader.lines import Line
from grader.untrusted import csv_cell, one_line

from .lms import KINDS, Template, number
from .people import People

# What of a person is looked for in which column, the surest first. The last ones are guesses from
# the name of the folder: there, the names must not differ.
SURE = (("lms_id", "lms_id"), ("sis_id", "sis_id"), ("login", "login"), ("email", "email"))
LIKELY = (("email", "login"), ("login", "email"))
GUESSES = tuple(("student", each) for each in ("student", "sis_id", "login", "email", "lms_id"))
Index = dict[str, dict[str, list[int]]]  # what a column holds → what a cell says → rows
EXCUSED = "ex"  # in Canvas


@dataclass(frozen=True)
class Change:
    """One cell: what it said and what it says now."""

    student: str
    name: str
    lesson: str
    before: str
    after: str


@dataclass
class Export:
    """A file for an LMS.

    Attributes:
        content: of the file
        changes: its cells that differ from the template's
        same: how many scores stood there already
        trouble: sentences on what is left out or looks wrong
    """

    content: bytes = b""
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    trouble: list[str] = field(default_factory=list)


def table(people: People, lines: list[Line]) -> Export:
    """One row a student, one column a lesson, and the sum; empty where there is no score."""
    scores = _scores(lines)
    lessons = [each for each in LESSONS if any(lesson == each for _, lesson in scores)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["student", "name", "email", "section", *lessons, "total"])
    for each in people:
        has = [scores.get((each.student, lesson)) for lesson in lessons]
        who = (each.student, each.name, each.email, each.section)
        total = sum(score for score in has if score is not None)
        numbers = ["" if score is None else written(score) for score in [*has, total]]
        writer.writerow([*(csv_cell(one_line(word)) for word in who), *numbers])
    return Export(text.getvalue().encode(), trouble=_waiting(lines, lessons))


def fill(lms: str, path: Path, people: People, lines: list[Line]) -> Export:
    """Fill the table that an LMS exported, by its ids.

    Raises CannotBegin when it is no such table, or it cannot be said which lesson it is about.
    """
    template = Template(path, KINDS[lms])
    export = Export()
    scores = _scores(lines)
    lessons = [each for each in LESSONS if any(lesson == each for _, lesson in scores)]
    columns = _columns(template, lms, people, lessons, export)
    rows = {lesson: _rows(template, lms, people, lesson, scores) for lesson in columns}
    mark = template.decimal([*columns.values(), *template.place.values()])
    unmatched: dict[str, str] = {}
    for lesson, column in columns.items():
        _compare_points(template, lesson, column, lines, export)
        for student, (row, why) in rows[lesson].items():
            if row is None:
                unmatched[student] = why
                continue
            before, after = template.sheet.value(row, column), scores[student, lesson]
            if number(before) == after:
                export.same += 1
                continue
            if kept := _kept(template, row, before):
                export.trouble.append(f"{_who(people[student])}, {lesson}: {kept}.")
                continue
            text = written(after).replace(".", mark)
            template.sheet.set(row, column, text)
            name = template.says(row, "name") or people[student].name
            export.changes.append(Change(student, name, lesson, before, text))
    export.trouble += _waiting(lines, columns)
    kind = template.kind.name
    for student, why in sorted(unmatched.items()):
        export.trouble.append(f"{_who(people[student])} is not in {kind}'s file: {why}.")
    found = {row for of_lesson in rows.values() for row, _ in of_lesson.values()}
    for row in template.people if columns else []:
        if row not in found:
            name = one_line(template.says(row, "name") or template.sheet.value(row, 0))
            export.trouble.append(f"{name}, line {row + 1}, has no score here: left as it is.")
    export.content = template.sheet.content
    return export


def written(score: float) -> str:
    """A score with the digits that it has, and no more than the gradebook keeps."""
    return f"{score:.6f}".rstrip("0").rstrip(".")


def _scores(lines: list[Line]) -> dict[tuple[str, str], float]:
    """What the gradebook has, by submission."""
    return {
        (line["student"], line["lesson"]): line["marks"]["score"]
        for line in lines
        if "marks" in line
    }


def _columns(
    template: Template, lms: str, people: People, lessons: list[str], export: Export
) -> dict[str, int]:
    """The column of each lesson that has one. A worksheet of Moodle has one for one lesson."""
    if "score" in template.place:
        lesson = _lesson_of(template, lms, people, lessons)
        return {lesson: template.place["score"]}
    columns = {}
    for lesson in lessons:
        column, why = template.column_of(lesson, LESSONS)
        if column is None:
            export.trouble.append(f"{lesson} is left out: {why}.")
        else:
            columns[lesson] = column
    return columns


def _lesson_of(template: Template, lms: str, people: People, lessons: list[str]) -> str:
    """The lesson that a worksheet is about: told by its numbers, else its name."""
    ids = {template.says(row, "lms_id") for row in template.people}
    found = people.lessons_with(lms, ids)
    if len(found) != 1:
        named = {each for each in LESSONS if letters(each) in letters(template.path.stem)}
        found = named or set(lessons)
    if len(found) != 1:
        raise CannotBegin(
            f"Which lesson is {template.path} about? Name the file so that it has one of these in "
            f"its name: {', '.join(LESSONS)}."
        )
    return found.pop()


def _rows(
    template: Template,
    lms: str,
    people: People,
    lesson: str,
    scores: dict[tuple[str, str], float],
) -> dict[str, tuple[int | None, str]]:
    """The row of each student who has a score in a lesson, or None and why there is none."""
    index: Index = defaultdict(lambda: defaultdict(list))
    bare: Index = defaultdict(lambda: defaultdict(list))
    for row in template.people:
        for what in template.kind.ids:
            if said := template.says(row, what).casefold():
                index[what][said].append(row)
                if said.isdigit():
                    bare[what][said.lstrip("0")].append(row)
    found = {}
    for student in (student for student, its in scores if its == lesson):
        ids = vars(people[student]) | {"lms_id": people.lms_id(lms, (student, lesson))}
        found[student] = _row(template, ids, index) or (None, _why_none(template, ids, bare))
    taken = Counter(row for row, _ in found.values())
    shared = "its row would be that of another student, too"
    return {
        student: (row, why) if row is None or taken[row] == 1 else (None, shared)
        for student, (row, why) in found.items()
    }


def _row(template: Template, ids: dict[str, str], index: Index) -> tuple[int | None, str] | None:
    """The row with an id of somebody's, or None and why it is not taken; None without any."""
    for mine, theirs in (*SURE, *LIKELY, *GUESSES):
        rows = index[theirs].get(ids[mine].casefold(), []) if ids[mine] else []
        if len(rows) > 1:
            return None, f"lines {', '.join(str(row + 1) for row in rows)} have the same {theirs}"
        if not rows:
            continue
        (row,) = rows
        if mine == "student" and _differ(ids["name"], template.says(row, "name")):
            return None, f"line {row + 1} has such an id, but another name"
        return row, ""
    return None


def _why_none(template: Template, ids: dict[str, str], bare: Index) -> str:
    """Why no row has an id of somebody's, and what to do.

    Args:
        bare: the rows by numbers without the zeros that they begin with, which spreadsheets drop
    """
    for mine, theirs in (*SURE, *GUESSES):
        for row in bare[theirs].get(ids[mine].lstrip("0"), []) if ids[mine].isdigit() else []:
            said = template.says(row, theirs)
            return (
                f"line {row + 1} has {said}, and their id is {ids[mine]}: write it there with "
                "these zeros"
            )
    none = "no row has an id of theirs"
    for mine, theirs in (*SURE, ("student", "student")):
        if ids[mine] and theirs in template.place:
            return f"{none}, which is {ids[mine]}: set that right there, or in the roster"
    return f"{none}, so give them one in the roster"


def _differ(mine: str, theirs: str) -> bool:
    """Whether two names are surely those of two people: they have no word in common."""
    words = [{letters(word) for word in name.replace(",", " ").split()} for name in (mine, theirs)]
    return all(words) and not words[0] & words[1]


def _kept(template: Template, row: int, before: str) -> str:
    """Why a cell stays as it is; empty if it need not."""
    if template.says(row, "open").casefold() == "no":
        return f"{template.kind.name} says that this grade cannot be changed"
    return (
        f"excused in {template.kind.name}, so left as it is" if before.casefold() == EXCUSED else ""
    )


def _waiting(lines: list[Line], lessons: Iterable[str]) -> list[str]:
    """Say where answers are still to be graded by hand, so that a score is not the last one."""
    count = Counter(
        line["lesson"] for line in lines if "marks" in line and line["marks"]["waiting"] > 0
    )
    return [
        f"{lesson}: {count[lesson]} submissions wait for you in formgrader's Manual Grading; their "
        "scores are without these points."
        for lesson in lessons
        if count[lesson]
    ]


def _compare_points(
    template: Template, lesson: str, column: int, lines: list[Line], export: Export
) -> None:
    ours = next(
        (
            each["marks"]["max_score"]
            for each in lines
            if each["lesson"] == lesson and "marks" in each
        ),
        None,
    )
    theirs = template.most(column)
    if None not in (ours, theirs) and ours != theirs:
        export.trouble.append(
            f"{lesson} has {ours:g} points, and {theirs:g} in {template.kind.name}: scores are "
            f"written as they are, so give the assignment {ours:g} points there."
        )


def _who(person: Person) -> str:
    return one_line(f"{person.name} ({person.student})" if person.name else person.student)


def told(export: Export) -> Iterator[str]:
    """What an export changes and what is left out, a line each."""
    for each in export.changes:
        who = one_line(f"{each.name or each.student}, {each.lesson}")
        yield f"{who}: {one_line(each.before) or 'empty'} → {each.after}"
    yield from export.trouble
