"""Write what was handed in into a class folder: nbgrader's layout, and collected.jsonl."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.batch.files import JsonLines, make_folder, write_whole
from grader.batch.roster import folder_name
from grader.batch.submissions import SUBMITTED, TIMESTAMP, note

from .names import stem
from .rows import HandedIn, Row

COLLECTED = "collected.jsonl"
Lines = list[dict[str, Any]]


def collected(out: Path) -> Lines:
    """All lines of the collected.jsonl of a class folder; none where there is none."""
    return [line for _, line in _lines(out).scan()]


def _lines(out: Path) -> JsonLines:
    return JsonLines(out / COLLECTED, ("student", "lesson", "file", "kept"))


def of_others(lines: Iterable[dict[str, Any]], source: str, files: Collection[str]) -> Lines:
    """The lines about other files than those of a SOURCE, which are told anew.

    Every download of an LMS may have the same name, so its name alone says nothing.
    """
    return [line for line in lines if line["source"] != source or line["file"] not in files]


@dataclass
class Written:
    """What became of a SOURCE in a class folder.

    Attributes:
        stale: the rows in whose place something newer stays
        renamed: who was taken for somebody else when the same files were collected before
    """

    stale: list[Row] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


def write(handed: HandedIn, source: str, out: Path) -> Written:
    """Write each notebook that counts, when it was handed in, and a line for every file.

    What an earlier SOURCE brought stays where that is known to be newer. Whoever handed in no
    notebook gets a folder without one, so that a line of the results says what there was instead.
    """
    files = {row.file: row for row in handed.rows}
    owners = {(row.file, row.student) for row in handed.rows}
    done = Written()
    lines = collected(out)
    before = of_others(lines, source, files)
    for line in lines:
        if line["kept"] and line["source"] == source and line["file"] in files:
            row = files[line["file"]]
            _take_back(line, row, out / SUBMITTED)
            if row.student and (line["file"], line["student"]) not in owners:
                done.renamed[line["student"]] = row.student
    kept = {(line["student"], line["lesson"]): line for line in before if line["kept"]}
    for row in handed.rows:
        if not row.kept:
            continue
        earlier = kept.get((row.student, row.lesson))
        if earlier and _is_newer(earlier, row.as_json(source)):
            row.kept = False
            row.note(f"{earlier['source']} brought a newer one, which stays")
            done.stale.append(row)
            continue
        if earlier:
            earlier["kept"] = False
        _write_notebook(row, out / SUBMITTED)
    for row in handed.rows:
        with suppress(OSError):  # It was made when this name was not on the roster.
            note(out / SUBMITTED / folder_name(row.who), ())
            (out / SUBMITTED / folder_name(row.who)).rmdir()
    others: dict[str, list[str]] = {row.student: [] for row in handed.rows if row.student}
    for row in handed.rows:
        if row.student and not (row.notebook or row.entry.is_folder):
            others[row.student].append(row.entry.name)
    for student, names in others.items():
        make_folder(out / SUBMITTED / student)
        note(out / SUBMITTED / student, names)
    told = [*before, *(row.as_json(source) for row in handed.rows if row.notebook)]
    _lines(out).rewrite(told)
    return done


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


def _is_newer(earlier: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether something is known to be newer than something else, by the first that both tell.

    Clocks and numbers of two LMSs say nothing about each other.
    """
    same = earlier["lms"] == line["lms"]
    for known in ("handed_in", "clock", "submission") if same else ("handed_in",):
        if earlier.get(known) and line[known]:
            return bool(earlier[known] > line[known])
    return False
