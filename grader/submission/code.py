"""What strangers' code says of itself, read and never run: its names, its checks, its stubs."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.untrusted import nesting
from lrlab.checking.names import DEFINES

# Code beyond these is not parsed: Python's parser is not made for what was written to break it.
MAX_CHARS = 50_000
MAX_DEPTH = 90
MAX_LOOKUPS = 200_000  # `symtable` goes through all functions of a scope for each of its names

CELL_MAGIC = re.compile(r"\s*%%(\w+)")
PYTHON_MAGICS = ("time", "capture")  # their cells define names for all later cells
MAGIC_LINE = re.compile(r"^(?P<indent>\s*)(?:(?P<target>\w+)\s*=\s*)?[%!].*$|^\s*\S*\?{1,2}\s*$")
WORD = re.compile(r"\w+")
# Whoever uses one of these may read any name that stands in the text.
READS_ANYTHING = {"eval", "exec", "globals", "locals", "vars", "get_ipython"}


@dataclass(frozen=True)
class Check:
    """A call `check("ID", …)`. Arguments that are no names are expressions."""

    exercise: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A part of a cell, to be run as a whole, and the calls of check that follow it."""

    source: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Code:
    """What one code cell does.

    Attributes:
        pieces: the cell, cut after each statement that calls check.
        binds: the names that it defines for later cells.
        functions: those of them that are functions.
        reads: the names that it needs when it is run.
        reads_later: the names that its functions need when they are called.
        stub: whether it only defines functions that do nothing yet.
    """

    pieces: tuple[Piece, ...]
    binds: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    reads_later: frozenset[str] = frozenset()
    stub: bool = False

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(check for piece in self.pieces for check in piece.checks)


# Each cell is read several times: fewer than a submission may have would all be read anew.
@lru_cache(maxsize=8_192)
def read_code(source: str) -> Code:
    """Read a cell as IPython would, magics and shell escapes included. It raises nothing.

    Of code that Python does not parse no more is known than its lines say.
    """
    magic = CELL_MAGIC.match(source)
    if magic and magic[1] not in PYTHON_MAGICS:
        return Code((Piece(source),))
    text, found = source, _parsed(source)
    if found is None:
        text = _without_magics(source, bool(magic))
        found = _parsed(text) if text != source else None
    if found is None:
        names = frozenset(name for pair in DEFINES.findall(source) for name in pair if name)
        return Code((Piece(source),), names, names, reads_later=frozenset(WORD.findall(source)))
    tree, table = found
    reads, reads_later = _reads(table)
    if text != source or READS_ANYTHING & (reads | reads_later):
        reads_later |= set(WORD.findall(source))
    pieces = tuple(_pieces(source, tree))
    if magic:  # the magic is about the whole cell
        pieces = (Piece(source, tuple(check for piece in pieces for check in piece.checks)),)
    return Code(
        pieces,
        frozenset(_binds(table)),
        frozenset(node.name for node in tree.body if isinstance(node, _FUNCTIONS)),
        frozenset(reads),
        frozenset(reads_later),
        _is_stub(tree),
    )


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _without_magics(source: str, cell_magic: bool) -> str:
    """The same lines, those that only IPython understands replaced by ones that do nothing."""
    lines = source.split("\n")
    if cell_magic:
        first = next(number for number, line in enumerate(lines) if line.strip())
        lines[first] = ""
    return "\n".join(MAGIC_LINE.sub(_idle, line) for line in lines)


def _idle(magic: re.Match[str]) -> str:
    target = f"{magic['target']} = " if magic["target"] else ""
    return f"{magic['indent'] or ''}{target}None"


def _parsed(source: str) -> tuple[ast.Module, symtable.SymbolTable] | None:
    if len(source) > MAX_CHARS or nesting(source) > MAX_DEPTH:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd escapes in a text.
            tree, table = ast.parse(source), symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    scopes = (table, *_inner(table))
    lookups = sum(len(each.get_identifiers()) * len(each.get_children()) for each in scopes)
    return (tree, table) if lookups <= MAX_LOOKUPS else None


def _binds(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            yield symbol.get_name()
    for inner in _inner(table):
        for symbol in inner.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                yield symbol.get_name()


def _reads(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """The names that code reads when it is run, and those that its functions read."""
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    later = {
        symbol.get_name()
        for inner in _inner(table)
        for symbol in inner.get_symbols()
        if symbol.is_global() and symbol.is_referenced()
    }
    return own, later


def _inner(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """All tables within one: of functions, classes and comprehensions."""
    waiting = list(table.get_children())
    while waiting:
        inner = waiting.pop()
        waiting += inner.get_children()
        yield inner


def _pieces(source: str, tree: ast.Module) -> Iterator[Piece]:
    if "check" not in source:
        yield Piece(source)
        return
    lines = source.split("\n")
    encoded = source.encode().split(b"\n")
    begin, before = 0, 0  # where the piece begins; the last line of the statement before
    checks: list[Check] = []
    for statement, following in zip(tree.body, [*tree.body[1:], None]):
        end = statement.end_lineno or statement.lineno
        found = list(_checks(statement, encoded))
        checks += found
        shares_line = following is not None and following.lineno <= end
        if checks and not shares_line:
            alone = isinstance(statement, ast.Expr) and _check_call(statement.value) is not None
            alone = alone and len(checks) == len(found) == 1 and statement.lineno > before
            yield Piece(
                "\n".join(lines[begin : statement.lineno - 1 if alone else end]), tuple(checks)
            )
            begin, checks = end, []
        before = end
    if any(line.strip() for line in lines[begin:]) or not begin:
        yield Piece("\n".join(lines[begin:]))


def _checks(statement: ast.stmt, lines: Sequence[bytes]) -> Iterator[Check]:
    for node in ast.walk(statement):
        if called := _check_call(node):
            exercise, arguments = called
            yield Check(exercise, tuple(_text_of(each, lines) for each in arguments))


def _text_of(node: ast.expr, lines: Sequence[bytes]) -> str:
    """The text of an expression; `ast.get_source_segment` would read the whole source each time."""
    begin, end = node.lineno - 1, node.end_lineno or node.lineno
    text = b"\n".join(lines[begin:end])
    until = len(text) - len(lines[end - 1]) + (node.end_col_offset or 0)
    return text[node.col_offset : until].decode()


def _check_call(node: ast.AST) -> tuple[str, list[ast.expr]] | None:
    """The exercise and the answers of a call of check; None if it is no such call."""
    match node:
        case ast.Call(
            ast.Name("check") | ast.Attribute(attr="check"),
            [ast.Constant(str(exercise)), *arguments],
        ) if not any(isinstance(each, ast.Starred) for each in arguments):
            return exercise, arguments
    return None


def _is_stub(tree: ast.Module) -> bool:
    functions = [node for node in tree.body if isinstance(node, _FUNCTIONS)]
    rest = [node for node in tree.body if not isinstance(node, _FUNCTIONS)]
    return bool(functions) and all(map(_does_nothing, [*rest, *_bodies(functions)]))


def _bodies(functions: list[ast.FunctionDef | ast.AsyncFunctionDef]) -> Iterator[ast.stmt]:
    for function in functions:
        yield from function.body


def _does_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()) | ast.Return(None | ast.Constant(None)):
            return True
        case ast.Return(ast.Constant(value)):
            return value is ...
        case ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
            return True
    return False
