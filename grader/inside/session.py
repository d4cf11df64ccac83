"""One submission, executed cell by cell, its graded cells observed."""

from __future__ import annotations

import builtins
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import FrameType
from typing import Any, NoReturn

from lrlab.checking import codec
from lrlab.checking.answer import MESSAGE_CHARS_KEPT, Case, Observation
from lrlab.checking.footing import on_own_builtins
from lrlab.checking.guard import Printed, TimeLimit
from lrlab.checking.judge import TIMEOUT
from lrlab.checking.observe import Left, observe
from lrlab.checking.watch import watch_of

from .apart import leave_all

ALARM_AGAIN_SECONDS = 0.5
OBSERVED_CHARS = 2**20  # many times what right answers show
RECURSION_LIMIT = sys.getrecursionlimit()
CALLS_TO_AN_ANSWER = 50  # more than lead to one at home: what is just deep enough there is so here


class Session:
    """Executes a job and writes what it sees to a pipe, one JSON object a line.

    `{"walled": true}` comes first, or `{"unwalled": "why"}`, and was sent before this begins;
    `{"cell": 3}` cell 3 begins; `{"cell": 3, "printed": …}`; `{"cell": 3, "failed": {"type",
    "message"}}`; `{"cell": 3, "observed": codec text}`; `{"done": true}` at the end.
    """

    def __init__(self, shell: Any, answer_fd: int, limits: dict[str, Any]) -> None:
        self.shell, self.answer_fd, self.limits = shell, answer_fd, limits
        self.skip = set(limits["skip"])
        self.room = limits["printed_chars"]  # for all that is printed
        self.pid = os.getpid()
        sys.setrecursionlimit(RECURSION_LIMIT + CALLS_TO_AN_ANSWER)

    def execute(self, job: list[dict[str, Any]], first: int = 0) -> None:
        """Execute the cells of a job from number `first` on.

        Each is `{"source"}`, with `"seconds"` where it has a limit of its own, or, to be observed,
        `{"exercise", "names", "cases"}`.
        """
        for number in range(first, len(job)):
            if number not in self.skip:
                self._execute_cell(job, number)
        self._tell({"done": True})

    def _execute_cell(self, job: list[dict[str, Any]], number: int) -> None:
        cell = job[number]
        printed = Printed(self.room)
        told: dict[str, Any]  # First what is said of a cell that does not come to an end.
        if "exercise" in cell:
            cases = codec.loads(cell["cases"])
            told = {"observed": [TIMEOUT] * len(cases)}
            work = partial(self._observe, cell, cases, told)
        else:
            told = {"failed": {"type": TimeLimit.__name__, "message": ""}}
            work = partial(self._run, cell["source"], told)

        def tell() -> None:
            if "observed" in told:
                told["observed"] = _bounded(told["observed"])
            self.room -= len(printed.text)
            self._tell({"cell": number, "printed": printed.text, **told})

        def abandon() -> NoReturn:
            """Do what is left to do from here, deep in the stack of code that does not return."""
            try:
                raise TimeLimit
            except TimeLimit as limit:
                # Errors of the next cells get this one as their context, and not the long chain of
                # those that the abandoned code is handling.
                limit.__context__ = None
                tell()
                self.execute(job, number + 1)
            finally:
                os._exit(0)

        self._tell({"cell": number})
        seconds = cell.get("seconds", self.limits["cell_seconds"])
        with _output_to(printed), _time_limit(seconds, abandon):
            work()
        tell()

    def _tell(self, message: dict[str, Any]) -> None:
        if os.getpid() != self.pid:  # A process that the code forked came back here.
            os._exit(0)
        tell(self.answer_fd, message)

    def _run(self, source: str, told: dict[str, Any]) -> None:
        """Execute a cell as a notebook would; whoever is asked for input types nothing."""
        with _input_of(""):
            result = self.shell.run_cell(source, store_history=False)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            told["failed"] = _described(error)
        else:
            del told["failed"]

    @on_own_builtins
    def _observe(self, cell: dict[str, Any], cases: list[Case], told: dict[str, Any]) -> None:
        """Observe an answer, found by name: one that is deleted or renamed is unanswered."""
        exercise = cell["exercise"]
        answers = tuple(self.shell.user_ns.get(name) for name in cell["names"])
        left: Sequence[Left | None] = [None] * len(cases)
        if watch_of(exercise).halves:
            left = leave_all(exercise, answers, cases)
        for number, case in enumerate(cases):
            told["observed"][number] = observe(exercise, answers, case, left[number])


@on_own_builtins
def _bounded(observed: list[Observation]) -> str:
    """All observations of an exercise as codec text; one that is too long would cost the others."""
    text = codec.dumps(observed)
    if len(text) <= OBSERVED_CHARS:
        return text
    return codec.dumps([{"value": codec.Other("result that is too large")}] * len(observed))


def tell(answer_fd: int, message: dict[str, Any]) -> None:
    """Write one message to the other side of the wall."""
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(answer_fd, data) :]


def _described(error: BaseException) -> dict[str, str]:
    try:
        if isinstance(error, SyntaxError):
            message = f"{error.msg} (line {error.lineno})"
        else:
            message = str(error)
        message = message[:MESSAGE_CHARS_KEPT]
    except BaseException:  # a stranger's exception may do anything when it is asked for its text
        message = ""
    return {"type": type(error).__name__, "message": message}


@contextlib.contextmanager
def _output_to(printed: Printed) -> Iterator[None]:
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        yield


@contextlib.contextmanager
def _input_of(typed: str) -> Iterator[None]:
    asked = builtins.input
    builtins.input = lambda prompt="": typed
    try:
        yield
    finally:
        builtins.input = asked


@contextlib.contextmanager
def _time_limit(seconds: float, abandon: Callable[[], NoReturn]) -> Iterator[None]:
    """End the block after a time.

    The first alarm raises TimeLimit. Code that catches everything goes on (which `try` catches an
    alarm depends on Python's version), so the second one calls `abandon`, which does not return.
    Code that lets no alarm through is killed by the other side of the wall.
    """
    rung = False

    def ring(_: int, frame: FrameType | None) -> None:
        nonlocal rung
        if rung:
            sys.setrecursionlimit(_depth(frame) + RECURSION_LIMIT)
            abandon()
        rung = True
        raise TimeLimit

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, ALARM_AGAIN_SECONDS)
    try:
        with contextlib.suppress(TimeLimit):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _depth(frame: FrameType | None) -> int:
    """The number of calls that a frame is deep."""
    depth = 0
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    return depth
