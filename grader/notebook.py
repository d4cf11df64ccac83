"""What a cell of a lesson is, said to nbgrader in its metadata.

An author writes no metadata by hand. From the sources and tags alone, a code cell is

- an answer cell, if it holds `### BEGIN SOLUTION`;
- a graded cell, if it is one call `check("ID", …)`: it belongs to the answer cell before it;
- the learner's own, if it is tagged `playground`;
- a prediction, if it is one call `predict("ID")`: locked, and left out by grading;
- tagged `demo`, if it only demonstrates or trains: grading leaves it out unless a learner, who may
  change it, has done so;
- else locked.

A Markdown cell tagged `written-ID` is a written answer, graded by hand: nbgrader empties it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from lrlab.checking.answer import ANSWER_SUFFIX

from . import paths
from .errors import MalformedLesson

if TYPE_CHECKING:
    from .exercise import Exercise
    from .written import Written

CHECK = re.compile(r'check\("(?P<id>\w+)", (?P<names>[\w, ]+)\)\s*')
PREDICT = re.compile(r'predict\("(?P<id>\w+)"\)\s*')
# A prediction's output holds its page code, which changes without any change of the lesson.
PREDICT_TAGS = ["demo", "nbval-ignore-output"]
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
# As JupyterLab writes it, or it would change a lesson by opening it.
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
BEGIN_SOLUTION = "### BEGIN SOLUTION"
WRITTEN_TAG = "written-"  # begins the tag of a cell that learners write their answer in
SCHEMA_VERSION = 3


def read(path: Path) -> NotebookNode:
    """A notebook of the course (never a submission: those are read by assemble)."""
    return nbformat.read(path, as_version=4)


@cache
def released(lesson: str) -> NotebookNode:
    """The learner's notebook as it was handed out, to look at; copy it before changing it."""
    return read(paths.released(lesson))


def graded_id(cell: NotebookNode) -> str | None:
    """The exercise that a cell grades, or None."""
    match = CHECK.fullmatch(cell.source) if cell.cell_type == "code" else None
    return match["id"] if match else None


def predicted_ids(notebook: NotebookNode) -> list[str]:
    """The predictions that a lesson asks for, in its order."""
    found = (PREDICT.fullmatch(c.source) for c in notebook.cells if c.cell_type == "code")
    return [match["id"] for match in found if match]


def checked_names(source: str) -> list[str]:
    """The names of the functions that a graded cell checks."""
    match = CHECK.fullmatch(source)
    return match["names"].split(", ") if match else []


@cache
def sections(lesson: str) -> dict[str, str]:
    """By exercise, the heading of the lesson under which it stands: what to read again."""
    found, heading = {}, ""
    for cell in released(lesson).cells:
        if cell.cell_type == "markdown":
            heading = ([heading, *HEADING.findall(cell.source)])[-1]
        elif exercise := graded_id(cell):
            found[exercise] = heading.strip()
    return found


def written_id(cell: NotebookNode) -> str | None:
    """The question that a Markdown cell is the written answer to, or None."""
    tags = cell.metadata.get("tags", []) if cell.cell_type == "markdown" else []
    return next((tag[len(WRITTEN_TAG) :] for tag in tags if tag.startswith(WRITTEN_TAG)), None)


def loads_mnist(notebook: NotebookNode) -> bool:
    """Whether a lesson trains on MNIST, so that its outputs depend on the data that is there."""
    return any("load_mnist(" in cell.source for cell in notebook.cells if cell.cell_type == "code")


def stamp(notebook: NotebookNode, exercises: Sequence[Exercise | Written]) -> None:
    """Write nbgrader's metadata into every cell, with the points of the exercises.

    Raises MalformedLesson when notebook and exercises do not fit each other.
    """
    points = {exercise.id: exercise.points for exercise in exercises}
    seen: list[str] = []
    answer: NotebookNode | None = None
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
        _refuse_torn_sentences(cell)
        tags = cell.metadata.get("tags", [])
        if (question := written_id(cell)) in points:
            cell.metadata.nbgrader = _metadata(
                question, grade=True, solution=True, points=points[question]
            )
        if question:
            seen.append(question)
        if cell.cell_type != "code" or "playground" in tags:
            continue
        if BEGIN_SOLUTION in cell.source:
            if answer is not None:
                raise MalformedLesson(f"No check(…) follows this answer cell:\n{answer.source}")
            answer = cell
        elif exercise := graded_id(cell):
            if answer is None:
                raise MalformedLesson(f"No answer cell stands before check({exercise!r}, …).")
            if exercise not in points:
                raise MalformedLesson(f"grader/exercises has no exercise {exercise!r}.")
            answer.metadata.nbgrader = _metadata(exercise + ANSWER_SUFFIX, solution=True)
            cell.metadata.nbgrader = _metadata(
                exercise, grade=True, locked=True, points=points[exercise]
            )
            seen.append(exercise)
            answer = None
        elif PREDICT.fullmatch(cell.source):
            cell.metadata.tags = PREDICT_TAGS
            cell.metadata.nbgrader = _metadata(f"given-{cell.id}", locked=True)
        else:
            cell.metadata.nbgrader = _metadata(f"given-{cell.id}", locked="demo" not in tags)
    if seen != list(points):
        raise MalformedLesson(
            f"The notebook grades {seen}, grader/exercises has {list(points)}: "
            "both must name the same exercises in the same order."
        )
    _refuse_unsaid_criteria(notebook, exercises)


def _refuse_unsaid_criteria(
    notebook: NotebookNode, exercises: Sequence[Exercise | Written]
) -> None:
    """Learners read in the lesson what a written answer is graded by."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    said = " ".join("\n".join(texts).split())
    for exercise in exercises:
        for criterion in getattr(exercise, "rubric", ()):
            if criterion.asks not in said:
                raise MalformedLesson(
                    f"The lesson does not say what {exercise.id!r} is graded by: write this phrase "
                    f"of its rubric into a Markdown cell.\n{criterion.asks}"
                )


def _refuse_torn_sentences(cell: NotebookNode) -> None:
    """In Markdown a line that begins with a comment is a block of HTML, and ends a paragraph."""
    if cell.cell_type == "markdown":
        for line in cell.source.splitlines():
            if line.lstrip().startswith("<!--"):
                raise MalformedLesson(
                    f"A line of Markdown begins with a marker, which tears its sentence apart: put "
                    f"a word of the sentence before it.\n{line}"
                )


def _metadata(grade_id: str, **changes: Any) -> dict[str, Any]:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return {**plain, **changes, "grade_id": grade_id, "schema_version": SCHEMA_VERSION}


def normalise(notebook: NotebookNode) -> None:
    """Drop what differs between two runs or machines and teaches nobody anything."""
    notebook.metadata = {
        "kernelspec": KERNELSPEC,
        "language_info": _language(),
        **{key: value for key, value in notebook.metadata.items() if key == "lrlab"},
    }
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in ("nbgrader", "tags") if key in cell.metadata}
        cell.metadata = NotebookNode(kept)


def _language() -> dict[str, Any]:
    """What a kernel says of its language, without Python's version: course_language.py has why."""
    from ipykernel.ipkernel import IPythonKernel  # here, because only a build needs it

    return {key: each for key, each in IPythonKernel.language_info.items() if key != "version"}


def digest(notebook: NotebookNode, *files: bytes) -> str:
    """A fingerprint of everything that the outputs of a notebook depend on."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(b"\0".join([code.encode(), *files])).hexdigest()
