"""The start page: the lessons in their order, how far each one is, and where to go on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ..folders import LESSONS
from ..palette import STATUS_COLOURS, SYMBOLS
from . import kept
from .answer import ANSWER_SUFFIX
from .checks import load_checks
from .progress import Mark, Progress

TEXT = "margin:.6em 0;max-width:46em;line-height:1.5;color:var(--jp-content-font-color1,inherit)"
TILE = (
    "border:1px solid var(--jp-border-color1,#9e9e9e);border-radius:6px;padding:.8em 1.1em;"
    f"box-sizing:border-box;{TEXT}"
)
SAID = f"border-left:6px solid {STATUS_COLOURS['stale']};padding:.3em 1em;{TEXT}"
BAR = "height:.5em;border-radius:.25em;background:var(--jp-border-color2,#ddd);margin:.5em 0 .3em"


@dataclass(frozen=True)
class Lesson:
    """How far one lesson is.

    Attributes:
        name: of its folder.
        title: the heading of its notebook.
        earned: points so far, by exercise, in the lesson's order; None where nothing was checked.
        points: what each exercise is worth.
        cells: the notebook's id of each exercise's answer cell, for links to it.
    """

    name: str
    title: str
    earned: dict[str, float | None]
    points: dict[str, float]
    cells: dict[str, str]

    @property
    def words(self) -> str:
        """How far the lesson is, as the cards say it."""
        marks = (self._mark(exercise, got) for exercise, got in self.earned.items())
        return Progress(tuple(marks), current="").words

    def _mark(self, exercise: str, earned: float | None) -> Mark:
        points = self.points[exercise]
        return Mark(exercise, points, earned or 0, "right" if earned == points else "not yet")

    @property
    def next(self) -> str:
        """The first exercise that is not wholly right yet; empty if all are."""
        return next((each for each, got in self.earned.items() if got != self.points[each]), "")

    @property
    def begun(self) -> bool:
        return any(got is not None for got in self.earned.values())


class Course:
    """The start page of these lessons; JupyterLab shows it as tiles.

    Args:
        lessons: names of the lessons' folders, in the order in which they are meant to be worked.
    """

    def __init__(self, *lessons: str) -> None:
        earned = kept.earned_so_far()
        self.lessons = [_lesson(name, earned) for name in lessons]
        self.not_kept = kept.why_not()

    @property
    def current(self) -> Lesson | None:
        """The first lesson in which something is left to do."""
        return next((lesson for lesson in self.lessons if lesson.next), None)

    def __repr__(self) -> str:
        lines = [f"{each.title}: {each.words}" for each in self.lessons]
        return "\n".join(filter(None, [self.not_kept, *lines]))

    def _repr_html_(self) -> str:
        tiles = [_tile(each, each is self.current) for each in self.lessons]
        said = f'<p style="{SAID}">{escape(self.not_kept)}</p>' if self.not_kept else ""
        return "\n".join(filter(None, [said, *tiles]))


def _lesson(name: str, earned: dict[str, float]) -> Lesson:
    points = {id: each.points for id, each in load_checks().items() if each.lesson == name}
    title, cells = _read(LESSONS / name / f"{name}.ipynb")
    return Lesson(name, title or name, {id: earned.get(id) for id in points}, points, cells)


def _read(path: Path) -> tuple[str, dict[str, str]]:
    """The heading of a notebook, and the id of the cell of each answer."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        title = "".join(cells[0]["source"]).splitlines()[0].lstrip("# ")
        by_grade_id = {
            cell["metadata"].get("nbgrader", {}).get("grade_id", ""): cell.get("id", "")
            for cell in cells
        }
        return title, {
            grade_id.removesuffix(ANSWER_SUFFIX): cell
            for grade_id, cell in by_grade_id.items()
            if grade_id.endswith(ANSWER_SUFFIX)
        }
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "", {}  # installed without its notebook, or not one any more


def _tile(lesson: Lesson, current: bool) -> str:
    earned = sum(got or 0 for got in lesson.earned.values())
    share = earned / (sum(lesson.points.values()) or 1)
    path = f"{lesson.name}/{lesson.name}.ipynb"
    return (
        f'<div style="{TILE}{_edge(current)}">'
        f'<a href="{escape(path)}"><strong style="font-size:1.1em">'
        f"{escape(lesson.title)}</strong></a>"
        f'<div style="{BAR}"><div style="width:{share:.0%};height:100%;border-radius:inherit;'
        f'background:{STATUS_COLOURS["right"]}"></div></div>'
        f"<span>{lesson.words}</span>{_onward(lesson, path)}</div>"
    )


def _edge(current: bool) -> str:
    return f";border-left:6px solid {STATUS_COLOURS['partial']}" if current else ""


def _onward(lesson: Lesson, path: str) -> str:
    if not lesson.next:
        return f" · {SYMBOLS['right']} done"
    if not lesson.begun:
        return f' · <a href="{escape(path)}">begin</a>'
    cell = lesson.cells.get(lesson.next)
    link = f"{path}#cell-id={cell}" if cell else path
    return f' · <a href="{escape(link)}">continue at {escape(lesson.next)}</a>'
