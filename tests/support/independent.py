"""Right answers as learners who work alone write them, and copies that somebody disguised.

A learner has habits, which show in every exercise: loops or comprehensions, names for what lies
between, one exit or many. So those of two learners are not independent of each other by exercise:
the hard case for whoever looks for copies. independent.txt has the ways to write each answer: of
{{habit:one||other}} a learner takes one, and $0 … $8 are names.
"""

from __future__ import annotations

import ast
import random
import re
import textwrap
from pathlib import Path

from grader.demo.write import STUB, answer_source
from grader.similar.answers import stub
from grader.similar.shapes import shapes

GRAMMAR = {
    name.strip(): sentence.strip("\n")
    for name, _, sentence in (
        part.partition("\n")
        for part in Path(__file__).with_suffix(".txt").read_text("utf-8").split("=== ")[1:]
    )
}
HABIT = 0.7  # How often a learner does as they usually do.
WORDS = [
    "lr", "rate", "value", "current", "x", "result", "out", "answer", "res", "values", "trace",
    "lrs", "rates", "all_lrs", "ys", "n", "i", "e", "k", "step", "t", "idx", "epoch_number",
    "bound", "limit", "margin", "new", "new_lr", "low", "lowered", "s", "state2", "nxt", "after",
    "updated", "cfg", "first", "gap", "every", "start", "count", "number", "left", "right", "done",
    "total", "base", "power", "block", "used", "seen", "tmp",
]  # fmt: skip
COMMENTS = ("now the loop", "see above", "TODO check", "as in the lesson", "careful here", "ok")


class Learner:
    """Somebody with habits. `answer(exercise)` is a cell of theirs."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._habits: dict[str, int] = {}

    def answer(self, exercise: str) -> str:
        """The answer cell of an exercise."""
        body = self._said(GRAMMAR[exercise])
        given = re.findall(r"\w+", answer_source(exercise, "-"))
        names = self._rng.sample([word for word in WORDS if word not in given], 9)
        body = re.sub(r"\$(\d)", lambda found: names[int(found[1])], body)
        lines = []
        for line in body.split("\n"):
            if self._rng.random() < 0.15:
                lines.append(re.match(r" *", line)[0] + "# " + self._rng.choice(COMMENTS))
            lines.append(line)
        return in_stub(exercise, "\n".join(lines))

    def _said(self, grammar: str) -> str:
        """A sentence of a grammar: {{habit:one||other}} is one of these, inner ones first."""
        while found := re.search(r"\{\{(\w*):((?:(?!\{\{|\}\}).)*)\}\}", grammar, re.DOTALL):
            chosen = self._pick(found[1], found[2].split("||"))
            grammar = grammar[: found.start()] + chosen.strip("\n") + grammar[found.end() :]
        return "\n".join(line for line in grammar.strip("\n").split("\n") if line.strip())

    def _pick(self, habit: str, options: list[str]) -> str:
        if habit and self._rng.random() < HABIT:
            usual = self._habits.setdefault(habit, self._rng.randrange(12))
            return options[usual % len(options)]
        return self._rng.choice(options)


def learners(
    count: int, planted: int, seed: int
) -> tuple[dict[str, dict[str, str]], set[tuple[str, str]]]:
    """What each student wrote, by exercise; and the pairs of which one has copied everything."""
    people = {f"s{n:03}": Learner(1000 * seed + n) for n in range(count)}
    written = {
        exercise: {name: each.answer(exercise) for name, each in people.items()}
        for exercise in GRAMMAR
    }
    pairs = {(f"s{2 * n:03}", f"s{2 * n + 1:03}") for n in range(planted)}
    for one, other in pairs:
        for exercise, its in written.items():
            its[other] = disguised(exercise, its[one], seed)
    return written, pairs


def in_stub(exercise: str, body: str) -> str:
    """The cell as handed out, with a body in place of the line that is to be replaced."""
    return answer_source(exercise, "-").replace(
        "    " + STUB, textwrap.indent(textwrap.dedent(body), "    ")
    )


def disguised(exercise: str, source: str, seed: int) -> str:
    """A copy: names, layout, comments changed, statements and operands in another order."""
    rng = random.Random(seed)
    tree = ast.parse(source)
    given = {
        node.id
        for node in ast.walk(ast.parse(answer_source(exercise, "-")))
        if isinstance(node, ast.Name)
    }
    bound = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    names = dict(
        zip(sorted(bound - given), rng.sample([f"{w}_{rng.randint(1, 9)}" for w in WORDS], 20))
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and rng.random() < 0.5:
            node.left, node.right = node.right, node.left
        body = getattr(node, "body", None)
        if isinstance(body, list):
            _swap_neighbours(body, rng)
    lines = ast.unparse(tree).split("\n")
    return "\n".join(
        line + f"  # {rng.choice(WORDS)}" if rng.random() < 0.3 else line for line in lines
    )


def _swap_neighbours(body: list[ast.stmt], rng: random.Random) -> None:
    """Swap two assignments that stand one after the other and do not read each other's names."""
    for n in range(len(body) - 1):
        one, two = body[n : n + 2]
        calls = any(isinstance(each, ast.Call) for each in (*ast.walk(one), *ast.walk(two)))
        assigned = isinstance(one, ast.Assign) and isinstance(two, ast.Assign)
        if assigned and not calls and rng.random() < 0.8:
            made, read = (
                {w.id for w in ast.walk(s) if isinstance(w, ast.Name)} for s in (one, two)
            )
            if not made & read:
                body[n : n + 2] = two, one


def shaped(written):
    """The shapes of what students wrote, by exercise and student."""
    return {
        exercise: {student: shapes(source, stub(exercise)) for student, source in its.items()}
        for exercise, its in written.items()
    }
