"""Attacks that patch or use our own modules know where these lie: one that does not is harmless."""

import ast
import importlib
import json
from functools import cache

from suite import ATTACKS
from suite.base import FILE

OURS = ("lrlab.", "grader.")


def _sources(attack):
    """The code cells of an attack, if it is a notebook."""
    try:
        cells = json.loads(attack.files[FILE])["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        return [each for each in sources if "lrlab" in each or "grader" in each]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


@cache
def _names(source):
    """What code takes from our modules: `lrlab.checking.codec`."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()  # no Python: magics, or that is the attack
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Attribute):
            names.add(ast.unparse(node))
    dotted = (name for name in names if name.replace(".", "").isidentifier())
    return frozenset(name for name in dotted if name.startswith(OURS))


def _is_there(name):
    """Whether a dotted name leads through modules to something that exists."""
    first, *parts = name.split(".")
    found, module = importlib.import_module(first), first
    for part in parts:
        module = f"{module}.{part}"
        if not hasattr(found, part):
            try:
                importlib.import_module(module)
            except ImportError:
                return False
        found = getattr(found, part)
    return True


def test_what_attacks_patch_or_use_is_there():
    used = {each.name: set().union(*map(_names, _sources(each))) for each in ATTACKS}
    assert sum(any("checking" in name for name in names) for names in used.values()) > 5
    stale = {attack: [n for n in names if not _is_there(n)] for attack, names in used.items()}
    assert {attack: names for attack, names in stale.items() if names} == {}
