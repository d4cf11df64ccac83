"""The HTML pages of a graded class: one for each learner, one for whoever teaches them.

Each page is one file without scripts and without requests. Everything that a learner wrote is
hostile: it is cut first, then escaped by jinja2, and what no page can show is replaced.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from lrlab.card import COLOURS, HEADLINES, OTHER_COLOUR, headline
from lrlab.judge import Verdict

from . import paths
from .exercises import LESSONS

if TYPE_CHECKING:
    from .grading import Executed, Graded, Mark

MAX_SOURCE = 10_000
MAX_PRINTED = 2_000
MAX_SENTENCE = 600
MAX_NAME = 120
MAX_OWN_CELLS = 50
MAX_ROWS = 200
MAX_MISCONCEPTIONS = 5
BINS = 10

KINDS = ("right", "partial", "wrong", "unanswered", "error")
SYMBOLS = {verdict: words.split()[0] for verdict, words in HEADLINES.items()} | {"partial": "◐"}
PARTIAL_COLOUR = "#0072B2"  # Okabe–Ito

# Control characters, lone surrogates, non-characters, and what reverses the order of text.
UNSHOWABLE = dict.fromkeys(
    [
        *(code for code in range(0x20) if chr(code) not in "\t\n"),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *(0xFFFE, 0xFFFF),
    ],
    "\ufffd",
)
TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def feedback(student: str, lesson: str, graded: Graded) -> str:
    """The page for a learner: every verdict, with their own code beside it."""
    results = [_result(mark, graded.cells) for mark in graded.exercises]
    marked = {mark.id for mark in graded.exercises}
    own = [
        {"source": cell.source, "printed": cell.printed}
        for cell in graded.cells
        if cell.origin == "extra" or (cell.origin == "answer" and cell.exercise not in marked)
    ]
    return _page(
        "feedback.html", student=student, lesson=lesson, graded=graded, results=results, own=own
    )


def report(lines: list[dict[str, Any]]) -> str:
    """The page for an instructor: lines of results.jsonl, the last of each submission counts."""
    latest = {(line["student"], line["lesson"]): line for line in lines}.values()
    by_lesson: dict[str, list[dict[str, Any]]] = {}
    for line in sorted(latest, key=_place):
        by_lesson.setdefault(line["lesson"], []).append(line)
    return _page(
        "report.html",
        lessons=[_lesson(name, of_lesson) for name, of_lesson in by_lesson.items()],
        submissions=len(latest),
        students=len({line["student"] for line in latest}),
        stopped=[
            _row(line) for each in by_lesson.values() for line in each if line["status"] != "graded"
        ],
    )


# --- the learner's page ---------------------------------------------------------------------------


def _result(mark: Mark, cells: Iterable[Executed]) -> dict[str, Any]:
    """One exercise: its mark, the headline of the card, the learner's code, what it printed."""
    credit = mark.score / mark.max_score if mark.max_score else 0.0
    mine = [cell for cell in cells if cell.exercise == mark.id]
    return {
        "mark": mark,
        "headline": headline(mark.max_score, Verdict(mark.verdict, credit)),
        "source": "\n\n".join(cell.source for cell in mine if cell.origin == "answer"),
        "printed": "".join(cell.printed for cell in mine if cell.origin in ("answer", "graded")),
    }


# --- the instructor's page ------------------------------------------------------------------------


def _place(line: dict[str, Any]) -> tuple[Any, ...]:
    """Sorts by the order of the course, then by student, s9 before s10."""
    lesson, known = line["lesson"], list(LESSONS)
    student = re.split(r"(\d{1,18})", line["student"].casefold())
    natural = [int(part) if odd % 2 else part for odd, part in enumerate(student)]
    return known.index(lesson) if lesson in known else len(known), lesson, natural


def _lesson(name: str, lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One lesson's section; `lines` has at least one line, all of this lesson."""
    graded_first = sorted(lines, key=lambda line: line["status"] != "graded")
    ids = list(dict.fromkeys(mark["id"] for line in graded_first for mark in line["exercises"]))
    scores = [line["score"] for line in lines]
    shown = lines
    if len(lines) > MAX_ROWS:
        shown = sorted(lines, key=lambda line: line["score"])[:MAX_ROWS]
    return {
        "name": name,
        "count": len(lines),
        "max_score": max(line["max_score"] for line in lines),
        "mean": mean(scores),
        "median": median(scores),
        "statuses": Counter(line["status"] for line in lines).most_common(),
        "bins": _bins(lines),
        "exercises": [_exercise(each, lines, _named(name)) for each in ids],
        "rows": [_row(line, ids) for line in shown],
    }


def _bins(lines: Iterable[dict[str, Any]]) -> list[int]:
    """How many scores lie in each tenth of the points; a full score is in the last one."""
    bins = [0] * BINS
    for line in lines:
        share = line["score"] / line["max_score"] if line["max_score"] else 0.0
        bins[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += 1
    return bins


@cache
def _named(lesson: str) -> frozenset[str]:
    """The sentences of a lesson's known mistakes; checks.json has them without their code."""
    if lesson not in LESSONS:
        return frozenset()
    checks = json.loads(paths.checks(lesson).read_text(encoding="utf-8"))
    known = (mistake for each in checks.values() for mistake in each["misconceptions"])
    return frozenset(mistake["sentence"] for mistake in known)


def _exercise(name: str, lines: Sequence[dict[str, Any]], named: frozenset[str]) -> dict[str, Any]:
    """Counts of one exercise: by kind, and by misconception; `named` are the known sentences."""
    marks = [mark for line in lines for mark in line["exercises"] if mark["id"] == name]
    kinds = Counter(_kind(mark["verdict"], mark["score"]) for mark in marks)
    said = Counter(mark["diagnosis"] for mark in marks if mark["verdict"] == "wrong")
    # The sentences that nobody wrote down beforehand quote values: those that two share say more.
    common = [(text, count) for text, count in said.most_common() if text in named or count > 1]
    common = common[:MAX_MISCONCEPTIONS]
    return {
        "id": name,
        "points": max(mark["max_score"] for mark in marks),
        "count": len(marks),
        "answered": len(marks) - kinds["unanswered"],
        "kinds": {kind: kinds[kind] for kind in KINDS},
        "misconceptions": common,
        "other_wrong": said.total() - sum(count for _, count in common),
    }


def _kind(verdict: str, score: float) -> str:
    """What a result counts as, one of KINDS."""
    if verdict == "wrong" and score > 0:
        return "partial"
    return "error" if verdict == "timeout" else verdict


def _row(line: dict[str, Any], ids: Sequence[str] = ()) -> dict[str, Any]:
    """One submission: where its feedback lies, and a cell (or None) for each exercise in `ids`."""
    marks = {mark["id"]: mark for mark in line["exercises"]}
    student, lesson = _quoted(line["student"]), _quoted(line["lesson"])
    return {
        **{name: line[name] for name in ("student", "lesson", "score", "status", "detail")},
        "link": f"feedback/{student}/{lesson}/{lesson}.html",
        "cells": [marks[each] | _look(marks[each]) if each in marks else None for each in ids],
    }


def _look(mark: dict[str, Any]) -> dict[str, str]:
    kind = _kind(mark["verdict"], mark["score"])
    return {"kind": kind, "symbol": SYMBOLS["partial" if kind == "partial" else mark["verdict"]]}


def _quoted(name: str) -> str:
    """A folder's name in a URL. Names that are no text come as surrogates of their bytes."""
    try:
        return quote(os.fsencode(name), safe="")
    except UnicodeEncodeError:
        return quote(name.encode("utf-8", "replace"), safe="")


# --- jinja2 ---------------------------------------------------------------------------------------


def _clean(value: Any) -> Any:
    """What jinja2 does to every value on its way into a page, before it escapes it."""
    return value.translate(UNSHOWABLE) if isinstance(value, str) else value


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[:width].rstrip() + " …"


def _printed(text: str) -> str:
    """Lines as a terminal would show them, without its colours."""
    return TERMINAL_COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def _code(source: str) -> Markup:
    """Python with a span for each token; its few colours are in page.css."""
    text = _clean(_printed(source[:MAX_SOURCE]))
    lexer = PythonLexer(stripnl=False, ensurenl=False)
    return Markup(highlight(text, lexer, HtmlFormatter(nowrap=True)))


def _prose(sentence: str) -> Markup:
    """A diagnosis: what stands between backticks is code."""
    parts = _cut(sentence, MAX_SENTENCE).split("`")
    if len(parts) % 2 == 0:  # one of them is a character like any other
        return escape("`".join(parts))
    tag = Markup("<code>{}</code>")
    return Markup("").join(tag.format(part) if n % 2 else part for n, part in enumerate(parts))


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _breakable(name: str) -> Markup:
    """A name that may be broken after an underscore."""
    return Markup("_<wbr>").join(_cut(name, MAX_NAME).split("_"))


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    finalize=_clean,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters |= {
    "cut": _cut,
    "printed": _printed,
    "code": _code,
    "prose": _prose,
    "points": _points,
    "breakable": _breakable,
}
_templates.globals |= {
    "KINDS": KINDS,
    "SYMBOLS": SYMBOLS,
    "COLOURS": {kind: COLOURS.get(kind, OTHER_COLOUR) for kind in KINDS}
    | {"partial": PARTIAL_COLOUR},
    "MAX_SOURCE": MAX_SOURCE,
    "MAX_PRINTED": MAX_PRINTED,
    "MAX_NAME": MAX_NAME,
    "MAX_OWN_CELLS": MAX_OWN_CELLS,
    "CSP": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'",
}


def _page(template: str, **values: Any) -> str:
    return _templates.get_template(template).render(**values)
