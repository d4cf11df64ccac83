"""However much a submission holds, what is made of it has a bounded size and takes bounded work."""

import json
import random

import pytest

from grader import paths
from grader.batch.records import Task
from grader.batch.submissions import MOST_OF_A_STUDENT, find
from grader.errors import Unreadable
from grader.pages import render
from grader.pages.autograded import autograded
from grader.submission.answers import RunResult
from grader.submission.assemble import MAX_BRACKETS, MAX_BYTES, MAX_CODE_CHARS, assemble
from grader.submission.graded import Cell, Graded
from grader.submission.grading import PRINTED_CHARS, _executed
from grader.submission.limits import Limits
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


def test_code_without_end_is_refused_with_a_sentence():
    notebook = json.loads(paths.released(LESSON).read_bytes())
    cell = {"cell_type": "code", "metadata": {}, "source": "\n" * 400_000}
    notebook["cells"] += [cell] * (MAX_CODE_CHARS // 400_000 + 1)
    with pytest.raises(Unreadable, match="characters"):
        assemble(json.dumps(notebook).encode(), LESSON)


@pytest.mark.parametrize("part", ["[]", "{}", '{"":[]}', "[[[]]]"])
def test_a_notebook_of_countless_parts_is_not_parsed(part, monkeypatch):
    monkeypatch.setattr("grader.submission.assemble.json", None)  # parsing it is what costs
    many = f"[{part},".encode() * MAX_BRACKETS
    with pytest.raises(Unreadable, match="too many parts"):
        assemble(many[:MAX_BYTES], LESSON)


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


def test_a_link_to_a_name_that_is_too_long_is_one_line(tmp_path):
    (tmp_path / "ada" / LESSON).mkdir(parents=True)
    (tmp_path / "mallory").symlink_to("x" * 300)
    assert [each.student for each in find(tmp_path)] == ["ada", "mallory"]


def _task(student, content):
    return Task(student, LESSON, content, "", "", "s" * 32, Limits(), True)


def test_cases_belong_to_the_bytes_not_to_the_student():
    seeds = {_task(student, b"1").seed for student in ("ada", "bob")}
    assert len(seeds) == 1 and _task("ada", b"2").seed not in seeds


def test_what_is_deeper_than_any_value_is_not_read():
    deepest = 1.0
    for _ in range(2 * codec.MAX_DEPTH):
        deepest = {1.5: deepest}  # no other value takes so many levels of a text
    assert observations(codec.dumps([{"value": codec.plain(deepest)}]), 1) is not None
    brackets = "[" * 4 * codec.MAX_DEPTH
    assert observations(f'[{{"value": {brackets}{brackets.replace("[", "]")}}}]', 1) is None
    assert observations(f'[{{"value": "{brackets}\\"{brackets}"}}]', 1) is not None
