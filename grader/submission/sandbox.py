"""The wall: bubblewrap around a warm process, a fresh child per submission, limits from outside."""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import tempfile
import time
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from lrlab.checking.answer import MESSAGE_CHARS_KEPT
from lrlab.checking.text import writable

from .limits import Limits, Wall
from .process import MESSAGE_BYTES, WarmProcess

ANSWER_BYTES = 16 * 2**20
LINES_PER_CELL = 2  # it begins; what it printed and showed
SPARE_LINES = 10_000  # more is a flood; so many are parsed in no time
GRACE_SECONDS = 3  # added outside, so that SIGALRM inside the child fires first
END_SECONDS = 1  # for the child to exit after its last message


@dataclass
class RunResult:
    """What came out of a run; all but `ended` and `exit_code` was written by a stranger.

    Attributes:
        ended: done | crashed | timeout | memory | processes | flooded
        observed: cell number → codec text
        printed: cell number → what the cell printed
        failed: cell number → (type, message) of the exception that ended the cell
        last_cell: number of the last cell that was begun
    """

    ended: str = "crashed"
    observed: dict[int, str] = field(default_factory=dict)
    printed: dict[int, str] = field(default_factory=dict)
    failed: dict[int, tuple[str, str]] = field(default_factory=dict)
    last_cell: int = -1
    exit_code: int = 0


class Sandbox:
    """One warm process behind the wall. Use as a context manager; `run` may be called often.

    Args:
        limits: what one submission may use.
        wall: "bwrap", or "none" for notebooks that you trust: their code then runs as you.
    """

    def __init__(self, limits: Limits | None = None, wall: str = Wall.bwrap) -> None:
        self.limits = limits or Limits()
        self.wall = wall
        self._warm: WarmProcess | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="grader-")

    def __enter__(self) -> Sandbox:
        self._living()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._scratch.cleanup()

    def run(self, job: list[dict[str, Any]]) -> RunResult:
        """Run one job in a fresh child. If the warm process dies of it, try once more in a new one.

        Raises NoSandbox if no new one can be started.
        """
        for _ in range(2):
            warm = self._living()
            warm.await_ready()
            with contextlib.suppress(OSError):
                return self._run(job, warm.control)
            self._stop()
        return RunResult(ended="crashed")

    def _living(self) -> WarmProcess:
        """The warm process; a new one if there is none, or if it has ended."""
        if self._warm is None or not self._warm.lives:
            self._stop()
            self._warm = WarmProcess(self.wall, self._scratch.name)
        return self._warm

    def _stop(self) -> None:
        if self._warm is not None:
            self._warm.stop()
        self._warm = None

    def _run(self, job: list[dict[str, Any]], control: socket.socket) -> RunResult:
        """Raises OSError when the warm process is gone."""
        ran = RunResult()
        with tempfile.TemporaryFile() as job_file:
            job_file.write(json.dumps(job).encode())
            job_file.seek(0)
            answers, answer_end = os.pipe()
            with open(answers, "rb", buffering=0) as pipe:
                try:
                    fds = [job_file.fileno(), answer_end]
                    limits = json.dumps(asdict(self.limits)).encode()
                    socket.send_fds(control, [limits], fds)
                finally:
                    os.close(answer_end)
                self._collect(pipe, control, ran, LINES_PER_CELL * len(job) + SPARE_LINES)
        _end(control, ran)
        return ran

    def _collect(
        self, pipe: IO[bytes], control: socket.socket, ran: RunResult, lines_left: int
    ) -> None:
        """Read bounded lines until the pipe closes, the child ends, or a limit is reached."""
        started = cell_started = time.monotonic()
        received, unfinished = 0, bytearray()
        sources: list[IO[bytes] | socket.socket] = [pipe, control]
        while True:
            now = time.monotonic()
            left = min(
                started + self.limits.seconds - now,
                cell_started + self.limits.cell_seconds + GRACE_SECONDS - now,
            )
            ready, _, _ = select.select(sources, [], [], max(left, 0))
            if not ready or left <= 0:  # also while more and more comes
                ran.ended = "timeout"
                return
            chunk = pipe.read(65_536) if pipe in ready else b""
            if not chunk:
                return
            received += len(chunk)
            if received > ANSWER_BYTES:
                ran.ended = "flooded"
                return
            unfinished += chunk
            if b"\n" not in chunk:
                continue
            *lines, rest = bytes(unfinished).split(b"\n")
            unfinished = bytearray(rest)
            lines_left -= len(lines)
            if lines_left < 0:
                ran.ended = "flooded"
                return
            for line in lines:
                if _parse_message(line, ran):
                    cell_started = time.monotonic()


def _end(control: socket.socket, ran: RunResult) -> None:
    """Have the child killed if it still lives, and note how it ended."""
    ready, _, _ = select.select([control], [], [], END_SECONDS)
    if not ready:
        control.send(b"kill")
    reply = control.recv(MESSAGE_BYTES)
    if not reply:
        raise OSError("the warm process is gone")
    ended = json.loads(reply)
    ran.exit_code = ended["exit"]
    ran.ended = ended["too_much"] or ran.ended


def _parse_message(line: bytes, ran: RunResult) -> bool:
    """Take in one line of the child's answers; return whether a new cell was begun."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict):
        return False
    if message.get("done") is True:
        ran.ended = "done"
    cell = message.get("cell")
    if type(cell) is not int or cell < 0:
        return False
    if isinstance(message.get("observed"), str):
        ran.observed.setdefault(cell, message["observed"])
    if isinstance(message.get("printed"), str):
        ran.printed.setdefault(cell, writable(message["printed"]))
    failed = message.get("failed")
    if isinstance(failed, dict):
        kind, words = (
            writable(str(failed.get(name)))[:MESSAGE_CHARS_KEPT] for name in ("type", "message")
        )
        ran.failed.setdefault(cell, (kind, words))
    begun = cell > ran.last_cell
    ran.last_cell = max(cell, ran.last_cell)
    return begun
