"""How tests are dealt out to several workers: names are not stale, what shares a server stays."""

from parallel import APART, LESSON_PAGES, LONG, SINGLY, TOGETHER, unit

from grader import paths


def test_what_starts_first_is_there():
    named = (*LONG, *TOGETHER, *LESSON_PAGES, *APART, *SINGLY)
    assert [each for each in named if not (paths.ROOT / each).exists()] == []
    assert len({unit(f"{each}::test[a]") for each in LESSON_PAGES}) == 1
    assert [unit(f"{each}test_any.py::test[a::b]") for each in TOGETHER] == list(TOGETHER)
    assert [unit(f"{each}::test[a]") for each in APART] == list(APART)
    assert [unit(f"{each}::test[a]") for each in SINGLY] == [f"{each}::test[a]" for each in SINGLY]
    assert unit("solutions/steplr/steplr.ipynb::Cell 3") == "solutions/steplr/steplr.ipynb"
