"""Grade one submission: assemble (trusted), run (walled in), judge (trusted)."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from grader.errors import Unreadable, Unrecognised
from grader.exercise import Exercise
from grader.exercises import marked_of_lesson, of_lesson
from grader.lines import Status
from grader.untrusted import observations
from lrlab.checking import codec
from lrlab.checking.answer import Case, Observation
from lrlab.checking.judge import Verdict

from .answers import End, RunResult
from .assemble import assemble
from .following import Following
from .graded import Cell, Executed, Graded, Mark, in_their_places
from .limits import Limits
from .renamed import renamed
from .sandbox import Sandbox

PRINTED_CHARS = 300_000  # So much is kept of what all cells together print.
DEMO_SECONDS = 40  # All demonstrations share these, so that the rest of the run has its time.
SAMPLE_CHARS = 1_500  # The report shows so much of one of many wrong answers without a name.

Seen = Mapping[int, list[Observation] | None]  # by the number of a graded cell


def grade_submission(submission: bytes, lesson: str, seed: str, sandbox: Sandbox) -> Graded:
    """Grade the bytes of a notebook. The same bytes and seed earn the same score.

    Args:
        submission: what was handed in; any bytes.
        lesson: the lesson that it answers.
        seed: a secret of the class mixed with lesson and bytes; fresh cases are drawn from it.
        sandbox: where the learner's code runs.

    Raises NoSandbox when the sandbox cannot be started, and nothing else.
    """
    started = time.monotonic()
    try:
        cells = assemble(submission, lesson)
    except Unrecognised as error:
        return ungraded(lesson, str(error), "unrecognised")
    except Unreadable as error:
        return ungraded(lesson, str(error))
    cases = {each.id: [*each.visible_cases, *each.hidden_cases(seed)] for each in of_lesson(lesson)}
    limits = sandbox.limits
    demo_seconds = _demo_seconds(cells, limits.cell_seconds)
    ran = sandbox.run([_instruction(cell, cases, demo_seconds) for cell in cells])
    following = Following(cells)
    found, counted = {}, set()
    for each in of_lesson(lesson):
        seen = _seen(each, cells, len(cases[each.id]), ran)
        number, verdict = _best(each, cases[each.id], cells, ran, seen, limits)
        observed = seen.get(number)
        verdict = following.verdict(each, verdict, cases[each.id], observed)
        found[each.id] = _mark(each, cells, verdict, observed)
        counted.add(number)
    read = {cell.exercise: _unread(cell) for cell in cells if cell.origin == "written"}
    marks = tuple(
        found.get(each.id) or Mark(each.id, each.points, read[each.id])
        for each in marked_of_lesson(lesson)
    )
    status, detail = _status(ran, cells, limits)
    seconds = round(time.monotonic() - started, 3)
    executed = enumerate(_executed(cells, ran))
    shown = [cell for n, cell in executed if cell.origin != "graded" or n in counted]
    return Graded(status, detail, seconds, marks, tuple(in_their_places(shown)))


def _seen(exercise: Exercise, cells: Sequence[Cell], count: int, ran: RunResult) -> Seen:
    """What was observed of an exercise; None where it cannot be read.

    It is read once, and of one exercise at a time: it takes time and memory.
    """
    return {
        number: observations(ran.observed[number], count)
        for number in _places(exercise, cells)
        if number in ran.observed
    }


def _places(exercise: Exercise, cells: Sequence[Cell]) -> list[int]:
    """The numbers of the graded cells of an exercise."""
    return [n for n, cell in enumerate(cells) if cell.exercise == exercise.id and cell.names]


def _best(
    exercise: Exercise,
    cases: list[Case],
    cells: Sequence[Cell],
    ran: RunResult,
    seen: Seen,
    limits: Limits,
) -> tuple[int, Verdict]:
    """The number of the graded cell that counts, and its verdict.

    Where an answer is checked at several places, one at which it is right will do.
    """
    verdicts = [
        (number, _verdict(exercise, cases, cells, number, ran, seen, limits))
        for number in _places(exercise, cells)
    ]
    return max(verdicts, key=lambda each: (each[1].credit, each[1].kind != "unanswered", each[0]))


def _mark(
    exercise: Exercise,
    cells: Sequence[Cell],
    verdict: Verdict,
    observed: list[Observation] | None,
) -> Mark:
    """The mark for a verdict on what was observed, with what helps to understand it."""
    plain = Mark(exercise.id, exercise.points, verdict)
    if verdict.kind != "wrong" or observed is None:
        return plain
    trace = exercise.trace(verdict, observed)
    if verdict.named:
        return replace(plain, trace=trace)
    answer = (cell for cell in cells if cell.exercise == exercise.id and cell.origin == "answer")
    sample = "\n\n".join(cell.source for cell in answer)[:SAMPLE_CHARS]
    return replace(plain, trace=trace, cluster=exercise.fingerprint(observed), sample=sample)


def _executed(cells: Sequence[Cell], ran: RunResult) -> Iterator[Executed]:
    """The cells with what they printed, as far as there is room for all of it together."""
    room = PRINTED_CHARS
    for number, cell in enumerate(cells):
        printed = ran.printed.get(number, "")[:room]
        room -= len(printed)
        yield Executed(**asdict(cell), printed=printed)


def _unread(cell: Cell) -> Verdict:
    """A written answer waits for a person to grade it, unless nothing was written."""
    return Verdict("manual" if cell.source else "unanswered")


def ungraded(lesson: str, why: str, status: Status = "unreadable") -> Graded:
    """The result of a submission that could not be graded, and why."""
    nothing = Verdict("unanswered", diagnosis=why)
    marks = tuple(Mark(each.id, each.points, nothing) for each in marked_of_lesson(lesson))
    return Graded(status, why, 0.0, marks)


def _demo_seconds(cells: Sequence[Cell], most: int) -> float:
    """The time of each demonstration that is run."""
    return min(most, DEMO_SECONDS / max(1, sum(cell.demo for cell in cells)))


def _instruction(cell: Cell, cases: dict[str, list[Case]], demo_seconds: float) -> dict[str, Any]:
    """What the code inside gets to know of a cell: never an expected value."""
    if cell.origin == "written":
        return {"source": ""}  # It keeps its number among the cells, and nothing runs.
    if cell.origin != "graded":
        return {"source": cell.source, **({"seconds": demo_seconds} if cell.demo else {})}
    return {
        "exercise": cell.exercise,
        "names": list(cell.names),
        "cases": codec.dumps(cases[cell.exercise]),
    }


def _verdict(
    exercise: Exercise,
    cases: list[Case],
    cells: Sequence[Cell],
    number: int,
    ran: RunResult,
    seen: Seen,
    limits: Limits,
) -> Verdict:
    """Judge what was seen at graded cell `number`."""
    if number in ran.lost:
        return _lost("Your function", ran.lost[number], limits)
    if number not in seen:
        kind = "timeout" if ran.end.kind == "timeout" else "error"
        return Verdict(kind, diagnosis=f"Not checked: the run ended {_where(cells, ran)}.")
    observed = seen[number]
    if observed is None:
        return Verdict("error", diagnosis="What came out of your notebook cannot be read.")
    verdict = exercise.judge(cases, observed)
    if verdict.kind == "unanswered":
        for earlier, cell in enumerate(cells[:number]):
            if cell.exercise == exercise.id and earlier in ran.lost:
                return _lost("Your answer cell", ran.lost[earlier], limits)
            if cell.exercise == exercise.id and earlier in ran.failed:
                error, message = ran.failed[earlier]
                return Verdict("error", diagnosis=f"Your answer cell stops with {error}: {message}")
        sentence = renamed(exercise.id, cells)
        return Verdict("error", diagnosis=sentence) if sentence else verdict
    return _without_hidden_answers(exercise, verdict)


def _without_hidden_answers(exercise: Exercise, verdict: Verdict) -> Verdict:
    """Learners see what was expected on the cases that they have, and on no other."""
    visible = any(case is verdict.case for case in exercise.visible_cases)
    if visible or verdict.case is None or verdict.difference is None:
        return verdict
    return replace(verdict, case={**verdict.case, "yours": verdict.difference.got}, difference=None)


def _lost(what: str, end: End, limits: Limits) -> Verdict:
    """The verdict where the process ended in an exercise's cell, and not the run."""
    kind = "timeout" if end.kind == "timeout" else "error"
    return Verdict(kind, diagnosis=f"{what} {_how(end, limits)}.")


def _status(ran: RunResult, cells: Sequence[Cell], limits: Limits) -> tuple[Status, str]:
    if ran.end.kind != "done":
        return _STATUS[ran.end.kind], f"Stopped {_where(cells, ran)}: it {_how(ran.end, limits)}."
    for number, end in sorted(ran.lost.items()):
        if cells[number].origin == "graded" and end.kind == "timeout":
            continue  # The verdict says so, as it does where an alarm stops a function.
        if cells[number].demo:
            continue
        where = _where_in(cells, number)
        return (
            _STATUS[end.kind],
            f"Stopped {where}: it {_how(end, limits)}; the rest was run.",
        )
    for number, (kind, message) in sorted(ran.failed.items()):
        if number < len(cells) and cells[number].demo:
            continue
        where = _where_in(cells, number)
        if kind == "TimeLimit":
            return "timeout", f"Stopped {where} after {limits.cell_seconds} s; the rest was run."
        if kind == "MemoryError" or "can't allocate memory" in message:
            return "memory", f"No more than {_gib(limits)} of memory {where}; the rest was run."
    return "graded", ""


_STATUS: dict[str, Status] = {
    "timeout": "timeout",
    "memory": "memory",
    "processes": "crashed",
    "flooded": "crashed",
    "crashed": "crashed",
}


def _how(end: End, limits: Limits) -> str:
    """How a process came to its end, as the rest of a sentence."""
    return {
        "timeout": "did not come to an end in time",
        "memory": f"used more than {_gib(limits)} of memory",
        "processes": f"had more than {limits.processes} processes at once",
        "flooded": "sent more than a grader can read",
        "crashed": f"ended Python itself (exit code {end.exit_code})",
    }[end.kind]


def _gib(limits: Limits) -> str:
    return f"{limits.memory_bytes / 2**30:g} GiB"


def _where(cells: Sequence[Cell], ran: RunResult) -> str:
    return _where_in(cells, ran.last_cell)


def _where_in(cells: Sequence[Cell], number: int) -> str:
    if not 0 <= number < len(cells):
        return "before the first cell"
    cell = cells[number]
    first_line = next(iter(cell.source.strip().splitlines()), "")[:60]
    return {
        "given": f"in the given cell that begins `{first_line}`",
        "written": f"at your written answer to `{cell.exercise}`",
        "extra": f"in your own cell that begins `{first_line}`",
        "answer": f"in your answer cell of `{cell.exercise}`",
        "graded": f"while `{cell.exercise}` was checked",
    }[cell.origin]
