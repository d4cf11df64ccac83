"""Counts what nbval did, and shares where the parts of the course lie."""

from collections import Counter

import pytest

from lrlab import load_mnist

NBVAL_ITEM = "IPyNbCell"
counts: Counter[str] = Counter()
notebooks: set[str] = set()


@pytest.fixture(scope="session")
def mnist():
    """Real MNIST in memory; tests that need it are skipped, loudly, where it cannot be had."""
    images = load_mnist()
    if images.name != "MNIST":
        pytest.skip("MNIST is not in data/MNIST/raw and could not be downloaded")
    return images


def pytest_runtest_call(item):
    if type(item).__name__ != NBVAL_ITEM:
        return
    notebooks.add(item.path.name)
    counts["executed"] += 1
    if item.options["check"] and item.cell.outputs:
        counts["compared"] += 1


def pytest_terminal_summary(terminalreporter):
    if counts["executed"]:
        terminalreporter.write_line(
            f"nbval executed {counts['executed']} cells of {len(notebooks)} notebooks "
            f"and compared the outputs of {counts['compared']}."
        )
