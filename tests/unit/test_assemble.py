"""Any bytes may be handed in: assemble takes code from them or says what is wrong with them."""

import contextlib
import copy
import json
import random

import nbformat
import pytest

from grader.errors import Unreadable, Unrecognised
from grader.exercises import LESSONS, of_lesson
from grader.notebook import released
from grader.submission.assemble import assemble
from grader.submission.reading import MAX_BYTES
from grader.submission.recognise import lesson_of

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
        (b"", "is empty"),
        (b"\r\n\0\0", "is empty"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "is a web page"),
        (b"<?xml version='1.0'?><html/>", "is a web page"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"PK\x03\x04\x14\0", "is an archive"),
        (b"\x1f\x8b\x08", "is an archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        (b"# %% [markdown]\n# StepLR\n", "text of a program"),
        (b"import torch\n\ndef step_lr():\n    pass\n", "text of a program"),
        (b'{\n "cells": [\n<<<<<<< HEAD\n  {}\n=======\n  []\n>>>>>>> x\n ]\n}', "git has left"),
        (b'{\n "cells": [\n  {\n   "cell_type": "code",\n   "sour', "breaks off"),
        (b'{\n "cells": [],\n}', "not valid JSON"),
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


def test_what_the_lesson_gives_and_what_is_graded_come_from_the_lesson():
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
    own = [cell.source for cell in cells if cell.origin == "extra" and "forged" in cell.source]
    assert own == ["also_forged = 1", "forged = 1"]  # code like any other of the learner's
    lessons = {cell.id: cell.source for cell in released(LESSON).cells}
    trusted = [cell for cell in cells if cell.origin in ("given", "graded")]
    assert all(cell.source == lessons[cell.cell_id] for cell in trusted)
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


@pytest.mark.parametrize(
    "stub",
    [
        "raise NotImplementedError",
        "raise NotImplementedError('not yet')  # later",
        "...",
        "pass",
        "return None",
        '"""Only words."""',
    ],
)
def test_an_untouched_copy_takes_nothing_back_and_a_stub_is_known_by_its_code(stub):
    written = "def step_lr(**_):\n    return 1  # raise NotImplementedError stood here"
    untouched = f"def step_lr(**_):\n    {stub}"
    other = "def step_lr(**_):\n    return 2"
    for sources, run in (
        ((written, other), [written, other]),
        ((written, untouched), [written]),
        ((untouched, written), [untouched, written]),
    ):
        notebook = _notebook({"step_lr-answer": sources[0]})
        again = copy.deepcopy(_cell(notebook, "step_lr-answer"))
        again["source"] = sources[1]
        notebook["cells"].append(again)
        answers = [
            c.source
            for c in _assembled(notebook)
            if c.origin == "answer" and c.exercise == "step_lr"
        ]
        assert answers == run


def test_a_deleted_answer_is_missing_and_the_others_stay():
    notebook = _notebook({"step_lr_trace-answer": "mine = 1"})
    notebook["cells"].remove(_cell(notebook, "step_lr-answer"))
    cells = _assembled(notebook)
    assert not [c for c in cells if c.origin == "answer" and c.exercise == "step_lr"]
    assert _answer(cells, "step_lr_trace") == "mine = 1"


def test_an_answer_that_became_markdown_or_came_from_an_old_notebook_still_counts():
    notebook = _notebook({"step_lr-answer": "mine = 1"})
    _cell(notebook, "step_lr-answer")["cell_type"] = "markdown"
    assert _answer(_assembled(notebook)) == "mine = 1"
    old = [{**cell, "input": cell["source"]} for cell in notebook["cells"]]
    for cell in old:
        del cell["source"]
    assert _answer(_assembled({"nbformat": 3, "worksheets": [{"cells": old}]})) == "mine = 1"


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("content", ["other", "mine", "texts", "given"])
def test_where_nothing_of_a_lesson_is_recognised_the_status_says_so(content, lesson):
    other = LESSONS[LESSONS.index(lesson) - 1]
    cells = {
        "other": list(released(other).cells),
        "mine": [nbformat.v4.new_code_cell("x = 1"), nbformat.v4.new_markdown_cell("x")],
        "texts": [cell for cell in released(lesson).cells if cell.cell_type == "markdown"],
        "given": [cell for cell in released(lesson).cells if "given" in str(cell.metadata)],
    }[content]
    with pytest.raises(Unrecognised, match=f"`{lesson}`") as raised:
        assemble(nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode(), lesson)
    assert (f"`{other}`" in str(raised.value)) == (content == "other")
    assert str(raised.value).endswith(".")


def test_text_that_is_no_unicode_can_be_sent_on():
    notebook = _notebook({"step_lr-answer": "x = '\ud800'"})
    assert _answer(_assembled(notebook)).encode() == b"x = '?'"


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
