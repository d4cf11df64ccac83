"""One submission as a row of the report: where its feedback lies, and a cell for each exercise."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from grader.exercises import LESSONS
from grader.lines import Line, MarkLine, final_score
from lrlab.palette import SYMBOLS

KINDS = ("right", "partial", "wrong", "unanswered", "error", "manual")

HasPage = Callable[[Line], bool]


def written(line: Line) -> bool:
    """Whether grading writes a feedback page for such a line."""
    return line["lesson"] in LESSONS and line["status"] != "failed"


def link(student: str, lesson: str) -> str:
    """The address of a feedback page, seen from the report."""
    folder, name = _quoted(student), _quoted(lesson)
    return f"feedback/{folder}/{name}/{name}.html"


def kind(mark: MarkLine) -> str:
    """What a result counts as, one of KINDS."""
    if mark["verdict"] == "wrong" and mark["score"] > 0:
        return "partial"
    return "error" if mark["verdict"] in ("timeout", "memory") else mark["verdict"]


def symbol(mark: MarkLine) -> str:
    """The sign of a result, as the learner's card has it."""
    return SYMBOLS.get("partial" if kind(mark) == "partial" else mark["verdict"], "?")


def row(line: Line, has_page: HasPage, ids: Sequence[str] = ()) -> dict[str, Any]:
    """One submission, with a cell (or None) for each exercise in `ids`."""
    marks = {mark["id"]: mark for mark in line["exercises"]}
    for each in line["marks"]["by_hand"] if "marks" in line else ():
        if each["auto"] is None and each["id"] in marks:
            marks[each["id"]] = {**marks[each["id"]], "score": each["manual"] or 0.0}
    return {
        **{name: line[name] for name in ("student", "lesson", "status", "detail")},
        "score": final_score(line),
        "marks": line.get("marks"),
        "link": link(line["student"], line["lesson"]) if has_page(line) else None,
        "cells": [
            marks[each] | {"kind": kind(marks[each]), "symbol": symbol(marks[each])}
            if each in marks
            else None
            for each in ids
        ],
    }


def student_place(student: str) -> list[Any]:
    """Sorts students, s9 before s10."""
    parts = re.split(r"(\d{1,18})", student.casefold())
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)]


def _quoted(name: str) -> str:
    """A folder's name in a URL. Names that are no text come as surrogates of their bytes."""
    try:
        return quote(os.fsencode(name), safe="")
    except UnicodeEncodeError:
        return quote(name.encode("utf-8", "replace"), safe="")
