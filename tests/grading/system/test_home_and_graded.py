"""A notebook that says "right" at home, from top to bottom, is right when it is graded."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import at_home
import pytest
from real_life import KINDS, Book

from grader import paths
from grader.exercises import LESSONS
from grader.submission.grading import grade_submission
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

SEED = "real life"


@pytest.fixture(scope="module")
def sandbox(bubblewrap):
    """With the limits of a class: what a learner's machine has time for is not cut off here."""
    with Sandbox(replace(Limits(), cell_seconds=10)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def home():
    """Run a notebook as its learner does: exercise → (kind, credit) of its best check."""
    kernel = subprocess.Popen(
        [sys.executable, at_home.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(paths.LRLAB.parent)},
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
def test_what_is_said_at_home_holds_when_graded(kind, home, sandbox, monkeypatch):
    # A busy machine needs longer for all demonstrations.
    monkeypatch.setattr("grader.submission.grading.DEMO_SECONDS", 200)
    lesson = LESSONS[list(KINDS).index(kind) % len(LESSONS)]
    book, meant = (Book(lesson, random.Random(f"{SEED} {kind}")) for _ in range(2))
    KINDS[kind](book)
    said = home(meant if book.beyond_home else book)
    graded = grade_submission(book.bytes(), lesson, SEED, sandbox)
    assert graded.status == "graded", graded.detail
    differ = {
        mark.id: (said.get(mark.id), mark.found)
        for mark in graded.exercises
        if (mark.found.kind, mark.found.credit) not in _held(said.get(mark.id))
        and not mark.found.diagnosis.startswith("Right, but for ")  # Home waits for the helper.
    }
    assert differ == {}


def _held(said):
    """The verdicts that hold what was said at home; nothing was where a check raised NameError.

    A stub that was copied below a right answer stops, at home, what calls it. Grading knows stubs.
    """
    if said is None:
        return [("unanswered", 0.0), ("error", 0.0)]
    return [said, ("wrong", 0.0)] if said == ("error", 0.0) else [said]
