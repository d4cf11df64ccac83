"""The half of an exercise that another process does: only its files reach this one."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

from lrlab.checking.answer import MESSAGE_CHARS_KEPT, Answers, Case
from lrlab.checking.observe import Left, leave

BYTES = "latin-1"  # has a character for each of them
TRIES, PAUSE_SECONDS = 40, 0.05


def leave_all(exercise: str, answers: Answers, cases: Sequence[Case]) -> list[Left]:
    """What the answers leave in each case, done in a fork, which also forgets what they did here.

    Where the fork is ended by what it executes, this process ends in the same way.
    """
    try:
        return _left_by_a_fork(exercise, answers, cases)
    except (OSError, ValueError) as error:  # no room for a fork, or they wrote in what it sends
        described = {"type": type(error).__name__, "message": str(error)[:MESSAGE_CHARS_KEPT]}
        return [{"error": described}] * len(cases)


def _left_by_a_fork(exercise: str, answers: Answers, cases: Sequence[Case]) -> list[Left]:
    reading, writing = os.pipe()
    child = _fork()
    if child == 0:
        try:
            os.setpgid(0, 0)  # so that it ends together with what it starts
            _write(writing, [leave(exercise, answers, case) for case in cases])
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with open(reading, "rb") as pipe:
        try:
            text = pipe.read()
        finally:  # when time is over; else it has ended
            os.kill(child, signal.SIGKILL)  # which may have left its group, or not have one yet
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    if not text:
        os._exit(abs(os.waitstatus_to_exitcode(status)))
    return [
        left if isinstance(left, dict) else [file.encode(BYTES) for file in left]
        for left in json.loads(text)
    ]


def _fork() -> int:
    """Fork, as soon as there is room: what an earlier cell has started may still be ending."""
    for _ in range(TRIES):
        try:
            return os.fork()
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
    return os.fork()


def _write(writing: int, all_left: list[Left]) -> None:
    plain = [
        left if isinstance(left, dict) else [file.decode(BYTES) for file in left]
        for left in all_left
    ]
    with open(writing, "w") as pipe:
        json.dump(plain, pipe)
