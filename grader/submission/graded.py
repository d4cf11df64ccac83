"""What is known of one submission once it was graded: its cells, its marks, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from grader.lines import Line, MarkLine, Status
from lrlab.checking import card
from lrlab.checking.judge import Verdict
from lrlab.checking.trace import Trace

DECIMALS = 6  # All points are rounded to so many: a share of them is seldom exact.


@dataclass(frozen=True)
class Cell:
    """One step of a run.

    Attributes:
        source: code to execute; for a graded cell the trusted source, which is only shown.
        origin: given (trusted) | answer | extra (both the learner's) | graded (to be observed)
            | written (the learner's, in words: it is never run)
        exercise: the exercise that an answer or a graded cell belongs to, else ""
        cell_id: the id of the trusted cell, "" for an extra one
        names: for a graded cell: under which names the functions of the answer are found
        demo: whether it is a demonstration, the lesson's or as the learner changed it: such cells
            have a limit of their own, and where one fails nothing is said of it
    """

    source: str
    origin: str
    exercise: str = ""
    cell_id: str = ""
    names: tuple[str, ...] = field(default=(), kw_only=True)
    demo: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Mark:
    """What one exercise earned, and why. `found` holds no answer of a hidden case.

    Attributes:
        trace: the learner's curve beside the expected one, where a visible case has curves
        cluster: the same for all answers that are wrong in the same way, where it has no name
        sample: for such an answer, its source, cut
    """

    id: str
    max_score: float
    found: Verdict
    trace: Trace | None = None
    cluster: str = ""
    sample: str = ""

    @property
    def score(self) -> float:
        return round(self.max_score * self.found.credit, DECIMALS)

    @property
    def verdict(self) -> str:
        return self.found.kind

    @property
    def diagnosis(self) -> str:
        return self.found.diagnosis

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """The first case that differs, as (name, value) pairs; both results only if not drawn."""
        rows = card.rows(self.found)
        return tuple(rows[:-2] if self.trace else rows)

    def as_line(self) -> MarkLine:
        """The exercise's part of its submission's line."""
        line: MarkLine = {
            "id": self.id,
            "score": self.score,
            "max_score": self.max_score,
            "verdict": self.verdict,
            "diagnosis": self.diagnosis,
        }
        return {**line, "cluster": self.cluster, "sample": self.sample} if self.cluster else line


@dataclass(frozen=True)
class Executed(Cell):
    """A cell of the run, and what it printed (shown to people, never believed)."""

    printed: str = ""


def in_their_places(cells: Sequence[Executed]) -> Iterator[Executed]:
    """Each answer as the one cell that the lesson has for it, where its last part stands."""
    parts: dict[str, list[Executed]] = {}
    for cell in cells:
        if cell.origin == "answer":
            parts.setdefault(cell.cell_id, []).append(cell)
    for cell in cells:
        if cell.origin != "answer":
            yield cell
        elif cell is parts[cell.cell_id][-1]:
            source = "\n\n".join(each.source for each in parts[cell.cell_id])
            printed = "".join(each.printed for each in parts[cell.cell_id])
            yield replace(cell, source=source, printed=printed)


@dataclass(frozen=True)
class Graded:
    """What one submission earned, and why.

    Attributes:
        status: graded | unreadable | unrecognised | crashed | timeout | memory
            | failed (the grader's fault)
        detail: a sentence where something went wrong, else ""
        seconds: wall-clock time of the whole grading
        exercises: one mark per exercise of the lesson, in its order
        cells: the cells of the run, in order
    """

    status: Status
    detail: str
    seconds: float
    exercises: tuple[Mark, ...]
    cells: tuple[Executed, ...] = field(default=(), repr=False)

    @property
    def score(self) -> float:
        return round(sum(mark.score for mark in self.exercises), DECIMALS)

    @property
    def max_score(self) -> float:
        return sum(mark.max_score for mark in self.exercises)

    def as_line(self, student: str, lesson: str) -> Line:
        """The submission's line of results.jsonl."""
        return {
            "student": student,
            "lesson": lesson,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "detail": self.detail,
            "seconds": self.seconds,
            "exercises": [mark.as_line() for mark in self.exercises],
        }
