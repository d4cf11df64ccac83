"""The card that `check` shows: a verdict in words, the diagnosis, the first case that differs as a
chart or a table, and how far the lesson is.

Colours come from JupyterLab's theme where it has them, and never carry meaning alone. Where a
viewer drops styles and pictures (GitHub), the words still tell everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from lrlab.palette import STATUS_COLOURS, SYMBOLS

from . import progress as lesson
from . import rerun, trace_svg
from .help import Advice
from .judge import Verdict
from .messages import show
from .progress import Progress
from .text import prose, writable
from .trace import Trace

WORDS = {
    "right": "Right",
    "wrong": "Not yet right",
    "unanswered": "Not answered yet",
    "error": "Your code stops with an error",
    "timeout": "Stopped: it takes too long",
    "stale": "Not checked: this is your previous version",
    "manual": "Graded by hand",
}
WIDTH_IN_TABLE = 300  # A table shows this many characters of a value.
CARD = (
    "border:1px solid var(--jp-border-color1,#9e9e9e);border-left:6px solid {colour};"
    "border-radius:6px;padding:.7em 1.1em .8em;margin:.4em 0;max-width:46em;line-height:1.5;"
    "text-wrap:pretty;"
    "background:var(--jp-layout-color1,transparent);color:var(--jp-content-font-color1,inherit)"
)
CELL = (
    "text-align:left;vertical-align:top;padding:.15em 1.4em .15em 0;border:0;white-space:normal;"
    "overflow-wrap:anywhere;max-width:none;background:none"
)
NAME = CELL + ";white-space:nowrap;font-weight:normal;overflow-wrap:normal;width:1%"
TABLE = (
    "margin:.7em 0 .6em;border-collapse:collapse;table-layout:auto;font-size:.93em;color:inherit"
)
RULE = ";border-top:1px solid var(--jp-border-color1,#9e9e9e)"
PRINTED = (
    "margin:.2em 0 .8em;max-height:9em;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font-size:.92em"
)


def headline(points: float, verdict: Verdict) -> str:
    """The verdict in a symbol and a few words, with the points where some are earned."""
    earned = points * verdict.credit
    sign = SYMBOLS["partial" if verdict.kind == "wrong" and earned else verdict.kind]
    words = f"{sign} {WORDS[verdict.kind]}"
    of_all = f"{points:g} point" + ("" if points == 1 else "s")
    if verdict.kind == "right":
        return f"{words} ({of_all})"
    return f"{words}, but close: {earned:g} of {of_all}" if earned else words


def rows(verdict: Verdict, width: int = 60) -> list[tuple[str, str]]:
    """The first diverging case as (name, value) pairs: the inputs, then yours and expected."""
    return [*_inputs(verdict, width), *_sides(verdict, width)]


def _inputs(verdict: Verdict, width: int) -> list[tuple[str, str]]:
    return [(name, show(value, width)) for name, value in (verdict.case or {}).items()]


def _sides(verdict: Verdict, width: int) -> list[tuple[str, str]]:
    found = []
    if verdict.case is not None and verdict.difference is not None:
        path = list(verdict.difference.path)
        if path[:1] == ["changed"]:  # The sentence says which argument; there is no other side.
            return []
        where = "".join(f"[{key!r}]" for key in path[1:]) if path[:1] == ["value"] else ""
        if path[:1] == ["consequence"] and len(path) > 1:  # not the answer, but what follows
            where = f" {path[1]}" + "".join(f"[{key!r}]" for key in path[2:])
        what = f" {path[-1]}" if path[-1:] == ["length"] else where
        found.append((f"yours{what.replace(chr(39), '')}", show(verdict.difference.got, width)))
        found.append(
            (f"expected{what.replace(chr(39), '')}", show(verdict.difference.expected, width))
        )
    return found


def _diagnosis(verdict: Verdict) -> str:
    return "" if verdict.kind == "unanswered" else verdict.diagnosis


def text(
    exercise: str,
    points: float,
    verdict: Verdict,
    printed: str,
    progress: Progress | None = None,
    advice: Sequence[Advice] = (),
) -> str:
    """The card as plain text, for terminals, nbval and nbgrader."""
    lines = [f"{exercise}: {headline(points, verdict)}"]
    if _diagnosis(verdict):
        lines.append(_diagnosis(verdict))
    lines += [f"  {name} = {value}" for name, value in rows(verdict)]
    if printed and verdict.kind != "right":
        lines += ["Printed while your function ran:", printed.rstrip()]
    for each in advice:
        lines.append(f"{each.title}:\n{each.text}" if each.code else f"{each.title}: {each.text}")
    if progress:
        lines.append(progress.words)
    return writable("\n".join(lines))


def html(
    exercise: str,
    points: float,
    verdict: Verdict,
    printed: str,
    trace: Trace | None = None,
    progress: Progress | None = None,
    advice: Sequence[Advice] = (),
    watched: str = "",
) -> str:
    """The card as HTML with inline styles, so that it looks the same wherever it is shown."""
    partial = verdict.kind == "wrong" and verdict.credit
    colour = STATUS_COLOURS["partial" if partial else verdict.kind]
    known = f' data-check="{watched}"' if watched else ""
    parts = [
        f'<div role="status" class="lrlab-card"{known} style="{CARD.format(colour=colour)}">',
        f'<div><strong style="font-size:1.1em">{escape(headline(points, verdict))}</strong> '
        f'<code style="background:none;margin-left:.4em">{escape(exercise)}</code></div>',
    ]
    if _diagnosis(verdict):
        parts.append(f'<p style="margin:.4em 0">{prose(_diagnosis(verdict))}</p>')
    parts.append(_table(verdict, trace))
    if trace:
        parts.append(trace_svg.svg(trace))
        parts.append(f'<p style="margin:.4em 0">{escape(trace.sentence)}</p>')
    if printed and verdict.kind != "right":
        parts.append(
            '<p style="margin:.6em 0 0"><strong>Printed while your function ran</strong></p>'
            f'<pre tabindex="0" style="{PRINTED}">{escape(printed.rstrip())}</pre>'
        )
    parts += map(_advice, advice)
    if progress:
        parts.append(lesson.html(progress))
    if watched:
        parts.append(rerun.BUTTON)
    return writable("\n".join(filter(None, parts)) + "</div>")


def _advice(said: Advice) -> str:
    if said.code:
        shown = f'<pre tabindex="0" style="{PRINTED};max-height:none">{escape(said.text)}</pre>'
        return f'<p style="margin:.6em 0 0"><strong>{said.title}</strong></p>{shown}'
    return f'<p style="margin:.5em 0"><strong>{said.title}.</strong> {prose(said.text)}</p>'


def _table(verdict: Verdict, trace: Trace | None) -> str:
    """A table of the inputs and, below a rule and where no chart shows them, of both results."""
    inputs = _inputs(verdict, WIDTH_IN_TABLE)
    sides = [] if trace else _sides(verdict, WIDTH_IN_TABLE)
    if not inputs and not sides:
        return ""
    body = [
        f'<tr style="background:none"><th scope="row" style="{NAME}{rule}">{escape(name)}</th>'
        f'<td style="{CELL}{rule}"><code style="background:none">{escape(value)}</code></td></tr>'
        for name, value, rule in [
            *((name, value, "") for name, value in inputs),
            *((name, value, "" if n else RULE) for n, (name, value) in enumerate(sides)),
        ]
    ]
    title = (
        "The case in which it stops" if verdict.kind == "error" else "The first case that shows it"
    )
    return (
        f'<table style="{TABLE}">'
        '<caption style="text-align:left;caption-side:top;white-space:nowrap;padding:0 0 .2em">'
        f"<strong>{title}</strong></caption>\n<tbody>{chr(10).join(body)}</tbody></table>"
    )
