"""Small edits of every right answer: which does no case tell? `python tests/mutants.py [ID…]`.

Each mutant is the reference, or a function that it uses, with one change in its syntax tree. One
that no case tells from the reference is alive: either it is a right answer too, and stands in
mutants.toml with the reason, or the exercise needs another case.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import inspect
import signal
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from types import FunctionType
from typing import Any

from grader.exercise import Exercise
from grader.exercises import EXERCISES
from lrlab.checking import codec
from lrlab.checking.alike import differs
from lrlab.checking.compare import largest_number
from lrlab.checking.observe import to_consequence

SEED = "mutants"
REFERENCE = "reference"  # the name of one that is a lambda
SECONDS = 3  # for one mutant: an endless loop is told from a right answer, too
EQUIVALENT = Path(__file__).with_name("mutants.toml")

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "ceil": "floor", "floor": "ceil"}


@dataclass(frozen=True)
class Mutant:
    """One change: what stood there, what stands there now, and the functions with it."""

    change: str
    functions: ast.Module


def mutants(answer: FunctionType) -> Iterator[Mutant]:
    """Every mutant of a function and of those of its module that it uses."""
    trees = list(_sources(answer))[::-1]  # A default argument wants its function defined before.
    for number, tree in enumerate(trees):
        for place, node in enumerate(ast.walk(tree)):
            for edited in map(ast.fix_missing_locations, _edits(node)):
                changed = copy.deepcopy(tree)
                target = next(n for i, n in enumerate(ast.walk(changed)) if i == place)
                replaced = _Replace(target, edited).visit(changed)
                if ast.dump(replaced) == ast.dump(tree):
                    continue
                module = ast.Module([*trees[:number], replaced, *trees[number + 1 :]], [])
                yield Mutant(_words(tree, node, edited), ast.fix_missing_locations(module))


class _Replace(ast.NodeTransformer):
    """Puts one node, known by identity, in another's place."""

    def __init__(self, target: ast.AST, new: ast.AST) -> None:
        self.target, self.new = target, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.target else self.generic_visit(node)


def _sources(answer: FunctionType) -> Iterator[ast.stmt]:
    """The reference as a statement that defines it, then the functions that it calls."""
    module = sys.modules[answer.__module__]
    known = {
        node.name: node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef)
    }
    waiting, seen = [answer.__name__], set()
    if answer.__name__ == "<lambda>":
        written = ast.walk(ast.parse(inspect.getsource(module)))
        line = answer.__code__.co_firstlineno
        (found,) = [n for n in written if isinstance(n, ast.Lambda) and n.lineno == line]
        yield ast.copy_location(ast.Assign([ast.Name(REFERENCE, ast.Store())], found), found)
        waiting = [n.id for n in ast.walk(found) if isinstance(n, ast.Name)]
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in known:
            continue
        seen.add(name)
        yield known[name]
        waiting += [n.id for n in ast.walk(known[name]) if isinstance(n, ast.Name)]


def _edits(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for op in COMPARISONS.get(type(node.ops[0]), ()):
            yield ast.Compare(node.left, [op()], node.comparators)
    elif isinstance(node, ast.BinOp):
        for op in ARITHMETIC.get(type(node.op), ()):
            yield ast.BinOp(node.left, op(), node.right)
        if type(node.op) in ARITHMETIC:  # and not `|` of two types
            yield from (node.left, node.right)
    elif isinstance(node, ast.AugAssign):
        for op in ARITHMETIC.get(type(node.op), ()):
            yield ast.AugAssign(node.target, op(), node.value)
        yield ast.Assign([node.target], node.value)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in (node.value + 1, node.value - 1, 0):
            yield ast.Constant(value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        yield from node.values
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, (ast.IfExp, ast.If)):
        for value in (True, False):
            parts = {name: getattr(node, name) for name in node._fields}
            yield type(node)(**{**parts, "test": ast.Constant(value)})
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        for place in range(len(node.args)):
            for op in (ast.Add(), ast.Sub()):
                args = list(node.args)
                args[place] = ast.BinOp(args[place], op, ast.Constant(1))
                yield ast.Call(node.func, args, [])
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield ast.Name(NAMES[node.id], node.ctx)
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)
    elif isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        yield ast.Pass()
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.ListComp):
        yield ast.Return(ast.Subscript(node.value, ast.Slice(None, ast.Constant(-1)), ast.Load()))


def _words(tree: ast.stmt, node: ast.AST, edited: ast.AST) -> str:
    before, after = (" ".join(ast.unparse(n).split())[:60] for n in (node, edited))
    line = getattr(node, "lineno", tree.lineno) - tree.lineno
    return f"{getattr(tree, 'name', REFERENCE)}:{line}: {before} → {after}"


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def killed(exercise: Exercise, answer: Any, cases: list[Any], expected: list[Any]) -> bool:
    """Whether a case tells an answer from the reference."""
    try:
        with _time_limit():
            for case, right in zip(cases, expected):
                seen = to_consequence(exercise.id, case, exercise.observe(answer, [case])[0])
                seen = codec.loads(codec.dumps(seen))
                if differs(right, seen, exercise.abs_tol * largest_number(case)):
                    return True
    except TimeoutError:
        return True
    return False


def survivors(exercise: Exercise) -> tuple[int, list[str]]:
    """How many mutants an exercise has, and those that are alive."""
    cases = [*exercise.visible_cases, *exercise.hidden_cases(SEED)]
    expected = exercise.expected(cases)
    several = isinstance(exercise.reference, tuple)
    references = exercise.reference if several else (exercise.reference,)
    count, alive = 0, []
    for which, reference in enumerate(references):
        for mutant in mutants(reference):
            count += 1
            answers = list(references)
            answers[which] = _defined(mutant, reference)
            if not killed(exercise, tuple(answers) if several else answers[0], cases, expected):
                alive.append(mutant.change)
    return count, list(dict.fromkeys(alive))


def _defined(mutant: Mutant, reference: FunctionType) -> Callable[..., Any]:
    namespace = dict(vars(sys.modules[reference.__module__]))
    exec(compile(mutant.functions, "<mutant>", "exec"), namespace)
    return namespace[REFERENCE if reference.__name__ == "<lambda>" else reference.__name__]


def main() -> int:
    """Print the table; end with 1 if a mutant is alive that is no right answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID")
    chosen = parser.parse_args().ids or list(EXERCISES)
    reasons = tomllib.loads(EQUIVALENT.read_text()) if EQUIVALENT.exists() else {}
    print("| exercise | mutants | killed | equivalent | alive |\n| --- | --- | --- | --- | --- |")
    left = []
    for name in chosen:
        count, alive = survivors(EXERCISES[name])
        known = reasons.get(name, {})
        wrong = [each for each in alive if not any(fnmatchcase(each, like) for like in known)]
        right = len(alive) - len(wrong)
        print(f"| {name} | {count} | {count - len(alive)} | {right} | {len(wrong)} |", flush=True)
        left += [f"{name}: {each}" for each in wrong]
    print("\n".join(left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
