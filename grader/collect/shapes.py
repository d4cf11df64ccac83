"""Whose a file is, told by its path alone: what LMS have written on it, and how folders lie.

An LMS says on each file whose it is. Where none has, the student is a level of the folders, and
which level that is shows only when all files are looked at together.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.batch.lesson_names import lesson_in

from .archives import is_archive
from .clocks import clock
from .lms_names import Told, of_lms, without_title
from .names import (
    DATE,
    OF_A_BRANCH,
    copy_number,
    normal,
    person_in,
    pieces,
    says_more,
    stem,
    without_work,
)
from .source import Entry

VERSION = re.compile(r"(?:version|attempt|try)[\s_-]*(\d{1,4})", re.IGNORECASE)  # Teams' folders
STAMPED = re.compile(r"(\d{14})_")  # what ILIAS puts before a file's name
DRAFTS = "working files"  # in Teams, beside "Submitted files"
MOST_VERSIONS = 5  # folders of one student that hold the same lesson; more are several students
SEVERAL = 3
SEVERAL_NAMES = "several people's names are in this folder: all counts as its owner's"


@dataclass
class _Folder:
    """A folder whose name may be a student's, with what lies in it and below."""

    name: str = ""
    inner: dict[str, _Folder] = field(default_factory=dict)
    files: list[Entry] = field(default_factory=list)
    named: list[tuple[Entry, Told]] = field(default_factory=list)  # by an LMS

    def all_files(self) -> Iterator[Entry]:
        yield from self.files
        yield from (entry for entry, _ in self.named)
        for each in self.inner.values():
            yield from each.all_files()


class Shapes:
    """Tells whose each file of a SOURCE is.

    Args:
        entries: the files in question, notebooks or not
        lesson: the lesson of a notebook, "" if there is none
        known: whether a name is that of somebody in this class
        repositories: the paths of repositories
        source: the name of the SOURCE itself
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        lesson: Callable[[Entry], str],
        known: Callable[[str], bool],
        repositories: Collection[tuple[str, ...]],
        source: str,
    ) -> None:
        self._lesson, self._known, self._source = lesson, known, person_in(stem(source))
        self._repositories = repositories
        self._committed = {
            each[:count] for each in repositories for count in range(1, len(each) + 1)
        }
        self.told: dict[tuple[str, ...], Told] = {}
        root = _Folder()
        by_lms = {entry.parts: of_lms(entry) for entry in entries}
        blackboard = {
            parts: found
            for parts, found in by_lms.items()
            if found and found[0].lms == "blackboard"
        }
        users = without_title({told.name for told, _ in blackboard.values()}, known)
        for parts, (told, place) in blackboard.items():
            user = users[told.name]
            by_lms[parts] = replace(told, key=user, name=user), place
        ids: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for parts, found in by_lms.items():
            if found and found[0].lms == "canvas":
                ids[parts[: found[1]]].add(found[0].lms_id)
        for entry in entries:
            found = by_lms[entry.parts]
            folders = entry.parts if entry.is_folder else entry.parts[:-1]
            told, place = found or (Told(""), 0)
            # One "hw_1_2_final.ipynb" in somebody's folder only looks as if Canvas had named it.
            alike = told.shape == "canvas" and len(ids[entry.parts[:place]]) == 1
            if found and not (alike and any(map(self._may_be_person, entry.parts[:place]))):
                self._below(root, entry.parts[:place]).named.append((entry, told))
            else:
                self._below(root, folders).files.append(entry)
        self._look(root)
        self._give_to_source([each for each in entries if each.is_notebook])

    def _give_to_source(self, notebooks: Sequence[Entry]) -> None:
        """Take the SOURCE's own name for a person's, where it is one and nobody else is in it.

        The same lesson in folders that are called after several dates may be several people's.
        """
        dates: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for each in notebooks:
            if dated := tuple(filter(DATE.search, each.parts[:-1])):
                dates[self._lesson(each)].add(dated)
        nameless = [each for each in notebooks if not self.told[each.parts].key]
        apart = len(nameless) < len(notebooks) or any(len(some) > 1 for some in dates.values())
        if not apart or self._known(self._source):
            for each in nameless:
                told = replace(self.told[each.parts], key=self._source, name=self._source)
                self.told[each.parts] = told

    def _below(self, root: _Folder, folders: Sequence[str]) -> _Folder:
        """The folder at the end of those on a path that may be a person's."""
        here = root
        for name in folders:
            if self._may_be_person(name):
                here = here.inner.setdefault(name, _Folder(name))
        return here

    def _may_be_person(self, folder: str) -> bool:
        return self._known(folder) or bool(person_in(_folder_name(folder)))

    def _look(self, folder: _Folder) -> None:
        """Tell the files in a folder that holds several students, and is none."""
        shared = self._shared_pieces(folder.files)
        for entry in folder.files:
            self.told[entry.parts] = self._flat(entry, shared)
        self.told |= {entry.parts: told for entry, told in folder.named}
        several, students = self._told_apart(folder)
        for each in several:
            self._look(each)
        prefix = self._prefix_of_repositories(students)
        for each in students:
            doubt = SEVERAL_NAMES if self._holds_students(each, folder) else ""
            for entry in each.all_files():
                told = self._in_folder(entry, each.name, prefix)
                self.told[entry.parts] = replace(told, doubt=doubt)

    def _told_apart(self, folder: _Folder) -> tuple[list[_Folder], list[_Folder]]:
        """The folders in one that hold several students, and those that are a student's.

        Beside students' folders no other kind is believed in: else whoever hands in folders that
        are called after others would hand in for them.
        """
        inner = list(folder.inner.values())
        several = [each for each in inner if self._holds_students(each, folder)]
        students = [
            each
            for each in inner
            if each not in several and any(entry.is_notebook for entry in each.all_files())
        ]
        if 0 < len(students) < len(several):
            several += [each for each in students if self._holds_students(each, folder, few=2)]
        elif students:
            several = []
        return several, [each for each in inner if each not in several]

    def _shared_pieces(self, files: Sequence[Entry]) -> set[str]:
        """What is in the names of all notebooks of a folder, and is nobody's name.

        Where it reads like one, these may be attempts of one person.
        """
        found = [pieces(stem(each.name)) for each in files if each.is_notebook]
        shared = set(found[0]).intersection(*found[1:]) if len(found) >= SEVERAL else set()
        shared = {
            each
            for each in shared
            if not self._known(each) and (" " not in each or re.search(r"\d", each))
        }
        return shared if all(set(each) - shared for each in found) else set()

    def _flat(self, entry: Entry, shared: Collection[str]) -> Told:
        """A file that lies in no student's folder: its own name says whose it is."""
        if entry.is_folder:
            return Told("flat")
        own = stem(entry.name)
        person = person_in(own, shared)
        if not self._known(person) and self._known(shorter := without_work(person)):
            person = shorter
        if not entry.is_notebook and not (says_more(own) or self._known(person)):
            return Told("flat")
        return Told("flat", person, person, back=own, attempt=copy_number(own))

    def _in_folder(self, entry: Entry, name: str, prefix: str) -> Told:
        place = entry.parts.index(name)
        rest = entry.parts[place + 1 :]
        repository = entry.parts[: place + 1] in self._committed
        person = normal(_folder_name(name)).removeprefix(prefix)
        if says_more(person):
            person = person_in(person)
        if repository:
            shape = "repository"
        elif any(lesson_in(each) for each in entry.parts[:place]):
            shape = "lesson/student"
        elif len(rest) == 2 and lesson_in(rest[0]):
            shape = "student/lesson"
        else:
            shape = "student's folder"
        versions = [int(found[1]) for each in rest if (found := VERSION.fullmatch(each))]
        attempt = versions[0] if versions else copy_number(stem(entry.name))
        group = "/".join(each for each in entry.parts[:place] if self._may_be_person(each))
        if any(each.casefold() == DRAFTS for each in entry.parts[:place]):
            attempt = 0
        stamp = STAMPED.match(entry.name)
        at = clock(stamp[1]) if stamp else None
        return Told(shape, name, person, back=name, attempt=attempt, clock=at, group=group)

    def _holds_students(self, folder: _Folder, parent: _Folder, few: int = 0) -> bool:
        """Whether a folder seems to hold several students' work, and so to be no student's itself.

        Args:
            few: so many folders with the same lesson are those of students; else that depends on
                how many folders lie beside this one: among many, a student with some versions of a
                notebook is more likely than another class
        """
        inner = list(folder.inner.values())
        persons = self._flat_persons(folder)
        if self._known(folder.name):
            return False
        if folder.named or any(
            map(self._known, [*folder.inner, *(each for some in persons for each in some)])
        ):
            return True
        enough = few or (MOST_VERSIONS + 1 if len(parent.inner) > SEVERAL else SEVERAL)
        below = Counter(
            lesson
            for each in inner
            for lesson in {self._lesson(entry) for entry in each.all_files() if entry.is_notebook}
        )
        most, flat = max(below.values(), default=0), max(map(len, persons), default=0)
        if max(most, flat) >= enough:
            return True
        if enough <= SEVERAL and flat == 2 and any(" - " in entry.name for entry in folder.files):
            return True
        alone = len(parent.inner) == 1 and not parent.files and not folder.files
        if alone and (most >= 2 or _is_layout(inner)):
            return True
        return any(self._holds_students(each, folder, enough) for each in inner)

    def _flat_persons(self, folder: _Folder) -> list[set[str]]:
        """After whom the notebooks in a folder are called, by lesson."""
        persons: dict[str, set[str]] = defaultdict(set)
        for entry in folder.files:
            if entry.is_notebook and (person := person_in(stem(entry.name))):
                persons[self._lesson(entry)].add(person)
        return list(persons.values())

    def _prefix_of_repositories(self, folders: Sequence[_Folder]) -> str:
        """What the names of all repositories of an assignment begin with: "lr-course-" of
        lr-course-jane and lr-course-john. A single one may end anywhere.
        """
        owned = {each[-1] for each in self._repositories if each}
        owned |= {each.name for each in folders if OF_A_BRANCH.search(_folder_name(each.name))}
        words = [each.name.split("-")[:-1] for each in folders if each.name in owned]
        if len(words) < SEVERAL:
            return ""
        prefixes = [""]
        for same in zip(*words):
            if len(set(same)) > 1:
                break
            prefixes.append(f"{prefixes[-1]}{same[0]}-")
        rests = {each: [folder.name.removeprefix(each) for folder in folders] for each in prefixes}
        rests = {each: some for each, some in rests.items() if not _cuts_a_number(each, some)}
        return max(rests, key=lambda each: (sum(map(self._known, rests[each])), len(each)))


def _folder_name(name: str) -> str:
    """The name of a folder, or of an archive that stands for one."""
    return stem(name) if is_archive(name) else name


def _cuts_a_number(prefix: str, rests: Sequence[str]) -> bool:
    """Whether the end of a prefix may be the beginning of everybody's id, as in 2021-12345."""
    return person_in(prefix)[-1:].isdigit() and all(each[:1].isdigit() for each in rests)


def _is_layout(inner: Sequence[_Folder]) -> bool:
    """Whether one folder holds exactly STUDENT/LESSON/FILE, so that what is above is no student."""
    return len(inner) == 1 and all(
        len(entry.parts) > 2 and entry.parts[-3] == inner[0].name and lesson_in(entry.parts[-2])
        for entry in inner[0].all_files()
    )
