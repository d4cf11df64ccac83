"""Run an answer at home so that nothing it does takes the notebook down.

This protects a learner from their own mistakes: endless loops, `exit()`, floods of prints. It is
no wall against malice; the grader has one (a sandbox), outside this process.
"""

from __future__ import annotations

import builtins
import contextlib
import contextvars
import ctypes
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

PRINTED_CHARS_KEPT = 2_000
STOP_ATTEMPTS = 20


class TimeLimit(BaseException):
    """Raised inside an answer that ran too long.

    Args:
        where: file and line of each call that was going on, the innermost first.
    """

    def __init__(self, where: Sequence[tuple[str, int]] = ()) -> None:
        super().__init__()
        self.where = where


class StillRunning(TimeLimit):
    """An answer ran too long and could not be stopped: its thread was left behind."""


class Printed:
    """A text stream that keeps the beginning of what is written and drops the rest."""

    def __init__(self, chars_kept: int = PRINTED_CHARS_KEPT) -> None:
        self._parts: list[str] = []
        self._room = chars_kept

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def write(self, text: str) -> int:
        if self._room > 0:
            self._parts.append(str(text)[: self._room])
            self._room -= len(self._parts[-1])
        return len(text)

    def flush(self) -> None:
        """Nothing is buffered."""

    def isatty(self) -> bool:
        return False


def run_guarded(work: Callable[[], Any], seconds: float) -> tuple[Any, str]:
    """Call `work` with a time limit; return its result and the beginning of what it printed.

    Raises TimeLimit if it did not finish within `seconds`, StillRunning if it could not be stopped
    either. A thread is used, not a signal, so that it works on every system and in every front end.

    Example:
        >>> run_guarded(lambda: print("hello") or 3, seconds=1)
        (3, 'hello\\n')
    """
    outcome: list[Any] = []
    printed = Printed()

    def keep_outcome() -> None:
        with contextlib.suppress(TimeLimit):
            outcome.append(work())

    # What a notebook has set for decimals and for NumPy's errors holds in its context alone.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(keep_outcome,), daemon=True)
    with (
        _logging_to(printed, (sys.stdout, sys.stderr)),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
        warnings.catch_warnings(),
        _without_exits(),
    ):
        warnings.simplefilter("default")  # No filter turns a warning into an error.
        thread.start()
        thread.join(seconds)
        where = _calls(thread)
        for _ in range(STOP_ATTEMPTS if thread.is_alive() else 0):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeLimit)
            )
            thread.join(0.02)
            if not thread.is_alive():
                break
    if not outcome:
        raise (StillRunning if thread.is_alive() else TimeLimit)(where)
    return outcome[0], printed.text


def _calls(thread: threading.Thread) -> list[tuple[str, int]]:
    """File and line of each call that a thread is in, the innermost first."""
    frame = sys._current_frames().get(thread.ident or 0)
    found = []
    while frame is not None:
        found.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return found


@contextlib.contextmanager
def _logging_to(printed: Printed, streams: tuple[Any, ...]) -> Iterator[None]:
    """Point the log handlers that write to `streams` to `printed`: each keeps its first stream."""
    loggers = [logging.root, *map(logging.getLogger, logging.root.manager.loggerDict)]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    # A handler that has no stream of its own looks sys.stderr up each time, and needs no move.
    own = [h for h in handlers if isinstance(h, logging.StreamHandler) and "stream" in vars(h)]
    moved = [handler for handler in own if handler.stream in streams]
    before = [handler.setStream(printed) for handler in moved]
    try:
        yield
    finally:
        for handler, stream in zip(moved, before):
            handler.setStream(stream)


@contextlib.contextmanager
def _without_exits() -> Iterator[None]:
    """Turn everything that would end or block the kernel into SystemExit inside the answer."""

    def stop(*_args: Any, **_kwargs: Any) -> None:
        raise SystemExit("the answer tried to end or to pause Python")

    places: list[tuple[Any, str]] = [(os, "_exit"), (os, "abort"), (builtins, "input")]
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if hasattr(shell, "ask_exit"):  # Not every kernel's shell has it: xeus-python's has none.
        places.append((shell, "ask_exit"))
    saved = [(owner, name, getattr(owner, name)) for owner, name in places]
    for owner, name, _ in saved:
        setattr(owner, name, stop)
    try:
        yield
    finally:
        for owner, name, original in saved:
            setattr(owner, name, original)
