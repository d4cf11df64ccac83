"""Making the trusted side work: what a reader, a parser or a comparison takes for ever to get over.

All of these are small beside what may be handed in or sent.
"""

from __future__ import annotations

from .base import (
    ANY,
    GRADED,
    NOT_STARTED,
    STOPPED,
    UNREADABLE,
    Attack,
    Change,
    Notebook,
    extra_cell,
    files,
    solved,
)
from .tools import FORGE, PIPE

ARGUMENTS = "check('step_lr', " + "step_lr, " * 5_000 + ")"
FEW_ARGUMENTS = "(\n" + "check('step_lr', 1 + 1)," * 190 + "\n)"
DEAF_PIPE = f"""{PIPE}
import signal, time
signal.setitimer(signal.ITIMER_REAL, 0)
fd = next(pipes())
"""
DRIP = """
for _ in range(200): os.write(fd, b"x" * 60_000)
while True:
    os.write(fd, b"x")
    time.sleep(1e-5)
"""
LAMBDAS = "\n".join(f"f{n} = lambda step_{n}: step_{n}" for n in range(1_200))


def _sends_observation(name: str, tries: str, text: str) -> Attack:
    """Each exercise is observed as `text`, an expression, as long as it is sent at all."""
    source = f"""
for number, cell in enumerate(job()):
    if "exercise" in cell:
        send({{"cell": number, "observed": {text}}})
os._exit(0)
"""
    return Attack(name, tries, files(extra_cell(FORGE + source)), allowed=ANY)


def _sends(name: str, tries: str, line: str) -> Attack:
    source = f"{PIPE}send_raw({line} + b'\\n')"
    return Attack(name, tries, files(extra_cell(source)), allowed=ANY)


def _hands_in(name: str, tries: str, *changes: Change) -> Attack:
    return Attack(name, tries, files(*changes), allowed=GRADED | NOT_STARTED | UNREADABLE)


def _a_million_names(notebook: Notebook) -> None:
    notebook["metadata"].update({f"{n:x}": 0 for n in range(1_000_000)})


def _answers_as_texts(notebook: Notebook) -> None:
    """The answer cell of an exercise as 800 texts."""
    cells = notebook["cells"]
    found = next(c for c in cells if c["metadata"].get("nbgrader", {}).get("solution"))
    text = {**found, "cell_type": "markdown"}
    cells += [{**text, "id": f"text-{n}", "source": f"def step_lr(): {n}"} for n in range(800)]


ATTACKS = [
    _sends_observation(
        "quotes-that-open",
        "sends observations of a million quotes, of which the first one is never closed",
        """'[{"value": "' + '\\\\"' * 500_000""",
    ),
    _sends_observation(
        "escapes-that-count",
        "sends observations of a text of a million escapes",
        """'[{"value": "' + '\\\\n' * 500_000 + '"}]'""",
    ),
    _sends_observation(
        "brackets-in-quotes",
        "sends observations of texts of brackets, closed and open",
        """'[{"value": "' + '[{\\\\"' * 300_000 + '"}]'""",
    ),
    _sends(
        "message-of-keys",
        "sends one message that is an object of a million entries",
        """b'{"cell": 1, "x": {' + b",".join(b'"%x":0' % n for n in range(1_000_000)) + b"}}" """,
    ),
    _sends(
        "message-of-quotes",
        "sends one message of a million quotes, of which the first one is never closed",
        """b'{"cell": 1, "printed": "' + b'\\\\"' * 1_000_000""",
    ),
    Attack(
        "drips",
        "sends one byte after the other as fast as it can, and lets no alarm stop it",
        files(extra_cell(f"{DEAF_PIPE}while True: os.write(fd, b' ')")),
        allowed=STOPPED,
    ),
    Attack(
        "drips-behind-much",
        "sends twelve megabytes of a line, and then its other bytes one at a time",
        files(extra_cell(f"{DEAF_PIPE}{DRIP}")),
        allowed=STOPPED,
    ),
    Attack(
        "metadata-of-keys",
        "is solved, with a million names in its metadata",
        files(solved(), _a_million_names),
        allowed=UNREADABLE,
    ),
    _hands_in(
        "arguments-of-check",
        "calls `check` with thousands of arguments in each of five cells",
        *[extra_cell(f"{ARGUMENTS}  # {n}") for n in range(5)],
    ),
    _hands_in(
        "calls-of-check",
        "calls `check` on expressions, in as few lines as that can be done",
        *[extra_cell(f"{FEW_ARGUMENTS}  # {n}") for n in range(5)],
    ),
    _hands_in(
        "cells-that-are-read-again",
        "has more short cells than are remembered, and no two of them are alike",
        *[extra_cell("\n".join(f"x{n}_{k} = y[{k}]" for k in range(8))) for n in range(1_700)],
        extra_cell("y = range(8)"),  # stands before them: errors would take most of the time
    ),
    _hands_in(
        "answers-as-texts",
        "has its answers in 800 texts, each of which may stand for one of 900 cells of code",
        *[extra_cell(f"x{n} = {n}\ny{n} = [{n}]\nz{n} = ({n},)\nprint(x{n})") for n in range(900)],
        _answers_as_texts,
    ),
    _hands_in(
        "names-that-are-alike",
        "defines thousands of functions, any of which may be an answer that was renamed",
        *[extra_cell("\n".join(f"def stepLr{n}_{k}(): 0" for k in range(1_500))) for n in range(6)],
    ),
    _hands_in(
        "definitions-in-lines",
        "defines thousands of functions where nothing is to be found",
        *[extra_cell(f"{LAMBDAS}\n# {n}") for n in range(5)],
    ),
]
