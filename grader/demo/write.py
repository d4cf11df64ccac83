"""The example class of `python -m grader demo`: right, typical, unanswered, broken and hostile."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader import paths
from grader.batch.files import make_folder
from grader.exercises import EXERCISES, of_lesson
from grader.notebook import BEGIN_SOLUTION, read
from lrlab.checking.answer import ANSWER_SUFFIX

from .answers import ANSWERS
from .rows import SOLUTION, UNTOUCHED, Body, HandIn
from .students import CLASS

STUB = "raise NotImplementedError  # replace this line"
END_SOLUTION = BEGIN_SOLUTION.replace("BEGIN", "END")


def write_class(folder: Path) -> int:
    """Write the example class as `folder/STUDENT/LESSON/LESSON.ipynb`; return how many there are.

    The same bytes each time. Nothing in them does harm where they are run by accident, but several
    would not end, or would end Python.
    """
    count = 0
    for student, lessons in CLASS.items():
        for lesson, hand_in in lessons.items():
            path = folder / student / lesson / f"{lesson}.ipynb"
            make_folder(path.parent)
            path.write_bytes(_submission(lesson, hand_in).encode())
            count += 1
    return count


def answer_source(exercise: str, word: str) -> str:
    """The answer cell of a learner who wrote what `word` names in the answers of the class.

    "right" stands for the answer in solutions/, "-" for an untouched cell. Raises KeyError when
    there is no such exercise, or nobody wrote such an answer to it.
    """
    cell = exercise + ANSWER_SUFFIX
    lesson = EXERCISES[exercise].lesson
    if word == SOLUTION:
        lines = _cells(paths.solution(lesson))[cell].splitlines(keepends=True)
        marks = (BEGIN_SOLUTION, END_SOLUTION)
        return "".join(line for line in lines if line.strip() not in marks).rstrip("\n")
    stub = _cells(paths.released(lesson))[cell]
    return stub if word == UNTOUCHED else _fill(stub, ANSWERS[exercise].body(word))


def filled_in(lesson: str, answers: dict[str, str]) -> NotebookNode:
    """The released notebook with the sources of some answer cells, by exercise."""
    notebook = read(paths.released(lesson))
    for exercise, source in answers.items():
        notebook.cells[_position(notebook, exercise)].source = source
    return notebook


def _fill(stub: str, body: Body) -> str:
    """The stub with each of its functions completed."""
    for each in (body,) if isinstance(body, str) else body:
        indented = textwrap.indent(each.strip("\n"), "    ")
        stub = stub.replace(f"    {STUB}", indented, 1)
    return stub


@cache
def _cells(notebook: Path) -> dict[str, str]:
    """Sources of a notebook's cells by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in read(notebook).cells
        if "nbgrader" in cell.metadata
    }


def _submission(lesson: str, hand_in: HandIn) -> str:
    """The text of one submission."""
    unnamed = {exercise.id: hand_in.others for exercise in of_lesson(lesson)}
    words = unnamed | dict(hand_in.answers)
    notebook = filled_in(lesson, {id: answer_source(id, word) for id, word in words.items()})
    for exercise, source in hand_in.own_cells.items():
        cell = new_code_cell(source.strip("\n"), id="own-cell")
        notebook.cells.insert(_position(notebook, exercise), cell)
    for question, text in hand_in.words.items():
        notebook.cells[_place(notebook, question)].source = text.strip("\n")
    return FILES[hand_in.file](notebook)


def _position(notebook: NotebookNode, exercise: str) -> int:
    """Where the answer cell of an exercise stands."""
    return _place(notebook, exercise + ANSWER_SUFFIX)


def _place(notebook: NotebookNode, grade_id: str) -> int:
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return ids.index(grade_id)


def _text(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"


def _truncated(notebook: NotebookNode) -> str:
    """Half of a file, as an upload that broke off leaves it."""
    text = _text(notebook)
    return text[: len(text) // 2]


def _old_format(notebook: NotebookNode) -> str:
    """The format that Jupyter wrote before 2015: worksheets, with code cells that have inputs."""
    return nbformat.writes(nbformat.convert(notebook, 3), version=3) + "\n"


def _forged(notebook: NotebookNode) -> str:
    """Points, tests and outputs that the learner would like better."""
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade"):
            meta.update(points=100, locked=False)
            cell.source = "1.0"
            result = {"data": {"text/plain": "1.0"}, "execution_count": 1}
            cell.outputs = [nbformat.v4.new_output("execute_result", **result)]
    return _text(notebook)


FILES: dict[str, Callable[[NotebookNode], str]] = {
    "notebook": _text,
    "truncated": _truncated,
    "old format": _old_format,
    "forged": _forged,
}
