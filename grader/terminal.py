"""What an instructor sees in the terminal while a class is graded, and after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from .batch.results import Line
from .batch.run import Batch
from .exercises import LESSONS

MOST_NAMED = 50  # submissions in the summary that were not graded to the end


class Rate(ProgressColumn):
    """Submissions per second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def follow(batch: Batch) -> None:
    """Run a batch with a progress bar on stderr."""
    columns = (TextColumn("Grading"), BarColumn(), MofNCompleteColumn(), Rate())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        bar = progress.add_task("", total=len(batch.todo))
        for _ in batch.run():
            progress.advance(bar)


def summary(batch: Batch, console: Console, every_student: bool) -> None:
    """Print how the class did, what needs a look, and where everything lies."""
    lessons: dict[str, _Lesson] = {}
    unfinished, more, of_students = [], 0, []
    for line in batch.lines():
        lessons.setdefault(line["lesson"], _Lesson()).add(line)
        if every_student:
            of_students.append(line)
        if line["status"] == "graded":
            continue
        if len(unfinished) < MOST_NAMED:
            where = f"{line['student']} / {line['lesson']}"
            unfinished.append(_safe(f"{line['status']:10} {where}: {line['detail']}"))
        else:
            more += 1
    console.print(_students(of_students) if every_student else _lessons(lessons))
    if more:
        unfinished.append(f"… and {more} more: see the report.")
    for text in unfinished:
        console.print(text, markup=False, highlight=False)
    out = batch.settings.out
    unchanged = len(batch.submissions) - len(batch.todo)
    console.print(
        f"{len(batch.todo)} graded, {unchanged} unchanged since they were graded.\n"
        f"Report: {out}/report.html   Scores: {out}/grades.csv   Feedback: {out}/feedback/",
        markup=False,
        highlight=False,
    )


def _safe(text: str) -> str:
    """Names and code of strangers must not move the cursor or colour the screen."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


@dataclass
class _Lesson:
    """One row of the table of lessons."""

    max_score: float = 0.0
    points: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)

    def add(self, line: Line) -> None:
        self.max_score = line["max_score"]
        self.points += line["score"]
        self.statuses[line["status"]] += 1


def _lessons(lessons: dict[str, _Lesson]) -> Table:
    table = Table("lesson", "submissions", "mean score", "of", "statuses")
    for name, lesson in sorted(lessons.items()):
        count = lesson.statuses.total()
        table.add_row(
            Text(_safe(name)),
            str(count),
            f"{lesson.points / count:.1f}",
            f"{lesson.max_score:g}",
            ", ".join(f"{count} {status}" for status, count in lesson.statuses.most_common()),
        )
    return table


def _students(lines: list[Line]) -> Table:
    """One row a student, one column a lesson: points, or the status where it went wrong."""
    table = Table("student", *LESSONS)
    by_key = {(line["student"], line["lesson"]): line for line in lines}
    for student in dict.fromkeys(line["student"] for line in lines):
        found = [by_key.get((student, lesson)) for lesson in LESSONS]
        table.add_row(Text(_safe(student)), *map(_points, found))
    return table


def _points(line: Line | None) -> Text:
    if line is None:
        return Text("–", style="dim")
    text = Text(f"{line['score']:g} of {line['max_score']:g}")
    if line["status"] != "graded":
        text.append(f"  {line['status']}", style="bold yellow")
    return text
