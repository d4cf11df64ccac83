"""What a file is that was handed in as a notebook and is none, and what to do about that."""

from __future__ import annotations

import re

from grader.foreign import NOT_UTF8, encoding_of

LOOKED_AT = 1_000  # bytes of its beginning
BLANK = b" \t\r\n\0"
BEGINNINGS = [
    (re.compile(begins, re.IGNORECASE), sentence)
    for begins, sentence in (
        (rb"\Z", "it is empty: save the notebook and hand it in again"),
        (rb"<[!?a-z]", "it is a web page: hand in the .ipynb itself, not a page that shows it"),
        (rb"%PDF-", "it is a PDF: hand in the .ipynb that it was made from"),
        (
            rb"PK\x03\x04|Rar!|7z\xbc\xaf|\x1f\x8b",
            "it is an archive: unpack it and hand in the .ipynb",
        ),
        (rb"version https://git-lfs", "Git LFS has put a pointer in its place: hand in the file"),
        (rb"(#|%|import |from |def )", "it is the text of a program: hand in the .ipynb"),
    )
]
CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)


def instead(content: bytes) -> str:
    """What a file that is no JSON seems to be, and what to do; no capital letter, no full stop.

    Example:
        >>> instead(b"%PDF-1.7")
        'it is a PDF: hand in the .ipynb that it was made from'
    """
    begin = content[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip(BLANK)
    for begins, sentence in BEGINNINGS:
        if begins.match(begin):
            return sentence
    if CONFLICT.search(content):
        return "git has left two versions in it (<<<<<<<): choose one, save it, hand it in again"
    if begin.startswith(b"{") and not content.rstrip(BLANK).endswith(b"}"):
        return "it breaks off, so it is not valid JSON: it was not copied whole, hand it in again"
    other = "" if encoding_of(content)[1] != NOT_UTF8 else ", and not UTF-8"
    return f"it is not valid JSON{other}: open it in Jupyter, save it, hand it in again"
