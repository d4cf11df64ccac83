"""Write what was handed in into a class folder: nbgrader's layout, and collected.jsonl."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grader.batch.files import JsonLines, make_folder, write_whole
from grader.batch.roster import folder_name
from grader.batch.submissions import TIMESTAMP

from .handed import HandedIn, Row
from .names import stem

COLLECTED = "collected.jsonl"
SUBMITTED = "submitted"
Lines = list[dict[str, Any]]


def collected(out: Path) -> Lines:
    """All lines of the collected.jsonl of a class folder; none where there is none."""
    return [line for _, line in JsonLines(out / COLLECTED).scan()]


def of_others(lines: Iterable[dict[str, Any]], source: str, files: Collection[str]) -> Lines:
    """The lines about other files than those of a SOURCE, which are told anew.

    Every download of an LMS may have the same name, so its name alone says nothing.
    """
    return [line for line in lines if line["source"] != source or line["file"] not in files]


def write(handed: HandedIn, source: str, out: Path) -> list[Row]:
    """Write each notebook that counts, when it was handed in, and a line for every file.

    What an earlier SOURCE brought stays where that is known to be newer. Whoever handed in no
    notebook gets an empty folder, so that a line of the results says so.

    Returns the rows in whose place something newer stays.
    """
    files = {row.file: row for row in handed.rows}
    lines = collected(out)
    before = of_others(lines, source, files)
    for line in lines:
        if line["kept"] and line["source"] == source and line["file"] in files:
            _take_back(line, files[line["file"]], out / SUBMITTED)
    kept = {(line["student"], line["lesson"]): line for line in before if line["kept"]}
    stale = []
    for row in handed.rows:
        if not row.kept:
            continue
        earlier = kept.get((row.student, row.lesson))
        if earlier and row.handed_in and (earlier["handed_in"] or "") > _time(row):
            row.kept = False
            row.note(f"{earlier['source']} brought a newer one, which stays")
            stale.append(row)
            continue
        if earlier:
            earlier["kept"] = False
        _write_notebook(row, out / SUBMITTED)
    for row in handed.rows:
        if row.student:
            make_folder(out / SUBMITTED / row.student)
    told = [*before, *(row.as_json(source) for row in handed.rows if row.notebook)]
    JsonLines(out / COLLECTED).rewrite(told)
    return stale


def _take_back(line: dict[str, Any], row: Row, submitted: Path) -> None:
    """Remove what was written of the same file for somebody else, as was thought then."""
    folder = submitted / line["student"] / line["lesson"]
    notebook = folder / f"{line['lesson']}.ipynb"
    if (line["student"], line["lesson"]) == (row.student, row.lesson) or not line["lesson"]:
        return
    with suppress(OSError):
        if hashlib.sha256(notebook.read_bytes()).hexdigest() == row.digest:
            notebook.unlink()
            (folder / TIMESTAMP).unlink(missing_ok=True)
            folder.rmdir()
            folder.parent.rmdir()


def _write_notebook(row: Row, submitted: Path) -> None:
    folder = submitted / row.student
    if row.lesson:
        folder /= row.lesson
    name = f"{row.lesson or folder_name(stem(row.entry.name))[:100]}.ipynb"
    write_whole(folder / name, row.entry.read())
    noted = folder / TIMESTAMP
    if row.handed_in:
        write_whole(noted, f"{row.handed_in} UTC")
    else:
        noted.unlink(missing_ok=True)


def _time(row: Row) -> str:
    found: str = row.as_json("")["handed_in"]
    return found
