"""The HTML pages of a graded class: one for each learner, one for whoever teaches them.

Each page is one file without requests. The learner's has no script, the report has one, and its
policy forbids every other. Everything that a learner wrote is hostile: it is cut first, then
escaped by jinja2, and what no page can show is replaced.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grader.exercises import LESSONS, written_of_lesson
from grader.lines import NOT_IN_VERSION, Line, Marks
from grader.notebook import sections
from grader.untrusted import page_text
from lrlab.checking import trace_svg
from lrlab.checking.card import headline
from lrlab.checking.judge import Verdict
from lrlab.checking.text import prose
from lrlab.palette import STATUS_COLOURS, SYMBOLS

from .rows import KINDS, HasPage, written
from .students import Person
from .tally import MAX_ROWS, class_tally

if TYPE_CHECKING:
    from grader.submission.graded import Executed, Graded, Mark

MAX_SOURCE = 10_000
MAX_CODE = 80_000  # on a page: colouring this takes a second
MAX_PRINTED = 2_000
MAX_SENTENCE = 600
MAX_NAME = 120
MAX_OWN_CELLS = 50
MOST_INDENT = 100

LEXER = PythonLexer(stripnl=False, ensurenl=False)
FORMATTER = HtmlFormatter(nowrap=True)
INDENT = re.compile(rf"^(\s{{{MOST_INDENT}}})\s+")
MARKS = re.compile(r"<!-- marks -->.*?<!-- end of marks -->", re.DOTALL)
REMARK = re.compile(r"(<!-- remark on (\S+) -->).*?(<!-- end of remark -->)", re.DOTALL)
TERMINAL_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def feedback(student: str, lesson: str, graded: Graded) -> str:
    """The page for a learner: every verdict, with their own code beside it."""
    rubrics = {each.id: each.rubric for each in written_of_lesson(lesson)}
    results = [
        _result(mark, graded.cells) | {"rubric": rubrics.get(mark.id, ())}
        for mark in graded.exercises
    ]
    marked = {mark.id for mark in graded.exercises}
    own = [
        {"source": cell.source, "printed": cell.printed}
        for cell in graded.cells
        if cell.origin == "extra" or (cell.origin == "answer" and cell.exercise not in marked)
    ]
    room = MAX_CODE
    for cell in (*results, *own):
        cell["shown"] = cell["source"][: min(room, MAX_SOURCE)]
        room -= len(cell["shown"])
    return html_page(
        "feedback.html",
        student=student,
        lesson=lesson,
        graded=graded,
        results=results,
        own=own,
        score=graded.score,
        max_score=graded.max_score,
        marks=None,
        again=sections(lesson) if lesson in LESSONS else {},
        waiting=sum(mark.max_score for mark in graded.exercises if mark.verdict == "manual"),
    )


def remarked(page: str, marks: Marks) -> str:
    """A learner's page with other marks in it; a page that is none of ours stays as it is.

    What was given by hand for an exercise stands on its card; it stands below the marks where the
    page has no place for it. No learner can write the comments between which all of this stands:
    what is theirs is escaped.
    """
    on_cards = {found[2] for found in REMARK.finditer(page)}
    remarks = {
        each["id"]: html_page("remark.html", each=each, on_card=each["id"] in on_cards)
        for each in marks["by_hand"]
    }
    shown = {name: marks[name] for name in ("score", "max_score", "waiting")}
    block = html_page(
        "marks.html",
        **shown,
        marks=marks,
        remarks=[Markup(each) for id, each in remarks.items() if id not in on_cards],
    ).strip()
    page = MARKS.sub(lambda _: block, page, count=1)
    return REMARK.sub(lambda found: found[1] + remarks.get(found[2], "") + found[3], page)


def report(
    lines: Iterable[Line],
    people: Mapping[str, Person] | None = None,
    has_page: HasPage = written,
    similar: bool = False,
) -> str:
    """The page for an instructor, from the lines of results.jsonl, one for each submission.

    Args:
        people: who is in the class, by student, where there is a list of them.
        has_page: whether a line's feedback page is there, so that no link is dead.
        similar: whether similar.html lies beside it.
    """
    return html_page("report.html", similar=similar, **class_tally(lines, people, has_page))


# --- the learner's page ---------------------------------------------------------------------------


def _result(mark: Mark, cells: Iterable[Executed]) -> dict[str, Any]:
    """One exercise: its mark, the card's headline and chart, the code, what that printed."""
    credit = mark.score / mark.max_score if mark.max_score else 0.0
    mine = [cell for cell in cells if cell.exercise == mark.id]
    return {
        "mark": mark,
        "kind": "partial" if mark.verdict == "wrong" and mark.score else mark.verdict,
        "chart": Markup(trace_svg.svg(mark.trace)) if mark.trace else "",
        "headline": headline(mark.max_score, Verdict(mark.verdict, credit)),
        "source": "\n\n".join(cell.source for cell in mine if cell.origin in ("answer", "written")),
        "printed": "".join(cell.printed for cell in mine if cell.origin in ("answer", "graded")),
    }


# --- jinja2 ---------------------------------------------------------------------------------------


def _clean(value: Any) -> Any:
    """What jinja2 does to every value on its way into a page, before it escapes it."""
    if isinstance(value, Markup):
        return Markup(page_text(value))
    return page_text(value) if isinstance(value, str) else value


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[:width].rstrip() + " …"


def _printed(text: str) -> str:
    """Lines as a terminal would show them, without its colours."""
    return TERMINAL_COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=200)  # stubs and short answers are the same in many submissions
def _code(source: str) -> Markup:
    """Python with a span for each token; its few colours are in page.css."""
    return Markup(highlight(_squeezed(_clean(_printed(source))), LEXER, FORMATTER))


def _squeezed(source: str) -> str:
    """The same with less room in it: the lexer's time grows with the square of a run of spaces."""
    lines = [INDENT.sub(r"\1", line.rstrip()) for line in source.split("\n")]
    kept = (n for n, line in enumerate(lines) if line or any(lines[max(0, n - 2) : n]) or n == 0)
    return "\n".join(lines[n] for n in kept)


def _prose(sentence: str) -> Markup:
    """A diagnosis, cut to a length that a page can show."""
    return Markup(prose(_cut(sentence, MAX_SENTENCE)))


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _duration(seconds: float) -> str:
    """How late: in the largest unit that says it well."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{seconds:.0f} seconds"


def _breakable(name: str) -> Markup:
    """A name that may be broken after an underscore."""
    return Markup("_<wbr>").join(_cut(name, MAX_NAME).split("_"))


TEMPLATES = Path(__file__).with_name("templates")
SCRIPT = (TEMPLATES / "report.js").read_text("utf-8")

_templates = Environment(
    loader=FileSystemLoader(TEMPLATES),
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
    "duration": _duration,
    "breakable": _breakable,
}
CSP = "default-src 'none'; style-src 'unsafe-inline'; {}base-uri 'none'; form-action 'none'"
_templates.globals |= {
    "SYMBOLS": SYMBOLS,
    "NOT_IN_VERSION": NOT_IN_VERSION,
    "KINDS": KINDS,
    "COLOURS": {kind: STATUS_COLOURS[kind] for kind in KINDS},
    "MAX_PRINTED": MAX_PRINTED,
    "MAX_NAME": MAX_NAME,
    "MAX_OWN_CELLS": MAX_OWN_CELLS,
    "MAX_ROWS": MAX_ROWS,
    "script": Markup(SCRIPT),
    "script_hash": base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode(),
    "CSP": CSP.format("img-src data:; "),
    "CSP_OF_TEXT": CSP.format(""),
}


def html_page(template: str, **values: Any) -> str:
    """A page of templates/, in which no value can be more than text."""
    return _templates.get_template(template).render(**values)
