"""Unearned points, or a broken grader, by writing on the runner's own pipe."""

from __future__ import annotations

from .base import ANY, STOPPED, TIMEOUT, Attack, extra_cell, files
from .tools import FORGE, PIPE


def sends(
    name: str, tries: str, source: str, allowed: frozenset[str] = ANY, tool: str = PIPE
) -> Attack:
    return Attack(name, tries, files(extra_cell(tool + source)), allowed=allowed)


def forges(name: str, what: str, observation: str) -> Attack:
    """Sends an observation, a JSON text, for every case of every exercise."""
    source = (
        f"text = {observation}\n"
        'for number, cell in enumerate(job()):\n    if "exercise" in cell:\n'
        '        count = len(codec.loads(cell["cases"]))\n'
        '        seen = "[" + ",".join([text] * count) + "]"\n'
        '        send({"cell": number, "observed": seen})'
    )
    return sends(f"forged-{name}", f"sends the grader observations {what}", source, tool=FORGE)


ATTACKS = [
    sends(
        "forged-done",
        "says on the pipe that it is done, and leaves",
        'send({"done": True, "score": 20, "credit": 1}); os._exit(0)',
    ),
    sends(
        "forged-values",
        "sends observations of its own for every graded cell before the observer does",
        "forge_all(lambda exercise, case: {'value': next(iter(case.values()))})\n"
        "send({'done': True})",
        tool=FORGE,
    ),
    sends(
        "forged-consequence",
        "sends the consequence that the case asks for instead of an answer that has it",
        """
def forge(exercise, case):
    if exercise == "design_schedule":
        return {"consequence": {"drops": case["drops"], "last lr": case["lr_end"]}}
    return {"unanswered": True}
forge_all(forge)""",
        tool=FORGE,
    ),
    sends(
        "forged-verdicts",
        "sends verdicts, scores and credits in every place of the protocol",
        """
for number in range(60):
    send({"cell": number, "observed": '{"verdict": "right", "credit": 1.0}', "credit": 1.0,
          "score": 20, "verdict": "right", "status": "graded", "done": True})""",
    ),
    forges("changed", "with a `changed` that is no list", repr('{"value": 0, "changed": 5}')),
    forges("unusable", "that claim to be unusable without a reason", repr('{"unusable": 1}')),
    forges("half-consequence", "with a consequence of a wrong kind", repr('{"consequence": 5}')),
    forges("empty", "that are empty", repr("{}")),
    forges("no-type", "with an error that has neither type nor message", repr('{"error": {}}')),
    forges(
        "no-line",
        "with an error without its line",
        repr('{"error": {"type": "E", "message": "m", "source": "x"}}'),
    ),
    forges(
        "deep-line",
        "with an error in a line that is nested 900 deep",
        '\'{"error": {"type": "E", "message": "m", "source": "x", "line": \' '
        "+ '[' * 900 + ']' * 900 + '}}'",
    ),
    forges(
        "deep-value",
        "nested as deeply as JSON can be read",
        "'{\"value\": ' + '[' * 960 + ']' * 960 + '}'",
    ),
    forges(
        "numbers",
        "with numbers of 4,300 digits",
        '\'{"value": [\' + "9" * 4300 + \', {"$float": "1e999"}], "lrs": -\' + "9" * 4300 + "}"',
    ),
    forges(
        "keys",
        "with keys of every kind",
        repr('{"$dict": [[{"$other": "x"}, 1], [5, 2], [{"$float": "nan"}, 3], [null, 4]]}'),
    ),
    forges(
        "surrogates",
        "with lone surrogates and NUL bytes as keys and texts",
        repr(
            '{"value\\ud800\\u0000": "\\udfff\\u0000", "error": {"type": "\\ud800", '
            '"message": "\\ud800\\u0000", "source": "\\ud800", "line": "\\ud800"}}'
        ),
    ),
    forges(
        "long-type",
        "that name a type of 300,000 characters",
        '\'{"value": {"$other": "\' + "x" * 300_000 + \'"}}\'',
    ),
    forges(
        "long-message",
        "with an error message of 300,000 characters",
        '\'{"error": {"type": "E", "message": "\' + "x" * 300_000 + \'"}}\'',
    ),
    forges(
        "design",
        "whose values are a schedule that takes for ever to follow",
        '\'{"value": [1, \' + "9" * 4300 + ", 5]}"',
    ),
    sends(
        "forged-collisions",
        "sends a dict with 80,000 keys of one hash value, which takes Python minutes to build",
        """
text = ",".join('[%d,0]' % (key * (2**61 - 1)) for key in range(1, 80_000))
for number, cell in enumerate(job()):
    if cell.get("exercise") == "step_lr":
        send({"cell": number, "observed": '[{"value": {"$dict": [' + text + ']}}]'})""",
        tool=FORGE,
    ),
    sends(
        "forged-cells",
        "names cells that are huge, negative, fractional, true or text",
        """
for cell in (10**9, -1, 1.5, True, "1", None, [1], {}):
    send({"cell": cell}); send({"cell": cell, "observed": "[]", "shown": "x"})
send_raw(b'{"cell": ' + b"9" * 5000 + b"}\\n" + b"[" * 100_000)
send_raw(b"\\n\\xff\\xfe\\x00\\n[]\\n7\\n")""",
    ),
    sends(
        "forged-failures",
        "sends failures and printed text with lone surrogates, NUL bytes and a million characters",
        """
evil = "\\ud800\\x00\\x1b]0;owned\\x07"
for number in range(60):
    send({"cell": number, "printed": evil, "failed": {"type": evil, "message": evil}})
    send({"cell": number + 1, "failed": {"type": [1], "message": "x" * 200_000}})
os._exit(0)""",
    ),
    sends(
        "forged-broken",
        "says that the runner itself is broken, with terminal codes",
        'send({"broken": "\\x1b[2J\\x1b]0;owned\\x07", "error": "x", "exit": 0})',
    ),
    sends(
        "pipe-flood",
        "writes a hundred megabytes of lines on the pipe",
        "for _ in range(1_600): send_raw(b'{\"cell\": 0}\\n' * 5_000)",
    ),
    sends(
        "pipe-one-line",
        "writes a hundred megabytes without an end of line on the pipe",
        "for _ in range(1_600): send_raw(b'x' * 65_536)",
    ),
    sends("pipe-closed", "closes the pipe and goes on", "for fd in list(pipes()): os.close(fd)"),
    sends(
        "pipe-held",
        "leaves the pipe open in a child process and ends",
        "import time\nif os.fork() == 0:\n    time.sleep(600)\nos._exit(0)",
    ),
    sends(
        "pipe-begins",
        "says each second that it begins another cell, so that no cell ever takes long",
        "import time, itertools\nfor number in itertools.count():\n"
        '    send({"cell": number}); time.sleep(1)',
        allowed=TIMEOUT,
    ),
    sends(
        "pipe-drip",
        "writes one byte at a time on the pipe, for ever",
        "import time\nwhile True:\n    send_raw(b' '); time.sleep(0.2)",
        allowed=TIMEOUT,
    ),
    sends(
        "fds-closed",
        "closes every file descriptor",
        "os.closerange(0, 4096)",
        allowed=ANY,
    ),
    sends(
        "socket-speaks",
        "writes protocol messages on every descriptor that takes them",
        """
import socket
for fd in range(256):
    for message in (b"kill", b"ready", b'{"exit": 0}', b'{"done": true}\\n'):
        try:
            if stat.S_ISSOCK(os.fstat(fd).st_mode):
                socket.socket(fileno=os.dup(fd)).send(message, socket.MSG_DONTWAIT)
        except OSError:
            pass""",
        allowed=ANY | STOPPED,
    ),
]
