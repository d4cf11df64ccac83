"""Strangers' code is read, never run: whatever it is, nothing breaks, and something is known."""

import pytest

from grader.submission.code import MAX_CHARS, read_code

# Built to break a parser: what nests, what chains, and what is never closed.
UNITS = ["(", "[", "{", "-", "not ", "lambda:", "a.", "a[0]", "a()", "1+", "a**", "x=", "x if "]
UNITS += [
    "f'{",
    "await ",
    "@a\n",
    "else ",
    "\\\n",
    "*",
    "a<",
    "with a,",
    "(a for a in ",
    "{**",
    "'",
]


@pytest.mark.parametrize("end", ["", "1", ")", "\n    pass"])
@pytest.mark.parametrize("unit", UNITS)
def test_code_that_breaks_parsers_is_one_piece_at_most(unit, end):
    for times in (80, MAX_CHARS // len(unit) - len(end)):
        assert len(read_code(unit * times + end).pieces) == 1


@pytest.mark.parametrize(
    ("source", "binds"),
    [
        ("def f(): pass", {"f"}),
        ("f = lambda: 0", {"f"}),
        ("from m import f, g as h", {"f", "h"}),
        ("class f: x = 1", {"f"}),
        ("if x:\n    def f(): pass\nfor g in []: pass", {"f", "g"}),
        ("def h():\n    global f\n    f = 1", {"f", "h"}),
        ("%time\n!ls\nf = 1\nprint?", {"f"}),
        ("%%time\nf = 1", {"f"}),
        ("%%bash\nf=1", set()),
        ("def f(:\n  pass", {"f"}),
    ],
)
def test_what_a_cell_defines_is_known(source, binds):
    assert read_code(source).binds == binds


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("f = 1\ncheck('a', f)", [("f = 1", 1)]),
        ("f = 1\ncheck(\n  'a',\n  f,\n)\ng = 2", [("f = 1", 1), ("g = 2", 0)]),
        ("f = 1\nr = check('a', f)\ng = r", [("f = 1\nr = check('a', f)", 1), ("g = r", 0)]),
        ("check('a', f); check('b', g)\nh", [("check('a', f); check('b', g)", 2), ("h", 0)]),
        ("if f:\n    check('a', f)", [("if f:\n    check('a', f)", 1)]),
        ('text = """\ncheck("a", f)\n"""', [('text = """\ncheck("a", f)\n"""', 0)]),
        ("# check('a', f)", [("# check('a', f)", 0)]),
    ],
)
def test_a_cell_is_cut_where_check_is_called(source, pieces):
    assert [(each.source, len(each.checks)) for each in read_code(source).pieces] == pieces
