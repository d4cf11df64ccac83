"""Classes of hostile and broken submissions, each graded once by the real command."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import classroom
import pytest
from ours import PACES, Outcome, Pace, by_pace, grade_class
from suite import ATTACKS
from suite.base import ESCAPED, FULL, LESSON, Attack

from grader.untrusted import csv_cell, one_line

LINE_BYTES = 50_000
TRIES = 2  # a submission that ends the warm process is run once more

pytestmark = pytest.mark.skipif(
    shutil.which("bwrap") is None,
    reason="bubblewrap is not installed: NOTHING proves that the sandbox holds",
)


# An ordinary user's walls are other ones than root's. Where both can be, each has half of the
# attacks, of every kind: `make long` tries them all as both.
NOBODY = 65_534
STAYS = "stays-unkillable"  # what shows that the watcher sees processes, in each class


def _half(first: int) -> list[Attack]:
    every = bool(os.environ.get("EVERY_ATTACK"))
    return [a for n, a in enumerate(ATTACKS) if every or n % 2 == first or a.name == STAYS]


WHO: dict[str, tuple[Sequence[Attack], int | None]] = (
    {"root": (_half(0), None), "ordinary-user": (_half(1), NOBODY)}
    if os.geteuid() == 0
    else {"whoever-runs-this": (ATTACKS, None)}
)
# What only a limit ends would wait most of the time: it has a class with short limits.
CLASSES: dict[str, tuple[Sequence[Attack], int | None, Pace]] = {
    f"{who}-{pace}": (some, user, PACES[pace])
    for who, (attacks, user) in WHO.items()
    for pace, some in by_pace(attacks).items()
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outcome]:
    """Each class is graded once: `graded(who)`."""
    return cache(lambda who: grade_class(tmp_path_factory.mktemp("class"), *CLASSES[who]))


@pytest.fixture
def outcome(graded: Callable[[str], Outcome], who: str) -> Outcome:
    return graded(who)


def _everybody(attacks: bool) -> list[Any]:
    return [
        pytest.param(
            *((who, student, attack) if attack else (who, student)),
            id=f"{who}-{attack.name if attack else student!s}",
        )
        for who, (handed_in, *_) in CLASSES.items()
        for student, attack in classroom.students(handed_in)
        if bool(attack) is attacks
    ]


EACH_ATTACK = pytest.mark.parametrize(("who", "student", "attack"), _everybody(attacks=True))
EACH_CLASS = pytest.mark.parametrize("who", CLASSES)


@EACH_ATTACK
def test_attack_gets_its_status_and_what_it_earned(student, attack, outcome):
    line = outcome.line(student)
    assert line["score"] == attack.earned, line
    assert line["status"] in attack.allowed, line
    taken_in = not set('<>"') & set(line["student"])  # others come into no gradebook
    assert line["max_score"] == (FULL if taken_in else 0)
    assert sum(each["score"] for each in line["exercises"]) == line["score"]


@EACH_ATTACK
def test_attack_learns_nothing_and_is_contained(student, attack, outcome):
    line = json.dumps(outcome.line(student))
    assert ESCAPED not in line
    assert len(line) < LINE_BYTES, "what a stranger wrote is not bounded"
    once = outcome.pace.seconds + outcome.neighbour_seconds  # on this machine, as busy as it is
    assert outcome.line(student)["seconds"] < TRIES * once, "its limit was not applied"


@EACH_ATTACK
def test_attack_ends_with_its_submission(student, attack, outcome):
    late = outcome.outlived(attack.name, student)
    assert late <= outcome.pace.workers, f"still alive when {late} others were graded after it"


@pytest.mark.parametrize("who", [who for who in CLASSES if who.endswith("-short")])
def test_the_watcher_saw_processes_while_their_submission_ran(outcome):
    assert any(mark.endswith(f"-{STAYS}") for mark in outcome.last_seen)


@pytest.mark.parametrize(("who", "student"), _everybody(attacks=False))
def test_neighbour_gets_full_marks(student, outcome):
    line = outcome.line(student)
    assert (line["status"], line["score"]) == ("graded", FULL), line


@EACH_CLASS
def test_every_submission_has_one_line_and_the_command_succeeds(who, outcome):
    counts = Counter(line["student"] for line in outcome.lines)
    assert counts == Counter(
        classroom.shown_name(student) for student, _ in classroom.students(CLASSES[who][0])
    )
    assert outcome.exit_code == 0, outcome.output[-3_000:]


@EACH_CLASS
def test_submissions_are_as_they_were(outcome):
    assert outcome.after["submitted"] == outcome.before["submitted"]


@EACH_CLASS
def test_lessons_are_as_they_were(outcome):
    assert outcome.after["lessons"] == outcome.before["lessons"]


@EACH_CLASS
def test_planted_files_are_as_they_were(outcome):
    after = outcome.after["planted"]
    assert {name: after.get(name) for name in outcome.before["planted"]} == outcome.before[
        "planted"
    ]


@EACH_CLASS
def test_nothing_is_left_behind(outcome):
    assert outcome.left_processes == []
    assert outcome.left_files == []


@EACH_CLASS
def test_nobody_called(outcome):
    assert outcome.calls == []


@EACH_CLASS
def test_secrets_stay_where_they_are(outcome):
    own = (outcome.out / "notes.txt", classroom.CANARY_STUDENT)
    told = outcome.hidden.found_in(outcome.output.encode())
    assert told == []
    for path in outcome.out.rglob("*"):
        if path.is_file() and path != own[0] and own[1] not in path.parts:
            assert outcome.hidden.found_in(path.read_bytes()) == [], path


@EACH_CLASS
def test_markup_of_strangers_is_shown_as_text(who, outcome):
    pages = list(outcome.out.rglob("*.html"))
    assert len(pages) > len(CLASSES[who][0])
    for page in pages:
        text = page.read_text()
        assert "<script>lrAttackRan" not in text, page
        assert "<img src=x onerror=lrAttackRan" not in text, page


@EACH_CLASS
def test_output_of_the_command_holds_no_terminal_codes_of_strangers(outcome):
    assert "\x1b]0;owned" not in outcome.output
    assert "\x1b[2J" not in outcome.output


@EACH_CLASS
def test_grades_csv_has_a_row_for_everybody(outcome):
    with open(outcome.out / "grades.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["student"]: (row["lesson"], float(row["score"])) for row in rows} == {
        csv_cell(one_line(line["student"])): (line["lesson"], line["score"])
        for line in outcome.lines
    }
    assert {row["lesson"] for row in rows} <= {LESSON, ""}  # that of a student who is not taken in
