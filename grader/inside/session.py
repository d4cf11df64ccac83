"""One submission, executed cell by cell, its graded cells observed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

from lrlab.checking import codec
from lrlab.checking.answer import MESSAGE_CHARS_KEPT
from lrlab.checking.guard import Printed, TimeLimit
from lrlab.checking.judge import TIMEOUT
from lrlab.checking.observe import observe

ALARM_AGAIN_SECONDS = 0.5  # should the code catch TimeLimit


class Session:
    """Executes a job and writes what it sees to a pipe, one JSON object a line.

    `{"cell": 3}` cell 3 begins; `{"cell": 3, "printed": …}`; `{"cell": 3, "failed": {"type",
    "message"}}`; `{"cell": 3, "observed": codec text}`; `{"done": true}` at the end.
    """

    def __init__(self, shell: Any, answer_fd: int, limits: dict[str, int]) -> None:
        self.shell, self.answer_fd, self.limits = shell, answer_fd, limits
        self.pid = os.getpid()

    def execute(self, job: list[dict[str, Any]]) -> None:
        """`job`: cells as `{"source"}`, graded ones as `{"exercise", "names", "cases"}`."""
        for number, cell in enumerate(job):
            self._tell({"cell": number})
            work = self._observe if "exercise" in cell else self._run
            printed = Printed(self.limits["printed_chars"])
            with _output_to(printed):
                told = work(cell)
            self._tell({"cell": number, "printed": printed.text, **told})
        self._tell({"done": True})

    def _tell(self, message: dict[str, Any]) -> None:
        if os.getpid() != self.pid:  # a process that the code forked came back here
            os._exit(0)
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(self.answer_fd, data) :]

    def _run(self, cell: dict[str, Any]) -> dict[str, Any]:
        """Execute a cell as a notebook would."""
        with _time_limit(self.limits["cell_seconds"]):
            result = self.shell.run_cell(cell["source"], store_history=False)
            error = result.error_before_exec or result.error_in_exec
            return {"failed": _described(error)} if error is not None else {}
        return {"failed": {"type": "TimeLimit", "message": ""}}

    def _observe(self, cell: dict[str, Any]) -> dict[str, Any]:
        """Observe an answer, found by name: one that is deleted or renamed is unanswered."""
        answers = tuple(self.shell.user_ns.get(name) for name in cell["names"])
        cases = codec.loads(cell["cases"])
        seen: list[Any] = []
        answer = answers if len(answers) > 1 else answers[0]
        with _time_limit(self.limits["cell_seconds"]):
            for case in cases:
                seen.append(observe(cell["exercise"], answer, case))
        seen += [TIMEOUT] * (len(cases) - len(seen))
        return {"observed": codec.dumps(seen)}


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
        contextlib.redirect_stdout(printed),  # type: ignore[type-var]
        contextlib.redirect_stderr(printed),  # type: ignore[type-var]
    ):
        yield


@contextlib.contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    """End the block after a time. Code that resists is killed by the other side of the wall."""

    def ring(*_: Any) -> None:
        raise TimeLimit

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, ALARM_AGAIN_SECONDS)
    try:
        with contextlib.suppress(TimeLimit):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
