"""`check` compares a learner's answer with checks.json, on the visible cases."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from ..folders import LESSONS
from ..own_files import somebody_is_here
from . import card, cells, codec, kept, progress, rerun, verdicts
from .answer import Answer, Case, Observation, names_used
from .compare import tolerance
from .footing import on_own_builtins
from .guard import StillRunning, TimeLimit, run_guarded
from .help import Advice, Help, advice
from .judge import TIMEOUT, Misconception, Verdict, judge
from .messages import timeout_sentence
from .names import where_to_find
from .naming import Readings
from .observe import observe, own_line, to_consequence
from .optimizers import warm_up
from .progress import Progress
from .trace import Trace
from .watch import watch_of

SECONDS = 5.0
RESTART = (
    "It could not be stopped: it goes on running and slows this notebook down. Restart the kernel "
    "(in JupyterLab: Kernel, Restart Kernel…) and run your cells again."
)
MEND = "So this is still your previous version: mend the cell, run it, then check again."
ASSERTION_WIDTH = 76  # nbgrader's Validate cuts longer lines.


@dataclass(frozen=True)
class Checks:
    """One exercise as checks.json holds it: data only, no code."""

    lesson: str
    points: float
    abs_tol: float
    relative_to: str
    cases: list[Case]
    help: Help
    expected: list[Observation]
    misconceptions: list[Misconception]
    readings: Readings


@dataclass(frozen=True)
class Result:
    """What `check` answers; JupyterLab shows it as a card.

    `trace` is there where the answer and the truth are curves, `progress` (as it was when the
    answer was checked) and `advice` where a person looks at it: at home, for an exercise that is
    one. `watched` is the card's id in the page, where that looks after what the verdict is about.
    """

    exercise: str
    points: float
    verdict: Verdict
    printed: str = ""
    trace: Trace | None = None
    progress: Progress | None = None
    advice: Sequence[Advice] = ()
    watched: str = ""

    @property
    def earned(self) -> float:
        return round(self.points * self.verdict.credit, 6)

    @property
    def told(self) -> verdicts.Told:
        """The verdict for another process, without what helps a learner on."""
        verdict, shown = self.verdict, replace(self, progress=None, advice=())
        sentence = "" if verdict.kind == "right" else verdict.diagnosis
        return verdicts.Told(
            self.exercise, verdict.kind, self.earned, self.points, sentence, repr(shown)
        )

    @on_own_builtins
    def __repr__(self) -> str:
        return card.text(
            self.exercise, self.points, self.verdict, self.printed, self.progress, self.advice
        )

    @on_own_builtins
    def _repr_html_(self) -> str:
        return card.html(
            self.exercise,
            self.points,
            self.verdict,
            self.printed,
            self.trace,
            self.progress,
            self.advice,
            self.watched,
        )


@on_own_builtins
def check(exercise: str, *answers: Answer) -> Result | float:
    """Check an answer and say what is wrong with it.

    Args:
        exercise: the id of the exercise, such as "step_lr".
        answers: your function, or both functions where the exercise asks for two.

    Returns:
        A Result. It never raises at home, whatever the answer does. Under nbgrader (its Validate
        button and its autograder) the points earned are returned instead.

    Raises:
        AssertionError: under nbgrader only, with the diagnosis, when no points are earned (and, for
            Validate, when some are missing).

    Example:
        >>> check("step_lr", lambda lr0, step_size, gamma, epoch: lr0 * gamma**epoch).earned
        0.0
    """
    graded_by = os.environ.get("NBGRADER_EXECUTION")
    result = _result(exercise, answers, at_home=not graded_by)
    if not graded_by:
        verdicts.tell(result.told)
        return _for_a_person(result, answers)
    partial = result.earned > 0 and graded_by == "autograde"
    if result.verdict.kind == "right" or partial:
        return result.earned
    message = "\n".join(textwrap.fill(line, ASSERTION_WIDTH) for line in repr(result).splitlines())
    raise AssertionError("\n" + message)


def _for_a_person(result: Result, answers: tuple[Answer, ...]) -> Result:
    """Add how far the exercise's lesson is, what helps on, and what the page has to look after."""
    checks = load_checks().get(result.exercise)
    if checks is None:
        return result
    not_kept = ""
    if result.verdict.kind not in ("unanswered", "stale"):
        not_kept = kept.note(result.exercise, result.earned)
    shown = _progress(result.exercise, checks.lesson)
    said = advice(checks.help, result.verdict, progress.failed(result.exercise))
    if result.verdict.kind == "right" and shown.next:
        said.append(Advice("Next", f"`{shown.next}`"))
    if not_kept:
        said.append(Advice("Not kept", not_kept))
    watched = ""
    if somebody_is_here():
        watched = rerun.watch(result.exercise, cells.judged(answers))
    return replace(result, progress=shown, advice=said, watched=watched)


def _result(exercise: str, answers: tuple[Answer, ...], at_home: bool) -> Result:
    checks = load_checks().get(exercise) if isinstance(exercise, str) else None
    if checks is None:
        known = ", ".join(load_checks()) or f"none, because no checks.json lies in {LESSONS}/*/"
        sentence = f"There is no exercise {exercise!r}. The exercises are: {known}."
        return Result(str(exercise), 0, Verdict("error", diagnosis=sentence))
    watch = watch_of(exercise)
    if len(answers) != watch.functions:
        functions = "1 function" if watch.functions == 1 else f"{watch.functions} functions"
        sentence = f"check({exercise!r}, …) takes {functions} after the id, not {len(answers)}."
        return Result(exercise, checks.points, Verdict("error", diagnosis=sentence))
    if at_home and (why := cells.why_old(_named(exercise, answers))):
        stale = Verdict("stale", diagnosis=f"{why}. {MEND}")
        progress.note(exercise, stale)
        return Result(exercise, checks.points, stale)
    seen = _seen(exercise, answers, checks.cases)
    verdict = judge(
        checks.cases,
        checks.expected,
        checks.misconceptions,
        seen.observed,
        checks.abs_tol,
        checks.relative_to,
        checks.readings,
        along=watch.along,
    )
    verdict = _told_more(exercise, answers, verdict, seen, at_home)
    progress.note(exercise, verdict)  # A wrong call of `check`, above, says nothing about it.
    trace = _trace(exercise, verdict, seen.observed)
    return Result(exercise, checks.points, verdict, seen.printed, trace)


@dataclass(frozen=True)
class _Seen:
    """What came of an answer on the visible cases.

    Attributes:
        observed: one observation a case, as `judge` compares them.
        printed: the beginning of what the answer printed.
        took_too_long: a sentence where the answer did not come to an end; else empty.
        goes_on: whether it could not be stopped either.
    """

    observed: list[Observation]
    printed: str = ""
    took_too_long: str = ""
    goes_on: bool = False


def _seen(exercise: str, answers: tuple[Answer, ...], cases: list[Case]) -> _Seen:
    """Let the answer meet the cases, as far as it comes in SECONDS."""
    observed: list[Observation] = []
    warm_up()  # The time limit is for the answer, not for torch's own imports.

    def work() -> None:
        for case in cases:
            observed.append(observe(exercise, answers, case))

    printed, took_too_long, goes_on = "", "", False
    try:
        _, printed = run_guarded(work, SECONDS)
    except TimeLimit as limit:
        goes_on = isinstance(limit, StillRunning)
        took_too_long = timeout_sentence(SECONDS, own_line(limit.where, answers))
        observed += [TIMEOUT] * (len(cases) - len(observed))
    compared = [to_consequence(exercise, *pair) for pair in zip(cases, observed)]
    return _Seen(compared, printed, took_too_long, goes_on)


def _told_more(
    exercise: str, answers: tuple[Answer, ...], verdict: Verdict, seen: _Seen, at_home: bool
) -> Verdict:
    """The verdict, and what only this kernel knows of the reasons for it."""
    diagnosis = verdict.diagnosis
    if verdict.kind == "timeout":
        diagnosis = seen.took_too_long
    if at_home and (sentence := _name_to_define(verdict, seen.observed)):
        diagnosis = f"{diagnosis}. {sentence}"
    if verdict.kind in ("wrong", "error") and (helper := _wrong_helper(exercise, answers)):
        diagnosis = f"{diagnosis} `{helper}`, which it calls, is not right yet: mend that first."
    if seen.goes_on:
        diagnosis = f"{diagnosis} {RESTART}"
    return replace(verdict, diagnosis=diagnosis)


def _named(exercise: str, answers: tuple[Answer, ...]) -> dict[str, Answer]:
    """The answers by the names that a learner's cell defines."""
    if len(answers) == 1:
        return {exercise: answers[0]}
    return {str(getattr(answer, "__name__", "")): answer for answer in answers}


def _wrong_helper(exercise: str, answers: tuple[Answer, ...]) -> str:
    """The first of the lesson's exercises that an answer calls and whose last check failed."""
    used = set[str]().union(*map(names_used, answers))
    lesson = load_checks()[exercise].lesson
    earlier = [name for name, each in load_checks().items() if each.lesson == lesson]
    earlier = earlier[: earlier.index(exercise)]
    return next((name for name in earlier if name in used and progress.failed(name)), "")


def _name_to_define(verdict: Verdict, observed: list[Observation]) -> str:
    """Say which cell to run where an answer uses a name of the lesson that is not there."""
    if verdict.kind != "error":
        return ""
    error = next(seen["error"] for seen in observed if "error" in seen)
    if error["type"] != "NameError" or "missing" not in error:
        return ""
    return where_to_find(error["missing"], Path.cwd())


def _trace(exercise: str, verdict: Verdict, observed: list[Observation]) -> Trace | None:
    if verdict.difference is None:
        return None
    checks = load_checks()[exercise]
    number = next(i for i, case in enumerate(checks.cases) if case is verdict.case)
    sides = checks.expected[number], observed[number]
    abs_tol = tolerance(verdict.case or {}, checks.abs_tol, checks.relative_to)
    return watch_of(exercise).curves.trace(*sides, verdict.difference, abs_tol)


def _progress(exercise: str, lesson: str) -> Progress:
    """How far the lesson is when one of its exercises was just checked."""
    all_points = {
        name: each.points for name, each in load_checks().items() if each.lesson == lesson
    }
    return progress.progress(all_points, exercise)


@cache
def load_checks() -> dict[str, Checks]:
    """All exercises of all lessons, by id, from their checks.json files."""
    return {
        exercise: Checks(
            path.parent.name,
            data["points"],
            data["abs_tol"],
            data.get("relative_to", ""),
            data["cases"],
            Help(**data["help"]),
            data["expected"],
            [Misconception(**each) for each in data["misconceptions"]],
            Readings.loaded(data.get("readings", {})),  # Older lessons have none.
        )
        for path in sorted(LESSONS.glob("*/checks.json"))
        for exercise, data in codec.loads(path.read_text(encoding="utf-8")).items()
    }
