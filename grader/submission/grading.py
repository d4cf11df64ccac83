"""Grade one submission: assemble (trusted), run (walled in), judge (trusted)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from grader.exercise import Exercise
from grader.exercises import EXERCISES, of_lesson
from grader.notebook import CHECK
from lrlab.checking import card, codec
from lrlab.checking.answer import MESSAGE_CHARS_KEPT, Case, Observation
from lrlab.checking.judge import Verdict

from .assemble import Cell, Unreadable, assemble
from .sandbox import Ran, Sandbox

ONLY_VISIBLE = (
    "Right on the cases that `check` shows you, wrong on a fresh one: "
    "your function fits those examples, not the rule behind them."
)
DECIMALS = 6
# In an observation only `to_consequence` writes these; they are dropped from what is sent.
OURS = ("consequence", "unusable", "reason")
TEXTS_OF_AN_ERROR = ("type", "message", "source", "missing", "raised_in")
MAX_LINE_NUMBER = 1_000_000


@dataclass(frozen=True)
class Mark:
    """What one exercise earned, and why. `found` holds no answer of a hidden case."""

    id: str
    max_score: float
    found: Verdict

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
        """The first case that differs, as (name, value) pairs."""
        return tuple(card.rows(self.found))


@dataclass(frozen=True)
class Executed(Cell):
    """A cell of the run, and what it printed (shown to people, never believed)."""

    printed: str = ""


@dataclass(frozen=True)
class Graded:
    """What one submission earned, and why.

    Attributes:
        status: graded | unreadable | crashed | timeout | memory
        detail: a sentence where something went wrong, else ""
        seconds: wall-clock time of the whole grading
        exercises: one mark per exercise of the lesson, in its order
        cells: the cells of the run, in order
    """

    status: str
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

    def as_line(self, student: str, lesson: str) -> dict[str, Any]:
        """The submission's line of results.jsonl."""
        return {
            "student": student,
            "lesson": lesson,
            "score": self.score,
            "max_score": self.max_score,
            "status": self.status,
            "detail": self.detail,
            "seconds": self.seconds,
            "exercises": [
                {
                    "id": mark.id,
                    "score": mark.score,
                    "max_score": mark.max_score,
                    "verdict": mark.verdict,
                    "diagnosis": mark.diagnosis,
                }
                for mark in self.exercises
            ],
        }


def grade_submission(submission: bytes, lesson: str, seed: str, sandbox: Sandbox) -> Graded:
    """Grade the bytes of a notebook. The same bytes and seed earn the same score.

    Args:
        submission: what was handed in; any bytes.
        lesson: the lesson that it answers.
        seed: a secret of the class mixed with student and lesson; fresh cases are drawn from it.
        sandbox: where the learner's code runs.

    Raises NoSandbox when the sandbox cannot be started, and nothing else.
    """
    started = time.monotonic()
    try:
        cells = assemble(submission, lesson)
    except Unreadable as error:
        return ungraded(lesson, str(error))
    cases = {each.id: [*each.visible_cases, *each.hidden_cases(seed)] for each in of_lesson(lesson)}
    ran = sandbox.run([_instruction(cell, cases) for cell in cells])
    graded = [(n, EXERCISES[c.exercise]) for n, c in enumerate(cells) if c.origin == "graded"]
    marks = tuple(
        Mark(each.id, each.points, _verdict(each, cases[each.id], cells, number, ran))
        for number, each in graded
    )
    status, detail = _status(ran, cells, sandbox)
    executed = tuple(
        Executed(**asdict(cell), printed=ran.printed.get(number, ""))
        for number, cell in enumerate(cells)
    )
    return Graded(status, detail, round(time.monotonic() - started, 3), marks, executed)


def ungraded(lesson: str, why: str) -> Graded:
    """The result of a submission that cannot be read."""
    nothing = Verdict("unanswered", diagnosis=why)
    marks = tuple(Mark(each.id, each.points, nothing) for each in of_lesson(lesson))
    return Graded("unreadable", why, 0.0, marks)


def _instruction(cell: Cell, cases: dict[str, list[Case]]) -> dict[str, Any]:
    """What the code inside gets to know of a cell: never an expected value."""
    if cell.origin != "graded":
        return {"source": cell.source}
    names = CHECK.fullmatch(cell.source)["names"].split(", ")
    return {
        "exercise": cell.exercise,
        "names": names,
        "cases": codec.dumps(cases[cell.exercise]),
    }


def _verdict(
    exercise: Exercise, cases: list[Case], cells: Sequence[Cell], number: int, ran: Ran
) -> Verdict:
    """Judge what was seen at graded cell `number`."""
    if number not in ran.observed:
        verdict = "timeout" if ran.ended == "timeout" else "error"
        return Verdict(verdict, diagnosis=f"Not checked: the run ended {_where(cells, ran)}.")
    observed = _observations(ran.observed[number], len(cases))
    if observed is None:
        return Verdict("error", diagnosis="What came out of your notebook cannot be read.")
    verdict = exercise.judge(cases, observed)
    if verdict.kind == "unanswered":
        for earlier, cell in enumerate(cells[:number]):
            if cell.exercise == exercise.id and earlier in ran.failed:
                kind, message = ran.failed[earlier]
                return Verdict("error", diagnosis=f"Your answer cell stops with {kind}: {message}")
        return verdict
    return _without_hidden_answers(exercise, verdict)


def _without_hidden_answers(exercise: Exercise, verdict: Verdict) -> Verdict:
    """Learners see what was expected on the cases that they have, and on no other."""
    visible = any(case is verdict.case for case in exercise.visible_cases)
    if visible or verdict.difference is None:
        return verdict
    named = verdict.diagnosis in exercise.misconceptions
    return replace(
        verdict,
        diagnosis=verdict.diagnosis if named else ONLY_VISIBLE,
        case={**verdict.case, "yours": verdict.difference.got},
        difference=None,
    )


def _observations(text: str, count: int) -> list[Observation] | None:
    """The observations that a stranger's process sent, if they have the form of observations."""
    try:
        observed = codec.loads(text)
        # it must be possible to write it down; without escapes, text that can be encoded can be
        (codec.dumps(observed) if "\\u" in text else text).encode()
    except ValueError:
        return None
    if not isinstance(observed, list) or len(observed) != count:
        return None
    checked = [_observation(seen) for seen in observed]
    return None if None in checked else checked


def _observation(seen: Any) -> Observation | None:
    """One observation, bounded in depth and size; None if `observe` would never make it."""
    if not isinstance(seen, dict) or not all(isinstance(name, str) for name in seen):
        return None
    error, changed = seen.get("error", {}), seen.get("changed", [])
    if not isinstance(error, dict) or not isinstance(changed, list):
        return None
    if "error" in seen:
        texts = {name: error.get(name, "") for name in TEXTS_OF_AN_ERROR}
        if not all(isinstance(text, str) for text in texts.values()):
            return None
        line = error.get("line")
        known = isinstance(line, int) and 0 < line < MAX_LINE_NUMBER
        cut = {name: text[:MESSAGE_CHARS_KEPT] for name, text in texts.items()}
        return {"error": {**cut, "line": line if known else 0}}
    if not all(isinstance(name, str) and len(name) < MESSAGE_CHARS_KEPT for name in changed):
        return None
    return codec.plain({name: value for name, value in seen.items() if name not in OURS})


def _status(ran: Ran, cells: Sequence[Cell], sandbox: Sandbox) -> tuple[str, str]:
    limits = sandbox.limits
    memory = f"{limits.memory_bytes / 2**30:g} GiB"
    where = _where(cells, ran)
    if ran.ended == "timeout":
        return "timeout", f"Stopped {where}: it did not come to an end in time."
    if ran.ended == "memory":
        return "memory", f"Stopped {where}: it used more than {memory} of memory."
    if ran.ended == "flooded":
        return "crashed", f"Stopped {where}: it sent more than a grader can read."
    if ran.ended == "crashed":
        return "crashed", f"Python itself ended {where} (exit code {ran.exit_code})."
    for number, (kind, message) in sorted(ran.failed.items()):
        where = _where_in(cells, number)
        if kind == "TimeLimit":
            return "timeout", f"Stopped {where} after {limits.cell_seconds} s; the rest was run."
        if kind == "MemoryError" or "can't allocate memory" in message:
            return "memory", f"No more than {memory} of memory {where}; the rest was run."
    return "graded", ""


def _where(cells: Sequence[Cell], ran: Ran) -> str:
    return _where_in(cells, ran.last_cell)


def _where_in(cells: Sequence[Cell], number: int) -> str:
    if not 0 <= number < len(cells):
        return "before the first cell"
    cell = cells[number]
    first_line = next(iter(cell.source.strip().splitlines()), "")[:60]
    return {
        "given": f"in the given cell that begins `{first_line}`",
        "extra": f"in your own cell that begins `{first_line}`",
        "answer": f"in your answer cell of `{cell.exercise}`",
        "graded": f"while `{cell.exercise}` was checked",
    }[cell.origin]
