"""Several JavaScript files as one module: a widget is sent as one, and nobody builds it before."""

from __future__ import annotations

import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

IMPORT = re.compile(
    r"""^import\s*\{(?P<names>\s*\w+\s*(?:,\s*\w+\s*)*,?\s*)\}\s*"""
    r"""from\s*["'](?P<file>\.{1,2}/[\w./]+\.js)["'];?\n""",
    re.MULTILINE,
)
EXPORT = re.compile(r"^export\s+(?=(?:const|let|async\s+function|function|class)\s)", re.MULTILINE)
EXPORT_DEFAULT = re.compile(r"^export default\b", re.MULTILINE)
DECLARED = re.compile(r"^(?:const|let|async\s+function|function|class)\s+(\w+)", re.MULTILINE)
NOT_BUNDLED = re.compile(r"^\s*(?:import\b|export\b(?! default\b)).*", re.MULTILINE)


def module(file: Path) -> str:
    """A JavaScript file and all that it imports, as the one module that anywidget takes.

    Each file stands once, after those that it imports, without imports of ours and with the only
    export that anywidget asks for. Raises ValueError where an import or export is written in a way
    that cannot be taken out, two files declare one name, or files import each other in a circle:
    this would break every chart, and only a browser would notice.
    """
    texts: dict[Path, str] = {}
    imports: dict[Path, list[Path]] = {}
    to_read = [file]
    while to_read:
        path = to_read.pop()
        if path not in texts:
            source = path.read_text(encoding="utf-8")
            imports[path] = imported(path, source)
            texts[path] = _without_imports_and_exports(path.name, source)
            to_read += imports[path]
    whole = "\n".join(texts[path] for path in TopologicalSorter(imports).static_order())
    defaults = len(EXPORT_DEFAULT.findall(whole))
    if defaults != 1:
        raise ValueError(
            f"{file.name} and the files that it imports have {defaults} times `export default`: "
            f"anywidget wants it once, in {file.name}."
        )
    names = Counter(DECLARED.findall(whole))
    if twice := [each for each, times in names.items() if times > 1]:
        raise ValueError(
            f"{file.name} and the files that it imports declare {', '.join(twice)} more than once: "
            "they become one module, so each name at the beginning of a line must be unique."
        )
    return whole


def imported(path: Path, source: str) -> list[Path]:
    """The files that the text of one imports."""
    return [(path.parent / found["file"]).resolve() for found in IMPORT.finditer(source)]


def _without_imports_and_exports(file: str, source: str) -> str:
    text = EXPORT.sub("", IMPORT.sub("", source))
    if left := NOT_BUNDLED.search(text):
        raise ValueError(
            f"{file} cannot be put into one module because of `{left[0].strip()}`. "
            'Write imports as `import { a, b } from "./file.js";`, and `export` right before '
            "const, let, function or class."
        )
    return text
