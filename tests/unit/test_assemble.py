"""Any bytes may be handed in: assemble takes code from them or says what is wrong with them."""

import contextlib
import copy
import json
import random

import pytest

from grader.errors import Unreadable
from grader.exercises import LESSONS, of_lesson
from grader.notebook import released
from grader.submission.assemble import MAX_BYTES, assemble, lesson_of

LESSON = "steplr"


def _notebook(answers=()):
    notebook = json.loads(json.dumps(released(LESSON)))
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("grade_id") in dict(answers):
            cell["source"] = dict(answers)[meta["grade_id"]]
    return notebook


def _cell(notebook, grade_id):
    (found,) = [
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def _assembled(notebook):
    return assemble(json.dumps(notebook).encode(), LESSON)


def _answer(cells, exercise="step_lr"):
    (found,) = [c for c in cells if c.origin == "answer" and c.exercise == exercise]
    return found.source


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not valid JSON"),
        (b"\x00\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"cells": [' + b"1" * 5_000 + b"]}", "not valid JSON"),
        (b"[]", "no cells"),
        (b'{"cells": {}}', "no cells"),
        (b'{"cells": []}', "no cells"),
        (b'{"cells": [' + b"1," * 3_000 + b"1]}", "3001 cells"),
        (json.dumps({"cells": [{"source": "x" * 600_000}]}).encode(), "characters"),
        (b" " * (MAX_BYTES + 1), "20 MiB"),
    ],
)
def test_what_is_no_notebook_gets_a_sentence(content, sentence):
    with pytest.raises(Unreadable, match=sentence) as raised:
        assemble(content, LESSON)
    assert str(raised.value).endswith(".")


def test_only_sources_of_answers_are_taken():
    notebook = _notebook({"step_lr-answer": "mine = 1"})
    graded = _cell(notebook, "step_lr")
    graded["source"] = "forged = 1"
    graded["metadata"]["nbgrader"]["points"] = 100
    notebook["metadata"]["kernelspec"] = {"name": "evil"}
    given = next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("given-")
    )
    given["source"] = "also_forged = 1"
    cells = _assembled(notebook)
    assert _answer(cells) == "mine = 1"
    assert not any("forged" in cell.source for cell in cells)
    assert [c.exercise for c in cells if c.origin == "graded"] == [e.id for e in of_lesson(LESSON)]


def test_demonstrations_are_left_out():
    demos = {c.id for c in released(LESSON).cells if "demo" in c.metadata.get("tags", [])}
    assert demos
    assert demos.isdisjoint(cell.cell_id for cell in _assembled(_notebook()))


def test_own_cells_keep_their_place():
    notebook = _notebook()
    position = notebook["cells"].index(_cell(notebook, "step_lr-answer"))
    notebook["cells"].insert(position, {"cell_type": "code", "metadata": {}, "source": "helper"})
    notebook["cells"].append({"cell_type": "code", "source": ["last", " one"]})
    notebook["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "no code"})
    cells = _assembled(notebook)
    place = [cell.source for cell in cells].index("helper")
    assert (cells[place].origin, cells[place + 1].exercise) == ("extra", "step_lr")
    assert (cells[-1].origin, cells[-1].source) == ("extra", "last one")


def test_of_two_copies_the_last_that_is_no_stub_counts():
    for sources, counted in (
        (("first", "second"), "second"),
        (("first", "raise NotImplementedError"), "first"),
        (("raise NotImplementedError", "second"), "second"),
    ):
        notebook = _notebook({"step_lr-answer": sources[0]})
        again = copy.deepcopy(_cell(notebook, "step_lr-answer"))
        again["source"] = sources[1]
        notebook["cells"].append(again)
        assert _answer(_assembled(notebook)) == counted


def test_a_deleted_answer_is_empty_and_the_others_stay():
    notebook = _notebook({"step_lr_trace-answer": "mine = 1"})
    notebook["cells"].remove(_cell(notebook, "step_lr-answer"))
    cells = _assembled(notebook)
    assert _answer(cells) == ""
    assert _answer(cells, "step_lr_trace") == "mine = 1"


def test_an_answer_that_became_markdown_or_came_from_an_old_notebook_still_counts():
    notebook = _notebook({"step_lr-answer": "mine = 1"})
    _cell(notebook, "step_lr-answer")["cell_type"] = "markdown"
    assert _answer(_assembled(notebook)) == "mine = 1"
    old = [{**cell, "input": cell["source"]} for cell in notebook["cells"]]
    for cell in old:
        del cell["source"]
    assert _answer(_assembled({"nbformat": 3, "worksheets": [{"cells": old}]})) == "mine = 1"


def test_another_lessons_cells_are_only_extra_code():
    other = json.loads(json.dumps(released("plateau")))
    cells = _assembled(other)
    assert {c.origin for c in cells} == {"given", "answer", "graded", "extra"}
    assert all(c.source == "" for c in cells if c.origin == "answer")


def test_text_that_is_no_unicode_can_be_sent_on():
    notebook = _notebook({"step_lr-answer": "x = '\ud800'"})
    _answer(_assembled(notebook)).encode()


def test_the_lesson_is_found_by_its_cells():
    for lesson in LESSONS:
        assert lesson_of(json.dumps(released(lesson)).encode()) == lesson
    assert lesson_of(b"{}") == ""


def test_shuffled_and_damaged_notebooks_never_raise_anything_else():
    rng = random.Random(0)
    good = json.dumps(_notebook()).encode()
    readable = 0
    for _ in range(300):
        damaged = bytearray(good)
        for _ in range(rng.randint(1, 30)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(Unreadable):
            readable += bool(assemble(bytes(damaged), LESSON))
    assert 0 < readable < 300
