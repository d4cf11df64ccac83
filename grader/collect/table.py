"""What is shown before anything is graded: one line a file, then what the roster says to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.cells import cell_len

from grader.batch.persons import Roster
from grader.lines import Key
from grader.untrusted import one_line

from .rows import HandedIn, Row
from .write import Written

HEAD = ("shape", "file", "student", "lesson", "handed in (UTC)", "late", "unclear")
GAP = "  "
MOST_NAMED = 20
MOST_WIDE = 100  # A longer cell makes its own line longer, not that of everybody.
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def table(handed: HandedIn) -> Iterator[str]:
    """The lines of the table; what strangers wrote is made safe for a terminal."""
    rows = [HEAD, *map(_cells, handed.rows)]
    widths = [
        min(MOST_WIDE, max(cell_len(row[place]) for row in rows)) for place in range(len(HEAD))
    ]
    for row in rows:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths))
        yield GAP.join(cells).rstrip()


def summary(handed: HandedIn, roster: Roster) -> Iterator[str]:
    """What it comes to, and who of the roster is missing, in sentences."""
    rows = handed.rows
    notebooks = [row for row in rows if row.notebook]
    kept = sum(row.kept for row in notebooks)
    students = len({row.student for row in rows if row.student})
    unclear = sum(bool(row.unclear) for row in rows)
    yield (
        f"{len(notebooks)} notebooks of {students} students: {kept} count, "
        f"{len(notebooks) - kept} do not; {unclear} files need a look."
    )
    if handed.numbered:
        yield (
            f"Moodle gives these names several numbers, as it does in each assignment anew; each "
            f"is taken as one person: {_names(handed.numbered)}."
        )
    strange = [row.said for row in notebooks if row.said and not (row.handed_in or row.told.clock)]
    if strange:
        yield (
            f"The time of {len(strange)} files is not understood, so nobody knows whether they are "
            f"late: {_names(sorted(set(strange)))}. Download them again with the LMS in English, "
            "or look there who was late."
        )
    nobodys = [row.file for row in notebooks if not row.student]
    if nobodys:
        yield f"Of nobody that can be told, so not taken: {_names(nobodys)}."
    if roster:
        unknown = {row.student for row in rows if row.student}
        unknown -= {each.student for each in roster.people}
        if unknown:
            yield f"Not on the roster: {_names(sorted(unknown))}."
        if handed.absent:
            absent = [each.name or each.student for each in handed.absent]
            yield f"On the roster, and nothing here: {_names(absent)}."


def told_after(written: Written, graded: Iterable[Key], out: Path) -> Iterator[str]:
    """What somebody should know of what was written, or was not, in sentences.

    Args:
        graded: the submissions that have a line in the class folder
        out: the class folder
    """
    known = {student for student, _ in graded}
    for row in written.stale:
        yield one_line(f"{row.file}: {row.unclear}")
    for before, now in sorted(written.renamed.items()):
        if before in known:
            yield one_line(
                f"{before} is {now} from now on. What was graded under the old name counts, too, "
                f'until you run grader remove "{before}" --out "{out}": look for scores given by '
                "hand first."
            )


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(one_line(each) for each in names[:MOST_NAMED])
    return shown + (f" and {more} more" if more > 0 else "")


def _cells(row: Row) -> tuple[str, ...]:
    older = "" if row.kept or not row.notebook or row.unclear else "another attempt counts"
    cells = (
        row.told.shape,
        row.file,
        row.student or "?",
        row.lesson or "?",
        f"{row.handed_in:%Y-%m-%d %H:%M}" if row.handed_in else "–",
        _late(row),
        row.unclear or older,
    )
    return tuple(map(one_line, cells))


def _late(row: Row) -> str:
    if not row.late_seconds:
        return "late" if row.told.late else ""
    size, unit = next(each for each in UNITS if row.late_seconds >= each[0] or each[0] == 1)
    return f"{row.late_seconds / size:.0f} {unit}"
