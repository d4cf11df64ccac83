"""The command line: `python -m grader`, also installed as `grader`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from .exercises import LESSONS

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(soft_wrap=True)


@app.callback()
def main() -> None:
    """Build the lessons of the learning-rate course and grade what learners hand in."""


@app.command()
def build(
    lessons: Annotated[list[str] | None, typer.Argument(help="All, if none is named.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is stale.")] = False,
) -> None:
    """Make lessons/ from solutions/ and grader/exercises/."""
    from . import build as builder
    from .notebook import MalformedLesson

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
        except (MalformedLesson, builder.NoMnist) as error:
            _stop(f"solutions/{name}/{name}.ipynb: {error}", 1)
    if problems:
        _stop("\n".join([*problems, "Run `python -m grader build` and commit its result."]), 1)
    if check:
        console.print(f"{len(names)} lessons are what solutions/ and grader/exercises/ give.")


def _stop(sentence: str, code: int) -> None:
    Console(stderr=True, soft_wrap=True).print(sentence, markup=False, highlight=False)
    raise typer.Exit(code)


if __name__ == "__main__":
    app()
