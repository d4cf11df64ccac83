"""What a learner wrote in words, for a person to grade. It is text: nothing of it is ever run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from grader.notebook import released, written_id

from .graded import Cell
from .reading import HandedInCell

MAX_CHARS = 100_000  # of one answer: a book's chapter
CUT = f"\n[… cut here: an answer has no more than {MAX_CHARS:,} characters]"


@dataclass(frozen=True)
class _Handout:
    """Where each cell of a lesson stands, by what is left to know it by."""

    places: dict[str, int]  # by grade_id and by the cell's id
    texts: dict[tuple[bool, str], int]  # by whether it is code, and what it says
    sources: tuple[str, ...]
    questions: dict[int, str]  # the place of each cell to write in → its exercise
    cell_ids: dict[str, str]  # of these cells, by exercise

    def place(self, cell: HandedInCell) -> int | None:
        """Which cell of the lesson this is; None for one that the learner added."""
        ids = (cell.grade_id, cell.cell_id)
        place = next((self.places[each] for each in ids if each in self.places), None)
        return self.texts.get((cell.is_code, cell.source.strip())) if place is None else place


@cache
def _handout(lesson: str) -> _Handout:
    cells = released(lesson).cells
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]
    names = zip(ids, (cell.id for cell in cells))
    places = {name: place for place, each in enumerate(names) for name in each if name}
    texts = {
        (cell.cell_type == "code", cell.source.strip()): place for place, cell in enumerate(cells)
    }
    questions = {place: found for place, cell in enumerate(cells) if (found := written_id(cell))}
    cell_ids = {exercise: cells[place].id for place, exercise in questions.items()}
    return _Handout(places, texts, tuple(cell.source for cell in cells), questions, cell_ids)


def without_written(cells: Sequence[HandedInCell], lesson: str) -> list[HandedInCell]:
    """The cells without those to write in, one of which may have become a code cell."""
    handout = _handout(lesson)
    return [cell for cell in cells if handout.place(cell) not in handout.questions]


def written(cells: Sequence[HandedInCell], lesson: str) -> Iterator[Cell]:
    """What a learner wrote for each question, empty for an untouched one.

    It is looked for where learners write it: in the cell that is there for it, in texts of their
    own right after it or in its place, and below the question, in the question's own cell.
    """
    handout = _handout(lesson)
    for question, exercise in handout.questions.items():
        parts = (part.strip() for part in _parts(cells, handout, question))
        text = "\n\n".join(filter(None, parts))
        text = text if len(text) <= MAX_CHARS else text[: MAX_CHARS - len(CUT)] + CUT
        yield Cell(text, "written", exercise, handout.cell_ids[exercise])


def _parts(cells: Iterable[HandedInCell], handout: _Handout, question: int) -> Iterator[str]:
    latest = None
    for cell in cells:
        place = handout.place(cell)
        latest = latest if place is None else place
        if place in (question - 1, question):
            yield _added(cell.source, handout.sources[place])
        elif place is None and not cell.is_code and latest in (question - 1, question):
            yield cell.source


def _added(text: str, source: str) -> str:
    """What a learner added to a cell of the lesson: its lines but those that the lesson has."""
    given = {stripped for line in source.splitlines() if (stripped := line.strip())}
    return "\n".join(line for line in text.splitlines() if line.strip() not in given)
