"""How pytest-xdist deals the tests out to its workers: whole files, those that take long first.

The tests of a file share what is slow to start: a cluster, a kernel, a graded class. The tests in
the browser share a JupyterLab and its pages, so they stay together, in two halves: those on the
pages of whole lessons, and the others. A file whose tests are long and share little is dealt out
test by test.
"""

from __future__ import annotations

import os

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

MOST_WORKERS = 8  # more would find nothing to do
BROWSER = "tests/browser/"
LESSON_PAGES = "tests/browser/ on the pages of lessons"
WARM_CLUSTER = "tests/grading/system/ on a warm cluster"
TOGETHER = {
    LESSON_PAGES: (  # what asks for the fixture `lesson_page`
        "tests/browser/test_accessibility.py",
        "tests/browser/test_lessons.py",
        "tests/browser/test_other_explorers.py",
        "tests/browser/test_start_page.py",
    ),
    WARM_CLUSTER: (  # what asks for the fixture `scheduler`
        "tests/grading/system/test_by_hand.py",
        "tests/grading/system/test_exchange.py",
        "tests/grading/system/test_grade_command.py",
    ),
}
APART = ("tests/browser/test_nbgrader_screens.py",)  # it has a JupyterLab of its own
SINGLY = (
    "tests/grading/system/test_chaos.py",
    "tests/notebooks/test_nbgrader.py",
    "tests/notebooks/test_untouched.py",
)
# Each of these is begun while there is enough left for the other workers to do.
LONG = (
    BROWSER,
    LESSON_PAGES,
    "tests/attacks/test_attacks.py",
    WARM_CLUSTER,
    "tests/notebooks/test_nbgrader.py",
    "tests/browser/test_nbgrader_screens.py",
    "tests/grading/system/test_recipes.py",
    "tests/grading/system/test_home_and_graded.py",
    "tests/grading/system/test_chaos.py",
    "tests/grading/system/test_cluster.py",
    "tests/notebooks/test_untouched.py",
    "tests/grading/system/test_formgrader.py",
    "tests/grading/sandbox/test_grade_submission.py",
    "tests/grading/system/test_nbgrader_reads.py",
    "tests/grading/sandbox/test_gradebook.py",
    "tests/grading/system/test_walk.py",
    "tests/learner/test_without_posix.py",
    "tests/grading/system/test_memory.py",
    "tests/notebooks/test_check_command.py",
    "tests/grading/sandbox/test_eager.py",
    "tests/learner/test_download.py",
    "tests/grading/system/test_shared_machine.py",
    "tests/notebooks/test_release.py",
    "tests/unit/test_time_limit.py",
    "tests/grading/collect/test_collect.py",
    "tests/unit/test_right_answers.py",
    "tests/unit/test_detective_truth.py",
    "tests/unit/test_every_system.py",
    "tests/learner/test_notebook_check.py",
    "tests/unit/test_shapes_truth.py",
)


def workers(asked: str) -> int:
    """What pytest's `-n auto` and `-n logical` mean here.

    "logical" is one more than there are cores, for tests of which few wait: each worker has to read
    them all. "auto" is two for each core, because much of `make test` waits.
    """
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # no Linux
        cores = os.cpu_count() or 1
    return min(cores + 1 if asked == "logical" else 2 * cores, MOST_WORKERS)


def unit(nodeid: str) -> str:
    """What one worker runs as a whole: a file, files that share a server, or a test of SINGLY."""
    file = nodeid.partition("::")[0]
    if file in SINGLY:
        return nodeid
    shared = BROWSER if file.startswith(BROWSER) and file not in APART else file
    return next((name for name, files in TOGETHER.items() if file in files), shared)


class LongestFirst(LoadScopeScheduling):
    """Give out the units of LONG in their order, then the others, those with most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=_place), last=False)
        super()._assign_work_unit(node)


def _place(unit: str) -> int:
    """Where a unit stands among those that take long; behind them all if it is none."""
    named = unit.partition("::")[0]
    return LONG.index(named) if named in LONG else len(LONG)
