"""The wall: bubblewrap around a warm process, a fresh child per submission, limits from outside."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from dataclasses import asdict
from typing import IO, Any

from .answers import Answers, RunResult
from .limits import Limits, Wall
from .process import WarmProcess

TRIES = 2  # with a warm process, if one dies of a submission


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
        # Behind the wall is a place of its own; this one a killed worker would leave behind.
        walled = wall == Wall.bwrap
        self._scratch = None if walled else tempfile.TemporaryDirectory(prefix="grader-")

    def __enter__(self) -> Sandbox:
        self._living()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        if self._scratch:
            self._scratch.cleanup()

    def run(self, job: list[dict[str, Any]]) -> RunResult:
        """Run one job in a fresh child.

        When the child dies of a cell, or hangs in it, another one runs the job without that cell:
        what was seen before stays, and the others get their turn. Raises NoSandbox if no warm
        process can be started, OSError if each one ends before learners' code runs.
        """
        self._living().await_ready()
        answers = Answers(job, self.limits)
        tries_left = TRIES
        with tempfile.TemporaryFile() as job_file:
            job_file.write(json.dumps(job).encode())
            while True:
                warm = self._living()
                warm.await_ready()
                try:
                    self._start(job_file, warm.control, answers)
                except OSError:
                    self._stop()
                    tries_left -= 1
                    if tries_left and not answers.spent:
                        continue
                    if not answers.has_run:
                        raise
                    return answers.ran
                if not answers.lose_cell():
                    return answers.ran

    def _living(self) -> WarmProcess:
        """The warm process; a new one if there is none, or if it has ended."""
        if self._warm is None or not self._warm.lives:
            self._stop()
            scratch = self._scratch.name if self._scratch else ""
            self._warm = WarmProcess(self.wall, scratch, self.limits)
        return self._warm

    def _stop(self) -> None:
        if self._warm is not None:
            self._warm.stop()
        self._warm = None

    def _start(self, job_file: IO[bytes], control: socket.socket, answers: Answers) -> None:
        """Have a child run what is left to do. Raises OSError when the warm process is gone."""
        job_file.seek(0)
        reading, writing = os.pipe()
        with open(reading, "rb", buffering=0) as pipe:
            try:
                limits = {**asdict(self.limits), "skip": answers.skip}
                fds = [job_file.fileno(), writing]
                socket.send_fds(control, [json.dumps(limits).encode()], fds)
            finally:
                os.close(writing)
            answers.collect(pipe, control)
