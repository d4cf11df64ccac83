"""Counts what nbval did, and loads MNIST for the tests that need it."""

import pytest

from lrlab import load_mnist


@pytest.fixture(scope="session")
def mnist():
    """Real MNIST in memory; tests that need it are skipped, loudly, where it cannot be had."""
    images = load_mnist()
    if images.name != "MNIST":
        pytest.skip("MNIST is not in data/MNIST/raw and could not be downloaded")
    return images


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

    def pytest_terminal_summary(self, terminalreporter):
        if self.executed:
            terminalreporter.write_line(
                f"nbval executed {self.executed} cells of {len(self.notebooks)} notebooks "
                f"and compared the outputs of {self.compared}."
            )


def pytest_configure(config):
    config.pluginmanager.register(NbvalCounts())
