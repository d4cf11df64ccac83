"""Who is in the class: read from the lists that people have, kept as DIR/roster.csv.

Canvas' gradebook export, Moodle's grading worksheet and list of participants, or a table with some
of the columns id, name, email and section.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import ColumnClause, column, create_engine, inspect, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from grader.errors import CannotBegin
from grader.foreign import HEAD_LINES, is_workbook, text_of
from grader.untrusted import csv_cell, one_line, person_name, text_of_csv_cell

from .files import write_whole
from .lying import is_left_out
from .persons import NAMES, TEST_STUDENT, Person, Roster, plain_letters

ROSTER = "roster.csv"
MOST_BYTES = 50 * 2**20
SEPARATORS = "\x1f,;\t|"  # Where there is one column, the first is taken, which is in no text.
ID_CHARS = 100  # A longer id is cut: nbgrader's gradebook takes 128.
CELL_CHARS = 1_000  # Nobody's name is longer: names are read in each order of their words.
NO_PATH = str.maketrans({"/": "-", "\\": "-", '"': "'"})
# A column's heading, its letters only, and what it holds in a table of nobody's in particular.
COLUMNS: dict[str, tuple[str, ...]] = {
    "student": ("id", "student", "studentid", "username", "user", "netid", "participantid"),
    "name": ("name", "fullname", "studentname", "displayname"),
    "first": ("firstname", "first", "givenname", "givennames", "forename"),
    "last": ("lastname", "last", "surname", "familyname"),
    "email": ("email", "emailaddress", "mail", "emailadress"),
    "section": ("section", "sections", "group", "groups", "class", "lab"),
    "lms_id": ("lmsid", "identifier", "canvasid", "moodleid", "lmsuserid"),
    "sis_id": (
        *("sisid", "sisuserid", "idnumber", "studentnumber", "matriculationnumber"),
        "orgdefinedid",
    ),
    "login": (
        *("login", "loginid", "sisloginid", "githubusername", "github"),
        *("username", "user", "netid"),
    ),
}
# The same in a Moodle that speaks German, French or Spanish.
ABROAD = {
    "name": ("vollstandigername", "nomcomplet", "nombrecompleto"),
    "first": ("vorname", "prenom", "nombre"),
    "last": ("nachname", "nomdefamille", "nom", "apellidos", "apellido"),
    "email": ("emailadresse", "adressedecourriel", "direcciondecorreo"),
    "section": ("gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos"),
    "sis_id": ("idnummer", "matrikelnummer", "numerodidentification", "numerodeid"),
    "login": ("anmeldename", "nomdutilisateur", "nombredeusuario"),
}
COLUMNS |= {what: (*COLUMNS[what], *words) for what, words in ABROAD.items()}
CANVAS = COLUMNS | {"student": (), "name": ("student",), "lms_id": ("id",)}
NO_NAMES = ("date", "points", "class average")  # what Google Classroom writes among the names


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
        has = ", ".join(one_line(each) for each in rows[0][:20]) if rows else "none"
        raise CannotBegin(
            f"The roster {path} has no column called id, name or email; its columns are: {has}."
        )
    people = _distinct(path, _people(rows, place, head))
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
        if place.keys() & {"student", "name", "last", "email", "login"}:
            rest = _rows("".join(lines[number:]), lines[number])
            return number + 1, list(rest), place
    return 1, list(_rows(text, "".join(lines[:1]))), {}


def _rows(text: str, head: str) -> Iterator[list[str]]:
    separator = max(SEPARATORS, key=head.count)
    return csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )


def _people(
    rows: list[list[str]], place: dict[str, int], head: int
) -> Iterator[tuple[int, Person]]:
    """Each row that is about somebody, with its number in the file; `head` is that of the first."""
    for number, row in enumerate(rows[1:], start=head + 1):
        has = {
            what: _plain(row[index]) if index < len(row) else "" for what, index in place.items()
        }
        for what in {"student", "sis_id", "login"} & has.keys():
            has[what] = has[what].removeprefix("#")  # as Brightspace writes ids
        name = has.get("name") or " ".join(filter(None, (has.get("first"), has.get("last"))))
        no_id = place.keys() >= {"lms_id"} and not has["lms_id"] and not has.get("student")
        if (
            not any(has.values())
            or name.casefold() == TEST_STUDENT
            or (name.casefold() in NO_NAMES and set(has.values()) <= {"", name})
            or (no_id and not has.get("email"))
        ):
            continue  # an empty line, or Canvas' line of "Points Possible"
        last, _, first = name.partition(",")
        lms_id = re.sub(r"^participant\s+", "", has.get("lms_id", ""), flags=re.IGNORECASE)
        yield (
            number,
            Person(
                has.get("student")
                or has.get("login")
                or has.get("email")
                or has.get("sis_id")
                or "",
                f"{first.strip()} {last.strip()}" if first.strip() else name,
                has.get("email", ""),
                has.get("section", ""),
                lms_id,
                has.get("sis_id", ""),
                has.get("login", ""),
            ),
        )


def _plain(cell: str) -> str:
    """A cell as text that all pages and databases take: on one line, and no formula's guard."""
    text = " ".join(text_of_csv_cell(" ".join(cell[:CELL_CHARS].split())).split())
    return person_name(unicodedata.normalize("NFC", text))


def _distinct(path: Path, rows: Iterable[tuple[int, Person]]) -> list[Person]:
    """Everybody once, each with an id of their own. Raises CannotBegin where two share one."""
    listed = list(dict((each, number) for number, each in rows).items())  # the same row twice
    names = [each.name for each, _ in listed]
    found: dict[str, tuple[Person, int]] = {}
    for each, number in listed:
        student = each.student or each.name
        if not each.student and names.count(each.name) > 1:
            student = f"{each.name} ({each.lms_id})"
        student = folder_name(student)[:ID_CHARS]
        if student.casefold() in found:
            other, line = found[student.casefold()]
            if (other.name, other.email) == (each.name, each.email):
                continue  # in two sections
            raise CannotBegin(
                f"The roster {path} gives {one_line(student)!r} to two people, in lines {line} "
                f"and {number}: give each an id of their own."
            )
        values = {name: getattr(each, name) for name in NAMES} | {"student": student}
        found[student.casefold()] = Person(**values), number
    return [each for each, _ in found.values()]


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
