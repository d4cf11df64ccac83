"""The process that hands out the work and writes the pages never needs torch, a second of start."""

import subprocess
import sys

COORDINATOR = """
import sys
from grader.batch import run
from grader.similar.answers import lessons, reference, stub

assert all(stub(each) and reference(each) is not None for each in lessons())
print(*{"torch", "pandas", "scipy", "matplotlib", "sklearn"} & {*sys.modules})
"""


def test_the_coordinator_imports_nothing_large():
    done = subprocess.run(
        [sys.executable, "-c", COORDINATOR], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
