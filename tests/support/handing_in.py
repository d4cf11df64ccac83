"""A class of 60 that hands in, in every shape that an LMS, a drive or a habit gives it.

Each shape is a function that yields files and says what of them is to be found out.
"""

import json
import unicodedata
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from dulwich.objects import Blob, Commit, Tree
from dulwich.repo import Repo

from grader import paths
from grader.batch.persons import Person
from grader.exercises import LESSONS

DUE = datetime(2026, 3, 1, 22, 59)
NAMES = (
    *(
        "Jane Doe",
        "Jane Doe",
        "Zoë O'Neil",
        "Seán Ó Súilleabháin",
        "Łukasz Żółć",
        "Anne-Marie Weiß",
    ),
    *(
        "Nguyễn Văn An",
        "李 小龙",
        "José María de la Cruz",
        "Björk",
        "Müller Jr., Hans",
        "D'Angelo Rossi",
    ),
)
FAMILY = (
    "Abe",
    "Berg",
    "Costa",
    "Dang",
    "Eze",
    "Fox",
    "Gil",
    "Hahn",
    "Ito",
    "Jung",
    "Kaya",
    "Lopez",
)
GIVEN = ("Ada", "Bo", "Cleo", "Dan")


@dataclass(frozen=True)
class File:
    """One file, and the row that it must become; `kept` says whether it counts."""

    path: str
    content: bytes
    student: str = ""
    lesson: str = ""
    at: datetime | None = None
    late: bool = False
    kept: bool = True
    listed: bool = True


@dataclass(frozen=True)
class Work:
    """What one student did for one lesson, oldest first: notebooks and their times."""

    person: Person
    lesson: str
    attempts: tuple[tuple[bytes, datetime], ...]


@cache
def notebook(lesson, words):
    """A small notebook of a lesson, unlike all others."""
    cells = [
        {
            "cell_type": cell.cell_type,
            "metadata": dict(cell.metadata),
            "source": cell.source,
            "id": cell.id,
        }
        for cell in _released(lesson)
        if "nbgrader" in cell.metadata
    ][-4:]
    cells.append({"cell_type": "code", "metadata": {}, "source": f"# {words}", "id": "own"})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@cache
def _released(lesson):
    from grader.notebook import released

    return released(lesson).cells


def people(lms="canvas"):
    names = [*NAMES, *(f"{given} {family}" for given in GIVEN for family in FAMILY)]
    return [
        Person(
            student=f"s{number:02}",
            name=name,
            email=f"user{number}@uni.example",
            section="AB"[number % 2],
            lms_id=str((7000 if lms == "canvas" else 90000) + number),
            login=f"login-{number}",
        )
        for number, name in enumerate(names)
    ]


def works(persons):
    """One person hands in nothing, one a wrong file; some try twice, the second time too late."""
    for number, person in enumerate(persons[:-2]):
        for place, lesson in enumerate(LESSONS):
            if (number + place) % 11 == 10:
                continue  # not this one
            first = DUE - timedelta(hours=number + 1, minutes=place)
            attempts = [(notebook(lesson, f"{person.student} first"), first)]
            if number % 7 == 3:
                late = DUE + timedelta(hours=5, minutes=number)
                attempts.append((notebook(lesson, f"{person.student} second"), late))
            yield Work(person, lesson, tuple(attempts))


def _newest(work, path, at=True):
    content, when = work.attempts[-1]
    known = when if at else None
    late = at and when > DUE
    return File(path, content, work.person.student, work.lesson, known, late)


def _attempt(work, path, content, at):
    """One of several, of which the last counts."""
    kept = content == work.attempts[-1][0]
    return File(path, content, work.person.student, work.lesson, at, at > DUE, kept)


def _stamp(path, at):
    return File(path.rpartition("/")[0] + "/timestamp.txt", f"{at} UTC".encode(), listed=False)


def _wrong(path, person):
    return File(path, b"%PDF", person.student, listed=False)


def nbgraders(persons):
    for work in works(persons):
        file = _newest(work, f"{work.person.student}/{work.lesson}/{work.lesson}.ipynb")
        yield from (file, _stamp(file.path, file.at))
    yield _wrong(f"{persons[-2].student}/steplr/steplr.pdf", persons[-2])


def swapped(persons):
    for work in works(persons):
        yield _newest(work, f"{work.lesson}/{work.person.student}/my work.ipynb", at=False)
    yield _wrong(f"steplr/{persons[-2].student}/steplr.pdf", persons[-2])


def moodle(persons):
    for work in works(persons):
        person = work.person
        folder = f"{person.name}_{person.lms_id}_assignsubmission_file_"
        yield _newest(work, f"{work.lesson} submissions/{folder}/homework.ipynb", at=False)
    person = persons[-2]
    yield _wrong(f"{person.name}_{person.lms_id}_assignsubmission_file_/hw.pdf", person)


def moodle_flat(persons):
    for work in works(persons):
        name = f"{work.person.name}_{work.person.lms_id}_assignsubmission_file"
        yield _newest(work, f"{name}_{work.lesson}.ipynb", at=False)
    person = persons[-2]
    yield _wrong(f"{person.name}_{person.lms_id}_assignsubmission_file_hw.pdf", person)


def canvas(persons):
    for work in works(persons):
        words = work.person.name.replace(",", "").split()
        name = "".join(filter(str.isalnum, words[-1] + "".join(words[:-1]))).lower()
        for number, (content, at) in enumerate(work.attempts):
            late = "_LATE" if at > DUE else ""
            again = f"-{number}" if number else ""
            path = f"{name}{late}_{work.person.lms_id}_{5000 + number}_{work.lesson}{again}.ipynb"
            kept = number == len(work.attempts) - 1
            yield File(path, content, work.person.student, work.lesson, kept=kept)
    person = persons[-2]
    yield _wrong(
        f"{''.join(reversed(person.name.lower().split()))}_{person.lms_id}_1_hw.pdf", person
    )


def google(persons):
    namesakes = {
        person.name for person in persons if [p.name for p in persons].count(person.name) > 1
    }
    seen = set()
    for work in works(persons):
        again = " (1)" if (work.person.name, work.lesson) in seen else ""
        seen.add((work.person.name, work.lesson))
        file = _newest(work, f"{work.person.name} - {work.lesson}{again}.ipynb", at=False)
        if work.person.name in namesakes:
            file = replace(file, student="", kept=False)
        yield file
    yield _wrong(f"{persons[-2].name} - homework.pdf", persons[-2])


def mail(persons):
    for work in works(persons):
        for number, (content, _) in enumerate(work.attempts):
            again = f" ({number})" if number else ""
            path = f"inbox/{work.person.email}_{work.lesson}{again}.ipynb"
            kept = number == len(work.attempts) - 1
            yield File(path, content, work.person.student, work.lesson, kept=kept)
    yield _wrong(f"inbox/{persons[-2].email} - homework.pdf", persons[-2])


def homes(persons):
    for work in works(persons):
        top = f"home/{work.person.login}/course/lessons"
        yield _newest(work, f"{top}/{work.lesson}/{work.lesson}.ipynb", at=False)
        yield File(f"{top}/lrlab/plots.py", b"", listed=False)
        yield File(f"{top}/start.ipynb", (paths.LESSONS / "start.ipynb").read_bytes(), listed=False)
    yield _wrong(f"home/{persons[-2].login}/notes.pdf", persons[-2])


def blackboard(persons):
    """It names the login, and the time by its own clock, an hour before that of Greenwich."""
    for work in works(persons):
        for content, at in work.attempts:
            head = f"Week_3_{work.person.login}_attempt_{at + timedelta(hours=1):%Y-%m-%d-%H-%M-%S}"
            path = f"{head}_{work.lesson}-homework.ipynb"
            yield _attempt(work, path, content, at)
            yield File(f"{head}.txt", b"Name: ...", listed=False)
    yield _wrong(f"Week_3_{persons[-2].login}_attempt_2026-02-01-10-00-00_hw.pdf", persons[-2])


def brightspace(persons):
    for work in works(persons):
        for content, at in work.attempts:
            said = f"{at + timedelta(hours=1):%b %-d, %Y %-I%M %p}"
            path = f"{work.person.lms_id}-12 - {work.person.name} - {said} - {work.lesson}.ipynb"
            yield _attempt(work, path, content, at)
    yield File("index.html", b"<html>", listed=False)
    person = persons[-2]
    yield _wrong(f"{person.lms_id}-12 - {person.name} - Feb 1, 2026 959 AM - hw.pdf", person)


def ilias(persons):
    for work in works(persons):
        first, _, last = work.person.name.partition(" ")
        folder = f"Exercise 3/{last}_{first}_{work.person.login}_{work.person.lms_id}"
        for content, at in work.attempts:
            local = at + timedelta(hours=1)
            path = f"{folder}/{local:%Y%m%d%H%M%S}_{work.lesson}.ipynb"
            yield _attempt(work, path, content, at)
    person = persons[-2]
    yield _wrong(f"Exercise 3/{person.name.replace(' ', '_')}_{person.login}_9/hw.pdf", person)


def exchange(persons):
    for work in works(persons):
        for content, at in work.attempts:
            folder = f"{work.person.student}+{work.lesson}+{at}.000000 UTC+abc"
            path = f"inbound/{folder}/{work.lesson}.ipynb"
            yield _attempt(work, path, content, at)
    at = persons[-2].student
    yield _wrong(f"inbound/{at}+steplr+2026-02-01 10:00:00 UTC+abc/steplr.pdf", persons[-2])


def gradescope(persons):
    said, number = [], 100
    for work in works(persons):
        for content, at in work.attempts:
            number += 1
            person, kept = work.person, content == work.attempts[-1][0]
            said.append(
                f"submission_{number}:\n  :submitters:\n  - :name: {json.dumps(person.name)}\n"
                f"    :sid: ''\n    :email: {person.email}\n  :created_at: {at}.000000000 Z\n"
            )
            path = f"assignment_9_export/submission_{number}/x.ipynb"
            yield File(path, content, person.student, work.lesson, at, at > DUE, kept)
    text = "---\n" + "".join(said)
    yield File("assignment_9_export/submission_metadata.yml", text.encode(), listed=False)


def repositories(persons):
    done = {}
    for work in works(persons):
        file = _newest(work, f"lr-course-{work.person.login}/work/{work.lesson}.ipynb")
        done.setdefault(work.person.login, []).append(file)
    for login, files in done.items():
        at = max(file.at for file in files)
        yield from (replace(file, at=at, late=at > DUE) for file in files)
        yield File(f"lr-course-{login}/.git", str(at).encode(), listed=False)
    yield _wrong(f"lr-course-{persons[-2].login}/README.md", persons[-2])


def returned(persons):
    """Everybody's own zip, in which the whole folder lessons/ lies."""
    for work in works(persons):
        path = f"{work.person.student}.zip/lessons/{work.lesson}/{work.lesson}.ipynb"
        yield _newest(work, path, at=False)
        yield File(f"{work.person.student}.zip/lessons/data/x.json", b"{}", listed=False)
    yield _wrong(f"{persons[-2].student}.zip/homework.docx", persons[-2])


def mixed(persons):
    """A part of the class in each of some shapes, in folders side by side."""
    some = (nbgraders, moodle, mail, homes, exchange, swapped)
    for number, shape in enumerate(some):
        mine = [person for place, person in enumerate(persons[:-2]) if place % len(some) == number]
        for file in shape([*mine, *persons[-2:]]):
            if number == 0 or file.student != persons[-2].student:
                yield replace(file, path=f"part {number}/{file.path}")


SHAPES = (
    *(nbgraders, swapped, moodle, moodle_flat, canvas, google, mail, homes, exchange, gradescope),
    *(repositories, returned, mixed, blackboard, brightspace, ilias),
)


def with_dirt(files):
    """What systems and editors leave beside a file."""
    for number, file in enumerate(files):
        yield file
        if file.path.endswith(".ipynb") and number % 5 == 0:
            folder, _, name = file.path.rpartition("/")
            top = f"{folder}/" if folder else ""
            yield File(f"{top}._{name}", b"\0\5\26\7", listed=False)
            yield File(f"{top}.ipynb_checkpoints/{name}", file.content, listed=False)
            yield File(f"__MACOSX/{top}._{name}", b"\0\5", listed=False)


def write_folder(files, folder):
    """Files into a folder; archives that stand in paths are made, and repositories."""
    archives = {}
    for file in files:
        path = folder / file.path
        inner = next((each for each in path.parents if each.suffix == ".zip"), None)
        if inner:
            archives.setdefault(inner, []).append((path.relative_to(inner), file.content))
        elif path.name == ".git":
            commit(path.parent, datetime.fromisoformat(file.content.decode()))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
    for path, members in archives.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in dict(members).items():
                archive.writestr(str(name), content)


def commit(folder, at):
    """Make a repository with one commit."""
    folder.mkdir(parents=True, exist_ok=True)
    with Repo.init(str(folder)) as repo:
        blob, tree = Blob.from_string(b"x"), Tree()
        tree.add(b"x", 0o100644, blob.id)
        made = Commit()
        made.tree, made.author, made.committer, made.message = tree.id, b"a <a@b>", b"a <a@b>", b"x"
        made.commit_time = made.author_time = int(at.replace(tzinfo=UTC).timestamp())
        made.commit_timezone = made.author_timezone = 3600
        for each in (blob, tree, made):
            repo.object_store.add_object(each)
        repo.refs[b"HEAD"] = made.id


def zipped(folder, to):
    """A zip as a Mac makes it: names with accents taken apart, and no word that they are UTF-8."""
    with zipfile.ZipFile(to, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = unicodedata.normalize("NFD", str(path.relative_to(folder)))
            info = zipfile.ZipInfo.from_file(path, name + "/" * path.is_dir())
            archive.writestr(info, b"" if path.is_dir() else path.read_bytes())
    return to
