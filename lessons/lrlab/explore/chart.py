"""The anywidget behind each explorer: one JavaScript module, and the values it draws."""

from __future__ import annotations

import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

JS = Path(__file__).with_name("js")
IMPORT = re.compile(
    r"""^import\s*\{(?P<names>\s*\w+\s*(?:,\s*\w+\s*)*,?\s*)\}\s*"""
    r"""from\s*["']\./(?P<file>\w+)\.js["'];?\n""",
    re.MULTILINE,
)
EXPORT = re.compile(r"^export\s+(?=(?:const|let|async\s+function|function|class)\s)", re.MULTILINE)
EXPORT_DEFAULT = re.compile(r"^export default\b", re.MULTILINE)
DECLARED = re.compile(r"^(?:const|let|async\s+function|function|class)\s+(\w+)", re.MULTILINE)
NOT_BUNDLED = re.compile(r"^\s*(?:import\b|export\b(?! default\b)).*", re.MULTILINE)

Trait = TypeVar("Trait", bound="traitlets.TraitType[Any, Any]")


def module(name: str) -> str:
    """js/`name`.js and all that it imports, as the one JavaScript module that anywidget takes.

    Each file stands once, after those that it imports, without imports of ours and with the only
    export that anywidget asks for. Raises ValueError where an import or export is written in a way
    that cannot be taken out, two files declare one name, or files import each other in a circle:
    this would break every chart, and only a browser would notice.
    """
    texts: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    to_read = [name]
    while to_read:
        file = to_read.pop()
        if file not in texts:
            source = (JS / f"{file}.js").read_text(encoding="utf-8")
            imports[file] = [found["file"] for found in IMPORT.finditer(source)]
            texts[file] = _without_imports_and_exports(file, source)
            to_read += imports[file]
    whole = "\n".join(texts[file] for file in TopologicalSorter(imports).static_order())
    defaults = len(EXPORT_DEFAULT.findall(whole))
    if defaults != 1:
        raise ValueError(
            f"{name}.js and the files that it imports have {defaults} times `export default`: "
            f"anywidget wants it once, in {name}.js."
        )
    names = Counter(DECLARED.findall(whole))
    if twice := [each for each, times in names.items() if times > 1]:
        raise ValueError(
            f"{name}.js and the files that it imports declare {', '.join(twice)} more than once: "
            "they become one module, so each name at the beginning of a line must be unique."
        )
    return whole


def _without_imports_and_exports(file: str, source: str) -> str:
    text = EXPORT.sub("", IMPORT.sub("", source))
    if left := NOT_BUNDLED.search(text):
        raise ValueError(
            f"{file}.js cannot be put into one module because of `{left[0].strip()}`. "
            'Write imports as `import { a, b } from "./file.js";`, and `export` right before '
            "const, let, function or class."
        )
    return text


def setting(trait: Trait) -> Trait:
    """A trait that the page sets, without the kernel's echo: late, it would undo a newer value."""
    return trait.tag(sync=True, echo_update=False)


class Chart(anywidget.AnyWidget):
    """A drawing that follows its traits in the browser, whether the kernel is busy or not.

    Attributes:
        start: the traits that the Reset button sets, with their first values
        senders: the models that change with each move of a slider, by their ids
    """

    _css = JS / "chart.css"
    start = traitlets.Dict().tag(sync=True)
    senders = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, **values: Any) -> None:
        super().__init__(start=values, **values)

    @property
    def present(self) -> dict[str, Any]:
        """The values that the traits of `start` have now, as far as the kernel has heard."""
        return {name: getattr(self, name) for name in self.start}
