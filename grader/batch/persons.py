"""The people of a class, and who of them is meant by what a hand-in says of its owner."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

# An LMS puts these words before a person's name where people work in groups.
GROUPS = {"group", "team", "default", "gruppe", "groupe", "grupo"}
# A shorter id, or number, is not looked for in a longer name: it may stand there by chance.
ID_CHARS, ID_DIGITS = 3, 4
RANKS = 4  # of the words in `_ranked`
TEST_STUDENT = {"student", "test"}


@dataclass(frozen=True)
class Person:
    """A row of the roster.

    Attributes:
        student: the id: it names the folder, and the student in grades.csv and nbgrader's gradebook
        name: as people write it, the first name first
        email: an address
        section: the part of the class
        lms_id: the number that the LMS knows them by
        sis_id: what the school's own register calls them
        login: the name with which they log in
    """

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
        self._by_word: dict[tuple[int, str], list[Person]] = defaultdict(list)
        self._by_letters: dict[str, list[Person]] = defaultdict(list)
        self._by_part: dict[str, list[Person]] = defaultdict(list)
        self._by_group: dict[str, list[Person]] = defaultdict(list)
        for each in self.people:
            for part in _own_words(each):
                self._by_part[part].append(each)
            for group in re.split("[,;]", each.section):
                self._by_group[plain_letters(group)].append(each)
            if each.lms_id:
                self._by_id[each.lms_id].append(each)
            for rank, words in enumerate(_ranked(each)):
                for word in {_same(word) for word in words if word}:
                    self._by_word[rank, word].append(each)
            for spelling in _spellings(each.name):
                self._by_letters[spelling].append(each)

    def __bool__(self) -> bool:
        return bool(self.people)

    def find(self, name: str, lms_id: str = "", email: str = "", sis_id: str = "") -> list[Person]:
        """Who may be meant, surest first told: none, one, or several that cannot be told apart.

        An id counts where the name agrees, or where nobody has that name: Moodle numbers people
        anew in each assignment. A word that is one person's id is not another's address.
        """
        by_id = self._by_id.get(lms_id, [])
        named = self._by_letters.get(plain_letters(name), []) if plain_letters(name) else []
        words = [
            self._by_word.get((rank, _same(each)), [])
            for each in (email, sis_id, name)
            if each
            for rank in range(RANKS)
        ]
        agreeing = [each for each in by_id if each in named]
        return next(filter(None, (agreeing, *words, named, by_id)), []) or self._within(name)

    def _within(self, name: str) -> list[Person]:
        """Who is meant by a name that says more: Doe_Jane_jdoe_260, Doe, Jane(jdoe), Group 3-Jane.

        All other words of it must be the person's too, or numbers, or be about groups: else it is
        somebody else's.
        """
        words = words_of(name)
        rare = min(
            (self._by_part.get(word, []) for word in words if word in self._by_part),
            key=len,
            default=[],
        )
        return [each for each in rare if _is_within(each, words)]

    def knows(self, name: str) -> bool:
        """Whether somebody is called so."""
        return bool(self.find(name))

    def renames(self, name: str) -> bool:
        """Whether somebody is called so whose id, and so whose folder, is called otherwise."""
        found = self.find(name)
        return bool(found) and all(each.student != name for each in found)

    def members(self, name: str) -> list[Person]:
        """The people of a group or a section, where nobody is called as it is."""
        letters = plain_letters(name)
        return [] if not letters or self.knows(name) else self._by_group.get(letters, [])


def plain_letters(text: str) -> str:
    """Its letters and digits, small and without accents."""
    return "".join(words_of(text))


def words_of(name: str) -> list[str]:
    """Its words, small and without accents."""
    return list(filter(None, re.split(r"[\W_]+", without_accents(name.casefold()))))


def without_accents(text: str) -> str:
    """A text without the accents of its letters; what is one sign in other scripts stays one."""
    apart = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))


def is_test_student(name: str) -> bool:
    """Whether a name is that of the student whom Canvas puts into every class, who is nobody."""
    return set(words_of(name)) == TEST_STUDENT


def _own_words(person: Person) -> set[str]:
    """All words that are said of somebody, but for their section."""
    return set(words_of(" ".join((*_ids(person), person.name))))


def _ranked(person: Person) -> tuple[tuple[str, ...], ...]:
    """The words that mean somebody, those first that mean them most surely."""
    prefix = person.email.split("@")[0]
    return (person.student,), (person.login, person.sis_id), (person.email,), (prefix,)


def _same(word: str) -> str:
    """A word as it is compared: in small letters, with its accents written in one way."""
    return unicodedata.normalize("NFC", word).casefold()


def _ids(person: Person) -> tuple[str, ...]:
    return (person.student, person.login, person.email.split("@")[0], person.sis_id)


def _is_within(person: Person, words: Sequence[str]) -> bool:
    own, section = _own_words(person), set(words_of(person.section))
    if any(not (word in own or word.isdigit() or word in section | GROUPS) for word in words):
        return False
    name = set(words_of(person.name))
    if len(name) > 1 and name <= set(words):
        return True
    text = f" {' '.join(words)} "
    ids = filter(None, map(words_of, _ids(person)))
    return any(
        f" {' '.join(some)} " in text
        and len("".join(some)) >= (ID_DIGITS if "".join(some).isdigit() else ID_CHARS)
        for some in ids
    )


def _spellings(name: str) -> set[str]:
    """The letters of a name, the last of its words first, as Canvas writes it, or as they stand."""
    words = name.split()
    turned = [" ".join([*words[cut:], *words[:cut]]) for cut in range(len(words))]
    return set(filter(None, map(plain_letters, turned)))
