"""How tests are dealt out to several workers: names are not stale, what shares a server stays."""

from parallel import APART, BROWSER, LESSON_PAGES, LONG, ON_LESSON_PAGES, SINGLY, unit

from grader import paths


def test_what_starts_first_is_there():
    files = (*ON_LESSON_PAGES, *APART, *SINGLY)
    units = {*map(unit, files), BROWSER}
    assert [each for each in files if not (paths.ROOT / each).exists()] == []
    assert [each for each in LONG if each not in units and not (paths.ROOT / each).exists()] == []
    assert unit(f"{BROWSER}test_any.py::test[a::b]") == BROWSER
    assert [unit(f"{each}::test[a]") for each in APART] == list(APART)
    assert [unit(f"{each}::test[a]") for each in SINGLY] == [f"{each}::test[a]" for each in SINGLY]
    assert unit("solutions/steplr/steplr.ipynb::Cell 3") == "solutions/steplr/steplr.ipynb"


def test_those_on_the_pages_of_lessons_stay_together_and_no_other_opens_these():
    """A file that is not named there would run every lesson once more."""
    of = {
        path.relative_to(paths.ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in (paths.ROOT / BROWSER).glob("test_*.py")
    }
    assert {file for file, source in of.items() if "lesson_page" in source} == {*ON_LESSON_PAGES}
    assert {unit(f"{file}::test[a]") for file in ON_LESSON_PAGES} == {LESSON_PAGES}
