"""How tests are dealt out to several workers: names are not stale, what shares a server stays."""

import re

import pytest
from parallel import APART, BROWSER, LESSON_PAGES, LONG, SINGLY, TOGETHER, WARM_CLUSTER, unit

from grader import paths


def test_what_starts_first_is_there():
    files = (*APART, *SINGLY)
    units = {*map(unit, files), *TOGETHER, BROWSER}
    assert [each for each in files if not (paths.ROOT / each).exists()] == []
    assert [each for each in LONG if each not in units and not (paths.ROOT / each).exists()] == []
    assert unit(f"{BROWSER}test_any.py::test[a::b]") == BROWSER
    assert [unit(f"{each}::test[a]") for each in APART] == list(APART)
    assert [unit(f"{each}::test[a]") for each in SINGLY] == [f"{each}::test[a]" for each in SINGLY]
    assert unit("solutions/steplr/steplr.ipynb::Cell 3") == "solutions/steplr/steplr.ipynb"


@pytest.mark.parametrize(
    ("name", "folder", "asks"),
    [
        (LESSON_PAGES, "tests/browser", r"\blesson_page\b"),
        (WARM_CLUSTER, "tests/grading", '"--scheduler", scheduler'),
    ],
)
def test_what_shares_a_server_stays_together_and_nothing_else_starts_it(name, folder, asks):
    """A file that is not named there would open every lesson, or warm a worker, once more."""
    found = {
        path.relative_to(paths.ROOT).as_posix()
        for path in (paths.ROOT / folder).rglob("test_*.py")
        if re.search(asks, path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == {*TOGETHER[name]}
    assert {unit(f"{file}::test[a]") for file in found} == {name}


def test_no_optimizer_is_made_to_read_the_tests(imported_to_read_the_tests):
    """Every worker reads all tests, and torch's first optimizer takes seconds."""
    assert "torch._dynamo" not in imported_to_read_the_tests
