"""Write files so that a full disk or a killed process leaves the old ones whole."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file by `text`, or leave it as it was. Raises OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")  # if killed, the next run uses it up
    try:
        with open(part, "w", encoding="utf-8", newline="") as file:
            os.chmod(part, mode)
            file.write(text)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


class JsonLines:
    """A file of JSON objects, one a line, that is appended to and survives being cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[dict[str, Any]]:
        """All whole lines. A line that a killed process left unfinished is removed for good."""
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            os.truncate(self.path, whole)
        return [json.loads(line) for line in data[:whole].splitlines()]

    def append(self, entry: dict[str, Any]) -> None:
        """Add one line, all of it or nothing. Raises OSError when it cannot be written."""
        data = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
        with open(self.path, "ab", buffering=0) as file:
            size = file.tell()
            try:
                written = file.write(data)
                if written != len(data):
                    file.write(data[written:])
            except OSError:
                file.truncate(size)
                raise

    def rewrite(self, entries: Iterable[dict[str, Any]]) -> None:
        """Replace all lines."""
        lines = (json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
        write_whole(self.path, "".join(lines))
