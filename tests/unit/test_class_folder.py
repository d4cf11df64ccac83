"""One submission's trouble stays its own, also where scores are written or the grader fails."""

import json
import os

import pytest
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from grader.batch import outcomes
from grader.batch.class_folder import SOURCES, ClassFolder, address_of
from grader.batch.exchange import make_releasable
from grader.batch.files import write_whole
from grader.batch.keeping import Removal
from grader.batch.records import Outcome, Task
from grader.errors import CannotBegin, NoSandbox
from grader.exercises import of_lesson
from grader.submission import grading
from grader.submission.limits import Limits

LESSON = "steplr"
STUDENTS = ("ada", "bob", "cy")
REFUSALS = [
    ValueError("a lone surrogate"),
    OverflowError("too large a number"),
    DataError("insert", {}, Exception("too long")),
    IntegrityError("insert", {}, Exception("twice")),
]


class Gradebook:
    """It refuses bob's scores, and is away while `away` is set."""

    def __init__(self, refusal):
        self.refusal, self.away, self.saved = refusal, None, []

    def takes(self, line):
        return True

    def whole(self):
        return set()

    def save(self, entries):
        if self.away:
            raise self.away
        if any(line["student"] == "bob" for line, _ in entries):
            raise self.refusal
        self.saved += [line["student"] for line, _ in entries]


def task(student):
    return Task(student, LESSON, b"{}", "", "", "s" * 32, Limits(), False)


def put(folder, student):
    line = grading.ungraded(LESSON, "", "graded").as_line(student, LESSON)
    folder.put(task(student), Outcome(line))


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: type(each).__name__)
def test_only_what_a_gradebook_refuses_has_failed(refusal, tmp_path):
    gradebook = Gradebook(refusal)
    with ClassFolder(tmp_path) as folder:
        for student in STUDENTS:
            put(folder, student)
        lines = folder.commit(gradebook)
        assert [line["status"] for line in lines] == ["graded", "failed", "graded"]
        assert gradebook.saved == ["ada", "cy"]
        assert folder.fill(gradebook, "another")
        assert gradebook.saved == ["ada", "cy"] * 2
    assert "bob" in (tmp_path / "grade.log").read_text()


@pytest.mark.parametrize(
    ("handed_in", "other"),
    {
        f"{LESSON}.ipynb": "",
        f"{LESSON} (1).ipynb": f"{LESSON} (1).html",
        "Übung 1; von Zoë.v2.ipynb": "Übung 1; von Zoë.v2.html",
        f"{'n' * 249}.ipynb": f"{'n' * 249}.html",
        f"{LESSON}.ipynb.txt": "",  # nbgrader looks for no page of it
        "": "",
    }.items(),
)
def test_a_page_is_released_under_its_lessons_name_and_that_of_the_file(handed_in, other, tmp_path):
    page = tmp_path / f"{LESSON}.html"
    page.write_text("before")
    make_releasable(page, "", "", "another hand-in.ipynb")
    for _ in range(2):
        make_releasable(page, "", "", handed_in)
    write_whole(page, "with marks")
    there = {each.name: each.read_text() for each in tmp_path.glob("*.html")}
    assert there == dict.fromkeys(filter(None, (page.name, other)), "with marks")


def test_what_could_not_be_written_is_written_by_the_next_commit(tmp_path):
    gradebook = Gradebook(ValueError())
    gradebook.away = OperationalError("insert", {}, Exception("away"))
    with ClassFolder(tmp_path) as folder:
        put(folder, "ada")
        with pytest.raises(OperationalError):
            folder.commit(gradebook)
        assert ("ada", LESSON) not in folder.results
        gradebook.away = None
        assert [line["student"] for line in folder.commit(gradebook)] == ["ada"]


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), MemoryError(), TypeError("y")])
def test_whatever_the_grader_raises_is_that_submissions_line(error, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(grading, "grade_submission", broken)
    outcome = outcomes.grade_task(task("ada"), None)
    assert (outcome.line["status"], outcome.line["score"]) == ("failed", 0)
    assert len(outcome.line["exercises"]) == len(of_lesson(LESSON))
    assert type(error).__name__ in outcome.trouble


@pytest.mark.parametrize("error", [NoSandbox("none"), OSError("no disk")])
def test_what_concerns_every_submission_ends_the_run(error, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(grading, "grade_submission", broken)
    with pytest.raises(type(error)):
        outcomes.grade_task(task("ada"), None)


@pytest.mark.parametrize("option", ["password", "sslpassword", "PASSWORD", "passwd"])
def test_no_password_is_kept_or_shown_with_the_address_of_a_gradebook(option, tmp_path):
    url = "postgresql://ada:hunter2@host/name?sslmode=require&{}=hunter{}"
    first, second = (address_of(url.format(option, n), tmp_path) for n in (1, 2))
    assert first == second == "postgresql://ada:***@host/name?sslmode=require"


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff"), "n" * 500, "\0"])
def test_whoever_has_no_name_that_a_gradebook_takes_is_not_known(name, tmp_path):
    with pytest.raises(CannotBegin, match=r"grades\.csv has all names"):
        Removal(name, None, tmp_path, None)


@pytest.mark.parametrize("secret", ["", "\n", "short", "x" * 31])
def test_a_secret_that_can_be_guessed_is_refused(secret, tmp_path):
    (tmp_path / ".secret").write_text(secret)
    with ClassFolder(tmp_path) as folder, pytest.raises(CannotBegin, match="Delete it"):
        folder.secret()


# Where the run looked, what else was graded from where, and whose note about no lesson stays then.
NOTES = ("bob", "cy", "gone")  # bob has handed in since, cy has not
PLACES = {
    "all was collected": ("submitted", [], {"cy"}),
    "another place, of which something is left": ("submitted", ["week1"], {"bob", "cy", "gone"}),
    "another place, which was moved away": ("submitted", ["moved"], {"cy", "gone"}),
    "an instructor's own folder": ("week2", [], {"cy", "gone"}),
}


@pytest.mark.parametrize(("where", "others", "kept"), PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("status", ["missing", "unreadable", "unrecognised"])
def test_a_note_about_no_lesson_goes_when_it_is_no_longer_so(where, others, kept, status, tmp_path):
    (tmp_path / "week1" / "bob").mkdir(parents=True)
    (tmp_path / "week1" / "gone").mkdir()
    with ClassFolder(tmp_path) as folder:
        lines = [
            {**grading.ungraded(LESSON, "", status).as_line(each, ""), "version": "1"}
            for each in NOTES
        ]
        put(folder, "bob")
        folder.commit(Gradebook(ValueError()))
        folder.results.add([{**each, "exercises": []} for each in lines])
        for each in (*others, where):
            folder.remember(tmp_path / each)
        found = {("bob", LESSON), ("cy", "")}
        outdated = folder.outdated(found, tmp_path / where)
    assert {student for student in NOTES if (student, "") not in outdated} == kept
    assert all(lesson == "" for _, lesson in outdated)


@pytest.mark.parametrize(
    "noted", [b"", b"{", b"null", b"7", b"[1, null]", b"\xff", b'["/nowhere"]']
)
def test_a_damaged_note_of_sources_ends_nothing(noted, tmp_path):
    (tmp_path / SOURCES).write_bytes(noted)
    with ClassFolder(tmp_path) as folder:
        put(folder, "ada")
        assert folder.outdated({("ada", LESSON)}, tmp_path) == set()
        folder.remember(tmp_path)
    with ClassFolder(tmp_path) as folder:
        assert str(tmp_path) in json.loads((tmp_path / SOURCES).read_text("utf-8"))
