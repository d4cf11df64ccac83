"""The card that `check` shows: a verdict in words, the diagnosis, and the first case that differs.

Colours come from JupyterLab's theme where it has them, and never carry meaning alone.
"""

from __future__ import annotations

from html import escape

from .judge import Verdict, show

HEADLINES = {
    "right": "✓ Right",
    "wrong": "✗ Not yet right",
    "unanswered": "○ Not answered yet",
    "error": "! Your code stops with an error",
    "timeout": "∞ Stopped: it takes too long",
}
COLOURS = {"right": "#009E73", "wrong": "#D55E00", "unanswered": "#767676"}  # Okabe–Ito
OTHER_COLOUR = "#E69F00"


def headline(points: float, verdict: Verdict) -> str:
    earned = points * verdict.credit
    of_all = f"{points:g} point" + ("" if points == 1 else "s")
    if verdict.verdict == "right":
        return f"{HEADLINES['right']} ({of_all})"
    if earned:
        return f"{HEADLINES[verdict.verdict]}, but close: {earned:g} of {of_all}"
    return HEADLINES[verdict.verdict]


def rows(verdict: Verdict) -> list[tuple[str, str]]:
    """The first diverging case as (name, value) pairs."""
    if verdict.case is None:
        return []
    found = [(name, show(value)) for name, value in verdict.case.items()]
    if verdict.difference is not None:
        path = list(verdict.difference.path)
        where = "".join(f"[{key!r}]" for key in path[1:]) if path[:1] == ["value"] else ""
        what = f" {path[-1]}" if path[-1:] == ["length"] else where
        found.append((f"yours{what.replace(chr(39), '')}", show(verdict.difference.got)))
        found.append((f"expected{what.replace(chr(39), '')}", show(verdict.difference.expected)))
    return found


def _diagnosis(verdict: Verdict) -> str:
    return "" if verdict.verdict == "unanswered" else verdict.diagnosis


def text(exercise: str, points: float, verdict: Verdict, printed: str) -> str:
    """The card as plain text, for terminals, nbval and nbgrader."""
    lines = [f"{exercise}: {headline(points, verdict)}"]
    if _diagnosis(verdict):
        lines.append(_diagnosis(verdict))
    lines += [f"  {name} = {value}" for name, value in rows(verdict)]
    if printed and verdict.verdict != "right":
        lines += ["Your function printed:", printed.rstrip()]
    return "\n".join(lines)


def html(exercise: str, points: float, verdict: Verdict, printed: str) -> str:
    """The card as HTML with inline styles, so that it looks the same wherever it is shown."""
    colour = COLOURS.get(verdict.verdict, OTHER_COLOUR)
    parts = [
        f'<div role="status" style="border-left:6px solid {colour};padding:.6em 1em;margin:.3em 0;'
        "background:var(--jp-layout-color2,#f5f5f5);color:var(--jp-ui-font-color0,#111);"
        'border-radius:4px;max-width:46em">',
        f"<strong>{escape(headline(points, verdict))}</strong> "
        f'<code style="background:none">{escape(exercise)}</code>',
    ]
    if _diagnosis(verdict):
        parts.append(f'<p style="margin:.4em 0">{escape(_diagnosis(verdict))}</p>')
    found = rows(verdict)
    if found:
        cell = 'style="text-align:left;padding:.1em .8em;vertical-align:top"'
        body = "".join(
            f'<tr><th scope="row" {cell}>{escape(name)}</th>'
            f"<td {cell}><code>{escape(value)}</code></td></tr>"
            for name, value in found
        )
        parts.append(
            '<table style="margin:.3em 0">'
            '<caption style="text-align:left;caption-side:top;white-space:nowrap">'
            f"The first case that shows it</caption><tbody>{body}</tbody></table>"
        )
    if printed and verdict.verdict != "right":
        parts.append(f"<p>Your function printed:</p><pre>{escape(printed)}</pre>")
    return "".join([*parts, "</div>"])
