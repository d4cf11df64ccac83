"""What this kernel knows of the notebook's cells: which of them no longer stands for a function.

A learner who mends a cell and does not see it fail has the function of an earlier run still in the
kernel. `check` would judge that one; here it is told apart.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .names import defined, explain_missing


class Cells:
    """Watches the cells that an IPython shell runs.

    Args:
        shell: IPython's InteractiveShell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._before: dict[str, Any] = {}
        self._stopped: dict[str, tuple[Any, str]] = {}
        self._names_of: dict[str, set[str]] = {}
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def why_old(self, name: str, answer: Any) -> str:
        """Say why `answer`, known as `name`, is not what its cell now defines; empty if it is."""
        old, sentence = self._stopped.get(name, (None, ""))
        return sentence if old is answer else ""

    def _begin(self, info: Any) -> None:
        names = defined(info.raw_cell) | self._names_of.get(_cell(info), set())
        self._before = {name: self._shell.user_ns.get(name) for name in names}

    def _end(self, result: Any) -> None:
        before, self._before = self._before, {}
        if result.info is None:
            return
        source, error = result.info.raw_cell, result.error_before_exec or result.error_in_exec
        names = defined(source)
        for name, old in before.items():
            self._stopped.pop(name, None)
            if self._shell.user_ns.get(name) is not old:
                continue
            if error is not None and name in names:
                self._stopped[name] = old, _stopped_by(error, self._shell.user_ns)
            elif error is None and name not in names and old is not None:
                self._stopped[name] = old, _no_longer(name, names - {name})
        if _cell(result.info):
            self._names_of[_cell(result.info)] = names | (
                self._names_of.get(_cell(result.info), set()) if error is not None else set()
            )


def _cell(info: Any) -> str:
    """The notebook's id of the cell that runs; empty where a front end does not tell."""
    return getattr(info, "cell_id", None) or ""


def _stopped_by(error: BaseException, namespace: dict[str, Any]) -> str:
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None and line is None:
        if trace.tb_frame.f_globals is namespace:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = f" in line {line}" if line else ""
    article = "an" if type(error).__name__[0] in "AEIOU" else "a"
    return f"Your cell stopped with {article} {type(error).__name__}{where}"


def _no_longer(name: str, names: set[str]) -> str:
    instead = f", but {' and '.join(f'`{each}`' for each in sorted(names))}" if names else ""
    return f"Your cell no longer defines `{name}`{instead}"


def _watch() -> Cells | None:
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return None
    explain_missing(shell)
    return Cells(shell)


CELLS = _watch()


def why_old(functions: dict[str, Callable[..., Any]]) -> str:
    """Say why one of these functions, by name, is an earlier version; empty if all are new."""
    if CELLS is None:
        return ""
    return next(filter(None, (CELLS.why_old(*each) for each in functions.items())), "")
