"""A lesson in the gradebook: its cells and points, brought up to date when the lesson has changed.

nbgrader refuses to add or remove cells once there are submissions. Here what stayed keeps its row,
so that its manual scores and comments stay too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from nbgrader import api

from grader.notebook import released

from .log import about

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Registered:
    """The ids of a lesson's rows: its assignment, its notebook, and cells by name."""

    assignment: str
    notebook: str
    grade_cells: dict[str, str]
    answer_cells: dict[str, str]

    @property
    def written_cells(self) -> set[str]:
        """The ids of those grade cells that hold the answer, too: a person grades them."""
        return {self.grade_cells[each] for each in self.grade_cells.keys() & self.answer_cells}


def register(book: api.Gradebook, lesson: str) -> Registered:
    """Write the lesson's cells and points, all of them or none; return its rows."""
    book.update_or_create_assignment(lesson)
    try:
        notebook = book.find_notebook(lesson, lesson)
    except api.MissingEntry:
        kernel = json.dumps(released(lesson).metadata.get("kernelspec", {}))
        notebook = book.add_notebook(lesson, lesson, kernelspec=kernel)
    cells = [cell for cell in released(lesson).cells if "nbgrader" in cell.metadata]
    meta = [cell.metadata.nbgrader for cell in cells]
    _bring_up_to_date(
        book,
        notebook,
        api.GradeCell,
        notebook.grade_cells,
        {
            each.grade_id: {"max_score": float(each.points), "cell_type": cell.cell_type}
            for each, cell in zip(meta, cells)
            if each.grade
        },
    )
    _bring_up_to_date(
        book,
        notebook,
        api.SolutionCell,
        notebook.solution_cells,
        {each.grade_id: {} for each in meta if each.solution},
    )
    _bring_up_to_date(
        book,
        notebook,
        api.SourceCell,
        notebook.source_cells,
        {
            each.grade_id: {
                "cell_type": cell.cell_type,
                "locked": each.locked,
                "source": cell.source,
                "checksum": each.get("checksum"),
            }
            for each, cell in zip(meta, cells)
        },
    )
    book.db.commit()
    return Registered(
        assignment=notebook.assignment_id,
        notebook=notebook.id,
        grade_cells={cell.name: cell.id for cell in notebook.grade_cells},
        answer_cells={cell.name: cell.id for cell in notebook.solution_cells},
    )


def _bring_up_to_date(
    book: api.Gradebook,
    notebook: api.Notebook,
    kind: type,
    there: Iterable[Any],
    wanted: dict[str, dict[str, Any]],
) -> None:
    """Add, change and remove the cells of one kind."""
    by_name = {cell.name: cell for cell in there}
    for name in by_name.keys() - wanted.keys():
        _remove(book, by_name[name])
    for name, values in wanted.items():
        if name not in by_name:
            book.db.add(kind(name=name, notebook=notebook, **values))
            continue
        for field, value in values.items():
            if getattr(by_name[name], field) != value:
                setattr(by_name[name], field, value)


def _remove(book: api.Gradebook, cell: Any) -> None:
    """Take a cell away with its scores and comments; what a person wrote is kept in the log."""
    grades, comments = getattr(cell, "grades", ()), getattr(cell, "comments", ())
    for each in [*grades, *comments]:
        wrote = {
            field: value
            for field in ("manual_score", "extra_credit", "manual_comment")
            if (value := getattr(each, field, None)) is not None
        }
        if wrote:
            student = each.notebook.assignment.student_id
            log.info(
                "%s is no longer in the lesson. Written by hand there: %s",
                cell.name,
                wrote,
                extra=about((student, each.notebook.name)),
            )
        book.db.delete(each)
    book.db.delete(cell)
