"""The shape of an answer: its syntax tree without what is easily changed, as fingerprints.

Names that a learner chose, comments, layout, annotations, docstrings and the order of statements
are left out, and that of operands where it says nothing. Each subtree has a fingerprint: syntax
tree fingerprinting (Chilowicz, Duris and Roussel, ICPC 2009). They hold within one process, as
hash() does.
"""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from grader.pages.autograded import MAX_SOURCE

LEAST_NODES = 14  # A smaller part of an answer is what anybody would write.
BODIES = ("body", "orelse", "finalbody", "handlers", "keywords")
LEFT_OUT = ("ctx", "annotation", "returns", "type_comment", "type_params", "decorator_list", "kind")
SIDES_SWAPPED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}


@dataclass(frozen=True)
class Shapes:
    """Fingerprints of an answer.

    Attributes:
        whole: of all of it; None where it is no Python that can be read
        parts: of those parts that are at least half of it; none if it is small
    """

    whole: int | None = None
    parts: frozenset[int] = frozenset()


def shapes(source: str, stub: str) -> Shapes:
    """The fingerprints of an answer.

    Args:
        stub: the cell as it was handed out, whose names nobody chose.
    """
    tree = _tree(source)
    if tree is None:
        return Shapes()
    try:
        read = _Parts(set(_bound(tree)) - _given(stub))
        whole, size = read.read(tree)
    except RecursionError:
        return Shapes()
    least = max(LEAST_NODES, size / 2)
    parts = (digest for digest, nodes in read.sizes.items() if nodes >= least)
    return Shapes(whole, frozenset(parts) - {whole})


def _tree(source: str) -> ast.Module | None:
    if len(source) > MAX_SOURCE:  # The graded notebook has only its beginning.
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Learners' code may warn of its backslashes.
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=256)
def _given(stub: str) -> frozenset[str]:
    """The names that a learner did not choose."""
    tree = _tree(stub)
    return frozenset([*dir(builtins), *(_bound(tree) if tree else ())])


def _bound(tree: ast.AST) -> Iterator[str]:
    """The names that code gives to something: only these can be chosen freely."""
    nodes = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
            continue  # Half of all nodes are names: nothing is below them.
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name
        for name in node._fields:
            value = getattr(node, name, None)
            values = value if isinstance(value, list) else [value]
            nodes += [each for each in values if isinstance(each, ast.AST)]


class _Parts:
    """Reads a tree; `sizes` has the number of nodes of each subtree, by its fingerprint."""

    def __init__(self, chosen: set[str]) -> None:
        self._chosen = chosen
        self.sizes: dict[int, int] = {}

    def read(self, node: ast.AST) -> tuple[int, int]:
        """The fingerprint of a subtree, and its size."""
        if isinstance(node, ast.Name):
            return self._kept(["Name", self._literal(node.id)], 1)
        size = 1
        said: list[str | int] = [type(node).__name__]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
            operands = [self.read(each) for each in _operands(node, type(node.op))]
            said += [type(node.op).__name__, *sorted(digest for digest, _ in operands)]
            return self._kept(said, sum(nodes for _, nodes in operands) + 1)
        for name, value in self._fields(node):
            told = []
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, ast.AST):
                    digest, nodes = self.read(each)
                    size += nodes
                else:
                    digest = hash(self._literal(each))
                told.append(digest)
            said += [name, *(sorted(told) if name in BODIES else told)]
        return self._kept(said, size)

    def _kept(self, said: list[str | int], size: int) -> tuple[int, int]:
        digest = hash(tuple(said))
        self.sizes[digest] = size
        return digest, size

    def _fields(self, node: ast.AST) -> Iterator[tuple[str, object]]:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            op = type(node.ops[0])
            sides = [node.left, node.comparators[0]]
            swapped = op in SIDES_SWAPPED
            yield SIDES_SWAPPED.get(op, op).__name__, sides[::-1] if swapped else sides
            return
        for name, value in ast.iter_fields(node):
            if name in LEFT_OUT:
                continue
            if name in BODIES and isinstance(value, list):
                value = [each for each in value if not _says_nothing(each)]
            yield name, value

    def _literal(self, value: object) -> str:
        return "_" if isinstance(value, str) and value in self._chosen else repr(value)


def _operands(node: ast.expr, op: type[ast.operator]) -> Iterator[ast.expr]:
    """The operands of a sum or a product, whatever its brackets."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, op):
        yield from _operands(node.left, op)
        yield from _operands(node.right, op)
    else:
        yield node


def _says_nothing(node: ast.AST) -> bool:
    """Whether a statement is a docstring, a bare constant or `pass`."""
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)
