"""The graded notebook for formgrader: the lesson with the learner's code and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from grader.exercises import written_of_lesson
from grader.notebook import released
from grader.untrusted import json_text, paragraphs
from lrlab.checking import card
from lrlab.checking.text import prose

if TYPE_CHECKING:
    from grader.submission.graded import Executed, Graded, Mark
    from grader.written import Written

PRINTED_CHARS_KEPT = 20_000
MAX_SOURCE = 20_000  # So much of a cell is kept, far more than any answer of this course has.
MAX_CODE = 80_000  # of a notebook: formgrader's page takes seconds for it, and serves nobody then
LEXER = "python3"  # The time that IPython's takes grows with the square of a word's length.
RUBRIC = "rubric-"  # How the ids of cells begin that have a rubric; no learner can give a cell one.
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"  # in the words of MathJax 2 and 3


def autograded(lesson: str, graded: Graded) -> str:
    """The notebook as JSON text. Nothing in it but sources and plain text is the learner's.

    Below each written answer stands its rubric, which an instructor grades it by. Of code without
    end only the beginning is there, for formgrader colours all that is.
    """
    notebook = released(lesson).copy()
    language = {**notebook.metadata.language_info, "pygments_lexer": LEXER}
    notebook.metadata = {**notebook.metadata, "language_info": language}
    graded = replace(graded, cells=tuple(_with_less_code(graded.cells)))
    questions = {each.id: each for each in written_of_lesson(lesson)}
    marks = {mark.id: mark for mark in graded.exercises}
    by_cell = {cell.cell_id: cell for cell in graded.cells if cell.cell_id}
    extras = _extras_by_next_cell(graded)
    cells: list[NotebookNode] = []
    if graded.detail:
        cells.append(_status(graded))
    for cell in notebook.cells:
        if graded.cells and cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            continue  # a place for the learner's own code, which stands among the extras
        cells += extras.get(cell.id, [])
        executed = by_cell.get(cell.id)
        if executed and executed.origin == "written":
            cells += _read_by_hand(cell, executed, questions[executed.exercise])
            continue
        if executed:
            cell = cell.copy()
            cell.source = executed.source
            cell.outputs = _outputs(executed, marks)
        cells.append(cell)
    notebook.cells = cells + extras.get("", [])
    text = nbformat.v4.writes(notebook)  # valid by its making: not validated each time
    return json_text(text) + "\n"


def _with_less_code(cells: Iterable[Executed]) -> Iterator[Executed]:
    room = MAX_CODE
    for cell in cells:
        if cell.origin in ("answer", "extra"):
            kept = cell.source[: min(room, MAX_SOURCE)]
            room -= len(kept)
            if len(kept) < len(cell.source):
                kept += f"\n# … the first {len(kept):,} of {len(cell.source):,} characters."
                cell = replace(cell, source=kept)
        yield cell


def without_rubrics(notebook: NotebookNode) -> NotebookNode:
    """A graded notebook without the cells that only an instructor gets to read."""
    shown = notebook.copy()
    shown.cells = [cell for cell in notebook.cells if not cell.get("id", "").startswith(RUBRIC)]
    return shown


def _read_by_hand(cell: NotebookNode, answer: Executed, question: Written) -> list[NotebookNode]:
    """A written answer as text that no page takes for markup, and what it is graded by."""
    if answer.source:
        cell = cell.copy()
        cell.source = paragraphs(answer.source)
    rows = [f"| {each.points} | {each.asks} | {each.notes} |" for each in question.rubric]
    table = ["| points | for an answer that | how to score it |", "| --- | --- | --- |", *rows]
    heading = f"**Rubric of `{question.id}`, {question.points} points.** Only you see this cell."
    rubric = new_markdown_cell("\n".join([heading, "", *table]), id=RUBRIC + question.id)
    return [cell, rubric]


def _status(graded: Graded) -> NotebookNode:
    """What went wrong, as an output: it quotes code, which in a Markdown cell would be markup."""
    words = f"{graded.status}: {graded.detail}"
    return new_code_cell(outputs=[_shown(words, f"<p>{prose(words)}</p>")], id="status")


def _extras_by_next_cell(graded: Graded) -> dict[str, list[NotebookNode]]:
    """The learner's own cells, by the id of the trusted cell that follows them ("" at the end)."""
    found: dict[str, list[NotebookNode]] = {}
    waiting: list[NotebookNode] = []
    for number, cell in enumerate(graded.cells):
        if cell.origin == "extra":
            outputs = _printed(cell.printed)
            waiting.append(new_code_cell(cell.source, outputs=outputs, id=f"extra-{number}"))
        else:
            found[cell.cell_id], waiting = waiting, []
    return {**found, "": waiting}


def _outputs(cell: Executed, marks: dict[str, Mark]) -> list[NotebookNode]:
    if cell.origin != "graded":
        return _printed(cell.printed)
    mark = marks[cell.exercise]
    shown = (mark.id, mark.max_score, mark.found, cell.printed[:PRINTED_CHARS_KEPT])
    return [_shown(card.text(*shown), card.html(*shown))]


def _shown(text: str, html: str) -> NotebookNode:
    """An output in two forms. MathJax looks for formulas in all of a page but such elements."""
    html = f'<div class="{NO_FORMULAS}">{html}</div>'
    return new_output("display_data", data={"text/plain": text, "text/html": html})


def _printed(text: str) -> list[NotebookNode]:
    return [new_output("stream", name="stdout", text=text[:PRINTED_CHARS_KEPT])] if text else []
