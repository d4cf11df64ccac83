"""Which cell of a lesson defines a name: what a learner is told when one is missing.

It needs nothing but the standard library and IPython's shell, because it is also run in kernels
in which no cell has imported lrlab yet (ipython/startup/course_names.py).
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

DEFINES = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)
HEADING = re.compile(r"^##\s+(.+)$", re.MULTILINE)


def defined(source: str) -> set[str]:
    """The names that a cell's text defines at its top level, also where it is not valid Python.

    Example:
        >>> sorted(defined("def f(x):\\n    y = x\\nz = 1"))
        ['f', 'z']
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # a slip, or a magic: the lines say enough
        return {name for found in DEFINES.findall(source) for name in found if name}
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Assign() | ast.AnnAssign():
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found = (each for target in targets for each in ast.walk(target))
                names |= {each.id for each in found if isinstance(each, ast.Name)}
    return names


def where_to_find(name: str, folder: Path) -> str:
    """Say which cell to run so that `name` is there; empty if no notebook in `folder` defines it.

    Args:
        name: of a variable, a function or a module.
        folder: where the kernel runs, which is where its notebook lies.
    """
    for path in sorted(folder.glob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            if sentence := _where(name, cells):
                return sentence
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # somebody else's file
    return ""


def _where(name: str, cells: list[dict[str, Any]]) -> str:
    section, first = "", True
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            section = next(reversed(HEADING.findall(source)), section)
        if cell["cell_type"] != "code":
            continue
        if name in defined(source) | _imported(source):
            if first:
                return f"`{name}` comes from the first code cell of this lesson: run that first."
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                return f"Run the cell of `{name}` first (Shift+Enter), then this one."
            return f"`{name}` comes from a cell of section “{section}”: run that first."
        first = False
    return ""


def _imported(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return set()
    return {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


def explain_missing(shell: Any) -> None:
    """Have an IPython shell say, below a NameError, which cell of the lesson defines the name."""
    if not shell.custom_exceptions:
        shell.set_custom_exc((NameError,), _explain)


def _explain(
    shell: Any, kind: type[NameError], error: NameError, traceback: Any, tb_offset: Any = None
) -> None:
    sentence = where_to_find(error.name, Path.cwd()) if error.name else ""
    if sentence:
        last = traceback
        while last.tb_next is not None:
            last = last.tb_next
        shown = [f"{kind.__name__}: {error}"]
        if last.tb_frame.f_locals is not shell.user_ns:  # in a function: the traceback says which
            shown = shell.InteractiveTB.structured_traceback(
                kind, error, traceback, tb_offset=tb_offset
            )
        error._render_traceback_ = lambda: [*shown, sentence]  # type: ignore[attr-defined]
    shell.showtraceback((kind, error, error.__traceback__), tb_offset=tb_offset)
