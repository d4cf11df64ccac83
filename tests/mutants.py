"""Which small slips in a right answer would no case tell from it: `python tests/mutants.py [ID…]`.

Each reference, and each function of its file that it calls, is changed in one place: a comparison,
an operator, a constant, a condition, a statement, an argument. What is changed so is judged as a
submission would be, on the visible cases and those of a submission, for some seeds. One that is
ever found right is *alive*: the cases have a hole, or the change changes nothing, and then
EQUIVALENT says why.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import signal
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from grader.exercise import Exercise
from grader.exercises import EXERCISES

SEEDS = ("a", "b", "c")
SECONDS = 10  # for a mutant that never ends

COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}
OPERATORS: dict[type[ast.operator], list[type[ast.operator]]] = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div, ast.Mod],
    ast.Mod: [ast.FloorDiv],
    ast.Pow: [ast.Mult],
}
CALLS = {"min": "max", "max": "min", "all": "any", "any": "all", "floor": "ceil", "ceil": "floor"}
# Changed code → why nobody could tell it from the right one.
EQUIVALENT: dict[str, dict[str, str]] = {}


class Mutant(NamedTuple):
    """A changed reference.

    Attributes:
        change: the line before and after
        answers: what is judged in place of the reference
    """

    change: str
    answers: Any


def mutants(exercise: Exercise) -> Iterator[Mutant]:
    """Each small change of an exercise's reference."""
    module = sys.modules[_first(exercise.reference).__module__]
    tree = ast.parse(inspect.getsource(module))
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    reference = _reference(tree, exercise.id)
    used = _used(reference, functions)
    for name in [*used, ""]:
        before = functions[name] if name else reference
        for after in _changed(before):
            namespace = dict(vars(module))
            for each in used:
                node = after if each == name else functions[each]
                _run(ast.Module([_plain(node)], []), namespace)
            wanted = reference if name else after
            answers = eval(compile(ast.Expression(_fixed(wanted)), "mutant", "eval"), namespace)
            yield Mutant(_difference(before, after), answers)


def is_found_right(exercise: Exercise, mutant: Mutant) -> bool:
    """Whether it gets full marks with one of the seeds."""
    for seed in SEEDS:
        cases = [*exercise.visible_cases, *exercise.hidden_cases(seed)]
        try:
            with _in_time():
                observed = exercise.observe(mutant.answers, cases)
        except TimeoutError:
            return False
        if exercise.judge(cases, observed).kind == "right":
            return True
    return False


def _first(answers: Any) -> Any:
    return answers[0] if isinstance(answers, tuple) else answers


def _reference(tree: ast.Module, exercise: str) -> ast.expr:
    """The expression that an exercise's file gives as its reference."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            given = {each.arg: each.value for each in call.keywords}
            name = given.get("id")
            if call.func.id == "Exercise" and getattr(name, "value", None) == exercise:
                return given["reference"]
    raise LookupError(exercise)


def _used(node: ast.AST, functions: dict[str, ast.FunctionDef]) -> list[str]:
    """The functions of the file that an expression uses, those first that others use."""
    found: list[str] = []

    def look(node: ast.AST) -> None:
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and each.id in functions and each.id not in found:
                found.append(each.id)
                look(functions[each.id])

    look(node)
    return found[::-1]


def _changed(tree: ast.AST) -> Iterator[ast.AST]:
    """Copies of a tree, each changed in one place."""
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            new = copy.deepcopy(tree)
            change(next(each for place, each in enumerate(ast.walk(new)) if place == number))
            yield ast.fix_missing_locations(new)


def _changes(node: ast.AST) -> Iterator[Any]:
    """What can be done to one node, as functions that take the copy of it."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in COMPARISONS.get(type(operator), ()):
                yield lambda new, place=place, other=other: new.ops.__setitem__(place, other())
    if isinstance(node, ast.BinOp | ast.AugAssign):
        for other in OPERATORS.get(type(node.op), ()):
            yield lambda new, other=other: setattr(new, "op", other())
    if isinstance(node, ast.BoolOp):
        other = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield lambda new, other=other: setattr(new, "op", other())
        for place in range(len(node.values)):
            yield lambda new, place=place: new.values.__setitem__(
                place, ast.Constant(isinstance(new.op, ast.And))
            )
    if isinstance(node, ast.Constant):
        for value in _other_values(node.value):
            yield lambda new, value=value: setattr(new, "value", value)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield lambda new: setattr(new, "test", ast.UnaryOp(ast.Not(), new.test))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        field = "id" if isinstance(node.func, ast.Name) else "attr"
        if other := CALLS.get(getattr(node.func, field)):
            yield lambda new, field=field, other=other: setattr(new.func, field, other)
        for place in range(len(node.args)):
            if len(node.args) > 1:
                yield lambda new, place=place: new.args.pop(place)
    if isinstance(node, ast.comprehension) and node.ifs:
        yield lambda new: new.ifs.clear()
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        if isinstance(statements, list) and not isinstance(node, ast.Module):
            for place, statement in enumerate(statements):
                if not _is_docstring(statement):
                    yield lambda new, field=field, place=place: getattr(new, field).__setitem__(
                        place, ast.Pass()
                    )


def _other_values(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, float):
        return [value * 1.01, 0.0]
    return []


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _plain(node: ast.AST) -> Any:
    return ast.fix_missing_locations(copy.deepcopy(node))


_fixed = _plain


def _run(module: ast.Module, namespace: dict[str, Any]) -> None:
    exec(compile(ast.fix_missing_locations(module), "mutant", "exec"), namespace)


def _difference(before: ast.AST, after: ast.AST) -> str:
    """The line that was changed, as it was and as it is."""
    old, new = ast.unparse(before).splitlines(), ast.unparse(after).splitlines()
    for was, now in zip(old, new):
        if was != now:
            return f"{was.strip()}  →  {now.strip()}"
    return f"{old[-1].strip()}  →  (gone)"


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main(names: list[str]) -> int:
    """Print the table; return how many are alive that are not known to be equivalent."""
    print("| exercise | mutants | killed | equivalent | alive |\n| --- | --- | --- | --- | --- |")
    holes = []
    for name in names or EXERCISES:
        exercise = EXERCISES[name]
        every = list(mutants(exercise))
        right = [each.change for each in every if is_found_right(exercise, each)]
        known = EQUIVALENT.get(name, {})
        alive = [each for each in right if each not in known]
        same = len(right) - len(alive)
        print(f"| {name} | {len(every)} | {len(every) - len(right)} | {same} | {len(alive)} |")
        sys.stdout.flush()
        holes += [f"{name}: {each}" for each in alive]
    print("\n".join(["", *holes]))
    return len(holes)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
