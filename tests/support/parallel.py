"""How pytest-xdist deals the tests out to its workers: whole files, those that take long first.

The tests of a file share what is slow to start: a cluster, a kernel, a graded class. The tests in
the browser share one JupyterLab and its pages, so all of them stay together.
"""

from __future__ import annotations

import itertools
import os

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

MOST_WORKERS = 8  # more would find nothing to do
TOGETHER = ("tests/browser/",)
APART = ("tests/browser/test_nbgrader_screens.py",)  # it has a JupyterLab of its own
# Each of these is begun while there is enough left for the other workers to do.
LONG = (
    "tests/browser/",
    "tests/attacks/test_attacks.py",
    "tests/grading/system/test_grade_command.py",
    "tests/notebooks/test_nbgrader.py",
    "tests/browser/test_nbgrader_screens.py",
    "tests/grading/system/test_recipes.py",
    "tests/grading/system/test_chaos.py",
    "tests/grading/system/test_cluster.py",
)


def workers() -> int:
    """What `pytest -n auto` means here: two for each core, because much of it waits."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # no Linux
        cores = os.cpu_count() or 1
    return min(2 * cores, MOST_WORKERS)


def unit(nodeid: str) -> str:
    """What one worker runs as a whole: a file, or a folder of TOGETHER."""
    file = nodeid.partition("::")[0]
    if file in APART:
        return file
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


class LongestFirst(LoadScopeScheduling):
    """Give out the units of LONG in their order, then the others, those with most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = itertools.chain(LONG, self.workqueue)
        self.workqueue.move_to_end(next(filter(self.workqueue.__contains__, waiting)), last=False)
        super()._assign_work_unit(node)
