"""How tests are dealt out to several workers: names are not stale, what shares a server stays."""

from parallel import APART, LONG, SINGLY, TOGETHER, unit

from grader import paths


def test_what_starts_first_is_there():
    assert [
        each for each in (*LONG, *TOGETHER, *APART, *SINGLY) if not (paths.ROOT / each).exists()
    ] == []
    assert [unit(f"{each}test_any.py::test[a::b]") for each in TOGETHER] == list(TOGETHER)
    assert [unit(f"{each}::test[a]") for each in APART] == list(APART)
    assert [unit(f"{each}::test[a]") for each in SINGLY] == [f"{each}::test[a]" for each in SINGLY]
    assert unit("solutions/steplr/steplr.ipynb::Cell 3") == "solutions/steplr/steplr.ipynb"
