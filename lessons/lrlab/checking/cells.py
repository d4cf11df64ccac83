"""What this kernel knows of the notebook's cells: which of them no longer stands for a function.

A learner who mends a cell and does not see it fail has the function of an earlier run still in the
kernel. `check` would judge that one; here it is told apart. Only the cell of the answer can make it
old: one that tries something out under the same name, and fails, takes nothing from it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from .answer import names_used
from .names import defined, explain_missing
from .rerun import Judged
from .text import a

# A share of the text: an edited answer keeps more of its cell, and a cell of another kind has less.
ALIKE = 0.6
COMPARED_CHARS = 5_000


@dataclass(frozen=True)
class Cell:
    """A cell that was run.

    Attributes:
        id: the notebook's; empty where a front end does not tell.
        text: its source.
    """

    id: str
    text: str

    def same_as(self, other: Cell) -> bool:
        """Whether both are one cell of the notebook: by their ids, else by their texts."""
        if self.id and other.id:
            return self.id == other.id
        texts = self.text[:COMPARED_CHARS], other.text[:COMPARED_CHARS]
        return SequenceMatcher(None, *texts, autojunk=False).ratio() >= ALIKE


class Cells:
    """Watches the cells that an IPython shell runs.

    Args:
        shell: IPython's InteractiveShell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._before: dict[str, Any] = {}
        # By name: the earlier value, why it is an old one, and the text of the cell that failed.
        self._stopped: dict[str, tuple[Any, str, str]] = {}
        self._names_of: dict[str, set[str]] = {}
        self._running = Cell("", "")
        # By name, the first cell that defined it, which is the lesson's own, and the last one.
        self._definers: dict[str, tuple[Cell, Cell]] = {}
        self._value_ids: dict[str, int] = {}  # The values themselves may be large.
        self._ran: dict[str, str] = {}
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    def why_old(self, name: str, answer: Any) -> str:
        """Say why `answer`, known as `name`, is not what its cell now defines; empty if it is."""
        old, sentence, _text = self._stopped.get(name, (None, "", ""))
        return sentence if old is answer else ""

    def judged(self, answers: Iterable[Callable[..., Any]]) -> Judged:
        """The texts that define these functions and what they use, as far as cells define it."""
        for name, old in self._before.items():  # The cell that asks may define them itself.
            if self._shell.user_ns.get(name) is not old:
                self._note_definer(name, self._running)
        functions = [each for each in answers if each is not None]
        names = list(self._shell.user_ns.items())
        waiting = [name for each in functions for name, value in names if value is each]
        texts: dict[str, str] = {}
        while waiting:
            name = waiting.pop(0)
            value = self._shell.user_ns.get(name)
            if name in texts or self._value_ids.get(name) != id(value):
                continue  # It came from elsewhere since: from an import, or another thread.
            old, _sentence, failed = self._stopped.get(name, (None, "", ""))
            texts[name] = failed if failed and old is value else self._definers[name][1].text
            waiting += sorted(names_used(value))
        cells = {id: text for id, text in self._ran.items() if self._names_of[id] & texts.keys()}
        return Judged(self._running.id, texts, cells)

    def _begin(self, info: Any) -> None:
        self._running = cell = _cell(info)
        names = defined(cell.text) | self._names_of.get(cell.id, set())
        self._before = {name: self._shell.user_ns.get(name) for name in names}
        if cell.id:
            self._names_of[cell.id] = names
            self._ran[cell.id] = cell.text

    def _end(self, result: Any) -> None:
        before, self._before = self._before, {}
        if result.info is None:
            return
        cell, error = _cell(result.info), result.error_before_exec or result.error_in_exec
        names = defined(cell.text)
        for name, old in before.items():
            changed = self._shell.user_ns.get(name) is not old
            if changed or (error is None and name in names):
                self._note_definer(name, cell)
            elif any(map(cell.same_as, self._definers.get(name, (cell,)))):
                self._stopped.pop(name, None)
                why = ""
                if error is not None and name in names:
                    why = _stopped_by(error, self._shell.user_ns)
                elif error is None and old is not None:
                    why = _no_longer(name, names)
                if why:
                    self._stopped[name] = old, why, cell.text
        if cell.id and error is None:
            self._names_of[cell.id] = names

    def _note_definer(self, name: str, cell: Cell) -> None:
        self._definers[name] = self._definers.get(name, (cell,))[0], cell
        self._value_ids[name] = id(self._shell.user_ns.get(name))
        self._stopped.pop(name, None)


def _cell(info: Any) -> Cell:
    return Cell(getattr(info, "cell_id", None) or "", info.raw_cell)


def _stopped_by(error: BaseException, namespace: dict[str, Any]) -> str:
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None and line is None:
        if trace.tb_frame.f_globals is namespace:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = f" in line {line}" if line else ""
    return f"Your cell stopped with {a(type(error).__name__)}{where}"


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


def judged(answers: Iterable[Callable[..., Any]]) -> Judged:
    """The texts that a verdict on these functions is about."""
    return Judged() if CELLS is None else CELLS.judged(answers)
