"""What strangers wrote, made safe: text for files, terminals, pages and databases, observations.

Whatever a submission brings into this process goes through one of these on its way to anybody.
"""

from __future__ import annotations

import os
import re
from itertools import accumulate
from typing import Any

from lrlab.checking import codec
from lrlab.checking.answer import MESSAGE_CHARS_KEPT, Observation

RESERVED_KEYS = ("consequence", "unusable", "reason")  # only `to_consequence` may write these
TEXTS_OF_AN_ERROR = ("type", "message", "source", "missing", "about", "shadowed", "raised_in")
LISTS = ("changed", "events")  # what `observe` makes of these, always
MAX_LINE_NUMBER = 1_000_000
MAX_PARTS = 100_000  # of all observations of an exercise: each takes time and memory to read
# A level of a value may take three in its text: a dict whose keys are no words is a list of pairs.
MAX_TEXT_DEPTH = 4 * codec.MAX_DEPTH
REPLACED = "\ufffd"
# It goes forward only, and a quote that nothing closes ends with the text: else each quote within a
# text would be tried as the first one, and each escape kept for a way back.
IN_QUOTES = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
BRACKET = re.compile(r"[\[({})\]]")
# Accents are drawn over the letter before them, each above the last: enough of them cover the lines
# of others. No language needs more than these.
MOST_ACCENTS = 4
ACCENTS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
STACKED = re.compile(rf"({ACCENTS}{{{MOST_ACCENTS}}}){ACCENTS}+")
# Where a spreadsheet may see a formula: a sign, however wide, at the beginning of a text or behind
# what separates cells or lines in some country's files. Room before it is no help: some drop that.
# The apostrophes are ours, or there would be no way back.
_ENDS = r"\t\n\v\f\r\x85\u2028\u2029"
_SIGN = rf"(?='*[^\S{_ENDS}]*[=+\-@\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20]|'*[\t\r])"
_CELL = rf"(^|[;{_ENDS}])"
FORMULA = re.compile(_CELL + _SIGN)
GUARDED = re.compile(_CELL + "'" + _SIGN)

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
    REPLACED,
)
UNSHOWN = re.compile("[" + "".join(map(re.escape, map(chr, UNSHOWABLE))) + "]")

BRACKETS = str.maketrans("<>", "‹›")
# A code span, or else what Markdown or MathJax may take for more than a letter, wherever it stands.
MARKUP = re.compile(r"(?<!`)`[^`$\\]+`(?!`)|[$\\`*_\[\]<>&~]|:(?=//)")
OPENING = re.compile(r"^(\d*)([-#+=:|.)])")  # what begins a heading, a list, a table, a definition


def file_name(name: str) -> str:
    """A file's name as text that can be written anywhere, even one that is not UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def one_line(text: str) -> str:
    """Text that cannot move a cursor, colour a screen or begin a line of its own."""
    return "".join(letter if letter.isprintable() else REPLACED for letter in text)


def page_text(text: str) -> str:
    """Text whose every character a page can show, in the order and the line in which it stands."""
    # Nearly all text is printable, which is told much faster than each letter is looked up.
    shown = text if text.isprintable() else text.translate(UNSHOWABLE)
    return shown if shown.isascii() else STACKED.sub(rf"\1{REPLACED}", shown)


def person_name(text: str) -> str:
    """A name that may be shown where a page takes a bracket for markup, as nbgrader's pages do.

    Example:
        >>> person_name("Ada <ada@a.example>")
        'Ada ‹ada@a.example›'
    """
    return page_text(text).translate(BRACKETS)


def csv_cell(text: str) -> str:
    """Text that a spreadsheet takes for text: what may begin a formula gets an apostrophe.

    Example:
        >>> csv_cell("=1+1"), csv_cell("a;-b"), csv_cell("a-b")
        ("'=1+1", "a;'-b", 'a-b')
    """
    return FORMULA.sub(r"\1'", text)


def text_of_csv_cell(cell: str) -> str:
    """The text that `csv_cell` was given, of a cell that it has written."""
    return GUARDED.sub(r"\1", cell)


def markdown(text: str) -> str:
    """Markdown of one paragraph that shows the text letter by letter; databases take it, too.

    What stands between two single backticks is code, as on our own pages.

    Example:
        >>> print(markdown("Is `a < b`? <b> costs $5."))
        Is `a < b`? \\<b\\> costs <span>&#36;</span>5.
    """
    line = " ".join(page_text(text).split())
    return OPENING.sub(r"\1\\\2", MARKUP.sub(_literal, line))


def paragraphs(text: str) -> str:
    """Markdown that shows a text of many lines letter by letter, each line as a paragraph.

    Example:
        >>> print(paragraphs("It *rose*.\\n\\n    # and fell"))
        It \\*rose\\*.
        <BLANKLINE>
        \\# and fell
    """
    return "\n\n".join(markdown(line) for line in text.splitlines() if line.strip())


def _literal(found: re.Match[str]) -> str:
    mark = found[0]
    if mark in "$\\":
        # MathJax reads the finished page: an element around its mark is what it does not look into.
        return f"<span>&#{ord(mark)};</span>"
    return mark if len(mark) > 1 else f"\\{mark}"


def json_text(text: str) -> str:
    """JSON that says the same, in which what a terminal or an editor might obey is escaped."""
    return UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def nesting(text: str) -> int:
    """How deep brackets are nested at most; those in quotes count, too.

    Example:
        >>> nesting("f([1, {2}], (3))")
        3
    """
    opened = (1 if mark in "[({" else -1 for mark in BRACKET.findall(text))
    return max(accumulate(opened), default=0)


def observations(text: str, count: int) -> list[Observation] | None:
    """The observations that a stranger's process sent, or None if they are none.

    Args:
        text: codec text, any.
        count: how many observations there must be.
    """
    if sum(map(text.count, "[{,")) > MAX_PARTS or nesting(IN_QUOTES.sub("", text)) > MAX_TEXT_DEPTH:
        return None
    try:
        observed = codec.loads(text)
        # It must be encodable as UTF-8. Only escapes can hide lone surrogates: re-encode only then.
        (codec.dumps(observed) if "\\u" in text else text).encode()
    except (ValueError, RecursionError):
        return None
    if not isinstance(observed, list) or len(observed) != count:
        return None
    checked = [_observation(seen) for seen in observed]
    return [seen for seen in checked if seen is not None] if None not in checked else None


def _observation(seen: Any) -> Observation | None:
    """One observation, bounded in depth and size; None if `observe` would never make it."""
    if not isinstance(seen, dict) or not all(isinstance(name, str) for name in seen):
        return None
    error, changed = seen.get("error", {}), seen.get("changed", [])
    if not isinstance(error, dict) or not isinstance(changed, list):
        return None
    if "error" in seen:
        texts = {name: error.get(name, "") for name in TEXTS_OF_AN_ERROR}
        if not all(isinstance(text, str) for text in texts.values()):
            return None
        line = error.get("line")
        known = isinstance(line, int) and 0 < line < MAX_LINE_NUMBER
        cut = {name: text[:MESSAGE_CHARS_KEPT] for name, text in texts.items()}
        return {"error": {**cut, "line": line if known else 0}}
    if not all(isinstance(name, str) and len(name) < MESSAGE_CHARS_KEPT for name in changed):
        return None
    bounded = codec.plain({name: seen[name] for name in seen if name not in RESERVED_KEYS})
    # What is too long is no list any more.
    lists = isinstance(bounded, dict) and all(
        isinstance(bounded.get(name, []), list) for name in LISTS
    )
    return bounded if lists else None
