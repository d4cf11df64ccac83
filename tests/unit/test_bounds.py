"""However much a submission holds, what is made of it has a bounded size and takes bounded work."""

import json
import os
import pickle
import random
import socket
import sys
import tracemalloc
from collections import Counter

import pytest

from grader import paths
from grader.batch.submissions import MOST_OF_A_STUDENT, MOST_READ, SECRET, Submission, find
from grader.errors import Unreadable
from grader.pages import render
from grader.pages.autograded import MAX_CODE, autograded
from grader.submission import code
from grader.submission.answers import Answers, RunResult, parse
from grader.submission.assemble import MAX_CHECKS, assemble
from grader.submission.code import read_code
from grader.submission.graded import Cell, Graded
from grader.submission.grading import PRINTED_CHARS, _executed
from grader.submission.limits import Limits
from grader.submission.reading import MAX_BRACKETS, MAX_BYTES, MAX_CODE_CHARS, MAX_COLONS
from grader.submission.renamed import renamed
from grader.untrusted import MAX_PARTS, observations
from lrlab.checking import codec

LESSON = "steplr"
PAGE_BYTES = 20 * 2**20


def test_what_all_cells_print_together_is_bounded():
    cells = [Cell("print()", "extra") for _ in range(1_900)]
    ran = RunResult(printed=dict.fromkeys(range(len(cells)), "\n" * 8_000))
    executed = tuple(_executed(cells, ran))
    assert sum(len(cell.printed) for cell in executed) == PRINTED_CHARS
    graded = Graded("graded", "", 0.1, (), executed)
    assert len(autograded(LESSON, graded)) < PAGE_BYTES
    assert len(render.feedback("ada", LESSON, graded)) < PAGE_BYTES


@pytest.mark.parametrize("size", [100, 6_000, 20_000, 60_000])
def test_the_code_that_formgrader_colours_is_bounded_and_takes_no_square_of_it(size):
    count = 240_000 // size  # so many fill the page, however large each is
    cells = [Cell("x" * size, "extra") for _ in range(count)]
    graded = Graded("graded", "", 0.1, (), tuple(_executed(cells, RunResult())))
    notebook = json.loads(autograded(LESSON, graded))
    assert notebook["metadata"]["language_info"]["pygments_lexer"] == "python3"
    own = [each["source"] for each in notebook["cells"] if each["id"].startswith("extra-")]
    assert sum("".join(source).count("x") for source in own) == MAX_CODE
    assert len(own) == count
    whole = autograded(LESSON, Graded("graded", "", 0.1, (), graded.cells[:1]))
    assert ("x" * size in whole) == (size <= 20_000)


def test_code_without_end_is_refused_with_a_sentence():
    notebook = json.loads(paths.released(LESSON).read_bytes())
    cell = {"cell_type": "code", "metadata": {}, "source": "\n" * 400_000}
    notebook["cells"] += [cell] * (MAX_CODE_CHARS // 400_000 + 1)
    with pytest.raises(Unreadable, match="characters"):
        assemble(json.dumps(notebook).encode(), LESSON)


@pytest.mark.parametrize("part", ["[]", "{}", '{"":[]}', "[[[]]]"])
def test_a_notebook_of_countless_parts_is_not_parsed(part, monkeypatch):
    monkeypatch.setattr("grader.submission.reading.json", None)  # parsing it is what costs
    many = f"[{part},".encode() * MAX_BRACKETS
    with pytest.raises(Unreadable, match="too many parts"):
        assemble(many[:MAX_BYTES], LESSON)


@pytest.mark.parametrize("space", ["", " ", "\n"])
def test_a_notebook_of_countless_names_is_not_parsed(space, monkeypatch):
    monkeypatch.setattr("grader.submission.reading.json", None)  # parsing it is what costs
    names = ",".join(f'"{number:x}"{space}:0' for number in range(MAX_COLONS + 1))
    with pytest.raises(Unreadable, match="too many parts"):
        assemble(f"{{{names}}}".encode(), LESSON)


@pytest.mark.parametrize("part", ["[[]],", '{"":0},', "0,", "[0],"])
def test_an_observation_of_countless_parts_is_not_read(part, monkeypatch):
    monkeypatch.setattr("lrlab.checking.codec.loads", None)  # reading it is what costs
    assert observations(f"[{part * MAX_PARTS}0]", 1) is None


@pytest.mark.parametrize("seed", range(20))
def test_room_in_code_is_squeezed_and_its_words_stay(seed):
    rng = random.Random(seed)
    source = "".join(
        rng.choices([" ", "\t", "\n", "x = 1", "if x:\n    y"], [9, 1, 9, 1, 1], k=3_000)
    )
    squeezed = render._squeezed(source)
    assert squeezed.split() == source.split()
    assert "\n\n\n\n" not in squeezed
    assert (
        max(len(line) - len(line.lstrip()) for line in squeezed.split("\n")) <= render.MOST_INDENT
    )


def test_code_that_is_not_odd_is_shown_as_it_is():
    source = "def f():\n    if True:\n\n        return 1\n\n\nf()"
    assert render._squeezed(source) == source


def test_one_student_fills_no_report(tmp_path):
    for number in range(MOST_OF_A_STUDENT + 200):
        folder = tmp_path / "mallory" / f"=lesson {number}"
        folder.mkdir(parents=True)
        (folder / f"{folder.name}.ipynb").touch()
    (tmp_path / "ada" / LESSON).mkdir(parents=True)
    found = find(tmp_path)
    assert [each.student for each in found].count("mallory") == MOST_OF_A_STUDENT + 1
    assert "more than 50 folders" in found[-1].problem
    assert found[0].key == ("ada", LESSON)


@pytest.mark.parametrize("named", [True, False])
def test_few_of_countless_notebooks_in_a_folder_are_read(named, tmp_path, monkeypatch):
    folder = tmp_path / "mallory" / LESSON
    folder.mkdir(parents=True)
    for number in range(200):
        (folder / f"{LESSON if named and not number else number}.ipynb").write_text(str(number))
    read = []
    monkeypatch.setattr(
        "grader.batch.submissions.read_bytes",
        lambda path, most: read.append(path) or os.fsencode(path),
    )
    (found,) = find(tmp_path)
    assert "and 196 more" in found.note if named else "200 notebooks" in found.problem
    assert len(read) <= MOST_READ + 1


def test_a_link_to_a_name_that_is_too_long_is_one_line(tmp_path):
    (tmp_path / "ada" / LESSON).mkdir(parents=True)
    (tmp_path / "mallory").symlink_to("x" * 300)
    assert [each.student for each in find(tmp_path)] == ["ada", "mallory"]


def _task(folder, student, content):
    path = folder / student / f"{LESSON}.ipynb"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return Submission(student, LESSON, path).task("s" * 32, Limits())


def test_cases_belong_to_the_bytes_not_to_the_student(tmp_path):
    seeds = {_task(tmp_path, student, b"1").seed for student in ("ada", "bob")}
    assert len(seeds) == 1 and _task(tmp_path, "ada", b"2").seed not in seeds


def test_the_secret_of_the_class_leaves_for_no_worker_and_no_other_secret_for_its_log(tmp_path):
    _task(tmp_path, "ada", b"1")
    (tmp_path / "ada" / SECRET).write_text("of the exchange")
    task = _task(tmp_path, "ada", b"1")
    assert b"s" * 32 not in pickle.dumps(task)
    assert task.seed not in repr(task) and task.exchange_secret not in repr(task)


def test_what_is_deeper_than_any_value_is_not_read():
    deepest = 1.0
    for _ in range(2 * codec.MAX_DEPTH):
        deepest = {1.5: deepest}  # no other value takes so many levels of a text
    assert observations(codec.dumps([{"value": codec.plain(deepest)}]), 1) is not None
    brackets = "[" * 4 * codec.MAX_DEPTH
    assert observations(f'[{{"value": {brackets}{brackets.replace("[", "]")}}}]', 1) is None
    assert observations(f'[{{"value": "{brackets}\\"{brackets}"}}]', 1) is not None


def _work(function, *arguments):
    """How many lines of Python a call executes: the same on every machine, busy or not."""
    lines = 0

    def trace(frame, event, arg):
        nonlocal lines
        lines += event == "line"
        return trace

    read_code.cache_clear()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return lines


def _of_cells(*cells):
    """The released notebook with other cells behind its own: (kind, source, grade_id)."""
    notebook = json.loads(paths.released(LESSON).read_bytes())
    for number, (kind, source, grade_id) in enumerate(cells):
        metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
        cell = {"cell_type": kind, "id": f"own-{number}", "metadata": metadata, "source": source}
        notebook["cells"].append(cell)
    return json.dumps(notebook).encode()


BURDENS = {
    "arguments of check": lambda n: [("code", f"check('step_lr', {'f, ' * n})", "")],
    "expressions in check": lambda n: [("code", f"check('step_lr', {'f + 1, ' * n})", "")],
    "calls in lines": lambda n: [("code", "check('step_lr', f(1))\n" * n, "")],
    "calls in one line": lambda n: [("code", "check('step_lr', f(1));" * n, "")],
    "calls in several cells": lambda n: [("code", f"check('step_lr', {k})", "") for k in range(n)],
    "functions": lambda n: [("code", "\n".join(f"def f{k}(): pass" for k in range(n)), "")],
    "methods": lambda n: [
        ("code", "\n".join(["class A:", *(f"    def f{k}(self): 1" for k in range(n))]), "")
    ],
    "cells of code": lambda n: [("code", f"x{k} = 1", "") for k in range(n)],
    "answers": lambda n: [("code", f"def step_lr(): {k}", "step_lr-answer") for k in range(n)],
    "answers as texts": lambda n: [
        *(("code", f"x{k} = 1", "") for k in range(n)),
        *(("markdown", f"def f{k}(): {k}", "step_lr-answer") for k in range(n)),
    ],
    "texts": lambda n: [("markdown", f"a\n\n{k}", "") for k in range(n)],
    "magics": lambda n: [("code", "%magic\n!ls\nx?\n" * n, "")],
}


@pytest.mark.parametrize("burden", BURDENS)
def test_the_work_of_reading_grows_with_the_size_alone(burden):
    small, large = (_of_cells(*BURDENS[burden](n)) for n in (150, 600))
    assemble(small, LESSON)  # what is known of the lesson is read once
    assert _work(assemble, large, LESSON) < 5 * _work(assemble, small, LESSON)


def test_no_code_is_parsed_again_and_again(monkeypatch):
    parsed = Counter()
    parse = code._parsed
    monkeypatch.setattr(code, "_parsed", lambda text: parsed.update([text]) or parse(text))
    read_code.cache_clear()
    assemble(_of_cells(*[("code", f"unlike_{n} = {n}", "") for n in range(1_800)]), LESSON)
    assert len(parsed) > 1_800 and max(parsed.values()) == 1


def test_a_renamed_answer_is_looked_for_among_few_names():
    graded = Cell("check('f', f)", "graded", "f", names=("f",))
    cells = [
        [*(Cell(f"def f{k}(): pass", "answer", "f") for k in range(n)), graded]
        for n in (300, 1_200)
    ]
    assert renamed("f", cells[0]).startswith("You define `f")
    few, many = (_work(renamed, "f", each) for each in cells)
    assert many < 5 * few


@pytest.mark.parametrize("text", [False, True])
def test_more_code_than_anybody_writes_is_refused_with_a_sentence(text):
    kind, grade_id = ("markdown", "step_lr-answer") if text else ("code", "")
    much = "x = 1\n" * (MAX_CODE_CHARS // 12)
    with pytest.raises(Unreadable, match="characters of code"):
        assemble(_of_cells(*[(kind, f"{much}# {n}", grade_id) for n in range(2)]), LESSON)
    calls = "check('step_lr', f)\n" * (MAX_CHECKS // 2)
    with pytest.raises(Unreadable, match="calls `check`"):
        assemble(_of_cells(*[(kind, f"{calls}# {n}", grade_id) for n in range(3)]), LESSON)


# Whatever looks at these more than once per letter does not come to an end.
UNITS = ['\\"', '"', "\\\\", "\\", '[\\"', '{\\"', '"\\', '\\n"', '""', "\\u0041", '"[', "a"]
MANY = 1_000_000


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("begin", ["", '[{"value": "', '{"cell": 1, "printed": "'])
def test_quotes_and_escapes_without_end_take_neither_time_nor_memory(begin, unit):
    for end in ("", '"}]', '"}'):
        text = begin + unit * (MANY // len(unit)) + end
        tracemalloc.start()
        try:
            observations(text, 1)
            parse(text.encode())
            assert tracemalloc.get_traced_memory()[1] < 20 * MANY
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("part", ['"x":0,', "[],", '{"":0},', "0,", '"",', "9", '"cell":1,'])
def test_a_message_of_countless_parts_is_not_parsed(part, monkeypatch):
    monkeypatch.setattr("grader.submission.answers.json", None)  # parsing it is what costs
    for begin in ('{"cell": 1, "x": {', '{"cell": 1, "x": [', ""):
        assert parse((begin + part * 1_000).encode()) == {}


@pytest.mark.parametrize("text", ['"', "\\", '\\"', '"\\\\"', "{[,:]}", "\n", "\u2028\ud800", ""])
def test_every_message_of_ours_is_understood(text):
    for message in (
        {"walled": True},
        {"unwalled": text},
        {"cell": 1_999},
        {"cell": 7, "printed": text, "failed": {"type": text, "message": text}},
        {"cell": 7, "printed": text, "observed": json.dumps([{text: text}])},
        {"done": True},
    ):
        assert parse(json.dumps(message).encode()) == message


class _Dripping:
    """A pipe that is always ready, and gives what it is made of piece by piece."""

    def __init__(self, ready, pieces):
        self.fileno, self.pieces = ready.fileno, iter(pieces)

    def read(self, size):
        return next(self.pieces, b"")


def _pauses(monkeypatch, cells, pieces):
    """How often the reader of a run of so many cells waits for more to come."""
    slept = []
    monkeypatch.setattr("grader.submission.answers.time.sleep", slept.append)
    control, other = socket.socketpair()
    answers = Answers([{"source": ""}] * cells, Limits())
    with control, other, open(os.devnull, "rb") as ready:
        assert answers._read(_Dripping(ready, pieces), control) == "done"
    return len(slept)


def test_who_writes_byte_by_byte_is_read_in_larger_pieces(monkeypatch):
    said = [{"walled": True}, *({"cell": n} for n in range(2_000) for _ in range(2))]
    lines = [json.dumps(each).encode() + b"\n" for each in [*said, {"done": True}]]
    assert _pauses(monkeypatch, 2_000, lines) == 0
    drips = [lines[0], *[b" "] * 20_000, b"\n", lines[-1]]
    assert _pauses(monkeypatch, 2_000, drips) > 10_000
