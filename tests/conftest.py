"""Deals tests out to workers, counts what nbval did, and finds what tests of all folders need."""

import shutil
import sys

import pytest

from lrlab import load_mnist


@pytest.fixture(scope="session")
def mnist():
    """Real MNIST in memory; tests that need it are skipped, loudly, where it cannot be had."""
    images = load_mnist()
    if images.name != "MNIST":
        pytest.skip("MNIST is not in data/MNIST/raw and could not be downloaded")
    return images


@pytest.fixture(scope="session")
def bubblewrap():
    """Tests that grade behind the wall are skipped, loudly, where it is not installed."""
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed: nothing can be graded")


class NbvalCounts:
    """A plugin of its own, because hooks of this file see no test outside of tests/."""

    def __init__(self) -> None:
        self.executed, self.compared = 0, 0
        self.notebooks: set[str] = set()

    def pytest_runtest_call(self, item):
        if type(item).__name__ == "IPyNbCell":
            self.executed += 1
            self.compared += bool(item.options["check"] and item.cell.outputs)
            self.notebooks.add(item.path.name)

    def pytest_sessionfinish(self, session):
        """A worker of pytest-xdist tells the process that started it."""
        if hasattr(session.config, "workeroutput"):
            told = (self.executed, self.compared, sorted(self.notebooks))
            session.config.workeroutput["nbval"] = told

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node):
        """Add up what the workers told; one that has crashed told nothing."""
        output = getattr(node, "workeroutput", {})
        executed, compared, notebooks = output.get("nbval", (0, 0, ()))
        self.executed += executed
        self.compared += compared
        self.notebooks.update(notebooks)

    def pytest_terminal_summary(self, terminalreporter):
        if self.executed:
            terminalreporter.write_line(
                f"nbval executed {self.executed} cells of {len(self.notebooks)} notebooks "
                f"and compared the outputs of {self.compared}."
            )


MODULES = pytest.StashKey[frozenset[str]]()


def pytest_collection_finish(session):
    session.config.stash[MODULES] = frozenset(sys.modules)


@pytest.fixture
def imported_to_read_the_tests(pytestconfig):
    """The modules that were there when all tests had been read, and none had run."""
    return pytestconfig.stash[MODULES]


def pytest_configure(config):
    config.pluginmanager.register(NbvalCounts())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    from parallel import workers  # here, so that learners' tests run without pytest-xdist, too

    return workers(config.option.numprocesses)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from parallel import LongestFirst

    return LongestFirst(config, log)
