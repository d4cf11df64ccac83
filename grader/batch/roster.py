"""Who is in the class: read from the lists that people have, kept as DIR/roster.csv.

Canvas' gradebook export, Moodle's grading worksheet and list of participants, or a table with some
of the columns id, name, email and section.
"""

from __future__ import annotations

import csv
import io
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from sqlalchemy import ColumnClause, column, create_engine, inspect, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from grader.errors import CannotBegin
from grader.foreign import HEAD_LINES, is_workbook, plain_cell, text_of
from grader.untrusted import csv_cell, one_line, person_name, text_of_csv_cell

from .files import write_whole
from .headings import CANVAS, COLUMNS
from .lying import is_left_out
from .no_students import why_no_student
from .persons import NAMES, Person, Roster, plain_letters, words_of

log = logging.getLogger(__name__)
ROSTER = "roster.csv"
MOST_BYTES = 50 * 2**20
SEPARATORS = "\x1f,;\t|"  # Where there is one column, the first is taken, which is in no text.
HEADS_SHOWN = 20
ID_CHARS = 100  # A longer id is cut: nbgrader's gradebook takes 128.
CELL_CHARS = 1_000  # Nobody's name is longer: names are read in each order of their words.
LINES_SHOWN = 5
ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
WHOLE = re.compile(r"^(\d+)(?:[.,]0)?$", re.ASCII)
NO_PATH = str.maketrans({"/": "-", "\\": "-", '"': "'"})


def load(out: Path, db: str | None = None) -> Roster:
    """The roster that a class folder keeps, else the students that nbgrader's gradebook names."""
    kept = out / ROSTER
    return read(kept) if kept.exists() else Roster(_of_gradebook(out, db))


def keep(path: Path, out: Path) -> Roster:
    """Read a roster, and keep it as the class folder's own. Raises CannotBegin."""
    roster = read(path)
    rows = [[csv_cell(getattr(each, name)) for name in NAMES] for each in roster.people]
    text = io.StringIO()
    csv.writer(text).writerows([NAMES, *rows])
    write_whole(out / ROSTER, text.getvalue())
    return roster


def read(path: Path) -> Roster:
    """The people in a table. Raises CannotBegin, with a sentence, when it cannot be read as one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CannotBegin(f"The roster {path} has more than {MOST_BYTES // 2**20} MiB.")
        content = path.read_bytes()
    except OSError as error:
        raise CannotBegin(f"The roster {path} cannot be read: {error.strerror}.") from None
    if is_workbook(content):
        raise CannotBegin(f"The roster {path} is a spreadsheet program's own file: save it as CSV.")
    text = text_of(content)
    try:
        head, rows, place = _table(text)
    except csv.Error as error:
        raise CannotBegin(f"The roster {path} is no table that can be read: {error}.") from None
    if not place:
        has = ", ".join(one_line(each) for each in rows[0][:HEADS_SHOWN]) if rows else "none"
        raise CannotBegin(
            f"The roster {path} has no column called id, name or email; its columns are: {has}."
        )
    unread = [each for index, each in enumerate(rows[0]) if index not in place.values() and each]
    people = _distinct(path, _people(path, rows, place, head), unread[:HEADS_SHOWN])
    if not people:
        raise CannotBegin(f"The roster {path} has headings and nobody below them.")
    return Roster(people)


def _table(text: str) -> tuple[int, list[list[str]], dict[str, int]]:
    """The number of the line with the headings, the rows from there on, and what stands where.

    Nothing stands anywhere where none of the first lines has headings. Raises csv.Error.
    """
    lines = text.splitlines(keepends=True)
    for number in range(min(HEAD_LINES, len(lines))):
        heads = [
            plain_letters(each) for each in next(_rows("".join(lines[number:]), lines[number]), [])
        ]
        is_canvas = {"student", "id"} <= set(heads) and {"section", "sisloginid"} & set(heads)
        place = {
            what: heads.index(head)
            for what, accepted in (CANVAS if is_canvas else COLUMNS).items()
            for head in reversed(accepted)
            if head in heads
        }
        if place.keys() & {"student", "name", "last", "email", "login", "sis_id"}:
            rows = list(_rows("".join(lines[number:]), lines[number]))
            numbers = place.pop("number", None)
            if numbers is not None and not _counts_rows(rows, numbers):
                place.setdefault("sis_id", numbers)
            return number + 1, rows, place
    return 1, list(_rows(text, "".join(lines[:1]))), {}


def _counts_rows(rows: list[list[str]], column: int) -> bool:
    """Whether a column only says 1, 2, 3 …: the next list may give these to other people."""
    cells = [row[column].strip(" .") for row in rows[1:] if len(row) > column and row[column]]
    return set(cells) == {str(number + 1) for number in range(len(cells))}


def _rows(text: str, head: str) -> Iterator[list[str]]:
    separator = max(SEPARATORS, key=head.count)
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )


def _people(
    path: Path, rows: list[list[str]], place: dict[str, int], head: int
) -> Iterator[tuple[int, Person]]:
    """Each row that is about a student, with its number in the file; `head` is that of the first.

    Raises CannotBegin where a spreadsheet has destroyed an id.
    """
    listed: list[tuple[int, dict[str, str]]] = []
    left_out: dict[str, list[int]] = {}
    for number, row in enumerate(rows[1:], start=head + 1):
        has = {
            what: _plain(row[index]) if index < len(row) else "" for what, index in place.items()
        }
        for what in {"student", "sis_id", "login"} & has.keys():
            has[what] = has[what].removeprefix("#")  # as Brightspace writes ids
        has["name"] = _name(has)
        if why := why_no_student(has):
            left_out.setdefault(why, []).append(number)
        elif any(has.values()):
            listed.append((number, has))
    if left_out:
        _tell_left_out(path, left_out)
    _mend_ids(path, listed)
    for number, has in listed:
        ids = (has.get(each) for each in ("student", "login", "email", "sis_id"))
        yield (
            number,
            Person(
                next(filter(None, ids), ""),
                has["name"],
                has.get("email", ""),
                has.get("section", ""),
                re.sub(r"^participant\s+", "", has.get("lms_id", ""), flags=re.IGNORECASE),
                has.get("sis_id", ""),
                has.get("login", ""),
            ),
        )


def _tell_left_out(path: Path, rows: dict[str, list[int]]) -> None:
    """Say which rows are about no student, by what they are instead."""
    count = sum(map(len, rows.values()))
    told = "; ".join(
        f"{why} in line {', '.join(map(str, lines[:LINES_SHOWN]))}"
        + (f" and {len(lines) - LINES_SHOWN} more" if len(lines) > LINES_SHOWN else "")
        for why, lines in rows.items()
    )
    _warn(
        one_line(f"The roster {path} has rows of no student, which are left out, {count}: {told}.")
    )


@cache
def _warn(sentence: str) -> None:
    """Say it once: a command may read its roster several times."""
    log.warning("%s", sentence)


def _name(has: dict[str, str]) -> str:
    """A person's name, the first name first, of the columns that there are.

    Beside a column for one part of it, a column called "name" may be the other part.
    """
    last, _, first = has.get("name", "").partition(",")
    name = " ".join(filter(None, (first.strip(), last.strip())))
    parts = [has.get("first", ""), has.get("last", "")]
    if not name or {"first", "last"} <= has.keys():
        return name or " ".join(filter(None, parts))
    if set(words_of(" ".join(parts))) < set(words_of(name)):
        return name
    return " ".join(filter(None, (parts[0], name, parts[1])))


def _mend_ids(path: Path, listed: list[tuple[int, dict[str, str]]]) -> None:
    """Give ids back what a spreadsheet has made of them: 12345 of 12345.0.

    Raises CannotBegin for 1.23E+11, of which nobody knows what it was.
    """
    for what in ("student", "sis_id", "login", "lms_id"):
        cells = {number: cell for number, has in listed if (cell := has.get(what, ""))}
        for number, cell in cells.items():
            if ROUNDED.fullmatch(cell):
                raise CannotBegin(
                    f"The roster {path} has {cell} for an id in line {number}: a spreadsheet has "
                    "rounded the number, so nobody can tell what it was. Export the list again and "
                    "give it as it is, or let the spreadsheet read this column as text."
                )
        if all(map(WHOLE.fullmatch, cells.values())):
            for _, has in listed:
                has[what] = re.sub(WHOLE, r"\1", has.get(what, ""))


def _plain(cell: str) -> str:
    """A cell as text that all pages and databases take: on one line, and no formula's guard."""
    text = " ".join(text_of_csv_cell(" ".join(plain_cell(cell[:CELL_CHARS]).split())).split())
    return person_name(unicodedata.normalize("NFC", text))


def _distinct(
    path: Path, rows: Iterable[tuple[int, Person]], unread: Iterable[str]
) -> list[Person]:
    """Everybody once, each with an id of their own. Raises CannotBegin where two share one.

    Args:
        unread: the headings of columns that are not understood, one of which may tell them apart
    """
    listed = list(rows)
    names = Counter(each.name for each in {each for _, each in listed})
    found: dict[str, tuple[Person, int]] = {}
    people = []
    for number, each in listed:
        numbered = not each.student and each.lms_id and names[each.name] > 1
        student = f"{each.name} ({each.lms_id})" if numbered else each.student or each.name
        student = folder_name(student)[:ID_CHARS]
        if student.casefold() not in found:
            found[student.casefold()] = each, number
            people.append(replace(each, student=student))
            continue
        other, line = found[student.casefold()]
        ids = [who.student.casefold() or who.lms_id for who in (other, each)]
        if ids[0] == ids[1] != "" and (other.name, other.email) == (each.name, each.email):
            continue  # in two sections
        heads = ", ".join(map(one_line, unread))
        raise CannotBegin(
            f"The roster {path} gives {one_line(student)!r} to two people, in lines {line} "
            f"and {number}: give each an id of their own, in a column called id."
            + (f" Not understood: {heads}." if heads else "")
        )
    return people


def folder_name(name: str) -> str:
    """A person's name as that of a folder: on one line, in one place, and not hidden.

    Nor does it hold what nbgrader's pages take for markup or for the end of a string.
    """
    plain = one_line(person_name(unicodedata.normalize("NFC", name))).translate(NO_PATH)
    plain = " ".join(plain.split())
    return f"_{plain}" if not plain or is_left_out(Path(plain)) else plain


def _of_gradebook(out: Path, db: str | None) -> list[Person]:
    """Those students of a gradebook whom somebody gave a name or an address there.

    All others are in it because they handed something in. A gradebook that cannot be read has none:
    whoever needs it says why.
    """
    own = out / "gradebook.db"
    if not db and not own.exists():
        return []
    names = ("id", "first_name", "last_name", "email", "lms_user_id")
    columns: list[ColumnClause[str]] = [column(name) for name in names]
    try:
        own_url = URL.create("sqlite", database=str(own.absolute()))
        engine = create_engine(make_url(db) if db else own_url)
        try:
            if not inspect(engine).has_table("student"):
                return []
            with engine.connect() as connection:
                rows = connection.execute(select(*columns).select_from(table("student"))).all()
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError, ValueError):  # the last is of an address that is none
        return []
    return [
        Person(
            row.id,
            " ".join(filter(None, (row.first_name, row.last_name))),
            row.email or "",
            lms_id=row.lms_user_id or "",
        )
        for row in rows
        if row.first_name or row.last_name or row.email
    ]
