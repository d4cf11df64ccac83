"""What comes out of a run: bounded lines that a stranger's process wrote, read and noted."""

from __future__ import annotations

import json
import re
import select
import socket
import time
from dataclasses import dataclass, field
from typing import IO, Any

from lrlab.checking.answer import MESSAGE_CHARS_KEPT
from lrlab.checking.text import writable

from .bwrap import refused
from .limits import Limits

ANSWER_BYTES = 16 * 2**20
LINES_PER_CELL = 2  # One says that it begins, one what it printed and showed.
SPARE_LINES = 10_000  # So many are parsed in no time; more are a flood.
CHUNK_BYTES = 65_536
SPARE_READS = 1_000  # There is one for each line and one for each chunk besides.
DRIP_SECONDS = 0.01  # A pause between reads once these are used up: then more comes at a time.
GRACE_SECONDS = 3  # These are added outside, so that SIGALRM inside the child fires first.
END_SECONDS = 1  # The child has so long to exit after its last message.
MESSAGE_BYTES = 65_536
# A message is a few texts and little else: what has more parts takes long to read.
MESSAGE = re.compile(rb'(?:[^"]{0,50}"(?:[^"\\]|\\.)*+"){0,10}+[^"]{0,50}', re.DOTALL)
MOST_LOST = 50  # So many cells may end a submission's process; each costs another start.


@dataclass(frozen=True)
class End:
    """How a process came to its end.

    Attributes:
        kind: done | crashed | timeout | memory | processes | flooded
        exit_code: as `os.waitstatus_to_exitcode` gives it
    """

    kind: str = "crashed"
    exit_code: int = 0


@dataclass
class RunResult:
    """What came out of a run; all but `end` and `lost` was written by a stranger.

    Attributes:
        end: how the run came to its end
        lost: cell number → how the process ended in it; the run went on without that cell
        observed: cell number → codec text
        printed: cell number → what the cell printed
        failed: cell number → (type, message) of the exception that ended the cell
        last_cell: number of the last cell that was begun
    """

    end: End = field(default_factory=End)
    lost: dict[int, End] = field(default_factory=dict)
    observed: dict[int, str] = field(default_factory=dict)
    printed: dict[int, str] = field(default_factory=dict)
    failed: dict[int, tuple[str, str]] = field(default_factory=dict)
    last_cell: int = -1


class Answers:
    """Reads what the processes of one run write, one after another, within the limits of one run.

    Attributes:
        ran: what they said so far
        walled: whether the last of them was walled in: only then did learners' code run
        has_run: whether any of them was
    """

    def __init__(self, job: list[dict[str, Any]], limits: Limits) -> None:
        self.ran = RunResult()
        self._job, self._limits = job, limits
        self._until = time.monotonic() + limits.seconds
        self._bytes_left = ANSWER_BYTES
        self._lines_left = LINES_PER_CELL * len(job) + SPARE_LINES
        self._reads_left = LINES_PER_CELL * len(job) + ANSWER_BYTES // CHUNK_BYTES + SPARE_READS
        self.walled = self.has_run = False

    @property
    def spent(self) -> bool:
        """Whether another process could not say anything any more: nothing is left of a limit."""
        left = min(self._bytes_left, self._lines_left)
        return left < 0 or time.monotonic() >= self._until

    @property
    def skip(self) -> list[int]:
        """The cells that the next process need not execute: it dies of them, or they were seen."""
        seen = (n for n in self.ran.observed if n < len(self._job) and "exercise" in self._job[n])
        return sorted({*self.ran.lost, *seen})

    def collect(self, pipe: IO[bytes], control: socket.socket) -> None:
        """Read what a process writes until it ends; have it killed when it reaches a limit.

        Raises NoSandbox if it could not wall itself in, OSError when the warm process is gone.
        """
        self.ran.last_cell, self.walled = -1, False
        kind = self._read(pipe, control)
        self.ran.end = End(kind)
        self.has_run |= self.walled
        ready, _, _ = select.select([control], [], [], END_SECONDS)
        if not ready:
            control.send(b"kill")
        reply = control.recv(MESSAGE_BYTES)
        if not reply:
            raise OSError("the warm process is gone")
        ended = json.loads(reply)
        if not self.walled:
            raise OSError(f"a child ended before it was walled in (exit code {ended['exit']})")
        self.ran.end = End(ended["too_much"] or kind, ended["exit"])

    def lose_cell(self) -> bool:
        """Note the cell of which a process died; whether the run can go on without it."""
        ran = self.ran
        if ran.end.kind == "done" or self.spent:
            return False
        known = not 0 <= ran.last_cell < len(self._job) or ran.last_cell in self.skip
        if known or len(ran.lost) == MOST_LOST:
            return False
        ran.lost[ran.last_cell] = ran.end
        return True

    def _read(self, pipe: IO[bytes], control: socket.socket) -> str:
        """Read bounded lines until the pipe closes, the child ends, or a limit is reached."""
        patience = self._limits.cell_seconds + GRACE_SECONDS
        cell_until = time.monotonic() + patience
        unfinished = bytearray()
        sources: list[IO[bytes] | socket.socket] = [pipe, control]
        kind = "crashed"
        while True:
            left = min(self._until, cell_until) - time.monotonic()
            ready, _, _ = select.select(sources, [], [], max(left, 0))
            if not ready or left <= 0:  # also while more and more comes
                return "timeout"
            self._reads_left -= 1
            if self._reads_left < 0:
                time.sleep(DRIP_SECONDS)
            chunk = pipe.read(CHUNK_BYTES) if pipe in ready else b""
            if not chunk:
                return kind
            unfinished += chunk
            if not self.walled and b"\n" in chunk:
                # A child's first line: nothing of a stranger's ran before, a flood may follow it.
                first, _, unfinished = unfinished.partition(b"\n")
                self._wall(parse(bytes(first)))
            self._bytes_left -= len(chunk)
            self._lines_left -= chunk.count(b"\n")
            if min(self._bytes_left, self._lines_left) < 0:
                return "flooded"
            if b"\n" not in chunk:
                continue
            *lines, rest = bytes(unfinished).split(b"\n")
            unfinished = bytearray(rest)
            for line in lines:
                message = parse(line)
                if note(message, self.ran):
                    cell_until = time.monotonic() + patience
                if message.get("done") is True:
                    kind = "done"

    def _wall(self, message: dict[str, Any]) -> None:
        if "unwalled" in message:
            raise refused(message["unwalled"])
        self.walled = message.get("walled") is True


def parse(line: bytes) -> dict[str, Any]:
    """A message of a stranger's process; an empty one where it makes no sense."""
    if not MESSAGE.fullmatch(line):
        return {}
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def note(message: dict[str, Any], ran: RunResult) -> bool:
    """Note what is new in a message; return whether a new cell was begun."""
    cell = message.get("cell")
    if type(cell) is not int or cell < 0:
        return False
    if isinstance(message.get("observed"), str):
        ran.observed.setdefault(cell, message["observed"])
    if isinstance(message.get("printed"), str):
        ran.printed.setdefault(cell, writable(message["printed"]))
    failed = message.get("failed")
    if isinstance(failed, dict):
        kind, words = (_text(failed.get(name)) for name in ("type", "message"))
        ran.failed.setdefault(cell, (kind, words))
    begun = cell > ran.last_cell
    ran.last_cell = max(cell, ran.last_cell)
    return begun


def _text(sent: object) -> str:
    """What was sent where a short text belongs: anything else says nothing, at no cost."""
    return writable(sent[:MESSAGE_CHARS_KEPT]) if isinstance(sent, str) else ""
