"""An untouched lesson is no hand-in; an exercise that came later is not the learner's fault."""

import dataclasses
import json

import nbformat
import pytest

from grader.batch import outcomes
from grader.batch.records import Task
from grader.exercises import LESSONS, of_lesson
from grader.lines import NO_HAND_IN, NOT_IN_VERSION
from grader.notebook import released
from grader.pages.tally import class_tally
from grader.submission import grading
from grader.submission.assemble import assemble
from grader.submission.graded import Executed, Graded, Mark
from grader.submission.limits import Limits
from lrlab.checking.judge import Verdict


def outcome(monkeypatch, lesson, notebook, note="", encoding="utf-8"):
    """What becomes of a notebook in which nothing is answered; no sandbox runs it."""
    content = nbformat.writes(notebook).encode(encoding)

    def graded(*_):
        cells = tuple(Executed(**dataclasses.asdict(cell)) for cell in assemble(content, lesson))
        marks = tuple(Mark(e.id, e.points, Verdict("unanswered")) for e in of_lesson(lesson))
        return Graded("graded", "", 1.0, marks, cells)

    monkeypatch.setattr(grading, "grade_submission", graded)
    task = Task("ada", lesson, content, "", "", "s" * 32, Limits(), True, note=note)
    return outcomes.grade_task(task, None)


def untouched(lesson):
    return nbformat.from_dict(released(lesson))


def _executed(notebook):
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            cell.execution_count = number
            cell.outputs = [nbformat.v4.new_output("stream", text="1")]


def _spaced(notebook):
    for cell in notebook.cells:
        cell.source += "\n"


def _shortened(notebook):
    del notebook.cells[-2:]


def _noted(notebook):
    notebook.cells.append(nbformat.v4.new_markdown_cell("A note to myself"))
    notebook.cells.append(nbformat.v4.new_code_cell(" "))


@pytest.mark.parametrize("change", [lambda _: None, _executed, _spaced, _shortened, _noted])
@pytest.mark.parametrize("lesson", LESSONS)
def test_what_nobody_wrote_in_is_not_started(lesson, change, monkeypatch):
    notebook = untouched(lesson)
    change(notebook)
    line = outcome(monkeypatch, lesson, notebook).line
    assert (line["status"], line["score"]) == ("not_started", 0)
    assert line["detail"].startswith("Not started")


def _own_cell(notebook):
    notebook.cells.insert(3, nbformat.v4.new_code_cell("lr = 0.3"))


def _attempt(notebook):
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    cells[-1].source += "\n    # I do not know"


@pytest.mark.parametrize("change", [_own_cell, _attempt])
@pytest.mark.parametrize("lesson", LESSONS)
def test_what_somebody_wrote_in_is_a_hand_in(lesson, change, monkeypatch):
    notebook = untouched(lesson)
    change(notebook)
    line = outcome(monkeypatch, lesson, notebook, note="And more.").line
    assert (line["status"], line["detail"]) == ("graded", "And more.")
    assert NOT_IN_VERSION not in {mark["diagnosis"] for mark in line["exercises"]}


@pytest.mark.parametrize("content", [b"PK\x03\x04", b'{"cells": [{"source": "1"}]}', b" " * 2**25])
def test_what_cannot_be_read_has_no_version(content):
    task = Task("ada", LESSONS[0], content, "", "", "s" * 32, Limits(), True)
    line = outcomes.grade_task(task, None).line
    assert {mark["diagnosis"] for mark in line["exercises"]} == {line["detail"]}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        *((text, True) for text in ("fit", "(fit)", "a fit", "xfit fit", "fit_x.fit", '"fit"')),
        *((text, False) for text in ("", "fi t", "xfit", "fit_", "fits", "_fit", "\u00e9fit")),
    ],
)
def test_a_word_is_not_a_part_of_one(text, named):
    assert outcomes._names("fit", text) is named


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-be"])
def test_what_is_in_the_learners_version_is_found_in_any_encoding(encoding, monkeypatch):
    notebook = untouched(LESSONS[0])
    _own_cell(notebook)
    line = outcome(monkeypatch, LESSONS[0], notebook, encoding=encoding).line
    assert NOT_IN_VERSION not in {mark["diagnosis"] for mark in line["exercises"]}


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_came_into_the_lesson_later_is_not_in_the_learners_version(lesson, monkeypatch):
    *_, first, last = [each.id for each in of_lesson(lesson)]
    notebook = untouched(lesson)
    notebook.cells = [cell for cell in notebook.cells if last not in json.dumps(cell)]
    _own_cell(notebook)
    found = outcome(monkeypatch, lesson, notebook)
    said = {mark["id"]: mark["diagnosis"] for mark in found.line["exercises"]}
    assert said[last] == NOT_IN_VERSION and said[first] != NOT_IN_VERSION
    assert "Not in your version" in found.feedback


@pytest.mark.parametrize("status", NO_HAND_IN)
def test_what_was_not_handed_in_drags_no_mean(status, monkeypatch):
    line = outcome(monkeypatch, LESSONS[0], untouched(LESSONS[0])).line
    full = line | {"student": "bob", "status": "graded", "score": line["max_score"]}
    (lesson,) = class_tally([full, line | {"status": status}])["lessons"]
    (whole,) = lesson["parts"]
    assert (whole["mean"], whole["count"], lesson["listed"]) == (line["max_score"], 1, 2)
    assert sum(whole["bins"]) == 1
