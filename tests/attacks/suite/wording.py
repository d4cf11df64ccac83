"""Text, keys and times that break, fill or slow whatever reads them on the trusted side."""

from __future__ import annotations

from .base import (
    ANY,
    FULL,
    MOST_CELLS,
    TIMEOUT,
    UNREADABLE,
    Attack,
    Content,
    Fifo,
    Link,
    answer,
    every_answer,
    extra_cell,
    files,
    handed_in,
    solved,
)
from .protocol import forges, sends


def _timestamp(name: str, tries: str, content: Content) -> Attack:
    return Attack(
        f"timestamp-{name}",
        tries,
        {**files(solved()), "timestamp.txt": content},
        earned=FULL,
        why="all answers are right",
    )


def _raises(name: str, tries: str, message: str) -> Attack:
    """Raises an error with this message, a Python expression, in every answer."""
    source = f"def NAME(**k):\n    raise ValueError({message})"
    return Attack(name, tries, files(every_answer(source)))


ATTACKS = [
    forges("long-key", "with a key of 10,001 characters", "'{\"' + 'k' * 10_001 + '\": 1}'"),
    forges(
        "many-keys",
        "with 10,001 keys",
        "'{' + ','.join(f'\"{n}\": 1' for n in range(10_001)) + '}'",
    ),
    *(
        forges(
            f"depth-{depth}",
            f"nested {depth} deep, with an escaped letter inside",
            f"'{{\"value\": ' + '[' * {depth} + '\"\\\\u0041\"' + ']' * {depth} + '}}'",
        )
        for depth in (240, 486, 487)
    ),
    forges("nan-flood", "with 10,000 values that are no numbers", "'[' + 'NaN,' * 9_999 + 'NaN]'"),
    forges(
        "self-reference", "with codec tags in codec tags", """'{"$dict": [[{"$dict": []}, 1]]}'"""
    ),
    sends(
        "observed-lists",
        "sends an observation of ten million empty lists",
        'send({"cell": 1, "observed": "[" + "[[]]," * 2_900_000 + "0]"})\n'
        'for n in range(60): send({"cell": n, "observed": "[" + "[[]]," * 20_000 + "0]"})',
    ),
    sends(
        "pipe-newlines",
        "writes a hundred megabytes of empty lines",
        'while True: send_raw(b"\\n" * 60_000)',
    ),
    sends(
        "pipe-braces",
        "writes a hundred megabytes of empty messages",
        'while True: send_raw(b"{}\\n" * 20_000)',
    ),
    sends(
        "pipe-words",
        "writes messages whose texts are long, until nobody reads them",
        'for n in range(1_900): send({"cell": n, "printed": "\\n" * 8_000})',
    ),
    Attack(
        "prints-newlines",
        "prints 8,000 empty lines in each of as many cells as are read",
        files(*[extra_cell(f"print('\\n' * 8_000, {n})") for n in range(MOST_CELLS)]),
        allowed=ANY,
    ),
    Attack(
        "prints-forever",
        "prints in a loop that does not end, in a thread and after its end",
        files(
            extra_cell(
                "import threading\ndef go():\n    while True: print('x' * 1000)\n"
                "threading.Thread(target=go, daemon=True).start()\ngo()"
            )
        ),
        allowed=TIMEOUT | {"crashed"},
    ),
    Attack(
        "slow-to-colour",
        "has cells on which a highlighter needs a minute: blanks and line ends",
        files(*[extra_cell(" \n" * 5_000 + f"x = {n}") for n in range(20)]),
    ),
    Attack(
        "words-of-a-cell",
        "begins its cells with Markdown, HTML and terminal codes, and ends Python in them",
        files(
            extra_cell(
                "# `![x](http://127.0.0.1:9/t.png)` <script>lrAttackRan=1</script>\n"
                "import os; os._exit(1)"
            ),
            extra_cell("'\\x1b]0;owned\\x07'; '\x1b[2J'; import os; os._exit(1)"),
        ),
        allowed=ANY,
    ),
    _raises(
        "markdown-error",
        "raises errors that are Markdown with HTML, links and formulas in it",
        "'</p><script>lrAttackRan=1</script>[x](javascript:lrAttackRan) `` '"
        "'$$\\\\href{javascript:1}{x}$$'",
    ),
    _raises(
        "formula-error",
        "raises errors that a spreadsheet would compute",
        '\'=HYPERLINK("http://127.0.0.1:9/", "x")\'',
    ),
    _raises(
        "terminal-error",
        "raises errors with codes that a terminal obeys",
        "'\\x1b[2J\\x1b]0;owned\\x07\\x9b2J\\r\\x08' + chr(0x202E) + chr(0x2066) + chr(0xD800)",
    ),
    _raises(
        "letters-error",
        "raises errors of letters without width and a thousand accents",
        "'\\u200b' * 200 + 'e' + '\\u0301' * 1000 + '\\ufeff\\U000e0001'",
    ),
    Attack(
        "long-diagnosis",
        "returns results whose keys are long, many and unexpected",
        files(
            answer(
                "step_lr_trace",
                "step_lr_trace = lambda **k: {'k' * 9_000 + str(n): n for n in range(900)}",
            ),
            answer("fit", "fit = lambda **k: {'x' * 9_999: {'y' * 9_999: [1] * 900}}"),
        ),
    ),
    _timestamp(
        "opens-a-file", "names a file as its time zone", b"2026-01-01 00:00:00 /proc/self/mem"
    ),
    _timestamp(
        "waits", "names a pipe of the machine as its time zone", b"2026-01-01 00:00:00 /dev/stdin"
    ),
    _timestamp("huge", "gives a number of hours that no calendar has", b"9" * 40 + b"h"),
    _timestamp("long", "is a megabyte long", b"2026-01-01 " * 100_000),
    _timestamp(
        "bytes", "holds NUL, half a letter and a sign that there is none", b"\xff\xfe\x00\xd8\x00"
    ),
    _timestamp("pipe", "is a named pipe", Fifo()),
    _timestamp("device", "is a link to a file without an end", Link("/dev/zero")),
    Attack(
        "bomb-of-cells",
        "has 19 MB of cells that hold nothing",
        {"steplr.ipynb": b'{"cells": [' + b"{}," * 6_600_000 + b"{}]}"},
        allowed=UNREADABLE,
    ),
    Attack(
        "bomb-of-metadata",
        "has right answers below 5 MB of metadata, nested and repeated",
        {
            "steplr.ipynb": lambda: (
                handed_in(solved())[:-1]
                + b', "metadata": {"a": ['
                + b'{"b": [1]},' * 450_000
                + b"0]}}"
            )
        },
        allowed=ANY,
        earned=FULL,
        why="all answers are right",
    ),
]
