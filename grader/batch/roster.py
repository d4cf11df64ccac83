"""Who is in the class: read from the lists that people have, kept as DIR/roster.csv.

Canvas' gradebook export, Moodle's grading worksheet and list of participants, or a table with some
of the columns id, name, email and section.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from sqlalchemy import ColumnClause, column, create_engine, inspect, select, table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from grader.errors import CannotBegin
from grader.untrusted import FORMULA, csv_cell, one_line

from .files import write_whole
from .lying import is_left_out

ROSTER = "roster.csv"
MOST_BYTES = 50 * 2**20
SEPARATORS = "\x1f,;\t|"
NAME_CHARS = 100  # of a student's id made from a name
# A column's heading, its letters only, and what it holds in a table of nobody's in particular.
COLUMNS = {
    "student": ("id", "student", "studentid", "username", "user", "netid", "participantid"),
    "name": ("name", "fullname", "studentname", "displayname"),
    "first": ("firstname", "first", "givenname", "givennames", "forename"),
    "last": ("lastname", "last", "surname", "familyname"),
    "email": ("email", "emailaddress", "mail", "emailadress"),
    "section": ("section", "sections", "group", "groups", "class", "lab"),
    "lms_id": ("lmsid", "identifier", "canvasid", "moodleid", "lmsuserid"),
    "sis_id": ("sisid", "sisuserid", "idnumber", "studentnumber", "matriculationnumber"),
    "login": ("login", "loginid", "sisloginid", "githubusername", "github"),
}
CANVAS = COLUMNS | {"student": (), "name": ("student",), "lms_id": ("id",)}
TEST_STUDENT = "student, test"  # Canvas' own


@dataclass(frozen=True)
class Person:
    """One row. `student` is the name of the folder, of grades.csv and of nbgrader's gradebook."""

    student: str
    name: str = ""
    email: str = ""
    section: str = ""
    lms_id: str = ""
    sis_id: str = ""
    login: str = ""


NAMES = tuple(each.name for each in fields(Person))


class Roster:
    """The people of a class, found by whatever a hand-in says of its owner."""

    def __init__(self, people: Iterable[Person] = ()) -> None:
        self.people = tuple(people)
        self._by_id: dict[str, list[Person]] = defaultdict(list)
        self._by_word: dict[str, list[Person]] = defaultdict(list)
        self._by_letters: dict[str, list[Person]] = defaultdict(list)
        for each in self.people:
            if each.lms_id:
                self._by_id[each.lms_id].append(each)
            words = (each.student, each.login, each.email, each.email.split("@")[0], each.sis_id)
            for word in {word.casefold() for word in words if word}:
                self._by_word[word].append(each)
            for letters in _spellings(each.name):
                self._by_letters[letters].append(each)

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(self, name: str, lms_id: str = "", email: str = "", sis_id: str = "") -> list[Person]:
        """Who may be meant, surest first told: none, one, or several that cannot be told apart.

        An id counts where the name agrees, or where nobody has that name: Moodle numbers people
        anew in each assignment.
        """
        by_id = self._by_id.get(lms_id, [])
        named = self._by_letters.get(_letters(name), []) if _letters(name) else []
        words = [self._by_word.get(each.casefold(), []) for each in (email, sis_id, name) if each]
        agreeing = [each for each in by_id if each in named]
        return next(filter(None, (agreeing, *words, named, by_id)), [])

    def knows(self, name: str) -> bool:
        """Whether somebody is called so."""
        return bool(self.find(name))


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.split(r"[\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "".join(words)


def _spellings(name: str) -> set[str]:
    """The letters of a name, the last of its words first, as Canvas writes it, or as they stand."""
    words = name.split()
    turned = [" ".join([*words[cut:], *words[:cut]]) for cut in range(len(words))]
    return {letters for each in turned if (letters := _letters(each))}


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
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise CannotBegin(f"The roster {path} cannot be read: {error.strerror}.") from None
    separator = max(
        SEPARATORS, key=text.partition("\n")[0].count
    )  # the first, where there is one column
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise CannotBegin(f"The roster {path} is no table that can be read: {error}.") from None
    heads = [_letters(each) for each in rows[0]] if rows else []
    is_canvas = {"student", "id"} <= set(heads) and {"section", "sisloginid"} & set(heads)
    place = {
        what: heads.index(head)
        for what, accepted in (CANVAS if is_canvas else COLUMNS).items()
        for head in reversed(accepted)
        if head in heads
    }
    if not place.keys() & {"student", "name", "last", "email", "login"}:
        has = ", ".join(one_line(each) for each in rows[0][:20]) if rows else "none"
        raise CannotBegin(
            f"The roster {path} has no column called id, name or email; its columns are: {has}."
        )
    return Roster(_distinct(path, _people(rows, place)))


def _decoded(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    with suppress(UnicodeDecodeError):
        return content.decode("utf-8")
    return content.decode("cp1252", "replace")  # as spreadsheets on Windows save it


def _people(rows: list[list[str]], place: dict[str, int]) -> Iterator[tuple[int, Person]]:
    """Each row that is about somebody, with its number in the file."""
    for number, row in enumerate(rows[1:], start=2):
        has = {
            what: _plain(row[index]) if index < len(row) else "" for what, index in place.items()
        }
        name = has.get("name") or " ".join(filter(None, (has.get("first"), has.get("last"))))
        no_id = place.keys() >= {"lms_id"} and not has["lms_id"] and not has.get("student")
        if (
            not any(has.values())
            or name.casefold() == TEST_STUDENT
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
    """A cell without what keeps a spreadsheet from taking it for a formula."""
    text = unicodedata.normalize("NFC", " ".join(cell.split()))
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _distinct(path: Path, rows: Iterable[tuple[int, Person]]) -> list[Person]:
    """Everybody once, each with an id of their own. Raises CannotBegin where two share one."""
    listed = list(dict((each, number) for number, each in rows).items())  # the same row twice
    names = [each.name for each, _ in listed]
    found: dict[str, tuple[Person, int]] = {}
    for each, number in listed:
        student = each.student or each.name
        if not each.student and names.count(each.name) > 1:
            student = f"{each.name} ({each.lms_id})"
        student = folder_name(student)[:NAME_CHARS]
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
    """A person's name as that of a folder: on one line, in one place, and not hidden."""
    plain = one_line(unicodedata.normalize("NFC", name)).replace("/", "-").replace("\\", "-")
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
        engine = create_engine(make_url(db) if db else f"sqlite:///{own.absolute()}")
        try:
            if not inspect(engine).has_table("student"):
                return []
            with engine.connect() as connection:
                rows = connection.execute(select(*columns).select_from(table("student"))).all()
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError):
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
