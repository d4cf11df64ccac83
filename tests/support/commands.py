"""grader's commands where what takes them seconds to import is there already."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from grader.__main__ import app

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["grader.__main__", "grader.batch.run", "grader.batch.gradebook"])
KILLED_SECONDS = 60  # until a process that was killed is gone


def grader(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What `python -m grader ARGUMENTS…` comes to, and prints, when it is run in this process.

    Raises whatever the command raises: it would print a traceback.
    """
    command = list(map(str, arguments))
    done = CliRunner().invoke(app, command, catch_exceptions=False)
    return subprocess.CompletedProcess(command, done.exit_code, done.stdout, done.stderr)


class Command:
    """`python -m grader ARGUMENTS…` in a process and a session of its own, forked from a warm one.

    Args:
        arguments: those of the command.
        instead: values that names of grader's modules have in that process, by their full names,
            such as "grader.batch.database.AWAY_SECONDS".
    """

    def __init__(self, *arguments: str | Path, instead: Mapping[str, Any] | None = None) -> None:
        with tempfile.NamedTemporaryFile(delete=False) as said:
            self._said = Path(said.name)
        command = list(map(str, arguments))
        self._process = FORKED.Process(target=_run, args=(command, instead or {}, str(self._said)))
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = 600) -> int:
        """Its exit code, once it has ended. Raises TimeoutError when it does not."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError(f"The command does not end: {self.said()}")
        return self._process.exitcode

    def said(self) -> str:
        """What it has said on stderr so far."""
        return self._said.read_text(encoding="utf-8")

    def kill(self) -> None:
        """SIGKILL to this process alone."""
        self._process.kill()
        self.wait(KILLED_SECONDS)

    def close(self) -> None:
        """End it, and forget what it said."""
        self.kill()
        self._said.unlink()


def _run(arguments: list[str], instead: Mapping[str, Any], stderr: str) -> None:
    os.setsid()
    for path, number in ((os.devnull, 0), (os.devnull, 1), (stderr, 2)):
        os.dup2(os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY), number)
    for name, value in instead.items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    app(arguments)
