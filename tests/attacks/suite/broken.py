"""Files that are no notebooks, notebooks without answers, and odd names of students."""

from __future__ import annotations

from .base import (
    ANSWERS,
    FILE,
    FULL,
    NOT_STARTED,
    POINTS,
    UNREADABLE,
    Attack,
    Content,
    Fifo,
    Folder,
    Making,
    Sparse,
    extra_cell,
    files,
    handed_in,
    solved,
)


def _unreadable(name: str, tries: str, content: Content | Making) -> Attack:
    return Attack(name, tries, {FILE: content}, allowed=UNREADABLE)


def _other_lesson() -> bytes:
    text = handed_in(solved()).decode()
    for exercise in ANSWERS:
        text = text.replace(f'"{exercise}', f'"other_{exercise}')
    return text.encode()


ATTACKS = [
    _unreadable("not-json", "is no JSON", b"PK\x03\x04 a zip archive"),
    _unreadable("empty-file", "is empty", b""),
    _unreadable("half-a-file", "breaks off in the middle", lambda: handed_in(solved())[:30_000]),
    _unreadable("30-megabytes", "has 30 MB", b'{"cells": "' + b"x" * 30_000_000 + b'"}'),
    _unreadable("a-terabyte", "has a terabyte, without using any disk", Sparse(2**40)),
    _unreadable("deep-brackets", "opens 100,000 brackets", b"[" * 100_000),
    _unreadable("deep-objects", "nests 100,000 objects", b'{"cells":' * 100_000),
    _unreadable("wrong-top", "is a JSON list", b"[1, 2, 3]"),
    _unreadable("no-cells", "is a notebook without cells", b'{"cells": [], "metadata": {}}'),
    _unreadable("null-cells", "has null for its cells", b'{"cells": null, "nbformat": 4}'),
    Attack(
        "invalid-utf8",
        "holds bytes that are no UTF-8",
        {FILE: lambda: handed_in(solved()).replace(b"StepLR", b"Step\xff\xfeLR")},
        earned=FULL - POINTS["make_scheduler"] - POINTS["resume"],
        why="it is read as Windows writes text, and these two call StepLR",
    ),
    _unreadable(
        "huge-number",
        "holds a number of 10,000 digits",
        lambda: handed_in(solved()).replace(b'"nbformat": 4', b'"nbformat": ' + b"9" * 10_000),
    ),
    _unreadable("many-cells", "has 3,000 cells", lambda: handed_in(*[extra_cell("x = 1")] * 3_000)),
    _unreadable(
        "long-cell",
        "has a cell of a million characters",
        lambda: handed_in(extra_cell("x = 1\n" * 170_000)),
    ),
    _unreadable(
        "many-sheets",
        "has 250,000 cells and as many worksheets, which a slow reader adds one by one",
        b'{"cells": [' + b"0," * 250_000 + b'0], "worksheets": [' + b"0," * 250_000 + b"0]}",
    ),
    _unreadable("named-pipe", "is a named pipe, which blocks who opens it", Fifo()),
    _unreadable("a-folder", "is a folder", Folder()),
    Attack(
        "other-lesson",
        "is solved, but its ids and checks name exercises of another lesson",
        {FILE: _other_lesson},
        why="cells are known by what they define, too",
        earned=FULL,
    ),
    Attack("untouched", "hands in the notebook as it was given out", files(), allowed=NOT_STARTED),
    Attack(
        "name-quotes",
        "has quotes, commas and a formula as its name",
        files(),
        allowed=NOT_STARTED,
        student="=HYPERLINK('http:x','a,b');'q'",
    ),
    Attack(
        "name-markup",
        "has markup as its name",
        files(),
        allowed=UNREADABLE,
        student="<img src=x onerror=lrAttackRan()>&amp;",
    ),
    Attack(
        "name-bytes",
        "has a name that is no UTF-8, with a line break",
        files(),
        allowed=NOT_STARTED,
        student=b"zz\xff\xfe\nline",
    ),
    Attack(
        "name-long",
        "has a name as long as nbgrader's gradebook permits",
        files(),
        allowed=NOT_STARTED,
        student="n" * 128,
    ),
]
