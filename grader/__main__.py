"""The command line: `python -m grader`, also installed as `grader`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from . import paths

if not paths.SOLUTIONS.is_dir():  # said before lrlab is imported: it may be missing, too
    sys.exit(
        "grader works from a clone of the course: run `pip install -r requirements.txt` there."
    )

from .errors import GraderError
from .exercises import LESSONS
from .submission.bwrap import check_linux
from .submission.limits import Limits, Wall
from .untrusted import page_text

if TYPE_CHECKING:
    from .batch.run import Batch, Settings

OUT = typer.Option(help="The class folder: gradebook, results, pages.", file_okay=False)
CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
LIMITS = Limits()
PEM = partial(typer.Option, metavar="FILE", exists=True, dir_okay=False)

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(soft_wrap=True)


@app.callback()
def main() -> None:
    """Build the lessons of the learning-rate course and grade what learners hand in."""
    if logging.lastResort:  # Warnings go to stderr, also while a log file takes them.
        logging.getLogger("grader").addHandler(logging.lastResort)


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="All, if none is named.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale.")] = False,
) -> None:
    """Make lessons/ from solutions/ and grader/exercises/."""
    from . import build as builder

    names = lessons or list(LESSONS)
    if unknown := [name for name in names if name not in LESSONS]:
        _stop(f"There is no lesson {unknown[0]!r}. The lessons are: {', '.join(LESSONS)}.", 2)
    problems = []
    for name in names:
        try:
            if check:
                problems += builder.stale(name)
            else:
                how = "executed and released" if builder.build(name) else "unchanged, released"
                console.print(f"{name}: {how}")
        except GraderError as error:
            _stop(f"solutions/{name}/{name}.ipynb: {error}", error.exit_code)
    if problems:
        _stop("\n".join([*problems, "Run `python -m grader build` and commit its result."]), 1)
    if check:
        console.print(f"{len(names)} lessons are what solutions/ and grader/exercises/ give.")


@app.command()
def grade(
    path: Annotated[
        Path, typer.Argument(help="A folder STUDENT/LESSON/LESSON.ipynb or a notebook.")
    ],
    out: Annotated[Path, OUT] = Path("class"),
    workers: Annotated[int, typer.Option(min=1, help="Processes on this machine.")] = CORES,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A running dask scheduler, tls://….")
    ] = None,
    tls_ca: Annotated[
        Path | None, PEM(help="For --scheduler: who has signed its certificates.")
    ] = None,
    tls_cert: Annotated[Path | None, PEM(help="For --scheduler: our certificate.")] = None,
    tls_key: Annotated[Path | None, PEM(help="For --scheduler: the key of it.")] = None,
    sandbox: Annotated[
        Wall, typer.Option(help="none: for notebooks you trust, their code runs as you.")
    ] = Wall.bwrap,
    timeout: Annotated[
        int, typer.Option(min=1, metavar="S", help="Seconds for one submission.")
    ] = LIMITS.seconds,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT", envvar="GRADER_SEED", help="Draws the hidden cases; default: a secret."
        ),
    ] = None,
    db: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="GRADER_DB", help="Gradebook; default: DIR/gradebook.db."
        ),
    ] = None,
    feedback: Annotated[bool, typer.Option(help="Write a page for each learner.")] = True,
    json: Annotated[
        bool, typer.Option("--json", help="For programs: a JSON object a line on stdout.")
    ] = False,
) -> None:
    """Grade submissions in a sandbox: scores, feedback, gradebook and a report. Needs Linux."""
    _need_linux()
    from .batch.cluster import certificates
    from .batch.run import Settings

    limits = replace(LIMITS, seconds=timeout, cell_seconds=min(LIMITS.cell_seconds, timeout))
    try:
        security = certificates(scheduler, tls_ca, tls_cert, tls_key)
    except GraderError as error:
        _stop(str(error), error.exit_code)
    settings = Settings(out, workers, scheduler, sandbox, limits, seed, db, feedback, security)
    _grade(path, settings, _for_programs if json else _for_people)


@app.command()
def demo(out: Annotated[Path, OUT] = Path("class/demo")) -> None:
    """Write an example class (right, mistaken, broken, hostile) and grade it. Needs Linux."""
    _need_linux()
    from .batch.run import Settings
    from .demo.write import write_class

    write_class(out / "submitted")
    _grade(out / "submitted", Settings(out, CORES), partial(_for_people, every_student=True))


@app.command()
def report(out: Annotated[Path, OUT] = Path("class")) -> None:
    """Write the class report again from what was graded."""
    from .batch.class_folder import write_report
    from .batch.results import Results

    if not (out / "results.jsonl").exists():
        _stop(f"Nothing was graded into {out} yet: run `grader grade PATH --out {out}` first.", 2)
    console.print(f"Report: {write_report(out, Results(out).lines())}", highlight=False)


def _for_people(batch: Batch, every_student: bool = False) -> None:
    """Grade with progress on stderr, then say what came out and where it lies."""
    from . import terminal

    terminal.follow(batch)
    terminal.summary(batch, console, every_student)


def _for_programs(batch: Batch) -> None:
    from . import events

    events.follow(batch, sys.stdout)


def _grade(path: Path, settings: Settings, follow: Callable[[Batch], None]) -> None:
    """Grade, told by `follow`; where that cannot go on, say why and exit."""
    from sqlalchemy.exc import SQLAlchemyError

    from .batch.run import Batch

    if settings.wall == Wall.none:
        Console(stderr=True).print("No sandbox: the code of these notebooks runs as you, unwalled.")
    batch = None
    try:
        with Batch(path, settings) as batch:
            follow(batch)
    except GraderError as error:
        _stop(str(error), error.exit_code)
    except (OSError, SQLAlchemyError) as error:
        kept = sum(1 for _ in batch.lines()) if batch else 0
        reason = getattr(error, "orig", None) or error
        _stop(
            f"Stopped: {reason}. {kept} submissions are graded and written; "
            "set that right and run the same command again to go on.",
            1,
        )


def _need_linux() -> None:
    """Stop before anything is imported or written that only Linux has."""
    try:
        check_linux()
    except GraderError as error:
        _stop(str(error), error.exit_code)


def _stop(sentence: str, code: int) -> NoReturn:
    said = page_text(sentence)  # an error may name what a stranger named
    Console(stderr=True, soft_wrap=True).print(said, markup=False, highlight=False)
    raise typer.Exit(code)


if __name__ == "__main__":  # dask's workers import this file too
    app()
