"""Rebuild a notebook from the trusted lesson and nothing but cell sources of the submission.

Any bytes may come in. What says "right" when the notebook is run from top to bottom is right here:
the learner's cells run in their order, whichever cell of the lesson they were, and an answer is
observed where `check` is called. Metadata, outputs, points and everything else of the submission
is ignored, and what the lesson gives is taken from the lesson.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.errors import Unreadable, Unrecognised

from .code import Check, read_code
from .demos import without_unused
from .graded import Cell
from .reading import HandedInCell, cells_of, refuse_much_code
from .recognise import Trusted, lesson_cells, most_like, recognise, unmerged
from .written import without_written, written

MAX_CHECKS = 1_000  # A cell is cut at each call of `check`.
# So many checks of one exercise are observed: the first one, and the last ones.
MAX_OBSERVED = 3


def assemble(submission: bytes, lesson: str) -> list[Cell]:
    """Return the cells to run, in order; an exercise may be observed at several places.

    Before them stand the written answers, which are text.

    Raises Unreadable, or Unrecognised, which is one, with a sentence, and nothing else.
    """
    handed_in = [part for cell in cells_of(submission) for part in unmerged(cell, lesson)]
    texts = list(written(handed_in, lesson))
    handed_in = without_written(handed_in, lesson)
    known = recognise(handed_in, lesson)
    if not any(cell and cell.exercise for cell in known) and not any(text.source for text in texts):
        raise Unrecognised(_nothing_of(lesson, handed_in))
    # A text in the place of an answer is read as code, too.
    read = [cell for cell, each in zip(handed_in, known) if cell.is_code or _answers(each)]
    refuse_much_code(read)
    _refuse_many_checks(read)
    there = {cell.cell_id for cell in known if cell}
    deleted = {cell.cell_id for cell in lesson_cells(lesson).cells} - there
    return [*texts, *without_unused(_Assembly(lesson).of(handed_in, known), deleted)]


def _refuse_many_checks(read: Iterable[HandedInCell]) -> None:
    """Raise Unreadable where these cells check more often than anybody does."""
    checks = sum(len(cell.code.checks) for cell in read)
    if checks > MAX_CHECKS:
        raise Unreadable(f"The notebook calls `check` {checks:,} times, more than {MAX_CHECKS:,}.")


def _answers(trusted: Trusted | None) -> bool:
    return trusted is not None and trusted.kind == "answer"


def _nothing_of(lesson: str, handed_in: Sequence[HandedInCell]) -> str:
    other = most_like(handed_in)
    if other and other != lesson:
        return f"This is a notebook of the lesson `{other}`: `{lesson}` was to be handed in here."
    return (
        f"No answer and no check of the lesson `{lesson}` is recognised in this notebook, so "
        "nothing was graded: hand in the notebook of the lesson itself."
    )


class _Assembly:
    """The cells of one run, as they come together."""

    def __init__(self, lesson: str) -> None:
        self.lesson = lesson_cells(lesson)
        self.cells: list[Cell] = []
        # What is to be run before any later cell of the lesson, wherever that stands now.
        self.due = {cell.place: cell for cell in self.lesson.cells if cell.kind == "given"}
        self.answered: set[str] = set()  # the names that the learner has given a function so far

    def of(self, handed_in: Sequence[HandedInCell], known: Sequence[Trusted | None]) -> list[Cell]:
        """Put the cells in the learner's order."""
        there = {cell.place for cell in known if cell}
        codes = [cell.code for cell in handed_in if cell.is_code]
        checked = {check.exercise for code in codes for check in code.checks}
        bound = frozenset().union(*(code.binds for code in codes))
        self.due |= {
            each.place: each
            for each in self.lesson.cells
            if (each.kind == "graded" and each.exercise not in checked)
            or (each.kind == "demo" and each.place not in there)
        }
        first = next((cell.place for cell in known if cell), 0)
        for place in sorted(self.due):
            if place < first and place not in there:
                self._run_due(place)  # It was deleted.
        for cell, trusted in zip(handed_in, known, strict=True):
            if trusted:
                self._run_due_before(trusted.place)
            if cell.is_code:
                self._take(cell, trusted)
            elif _answers(trusted) and not cell.code.binds & bound:
                # An answer that became text counts where it is the only one.
                self._own(cell.source, trusted)
        self._run_due_before(len(self.lesson.cells))
        for exercise, asked in self.lesson.asked.items():
            if self._is_to_be_observed(exercise, asked):
                self._observe(Check(exercise, asked))
        return list(self._few_observations())

    def _run_due_before(self, place: int) -> None:
        for each in sorted(self.due):
            if each < place:
                self._run_due(each)

    def _run_due(self, place: int) -> None:
        cell = self.due.pop(place)
        if cell.kind == "graded":
            self._observe(Check(cell.exercise, self.lesson.asked[cell.exercise]))
        else:
            self._give(cell)

    def _give(self, cell: Trusted) -> None:
        demo = cell.kind == "demo"
        self.cells.append(Cell(cell.source, "given", cell_id=cell.cell_id, demo=demo))

    def _take(self, cell: HandedInCell, trusted: Trusted | None) -> None:
        """Run one code cell of the submission."""
        if not cell.source.strip():
            return
        unchanged = trusted is not None and trusted.unchanged(cell.source)
        if trusted and trusted.kind == "given":
            self.due.pop(trusted.place, None)
            self._give(trusted)
        if trusted and trusted.kind == "demo" and unchanged:
            self._give(trusted)
        elif trusted is None or trusted.kind != "given" or not unchanged:
            self._own(cell.source, trusted)

    def _own(self, source: str, trusted: Trusted | None) -> None:
        """Run what the learner wrote, and observe what it checks."""
        code = read_code(source)
        answered = self.lesson.exercises_of(code.binds)
        exercise = trusted.exercise if trusted and trusted.kind == "answer" else ""
        exercise = exercise or next(iter(answered), "")
        if code.stub and code.binds <= self.answered:
            return  # An untouched copy does not take back what stands above it.
        if not code.stub:
            self.answered |= code.binds
        for piece in code.pieces:
            if piece.source.strip():
                self.cells.append(
                    Cell(
                        piece.source,
                        "answer" if exercise else "extra",
                        exercise,
                        self.lesson.cell(exercise, "answer").cell_id if exercise else "",
                        demo=trusted is not None and trusted.kind == "demo",
                    )
                )
            for check in piece.checks:
                if check.exercise in self.lesson.asked:
                    self._observe(check)

    def _observe(self, check: Check) -> None:
        """Observe an answer here, under the names that `check` is given."""
        asked = self.lesson.asked[check.exercise]
        names = check.arguments if len(check.arguments) == len(asked) else asked
        if not all(name.isidentifier() for name in names):
            expressions, names = names, tuple(f"checked_{each}" for each in asked)
            source = "\n".join(map("{} = ({})".format, names, expressions))
            self.cells.append(Cell(source, "extra"))
        graded = self.lesson.cell(check.exercise, "graded")
        self.cells.append(
            Cell(graded.source, "graded", check.exercise, graded.cell_id, names=names)
        )

    def _is_to_be_observed(self, exercise: str, asked: tuple[str, ...]) -> bool:
        """Whether, at the end, an answer is there that no check has seen."""
        places = [n for n, cell in enumerate(self.cells) if _observes(cell, exercise)]
        return not places or any(
            set(asked) & code.binds and not code.stub
            for cell in self.cells[places[-1] :]
            if cell.origin in ("answer", "extra")
            for code in [read_code(cell.source)]
        )

    def _few_observations(self) -> Iterator[Cell]:
        """The cells, with the first observation of each exercise and the last ones."""
        places: dict[str, list[int]] = {}
        for number, cell in enumerate(self.cells):
            if cell.origin == "graded":
                places.setdefault(cell.exercise, []).append(number)
        left_out = {n for each in places.values() for n in each[1 : 1 - MAX_OBSERVED]}
        return (cell for number, cell in enumerate(self.cells) if number not in left_out)


def _observes(cell: Cell, exercise: str) -> bool:
    return cell.origin == "graded" and cell.exercise == exercise
