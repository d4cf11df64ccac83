"""A table of comma-separated values in which cells can be set and all else stays byte for byte.

`csv` forgets how a table was written: which cells had quotes, how lines end, what began the file.
"""

from __future__ import annotations

import re

from grader.foreign import HEAD_LINES, encoding_of

SEPARATORS = ",;\t"
LINE_END = re.compile(r"\r\n|\r|\n")
QUOTED = re.compile(r'"(?:[^"]|"")*"')


class Sheet:
    """The cells of a table, `rows[r][c]` as they are written, and what they mean.

    Args:
        content: the file: UTF-8, UTF-16 with a byte-order mark, or what Windows writes.

    Raises UnicodeDecodeError where UTF-16 has half a letter: nothing could be written back for it.
    """

    def __init__(self, content: bytes) -> None:
        self._mark, self._encoding = encoding_of(content)
        self._errors = "strict" if self._encoding.startswith("utf-16") else "surrogateescape"
        text = content.removeprefix(self._mark).decode(self._encoding, self._errors)
        self._separator = _separator(text)
        self.rows: list[list[str]] = []
        self._ends: list[str] = []
        self._parse(text)

    def _parse(self, text: str) -> None:
        plain = re.compile(f"[^{re.escape(self._separator)}\r\n]*")
        at, row = 0, list[str]()
        while True:
            quoted = QUOTED.match(text, at)
            end = plain.match(text, quoted.end() if quoted else at).end()  # type: ignore[union-attr]
            row.append(text[at:end])
            if text.startswith(self._separator, end):
                at = end + 1
                continue
            line_end = LINE_END.match(text, end)
            self.rows.append(row)
            self._ends.append(line_end[0] if line_end else "")
            if line_end is None:
                return
            at, row = line_end.end(), []

    def value(self, row: int, column: int) -> str:
        """What a cell says; "" where the row has no such cell."""
        cells = self.rows[row]
        raw = cells[column] if column < len(cells) else ""
        quoted = QUOTED.match(raw)
        text = quoted[0][1:-1].replace('""', '"') + raw[quoted.end() :] if quoted else raw
        return text.strip()

    def values(self, row: int) -> list[str]:
        """What the cells of a row say."""
        return [self.value(row, column) for column in range(len(self.rows[row]))]

    def set(self, row: int, column: int, text: str) -> None:
        """Let a cell say something else, in quotes if it had some or needs them."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        if cells[column].startswith('"') or re.search(f'["\r\n{self._separator}]', text):
            text = '"' + text.replace('"', '""') + '"'
        cells[column] = text

    @property
    def content(self) -> bytes:
        """The file."""
        lines = (self._separator.join(row) + end for row, end in zip(self.rows, self._ends))
        return self._mark + "".join(lines).encode(self._encoding, self._errors)


def _separator(text: str) -> str:
    head = QUOTED.sub("", "\n".join(text.splitlines()[:HEAD_LINES]))
    return max(SEPARATORS, key=head.count)
