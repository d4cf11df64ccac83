"""Unearned points by what an answer returns: lying objects, and data that looks like protocol."""

from __future__ import annotations

from .base import ANY, GRADED, Attack, answer, every_answer, extra_cell, files

LIAR = """
class Liar(BASE):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    __le__ = __gt__ = __ge__ = __lt__
    def __hash__(self): return 0
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = lambda self, *a: 0
    def __float__(self): return 0.1
    def __int__(self): return 1
    __index__ = __int__
    def __bool__(self): return True
    def __len__(self): return 10**6
    def __iter__(self): return iter([Liar()] * 5)
    def __getitem__(self, key): return Liar()
    def __contains__(self, key): return True
    def __repr__(self): return "0.1"
    __str__ = __repr__
"""


def _returns(
    name: str, tries: str, expression: str, before: str = "", allowed: frozenset[str] = GRADED
) -> Attack:
    changes = [every_answer(f"NAME = lambda **k: {expression}")]
    return Attack(
        name, tries, files(*([extra_cell(before)] if before else []), *changes), allowed=allowed
    )


def _lies(kind: str) -> Attack:
    return _returns(
        f"liar-{kind}",
        f"returns a subclass of {kind} that equals everything and shows other values than it has",
        "Liar()",
        LIAR.replace("BASE", kind),
        ANY,  # some take for ever to be read
    )


ATTACKS = [
    *map(_lies, ("object", "float", "int", "str", "dict", "list", "tuple")),
    _returns(
        "liar-class",
        "returns an object whose __class__ says float and whose attributes all exist",
        "Anything()",
        "class Anything:\n    __class__ = property(lambda self: float)\n"
        "    def __getattr__(self, name): return Anything()\n"
        "    def __call__(self, *a, **k): return Anything()",
    ),
    _returns(
        "liar-tensor",
        "returns a tensor subclass that answers every torch function with itself",
        "torch.zeros(1).as_subclass(Yes)",
        "class Yes(torch.Tensor):\n    @classmethod\n"
        "    def __torch_function__(cls, func, types, args=(), kwargs=None):\n"
        "        return args[0] if args else True",
    ),
    _returns(
        "liar-array",
        "returns numpy arrays of objects and structured arrays",
        "np.array([None, {}, 0.1], dtype=object) if len(k) % 2 else np.zeros(3, 'i4,f8')",
        "import numpy as np",
    ),
    _returns(
        "looks-like-consequence",
        "returns a dict with the key `consequence`, as the grader writes it",
        '{"consequence": {"drops": k.get("drops"), "last lr": k.get("lr_end")}}',
    ),
    _returns(
        "looks-like-error",
        "returns a dict that looks like an observed error",
        '{"error": {"type": 7, "message": [], "line": {}, "source": None}}',
    ),
    _returns(
        "looks-like-unanswered",
        "returns dicts that look like `unanswered` and `timeout`",
        '{"unanswered": True, "timeout": True, "value": 0.1, "changed": 5}',
    ),
    _returns(
        "looks-like-codec",
        "returns dicts with the codec's own tags",
        '{"$float": "nan", "$other": "float", "$dict": [[1]], "$float32": "x"}',
    ),
    _returns(
        "one-codec-tag",
        "returns a dict with one key, the codec's tag of an unknown kind",
        '{"$unknown": {"$other": {"$float": []}}}',
    ),
    _returns(
        "nan-value",
        "returns NaN, which differs from nothing in a careless comparison",
        'float("nan")',
    ),
    _returns(
        "infinite-values",
        "returns infinities, negative zero and complex numbers",
        '[float("inf"), -0.0, 1j, float("-inf")]',
    ),
    _returns(
        "keys-of-all-kinds",
        "returns a dict with keys that no JSON has",
        '{None: 1, (1, 2): 2, 0.5: 3, True: 4, b"x": 5, frozenset(): 6}',
    ),
    _returns(
        "self-containing",
        "returns a list that contains itself",
        "loop",
        "loop = []\nloop.append(loop)",
    ),
    _returns(
        "surrogate-text", "returns text with lone surrogates and NUL bytes", '"\\ud800\\x00\\udfff"'
    ),
    Attack(
        "surrogate-error",
        "raises an error whose type and message hold lone surrogates, NUL and terminal codes",
        files(
            every_answer(
                "def NAME(**k):\n"
                '    harm = "\\ud800\\x00\\x1b[2J\\x9b31m\\u202e"\n'
                '    raise type("E\\ud800", (Exception,), {})(harm)'
            )
        ),
    ),
    Attack(
        "script-in-feedback",
        "puts HTML with a script into error messages, output and displayed objects",
        files(
            extra_cell(
                "from IPython.display import HTML, display\n"
                "evil = '<scr' + 'ipt>lrAttackRan()</scr' + 'ipt>'\n"
                "display(HTML(evil)); print(evil)"
            ),
            every_answer("def NAME(**k):\n    raise type(evil, (Exception,), {})(evil)"),
        ),
    ),
    Attack(
        "lying-exceptions",
        "raises an error whose text, type name and traceback do harm when they are looked at",
        files(
            every_answer("""
class Meta(type):
    @property
    def __name__(cls): raise SystemExit("name")
class Harm(Exception, metaclass=Meta):
    def __str__(self): import os; os._exit(3)
    __repr__ = __str__
def NAME(**k):
    raise Harm""")
        ),
        allowed=ANY,
    ),
    Attack(
        "odd-callables",
        "answers with a class, a partial, a builtin, a coroutine, a generator and a number",
        files(
            answer("step_lr", "class step_lr:\n    def __init__(self, **k): pass"),
            answer(
                "step_lr_trace",
                "import functools\nstep_lr_trace = functools.partial(print, sep='')",
            ),
            answer("drop_epochs", "drop_epochs = range"),
            answer("make_scheduler", "make_scheduler = StepLR.__init__"),
            answer("fit", "async def fit(**k):\n    return []"),
            answer("chained_trace", "def chained_trace(**k):\n    yield 1"),
            answer("group_traces", "group_traces = 42"),
            answer("resume", "save = resume = dict"),
            answer("design_schedule", "design_schedule = type"),
        ),
    ),
    Attack(
        "fake-scheduler",
        "returns an object that only claims to be a StepLR, and patches torch around it",
        files(
            extra_cell("""
class Fake:
    __class__ = property(lambda self: StepLR)
    def __init__(self, **k): self.__dict__.update(k)
    def step(self, *a): pass
torch.optim.SGD.step = lambda self, *a: None
StepLR.step = lambda self, *a: None
StepLR.load_state_dict = lambda self, state: None
torch.save = lambda value, file: file.write(b"x")
torch.load = lambda *a, **k: {}
"""),
            answer("make_scheduler", "make_scheduler = lambda **k: Fake(**k)"),
            answer("fit", "fit = lambda **k: []"),
            answer("resume", "save = lambda **k: {}\nresume = lambda **k: None"),
        ),
    ),
    Attack(
        "evil-pickle",
        "hides code in the checkpoint that `resume` has to pass through torch.save and torch.load",
        files(
            answer(
                "resume",
                """
class Evil:
    def __reduce__(self): return (exec, ("import os; os._exit(9)",))
save = lambda **k: {"evil": Evil()}
resume = lambda **k: None""",
            )
        ),
        allowed=frozenset({"crashed"}),
    ),
    Attack(
        "stub-lookalikes",
        "hides work in functions that look like an untouched stub",
        files(
            every_answer(
                "def NAME(**k):\n    raise NotImplementedError\n"
                "NAME.__code__ = (lambda **k: next(iter(k.values()))).__code__"
            )
        ),
    ),
]
