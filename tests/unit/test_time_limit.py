"""Inside the sandbox a cell that catches everything ends as well, and the next cells are run."""

import itertools
import json
import subprocess
import sys
import textwrap

WAITS = {
    "passes": "while True: pass",
    "computes": "while True: x = sum(range(100))",
    "calls": "while True: f()",
    "sleeps": "time.sleep(60)",
    "recurses": "deep()",
}
CATCHES = {
    "nothing": "WAIT",
    "once": "try:\n    WAIT\nexcept BaseException:\n    WAIT",
    "for-ever": "while True:\n    try:\n        WAIT\n    except BaseException: pass",
    "any": "while True:\n    try:\n        WAIT\n    except: pass",
    "in-a-function": "def work():\n    WAIT\nwhile True:\n    try: work()\n    except: x = 1",
    "nested": "while True:\n    try:\n        while True:\n            try:\n                WAIT\n"
    "            except: pass\n    except: pass",
    "retries": "for n in range(10**9):\n    try:\n        WAIT\n    except: continue",
    "finally": "while True:\n    try:\n        WAIT\n    finally:\n        continue",
}
FIRST = """
import time
def f(): return 1
def deep():
    try: deep()
    except BaseException: deep()
"""
LAST = "print('after', sum(range(5)))"
DRIVER = """
import json, sys
from grader.inside import session, warm
session.ALARM_AGAIN_SECONDS = 0.05
limits = {"cell_seconds": 0.2, "printed_chars": 10_000_000, "skip": []}
session.Session(warm.Shell.instance(), 1, limits).execute(json.load(sys.stdin))
"""


STUBBORN = [
    lines.replace("WAIT", "{0}").format(wait)
    for lines, wait in itertools.product(CATCHES.values(), WAITS.values())
]


def told_by_session(job):
    """What a session says of each cell of a job."""
    text = json.dumps(job).encode()
    ran = subprocess.run([sys.executable, "-c", DRIVER], input=text, stdout=subprocess.PIPE)
    *messages, end = map(json.loads, ran.stdout.splitlines())
    assert end == {"done": True}
    return {message["cell"]: message for message in messages}


def test_each_stubborn_cell_is_left_and_the_next_one_run():
    job = [FIRST, *(source for each in STUBBORN for source in (each, LAST))]
    told = told_by_session([{"source": source} for source in job])
    assert "failed" not in told[0]
    for number in range(1, len(job), 2):
        assert told[number]["failed"]["type"] == "TimeLimit", job[number]
        assert told[number + 1] == {"cell": number + 1, "printed": "after 10\n"}, job[number]


def test_an_answer_that_catches_everything_is_observed_up_to_there():
    answer = textwrap.dedent("""
        def step_lr(lr0):
            while lr0 == 2:
                try:
                    while True: pass
                except BaseException: pass
            return lr0
    """)
    cases = json.dumps([{"lr0": 1}, {"lr0": 2}, {"lr0": 3}])
    graded = {"exercise": "step_lr", "names": ["step_lr"], "cases": cases}
    told = told_by_session([{"source": answer}, graded, {"source": LAST}])
    seen = json.loads(told[1]["observed"])
    assert seen == [{"value": 1}, {"timeout": True}, {"timeout": True}]
    assert told[2]["printed"] == "after 10\n"
