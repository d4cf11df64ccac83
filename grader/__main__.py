"""The command line: `python -m grader`, also installed as `grader`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
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

from .collect import Keep
from .errors import GraderError
from .exercises import LESSONS
from .submission.bwrap import check_linux
from .submission.limits import Limits, Wall
from .untrusted import page_text

if TYPE_CHECKING:
    from .batch.run import Batch, Settings

OUT = typer.Option(help="The class folder: gradebook, results, pages.", file_okay=False)
DB = typer.Option(metavar="URL", envvar="GRADER_DB", help="Gradebook; default: DIR/gradebook.db.")
SEED = typer.Option(
    metavar="TEXT", envvar="GRADER_SEED", help="Draws the hidden cases; default: a secret."
)
ROSTER = typer.Option(
    metavar="FILE", help="Who is in the class, as CSV; kept in DIR.", exists=True, dir_okay=False
)
KEEP = typer.Option(help="Which of several attempts counts.")
TIMEOUT = typer.Option(min=1, metavar="S", help="Seconds for one submission.")
CORES = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
LIMITS = Limits()
PEM = partial(typer.Option, metavar="FILE", exists=True, dir_okay=False)

TEMPLATE = typer.Option(exists=True, dir_okay=False, help="The file that the LMS exported.")
FILE = typer.Option("-o", "--output", metavar="FILE", help="What to write.")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
export = typer.Typer(no_args_is_help=True, help="Write scores or feedback for an LMS.")
app.add_typer(export, name="export")
console = Console(soft_wrap=True, emoji=False)
stderr = Console(stderr=True, soft_wrap=True, emoji=False)


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
        Path,
        typer.Argument(help="A folder STUDENT/LESSON/LESSON.ipynb, or what `collect` takes."),
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
    timeout: Annotated[int, TIMEOUT] = LIMITS.seconds,
    seed: Annotated[str | None, SEED] = None,
    db: Annotated[str | None, DB] = None,
    feedback: Annotated[bool, typer.Option(help="Write a page for each learner.")] = True,
    json: Annotated[
        bool, typer.Option("--json", help="For programs: a JSON object a line on stdout.")
    ] = False,
    roster: Annotated[Path | None, ROSTER] = None,
    keep: Annotated[Keep, KEEP] = Keep.last,
) -> None:
    """Grade submissions in a sandbox: scores, feedback, gradebook and a report. Needs Linux."""
    _need_linux()
    from .batch.cluster import certificates
    from .batch.run import Settings

    limits = _limits(timeout)
    try:
        security = certificates(scheduler, tls_ca, tls_cert, tls_key)
    except GraderError as error:
        _stop(str(error), error.exit_code)
    settings = Settings(out, workers, scheduler, sandbox, limits, seed, db, feedback, security)
    begin = partial(_batch_of, path, settings, roster, keep)
    _grade(begin, settings, _for_programs if json else _for_people)


@app.command()
def collect(
    source: Annotated[
        Path, typer.Argument(help="A folder, .zip or .tar.gz of any shape: an LMS's, a drive's.")
    ],
    out: Annotated[Path, OUT] = Path("class"),
    roster: Annotated[Path | None, ROSTER] = None,
    keep: Annotated[Keep, KEEP] = Keep.last,
    seed: Annotated[str | None, SEED] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the table, write nothing.")
    ] = False,
) -> None:
    """Take in what a class handed in: a table of whose is what, then DIR/submitted."""
    with _said_what_stops(lambda: 0):
        _collect(source, out, roster, keep, seed, dry_run=dry_run)
    if not dry_run:
        console.print(f"Next: grader grade {out}/submitted --out {out}", highlight=False)


@app.command()
def init(out: Annotated[Path, OUT] = Path("class")) -> None:
    """Write DIR/course.toml: due dates, what being late costs, extensions."""
    from .batch import course

    with _said_what_stops(lambda: 0):
        path = course.make(out)
    console.print(f"Fill in {path}; every run reads it.", markup=False, highlight=False)


@app.command()
def demo(out: Annotated[Path, OUT] = Path("class/demo")) -> None:
    """Write an example class (right, mistaken, broken, hostile) and grade it. Needs Linux."""
    _need_linux()
    from .batch.run import Settings
    from .demo.write import write_class

    write_class(out / "submitted")
    settings = Settings(out, CORES)
    begin = partial(_batch_of, out / "submitted", settings)
    _grade(begin, settings, partial(_for_people, every_student=True))


@app.command()
def regrade(
    student: Annotated[str | None, typer.Argument(help="All students, if none is named.")] = None,
    lesson: Annotated[str | None, typer.Argument(help="All lessons, if none is named.")] = None,
    out: Annotated[Path, OUT] = Path("class"),
    timeout: Annotated[int, TIMEOUT] = LIMITS.seconds,
    seed: Annotated[str | None, SEED] = None,
    db: Annotated[str | None, DB] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print which scores would change.")
    ] = False,
) -> None:
    """Grade again what was graded; scores given by hand stay. Needs Linux."""
    _need_linux()
    _need_results(out)
    from .batch.run import Batch, Settings

    settings = Settings(out, CORES, limits=_limits(timeout), seed=seed, db=db)
    begin = partial(Batch.again, student, lesson, settings)
    _grade(begin, settings, _what_would_change if dry_run else _for_people)


@app.command()
def remove(
    student: Annotated[str, typer.Argument(help="As grades.csv names them.")],
    lesson: Annotated[str | None, typer.Argument(help="All lessons, if none is named.")] = None,
    out: Annotated[Path, OUT] = Path("class"),
    db: Annotated[str | None, DB] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a submission, or all of a student: results, pages, gradebook with manual scores."""
    from .batch.keeping import Removal

    with _said_what_stops(lambda: 0), Removal(student, lesson, out, db) as removal:
        console.print(removal.told, markup=False, highlight=False)
        if not yes:
            typer.confirm("Forget this?", abort=True)
        removal.do()
        console.print(removal.done, markup=False, highlight=False)


@app.command()
def report(out: Annotated[Path, OUT] = Path("class"), db: Annotated[str | None, DB] = None) -> None:
    """Write report, grades.csv and marks on pages again, as the gradebook has them now."""
    _need_results(out)
    from .batch.keeping import write_again
    from .collect.again import tell_changed_times

    with _said_what_stops(lambda: 0):
        tell_changed_times(out)
        write_again(out, db)
    console.print(f"Report: {out}/report.html", markup=False, highlight=False)


def _collect(
    source: Path,
    out: Path,
    people: Path | None,
    keep: Keep,
    seed: str | None,
    limits: Limits = LIMITS,
    dry_run: bool = False,
    say: Console = console,
) -> None:
    """Show what a SOURCE holds, then write it, unless this is a dry run."""
    from .batch.results import Results
    from .collect.collect import Collected
    from .collect.table import summary, table, told_after

    with Collected.of(source, out, people) as collected:
        for line in [*table(collected.handed), *summary(collected.handed, collected.roster)]:
            say.print(line, markup=False, highlight=False)
        if dry_run:
            return
        written = collected.write(people, keep, seed, limits)
        for sentence in told_after(written, Results(out), out):
            say.print(sentence, markup=False, highlight=False)
        say.print(f"Written to {out}/submitted.", markup=False, highlight=False)


def _exports(lms: str, words: str) -> None:
    """Make the command `grader export LMS`."""

    @export.command(lms, help=words)
    def command(
        template: Annotated[Path | None, TEMPLATE] = None,
        out: Annotated[Path, OUT] = Path("class"),
        db: Annotated[str | None, DB] = None,
        file: Annotated[Path | None, FILE] = None,
    ) -> None:
        _export(lms, template, out, db, file)


_exports(
    "canvas", "Fill Canvas' gradebook export with the final scores, by id, to be imported there."
)
_exports(
    "moodle", "Fill Moodle's grading worksheet with the final scores, by id, to be uploaded there."
)
_exports("csv", "Write a row a student with all final scores, or fill a table that you have.")


class FeedbackFor(StrEnum):
    """Who gets the feedback pages."""

    moodle = "moodle"
    canvas = "canvas"
    folder = "folder"


@export.command("feedback")
def export_feedback(
    target: Annotated[FeedbackFor, typer.Argument(metavar="moodle|canvas|folder")],
    out: Annotated[Path, OUT] = Path("class"),
    file: Annotated[Path | None, FILE] = None,
) -> None:
    """Pack the feedback pages as the LMS takes them back, or in a folder, named for people."""
    _need_results(out)
    from .batch.results import Results
    from .export import feedback
    from .export.people import People

    with _said_what_stops(lambda: 0):
        if target == FeedbackFor.folder:
            lines = list(Results(out).lines())
            submissions = [(line["student"], line["lesson"]) for line in lines]
            where = file or out / "feedback-by-name"
            pages = feedback.for_people(out, submissions, People(out, lines), where)
        else:
            where = file or out / f"feedback-{target}.zip"
            pages = feedback.for_lms(target, out, where)
    said = [*pages.trouble, f"{pages.count} pages: {', '.join(map(str, pages.written))}"]
    console.print("\n".join(said), markup=False, highlight=False)


def _export(lms: str, template: Path | None, out: Path, db: str | None, file: Path | None) -> None:
    _need_results(out)
    from .batch.files import write_whole
    from .batch.keeping import final_lines
    from .collect.again import tell_changed_times
    from .export import scores
    from .export.lms import KINDS
    from .export.people import People

    if template is None and lms != "csv":
        _stop(f"Export the table {KINDS[lms].where}. Then name it with --template.", 2)
    target = file or out / f"{lms}.csv"
    if template and target.exists() and target.samefile(template):
        _stop(f"{target} is what {KINDS[lms].name} gave you: name another file with -o.", 2)
    with _said_what_stops(lambda: 0):
        tell_changed_times(out)
        lines = final_lines(out, db)
        people = People(out, lines)
        made = (
            scores.fill(lms, template, people, lines) if template else scores.table(people, lines)
        )
        write_whole(target, made.content)
    for sentence in scores.told(made):
        console.print(sentence, markup=False, highlight=False)
    changed = f"{len(made.changes)} cells filled, {made.same} had this score. " if template else ""
    console.print(f"{changed}Written: {target}", markup=False, highlight=False)


def _need_results(out: Path) -> None:
    if not (out / "results.jsonl").exists():
        _stop(f"Nothing was graded into {out} yet: run `grader grade PATH --out {out}` first.", 2)


def _limits(seconds: int) -> Limits:
    """What a submission may use that has so many seconds: one cell never has more."""
    return replace(LIMITS, seconds=seconds, cell_seconds=min(LIMITS.cell_seconds, seconds))


def _batch_of(
    path: Path, settings: Settings, people: Path | None = None, keep: Keep = Keep.last
) -> Batch:
    """A run over a folder as it lies there, or over what was collected from it just now."""
    from .batch import roster
    from .batch.run import Batch
    from .collect.again import tell_changed_times
    from .collect.layout import is_to_be_collected

    if people:
        roster.keep(people, settings.out)
    if is_to_be_collected(path, settings.out, settings.db):
        _collect(path, settings.out, None, keep, settings.seed, settings.limits, say=stderr)
        path = settings.out / "submitted"
    tell_changed_times(settings.out)
    return Batch.of(path, settings)


def _for_people(batch: Batch, every_student: bool = False) -> None:
    """Grade with progress on stderr, then say what came out and where it lies."""
    from . import terminal

    terminal.follow(batch)
    terminal.summary(batch, console, every_student)


def _what_would_change(batch: Batch) -> None:
    from . import terminal

    terminal.changes(batch, console)


def _for_programs(batch: Batch) -> None:
    from . import events

    events.follow(batch, sys.stdout)


def _grade(begin: Callable[[], Batch], settings: Settings, follow: Callable[[Batch], None]) -> None:
    """Grade, told by `follow`; where that cannot go on, say why and exit."""
    if settings.wall == Wall.none:
        Console(stderr=True).print("No sandbox: the code of these notebooks runs as you, unwalled.")
    begun: list[Batch] = []
    with _said_what_stops(lambda: sum(batch.kept for batch in begun)), begin() as batch:
        begun.append(batch)
        follow(batch)


@contextmanager
def _said_what_stops(kept: Callable[[], int]) -> Iterator[None]:
    """Say in a sentence what stops a command, and exit. `kept` counts what is graded by then."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except GraderError as error:
        _stop(str(error), error.exit_code)
    except (OSError, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        _stop(
            f"Stopped: {reason}. {kept()} submissions are graded and written; "
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
    stderr.print(said, markup=False, highlight=False)
    raise typer.Exit(code)


if __name__ == "__main__":  # dask's workers import this file too
    app()
