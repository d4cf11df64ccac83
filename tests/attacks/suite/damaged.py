"""Notebooks whose answers are right, damaged on their way: by editors, by copying, by accident."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

from .base import (
    ANSWERS,
    FILE,
    FULL,
    NOT_STARTED,
    Attack,
    Notebook,
    answer,
    extra_cell,
    files,
    graded_cell,
    nbgrader_metadata,
    solved,
)

SOURCES_COUNT = "the answers are right, and they are found by the ids of their cells"


def _solved(name: str, tries: str, *changes: Any, earned: float = FULL, why: str = SOURCES_COUNT):
    return Attack(name, tries, files(solved(), *changes), earned=earned, why=why)


def _each_cell(change: Any) -> Any:
    def apply(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            change(cell)

    return apply


def _is_answer(cell: dict[str, Any]) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("solution", False)


def _duplicated(kind: str) -> Any:
    def change(notebook: Notebook) -> None:
        for cell in [*notebook["cells"]]:
            if cell["metadata"].get("nbgrader", {}).get(kind):
                notebook["cells"].insert(notebook["cells"].index(cell) + 1, copy.deepcopy(cell))

    return change


def _deleted(kind: str) -> Any:
    def change(notebook: Notebook) -> None:
        notebook["cells"] = [
            cell for cell in notebook["cells"] if not cell["metadata"].get("nbgrader", {}).get(kind)
        ]

    return change


def _renamed(cell: dict[str, Any]) -> None:
    if "nbgrader" in cell["metadata"]:
        cell["metadata"]["nbgrader"]["grade_id"] += "-copy"


def _reversed(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def _version_3(notebook: Notebook) -> None:
    cells = notebook.pop("cells")
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["input"] = cell.pop("source")
            cell["language"] = "python"
    notebook.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells, "metadata": {}}])


def _no_metadata_of_answers(cell: dict[str, Any]) -> None:
    if _is_answer(cell):
        del cell["metadata"]


def _wrong_types(notebook: Notebook) -> None:
    kinds = [None, [], "text", 7, {"nbgrader": "x"}, {"nbgrader": {"grade_id": ["x"]}}]
    others = [cell for cell in notebook["cells"] if not _is_answer(cell)]
    for number, cell in enumerate(others):
        cell["metadata"] = kinds[number % len(kinds)]
        cell["outputs"] = "none"
    notebook["metadata"] = [1, 2]


def _wrong_sources(notebook: Notebook) -> None:
    sources: list[Any] = [None, 7, {"a": 1}, [1, None, "x = 1"], [["x"]], True]
    extra = {"cell_type": "code", "metadata": {}, "outputs": []}
    notebook["cells"] += [{**extra, "source": each} for each in sources]
    notebook["cells"] += [None, 5, "cell", [], {}]


def _deep_metadata(notebook: Notebook) -> None:
    value: Any = {}
    for _ in range(400):
        value = {"nbgrader": value}
    notebook["metadata"] = notebook["cells"][0]["metadata"] = value


BIG_OUTPUT = {"output_type": "stream", "name": "stdout", "text": "x" * 15_000_000}

ATTACKS = [
    _solved("utf-16", "is saved as UTF-16 with a byte order mark, solved"),
    _solved("utf-8-mark", "is saved as UTF-8 with a byte order mark, solved"),
    _solved("nbformat-3", "is solved and saved in the format of 2014", _version_3),
    _solved(
        "future-format",
        "is solved and claims a format of the future",
        lambda notebook: notebook.update(nbformat=99, nbformat_minor="x"),
    ),
    _solved(
        "bad-schema",
        "is solved, with another schema_version in every cell",
        *(nbgrader_metadata(each, schema_version=99) for each in ANSWERS),
    ),
    _solved(
        "no-kernelspec",
        "is solved, for a kernel that does not exist",
        lambda notebook: notebook.update(
            metadata={"kernelspec": {"name": "julia", "display_name": "J"}}
        ),
    ),
    _solved(
        "answers-duplicated", "is solved, with every answer cell twice", _duplicated("solution")
    ),
    _solved("checks-duplicated", "is solved, with every graded cell twice", _duplicated("grade")),
    _solved("checks-deleted", "is solved, without its graded cells", _deleted("grade")),
    _solved(
        "checks-edited",
        "is solved, with another text in its graded cells",
        *(graded_cell(each, source="1/0") for each in ANSWERS),
    ),
    _solved("given-deleted", "is solved, without the cells that are given", _deleted("locked")),
    Attack(
        "answers-deleted",
        "has no answer cells",
        files(solved(), _deleted("solution")),
        allowed=NOT_STARTED,
    ),
    _solved(
        "ids-renamed",
        "is solved, but all ids have changed",
        _each_cell(_renamed),
        why="cells are known by what they define and check",
    ),
    _solved(
        "no-metadata",
        "is solved; its answer cells have lost their metadata",
        _each_cell(_no_metadata_of_answers),
        why="they count as the learner's own cells before the graded ones",
    ),
    _solved(
        "answers-in-markdown",
        "is solved; its answer cells are of the type markdown",
        _each_cell(lambda cell: _is_answer(cell) and cell.update(cell_type="markdown")),
    ),
    _solved(
        "wrong-types", "is solved; metadata of other cells is of every wrong type", _wrong_types
    ),
    _solved(
        "wrong-sources",
        "is solved, with cells whose source is no text, or are no cells",
        _wrong_sources,
    ),
    _solved("deep-metadata", "is solved, with metadata nested 400 deep", _deep_metadata),
    _solved("upside-down", "is solved, in reversed order", _reversed),
    _solved(
        "big-outputs",
        "is solved, with 15 MB of outputs",
        lambda notebook: notebook["cells"][1].update(outputs=[BIG_OUTPUT]),
    ),
    _solved(
        "nan-constants",
        "is solved, with NaN and Infinity in its metadata",
        lambda notebook: notebook["metadata"].update(a=float("nan"), b=float("inf")),
    ),
    _solved(
        "nul-bytes",
        "is solved, with NUL bytes and lone surrogates in a cell of its own",
        extra_cell("x = '\x00'\ny = '\ud800'\nprint(y)"),
    ),
    _solved(
        "prints-surrogates",
        "is solved, and prints lone surrogates and terminal codes",
        extra_cell("print(chr(0xD800), chr(0), chr(27) + '[2J')"),
        why="what a cell of the learner's own does costs nothing",
    ),
    _solved(
        "magics",
        "is solved, with %%bash, !commands, magics and a load_ext",
        extra_cell("%%bash\nexit 3"),
        extra_cell("!ls /\n%run nothing.py\n%load_ext sql"),
        extra_cell("%matplotlib widget\n%timeit -n1 -r1 1\n%%time"),
        why="what a cell of the learner's own does costs nothing",
    ),
    _solved(
        "top-level-await",
        "is solved, and awaits at top level",
        extra_cell("import asyncio\nawait asyncio.sleep(0.01)\nasync def f(): return 1\nawait f()"),
        why="as in a notebook",
    ),
    _solved(
        "other-errors",
        "is solved; cells of its own raise every kind of error",
        extra_cell("1/0"),
        extra_cell("raise SystemExit"),
        extra_cell("raise KeyboardInterrupt"),
        extra_cell("def f(:"),
        why="what a cell of the learner's own does costs nothing",
    ),
    _solved(
        "syntax-error",
        "is solved but for one answer that is no Python",
        answer("drop_epochs", "def drop_epochs(step_size, epochs):\n    return ["),
        earned=FULL - 1,
        why="all other answers are right",
    ),
    _solved(
        "wrong-signature",
        "is solved but for one answer that takes other arguments",
        answer("drop_epochs", "def drop_epochs(n):\n    return []"),
        earned=FULL - 1,
        why="all other answers are right",
    ),
    _solved(
        "shadowed-names",
        "is solved, and uses names of torch and Python as variables",
        extra_cell("list = 3\nStepLR = None\ntorch = 'mine'\nrange = 1", at=-1),
        why="the cell comes after the last answer",
    ),
]


def _reencoded(attack: Attack, encoding: str) -> Attack:
    def make() -> bytes:
        notebook = json.loads(attack.files[FILE])
        return json.dumps(notebook, ensure_ascii=False).encode(encoding)

    return dataclasses.replace(attack, makings={FILE: make})


ATTACKS = [
    _reencoded(attack, {"utf-16": "utf-16", "utf-8-mark": "utf-8-sig"}[attack.name])
    if attack.name in ("utf-16", "utf-8-mark")
    else attack
    for attack in ATTACKS
]
