"""How the tests end a program that has started others."""

from __future__ import annotations

import subprocess
from contextlib import suppress

import psutil


def kill_tree(program: subprocess.Popen) -> None:
    """SIGKILL to a program and all that it started; some may end with others, or have ended."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(program.pid)
        for process in [first, *first.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    program.wait()
