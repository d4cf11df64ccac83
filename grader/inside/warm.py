"""One warm process that imports torch once and forks a fresh child for each submission.

It never runs learner code. Control is a SOCK_SEQPACKET socket: a message brings, as JSON, the
limits and the cells to skip, and two file descriptors, the job to read and the pipe to write
answers to; a message without them asks to kill the child at work. The reply says how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
from collections.abc import Iterator
from itertools import count
from typing import Any

from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell

from . import eager, walls
from .huge_pages import use_huge_pages
from .session import Session, tell

MESSAGE_BYTES = 65_536
OF_OURS = 2  # a child, and the one that it forks into its namespaces
POLL_SECONDS = 0.02
MEMORY_EVERY = 5  # looks: counting processes is quicker than asking each for its memory
JOBS_BEFORE_HUGE_PAGES = 10  # Whoever grades a few only would wait for what is not paid back.


def warm_up() -> Any:
    """Import and use once whatever learners' code is likely to need; return an IPython shell."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    import torch
    from traitlets.config import Config

    import lrlab
    from lrlab.checking import optimizers

    eager.keep_compiler_out()
    torch.set_num_threads(1)  # OpenMP's threads do not survive a fork
    optimizers.warm_up()
    for name in lrlab.__all__:
        getattr(lrlab, name)
    lrlab.plot_schedule({"any": [1.0, 0.1]})
    plt.figure().canvas.draw()
    plt.close("all")
    walls.warm_up()
    quiet = {"InteractiveShell": {"colors": "nocolor"}, "HistoryManager": {"enabled": False}}
    shell = Shell.instance(config=Config(quiet))
    shell.run_cell("", store_history=False)
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page of what is warm
    return shell


class TextOnly(DisplayFormatter):
    """Nobody gets to see a picture from in here, so none is drawn."""

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> Any:
        return super().format(obj, {"text/plain"}, exclude)


class Shell(InteractiveShell):
    """IPython without a terminal, a kernel or a window."""

    def init_display_formatter(self) -> None:
        self.display_formatter = TextOnly(parent=self, active_types=["text/plain"])

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """IPython would keep all that is printed in its history, until memory is full."""
        yield

    def enable_gui(self, gui: str | None = None) -> None:
        """`%matplotlib inline` asks for this; there is no event loop to hook into."""


def serve(control: socket.socket, shell: Any, events: int | None = None) -> None:
    """Answer one job after another until the other side hangs up.

    Args:
        events: where the cgroup of this sandbox counts what the kernel ended; None without one.
    """
    control.send(b"ready")
    shared = walls.memory_of(os.getpid()) // 2  # a child's part of the pages that are warm
    for jobs in count():
        if jobs == JOBS_BEFORE_HUGE_PAGES:
            use_huge_pages()
        message, fds, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 2)
        if not message:
            return
        if len(fds) != 2:  # asks to kill a child that has already ended
            continue
        job_fd, answer_fd = fds
        limits = json.loads(message)
        child = os.fork()
        if child == 0:
            control.close()
            _become_child(shell, job_fd, answer_fd, limits)
        for fd in fds:
            os.close(fd)
        most = limits["processes"] + OF_OURS
        reply = _watch(control, child, limits["memory_bytes"] + shared, most, events)
        walls.kill_everything_else()
        control.send(json.dumps(reply).encode())


def _watch(
    control: socket.socket, child: int, memory: int, processes: int, events: int | None
) -> dict[str, Any]:
    """Wait for a child; kill it when asked to, or when there is too much of it: bytes, processes.

    Processes are counted here, and the kernel refuses only many times more of them: which one of a
    bomb's processes is refused a fork, and what becomes of the others, is a matter of chance.
    """
    pidfd = os.pidfd_open(child)
    sources: list[socket.socket | int] = [control, pidfd]
    ended = walls.ended_for_memory(events)
    too_much = ""
    for looks in count():
        ready, _, _ = select.select(sources, [], [], POLL_SECONDS)
        if pidfd in ready:
            break
        if walls.INSIDE:
            too_much = walls.too_much(processes, memory if looks % MEMORY_EVERY == 0 else None)
        if walls.ended_for_memory(events) > ended:  # one of them; the others are to end with it
            too_much = "memory"
        if control in ready or too_much:
            os.kill(child, signal.SIGKILL)
            break
    if control in ready:
        control.recv(MESSAGE_BYTES)
    _, status = os.waitpid(child, 0)
    os.close(pidfd)
    if status and not too_much and walls.ended_for_memory(events) > ended:
        too_much = "memory"
    return {"exit": os.waitstatus_to_exitcode(status), "too_much": too_much}


def _become_child(shell: Any, job_fd: int, answer_fd: int, limits: dict[str, Any]) -> None:
    """Wall this process in, run the job, never return."""
    try:
        with os.fdopen(job_fd) as file:
            job = json.load(file)
        try:
            walls.wall_in(answer_fd, limits)
        except Exception as error:  # whatever it is: no stranger's code runs without a wall
            tell(answer_fd, {"unwalled": str(error)})
            return
        tell(answer_fd, {"walled": True})
        Session(shell, answer_fd, limits).execute(job)
    finally:
        os._exit(0)
