"""A notebook that says "right" at home, from top to bottom, is right when it is graded."""

import json
import random
import subprocess
import sys
from pathlib import Path

import at_home
import pytest
from real_life import KINDS, Book

from grader import paths
from grader.exercises import LESSONS
from grader.submission.grading import grade_submission

SEED = "real life"


@pytest.fixture(scope="module")
def home():
    """Run a notebook as its learner does: exercise → (kind, credit) of its best check."""
    kernel = subprocess.Popen(
        [sys.executable, at_home.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(paths.LRLAB.parent), "PATH": str(Path(sys.executable).parent)},
    )
    with kernel:

        def run(book):
            kernel.stdin.write(json.dumps([cell.source for cell in book.code]) + "\n")
            kernel.stdin.flush()
            said = json.loads(kernel.stdout.readline())
            return {each: tuple(max(verdicts, key=_rank)) for each, verdicts in said.items()}

        yield run
        kernel.stdin.close()


def _rank(verdict):
    kind, credit = verdict
    return credit, kind != "unanswered"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_at_home_holds_when_graded(kind, home, sandbox):
    rng = random.Random(f"{SEED} {kind}")
    lesson = LESSONS[list(KINDS).index(kind) % len(LESSONS)]
    book = Book(lesson, rng)
    KINDS[kind](book)
    said = home(book)
    graded = grade_submission(book.bytes(), lesson, SEED, sandbox)
    assert graded.status == "graded", graded.detail
    differ = {
        mark.id: (said.get(mark.id), mark.found)
        for mark in graded.exercises
        if not _holds(said.get(mark.id), mark.found, book.beyond_home)
    }
    assert differ == {}
    if book.beyond_home:
        (mark,) = [mark for mark in graded.exercises if mark.id == book.exercise]
        assert mark.verdict == "right"


def _holds(said, found, beyond_home):
    """Whether a verdict is the one that was said at home, if there was one."""
    if said is None and not beyond_home:  # Its check raised NameError, or is not there.
        return (found.kind, found.credit) in (("unanswered", 0), ("error", 0))
    if beyond_home and found.kind == "right":
        return True
    return said in (None, (found.kind, found.credit))
