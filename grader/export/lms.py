"""The files that an LMS exports: which columns tell whose a row is, and which hold scores."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.headings import COLUMNS
from grader.batch.lesson_names import letters
from grader.batch.persons import is_test_student, plain_letters
from grader.errors import CannotBegin
from grader.foreign import HEAD_LINES, is_workbook, plain_cell
from grader.untrusted import one_line

from .sheet import Sheet

Columns = dict[str, tuple[str, ...]]  # what a column holds → its possible headings, letters only


@dataclass(frozen=True)
class Kind:
    """How one LMS writes its table.

    Attributes:
        ids: columns that tell people apart
        others: columns that are neither ids nor scores, as far as they are known
        needed: the ids, one of which must be there
        scores: what the heading of a score column looks like; its group is the assignment's name
        where: how to get the file
    """

    name: str
    ids: Columns
    needed: tuple[str, ...]
    scores: re.Pattern[str]
    where: str
    others: Columns = field(default_factory=dict)


CANVAS = Kind(
    "Canvas",
    {"name": ("student",), "lms_id": ("id",), "sis_id": ("sisuserid",), "login": ("sisloginid",)},
    ("lms_id",),
    re.compile(r"(.+) \(\d+\)"),
    "in Canvas: Grades, Export, Export Entire Gradebook",
)
MOODLE = Kind(
    "Moodle",
    {
        "lms_id": ("identifier",),
        "name": ("fullname",),
        "sis_id": ("idnumber",),
        "login": ("username",),
        "email": ("emailaddress",),
    },
    ("lms_id", "email", "sis_id", "login"),
    re.compile(r"(?:Assignment:)?\s*(.+?)(?: \((?:Real|Points)\))?"),
    "in Moodle, set to English: the assignment, Submissions, Download grading worksheet",
    {"score": ("grade",), "most": ("maximumgrade",), "open": ("gradecanbechanged",)},
)
CSV = Kind(
    "the table",
    {each: COLUMNS[each] for each in ("student", "name", "email", "sis_id", "login", "lms_id")},
    ("student", "email", "sis_id", "login", "lms_id"),
    re.compile(r"(.+)"),
    "as CSV, with a column called student, id or email and a column named after each lesson",
)
KINDS = {"canvas": CANVAS, "moodle": MOODLE, "csv": CSV}
POINTS_POSSIBLE = "points possible"


class Template:
    """A table that an LMS exported, understood.

    Raises CannotBegin, with a sentence, when it is none that `kind` describes.

    Attributes:
        place: where the columns of ids and others are
        assignments: the columns of scores by the name of their assignment; several may share one
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path, self.kind = path, kind
        try:
            content = path.read_bytes()
            if is_workbook(content):
                raise CannotBegin(
                    f"{one_line(str(path))} is a spreadsheet program's own file: give it as CSV, "
                    f"{kind.where}."
                )
            self.sheet = Sheet(content)
        except (OSError, UnicodeDecodeError) as error:
            raise CannotBegin(f"{path} cannot be read: {error}.") from None
        self.place: dict[str, int] = {}
        for head_row in range(min(HEAD_LINES, len(self.sheet.rows))):
            heads = [plain_letters(each) for each in self.sheet.values(head_row)]
            self.place = {
                what: heads.index(head)
                for what, accepted in {**kind.ids, **kind.others}.items()
                for head in reversed(accepted)
                if head in heads
            }
            if self.place.keys() & set(kind.needed):
                self._head = head_row
                break
        else:
            of = "with ids" if kind is CSV else f"of {kind.name}"
            raise CannotBegin(
                f"{one_line(str(path))} is no table {of}: none of its first lines has a column "
                f"for {' or '.join(kind.ids[each][0] for each in kind.needed)}. "
                f"Export it {kind.where}."
            )
        self.assignments: list[tuple[str, int]] = [
            (found[1], column)
            for column, text in enumerate(self.sheet.values(self._head))
            if column not in self.place.values() and (found := kind.scores.fullmatch(text))
        ]

    @property
    def people(self) -> list[int]:
        """The rows that are about somebody."""
        ids = [self.place[each] for each in self.kind.needed if each in self.place]
        return [
            row
            for row in range(self._head + 1, len(self.sheet.rows))
            if any(self.sheet.value(row, column) for column in ids)
            and self.says(row, "name").casefold() != POINTS_POSSIBLE
            and not is_test_student(self.says(row, "name"))
        ]

    def says(self, row: int, what: str) -> str:
        """What stands in a column that is known by what it holds; "" if there is none."""
        cell = self.sheet.value(row, self.place[what]) if what in self.place else ""
        text = plain_cell(cell)
        if what == "lms_id":
            numbered = re.search(r"\d+$", text)
            return numbered[0] if numbered else text
        return text if what == "name" else text.removeprefix("#")  # Brightspace puts it before ids

    def most(self, column: int) -> float | None:
        """How many points the LMS has for an assignment; None where it does not say."""
        if "most" in self.place:
            found = [self.sheet.value(row, self.place["most"]) for row in self.people]
        else:
            found = [
                self.sheet.value(row, column)
                for row in range(self._head + 1, len(self.sheet.rows))
                if self.says(row, "name").casefold() == POINTS_POSSIBLE
            ]
        return next((number(each) for each in found if number(each) is not None), None)

    def column_of(self, lesson: str, lessons: Iterable[str]) -> tuple[int | None, str]:
        """The column that has a lesson's scores, or None and what is wrong."""
        mine, others = letters(lesson), {letters(each) for each in lessons if each != lesson}
        named = [(letters(name), name, column) for name, column in self.assignments]
        exact = [each for each in named if each[0] == mine]
        found = exact or [each for each in named if mine in each[0] and each[0] not in others]
        if len(found) == 1:
            return found[0][2], ""
        if found:
            names = ", ".join(one_line(name) for _, name, _ in found)
            return None, f"several columns may be meant: {names}"
        return None, f"no column of {self.kind.name} has {lesson} in its name"

    def decimal(self, columns: Iterable[int]) -> str:
        """The decimal sign of the numbers that stand in some columns, "." where none has one."""
        cells = [self.sheet.value(row, c) for c in columns for row in range(len(self.sheet.rows))]
        comma = any(re.fullmatch(r"\d+,\d+", each) for each in cells)
        return "," if comma and not any(re.fullmatch(r"\d+\.\d+", each) for each in cells) else "."


def number(text: str) -> float | None:
    """A number as an LMS writes it, with a point or a comma."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
