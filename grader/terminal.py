"""What an instructor sees in the terminal while a class is graded, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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

from .batch.run import Batch
from .exercises import LESSONS
from .lines import Line, final_score
from .pages.tally import class_tally
from .untrusted import one_line

MOST_NAMED = 50  # submissions in the summary that were not graded to the end
NO_LESSON = "no lesson"


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
    tally = class_tally(batch.lines())
    console.print(_students(list(batch.lines())) if every_student else _lessons(tally["lessons"]))
    for row in tally["stopped"][:MOST_NAMED]:
        text = f"{row['status']:10} {_name(row['student'], row['lesson'])}: {row['detail']}"
        console.print(one_line(text), markup=False, highlight=False)
    if (more := tally["stopped_count"] - MOST_NAMED) > 0:
        console.print(f"… and {more} more: see the report.", highlight=False)
    out = batch.settings.out
    unchanged = len(batch.submissions) - len(batch.todo)
    console.print(
        f"{len(batch.todo)} graded, {unchanged} unchanged since they were graded.\n"
        f"Report: {out}/report.html   Scores: {out}/grades.csv   Feedback: {out}/feedback/",
        markup=False,
        highlight=False,
    )


def changes(batch: Batch, console: Console) -> None:
    """Print which automatic scores would be others, exercise by exercise."""
    changed = count = 0
    for before, after in batch.compare():
        count += 1
        if differences := list(_differences(before, after)):
            changed += 1
            name = one_line(_name(after["student"], after["lesson"]))
            console.print(
                f"{name}: {before['score']:g} → {after['score']:g} ({', '.join(differences)})",
                markup=False,
                highlight=False,
            )
    console.print(f"{changed} of {count} would change. Nothing was written.", highlight=False)


def _name(student: str, lesson: str) -> str:
    return f"{student} / {lesson or NO_LESSON}"


def _differences(before: Line, after: Line) -> Iterator[str]:
    if before["status"] != after["status"]:
        yield f"{before['status']} → {after['status']}"
    earned = {mark["id"]: mark["score"] for mark in before["exercises"]}
    for mark in after["exercises"]:
        was = earned.pop(mark["id"], None)
        if was is None:
            yield f"{mark['id']} new"
        elif was != mark["score"]:
            yield f"{mark['id']} {was:g} → {mark['score']:g}"
    yield from (f"{name} no longer asked" for name in earned)


def _lessons(lessons: list[dict[str, Any]]) -> Table:
    table = Table("lesson", "submissions", "mean score", "of", "statuses")
    for lesson in lessons:
        whole, *_sections = lesson["parts"]
        table.add_row(
            Text(one_line(lesson["name"] or NO_LESSON)),
            str(whole["count"]),
            f"{whole['mean']:.1f}",
            f"{lesson['max_score']:g}",
            ", ".join(f"{count} {status}" for status, count in whole["statuses"]),
        )
    return table


def _students(lines: list[Line]) -> Table:
    """One row a student, one column a lesson: points, or the status where it went wrong."""
    table = Table("student", *LESSONS)
    by_key = {(line["student"], line["lesson"]): line for line in lines}
    for student in dict.fromkeys(line["student"] for line in lines):
        found = [by_key.get((student, lesson)) for lesson in LESSONS]
        table.add_row(Text(one_line(student)), *map(_points, found))
    return table


def _points(line: Line | None) -> Text:
    if line is None:
        return Text("–", style="dim")
    text = Text(f"{final_score(line):g} of {line['max_score']:g}")
    if line["status"] != "graded":
        text.append(f"  {line['status']}", style="bold yellow")
    return text
