"""Text files and tables that other programs wrote: how they are encoded, and where they begin."""

from __future__ import annotations

import codecs
import re

HEAD_LINES = 10  # Some programs write a line or two above the headings of a table.
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .ods begin, and .xls
EXCELS_TEXT = re.compile(r'\s*="([^"]*)"\s*')
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
NOT_UTF8 = "cp1252"  # how Windows writes text that is neither


def encoding_of(content: bytes) -> tuple[bytes, str]:
    """The byte-order mark that a text file begins with, b"" if none, and the name of its encoding.

    Without a mark it is UTF-8, or where it is not that, what spreadsheets on Windows save.

    Example:
        >>> encoding_of("é".encode("utf-8-sig")), encoding_of(b"\\xe9")
        ((b'\\xef\\xbb\\xbf', 'utf-8'), (b'', 'cp1252'))
    """
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return mark, encoding
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return b"", NOT_UTF8
    return b"", "utf-8"


def text_of(content: bytes) -> str:
    """What a text file says, without its byte-order mark; what is no letter becomes U+FFFD."""
    mark, encoding = encoding_of(content)
    return content.removeprefix(mark).decode(encoding, "replace")


def plain_cell(cell: str) -> str:
    """What a cell says, without the signs by which Excel keeps a number with its zeros as text.

    Example:
        >>> plain_cell('="00123"')
        '00123'
    """
    found = EXCELS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def is_workbook(content: bytes) -> bool:
    """Whether a file is what spreadsheet programs keep for themselves, and no table of text."""
    return content.startswith(WORKBOOKS)
