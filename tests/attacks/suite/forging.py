"""Unearned points by making the notebook, the kernel or lrlab say that all is right."""

from __future__ import annotations

from .base import (
    ANY,
    GRADED,
    Attack,
    answer,
    every_answer,
    extra_cell,
    files,
    in_a_cell,
    nbgrader_metadata,
)
from .tools import PRIZES

CHECK_IS = PRIZES + "def check(exercise, *answers):\n    return "


def _first(name: str, tries: str, source: str, allowed: frozenset[str] = GRADED) -> Attack:
    return in_a_cell(name, tries, source, allowed)


ATTACKS = [
    _first(
        "input-transformer",
        "rewrites the source of every graded cell into its points before it runs",
        PRIZES
        + """
def rewrite(lines):
    for exercise, points in POINTS.items():
        if lines and lines[0].startswith(f'check("{exercise}"'):
            return [f"{points}\\n"]
    return lines
get_ipython().input_transformers_cleanup.append(rewrite)
get_ipython().input_transformers_post.append(rewrite)
""",
    ),
    _first(
        "ast-transformer",
        "rewrites the syntax tree of every graded cell into its points",
        PRIZES
        + """
import ast
class Rewrite(ast.NodeTransformer):
    def visit_Call(self, node):
        if getattr(node.func, "id", "") == "check":
            return ast.copy_location(ast.Constant(POINTS[node.args[0].value]), node)
        return node
get_ipython().ast_transformers.append(Rewrite())
""",
    ),
    _first(
        "own-check",
        "replaces `check` by a function that answers the full points",
        CHECK_IS + "POINTS[exercise]",
    ),
    _first("nan-credit", "lets `check` answer NaN as partial credit", CHECK_IS + 'float("nan")'),
    _first("text-credit", "lets `check` answer a text as partial credit", CHECK_IS + '"all right"'),
    _first(
        "negative-credit", "lets `check` answer negative credit", CHECK_IS + "-POINTS[exercise]"
    ),
    _first("huge-credit", "lets `check` answer a million points", CHECK_IS + "1_000_000"),
    _first("silent-check", "lets `check` answer nothing at all", CHECK_IS + "None"),
    _first(
        "silent-errors",
        "makes the shell swallow every exception, so that a graded cell has no error output",
        "get_ipython().showtraceback = lambda *a, **k: None\n"
        "get_ipython()._showtraceback = lambda *a, **k: None",
    ),
    _first(
        "displayhook",
        "makes whatever a graded cell shows look like its points, and errors look like results",
        PRIZES
        + """
import lrlab.checking.checks, sys
class Points(float):
    def __repr__(self):
        return "4"
lrlab.checking.checks.Result.earned = property(lambda self: Points(POINTS.get(self.exercise, 1)))
lrlab.checking.checks._result = lambda exercise, answers: lrlab.checking.checks.Result(
    exercise, 1, lrlab.checking.judge.Verdict("right", 1.0))
sys.displayhook = lambda value: print(repr(value))
get_ipython().displayhook.compute_format_data = lambda value: ({"text/plain": repr(value)}, {})
""",
    ),
    _first(
        "do-execute",
        "replaces the kernel's and the shell's own way of running a cell",
        PRIZES
        + """
shell = get_ipython()
original = shell.run_cell
def run_cell(source, *a, **k):
    for exercise, points in POINTS.items():
        if str(source).startswith(f'check("{exercise}"'):
            source = str(points)
    return original(source, *a, **k)
shell.run_cell = run_cell
if getattr(shell, "kernel", None):
    execute = shell.kernel.do_execute
    async def do_execute(code, *a, **k):
        for exercise, points in POINTS.items():
            if code.startswith(f'check("{exercise}"'):
                code = str(points)
        return await execute(code, *a, **k)
    shell.kernel.do_execute = do_execute
""",
    ),
    _first(
        "patched-builtins",
        "replaces builtins that the judge relies on, so that nothing ever differs",
        "import builtins\n"
        "builtins.next = lambda iterator, default=None: default\n"
        "builtins.all = lambda *a: False\n",
        ANY,
    ),
    _first(
        "deleted-builtins",
        "deletes the builtins that the observer needs",
        "import builtins\nfor name in ('len', 'isinstance', 'getattr', 'type', 'list', 'open'):\n"
        "    delattr(builtins, name)",
        ANY,
    ),
    _first(
        "patched-judge",
        "replaces lrlab's judge by one that finds everything right",
        """
import lrlab.checking.checks, lrlab.checking.judge
right = lambda *a, **k: lrlab.checking.judge.Verdict("right", 1.0)
lrlab.checking.checks.judge = lrlab.checking.judge.judge = right
""",
    ),
    _first(
        "patched-difference",
        "replaces lrlab's comparison, so that no two values differ",
        """
import lrlab.checking.compare, lrlab.checking.judge, lrlab.checking.observe
for module in (lrlab.checking.compare, lrlab.checking.judge, lrlab.checking.observe):
    module.difference = lambda *a, **k: None
lrlab.checking.judge.differs = lambda *a, **k: None
""",
    ),
    _first(
        "patched-observe",
        "replaces lrlab's observer by one that repeats the expected observations, or the case",
        """
import lrlab.checking.checks, lrlab.checking.observe
def observe(exercise, answer, case):
    for checks in lrlab.checking.checks.load_checks().values():
        for known, expected in zip(checks.cases, checks.expected):
            if known == case:
                return expected
    return {"value": case}
import sys
for module in list(sys.modules.values()):
    if "observe" in vars(module):
        module.observe = observe
""",
        ANY,
    ),
    _first(
        "patched-codec",
        "replaces codec, json and copy.deepcopy by versions that say yes to everything",
        """
import copy, json, lrlab.checking.codec, lrlab.checking.observe
import lrlab.checking.loops, lrlab.checking.observers, lrlab.checking.optimizers
copy.deepcopy = lambda value, *a: value
lrlab.checking.codec.dumps = lambda value, **k: "[" + ", ".join(['{"value": true}'] * 40) + "]"
for module in (lrlab.checking.codec, lrlab.checking.observe, lrlab.checking.observers,
               lrlab.checking.loops, lrlab.checking.optimizers):
    module.plain = lambda value: True
json.dumps = lambda value, *a, **k: '{"done": true, "score": 20, "credit": 1.0}'
""",
    ),
    _first(
        "not-under-nbgrader",
        "removes NBGRADER_EXECUTION, so that `check` raises nothing and shows a card",
        "import os\nos.environ.pop('NBGRADER_EXECUTION', None)",
    ),
    _first(
        "no-assertions",
        "replaces AssertionError by a number, so that a failed check ends in a value",
        "import builtins\n"
        "class Quiet(BaseException):\n    def __init__(self, *a):\n        raise SystemExit\n"
        "builtins.AssertionError = Quiet",
    ),
    _first(
        "patched-namespace",
        "replaces the user namespace by one that finds a right answer under every name",
        """
class Everything(dict):
    def get(self, name, default=None):
        return lambda **k: next(iter(k.values()))
    def __missing__(self, name):
        return 1
shell = get_ipython()
shell.user_ns = Everything(shell.user_ns)
""",
    ),
    _first(
        "tracing",
        "hooks settrace, setprofile and addaudithook to change values inside the observer",
        """
import sys, threading
def hook(frame, event, argument):
    if event == "return" and frame.f_code.co_name in ("observe", "judge", "plain", "pure"):
        if isinstance(argument, dict):
            argument.clear(); argument["value"] = True
        frame.f_locals.update(expected=None, first=None, differing=iter(()))
    return hook
sys.settrace(hook); sys.setprofile(hook); threading.settrace(hook)
sys.addaudithook(lambda event, arguments: None)
""",
    ),
    Attack(
        "points-in-metadata",
        "writes more points and a changed lock into the metadata of its graded cells",
        files(
            *(
                nbgrader_metadata(name, points=1000, locked=False, grade=False)
                for name in ("step_lr", "fit", "resume")
            ),
            answer("step_lr", "def step_lr(lr0, step_size, gamma, epoch):\n    return None"),
        ),
    ),
    Attack(
        "graded-in-answer",
        "answers with cells that print what a right check would show",
        files(
            every_answer('def NAME(**k):\n    return None\nprint("✓ Right. 4 of 4 points")\n4.0')
        ),
    ),
    Attack(
        "behaves-when-graded",
        "looks at environment, arguments and stack, and patches everything only when it is graded",
        files(
            extra_cell(
                PRIZES
                + """
import builtins, os, sys, traceback
stack = "".join(traceback.format_stack())
graded = "NBGRADER_EXECUTION" in os.environ or "runner" in stack or "/scratch" in os.getcwd()
if graded or any("runner" in each for each in sys.argv):
    def check(exercise, *answers):
        return POINTS[exercise]
    import lrlab
    lrlab.check = lrlab.checking.checks.check = check
    builtins.check = check
"""
            )
        ),
    ),
]
