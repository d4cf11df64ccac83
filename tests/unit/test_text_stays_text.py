"""What a learner wrote is text to nbgrader, too, which shows comments as Markdown with HTML."""

import json
import re

import hypothesis.strategies as some
import pytest
from hypothesis import example, given, settings
from nbconvert.filters import markdown2html
from seen import Seen

from grader.untrusted import UNSHOWABLE, UNSHOWN, json_text, markdown, page_text

MARKUP = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- -->", "&lt;", "&#36;"),
    *("[a](javascript:alert(1))", "![](http://a.example/t.png)", "[a]: http://a.example", "[^1]"),
    *("http://a.example/", "https://a.example", "www.a.example", "<http://a.example>", "a@b.c"),
    *("# a", "1. a", "2) a", "- a", "+ a", "* a", "> a", ": a", "=", "---", "|a|b|", "    a"),
    *("`", "``", "```", "```python", "~~~", "~~a~~", "*a*", "__a__", "\\", "\\\\", "\\`", "\\<"),
    *("$x$", "$$x$$", "\\(x\\)", "\\\\(x\\\\)", "\\[x\\]", "\\\\[x\\\\]", "\\begin{a}x\\end{a}"),
    *(
        "\n",
        "\n\n",
        "\r",
        "\t",
        " ",
        "\0",
        "\x1b[2J",
        "\u202e",
        "\ud800",
        "a",
        "x_y",
        "%",
        "'",
        '"',
    ),
)
TEXTS = some.lists(some.one_of(some.sampled_from(MARKUP), some.characters()), max_size=8)


def letters(text):
    """A text without what is not compared: room, and the backticks that mark code."""
    return re.sub(r"[\s`]", "", text)


def assert_shown_as_it_is(text):
    seen = Seen(markdown2html(markdown(text)))
    assert letters(seen.text) == letters(page_text(text))
    assert seen.tags <= {"p", "code", "span"} and seen.attributes == []
    assert not [piece for piece in seen.pieces if re.search(r"[$\\].", piece)]


@pytest.mark.parametrize("mark", MARKUP)
@pytest.mark.parametrize("place", ["{}", "a {} b", "a{}b{}", "`{}`", "a `{} b", "{}\n\n{}"])
def test_markup_is_shown_letter_by_letter(mark, place):
    assert_shown_as_it_is(place.replace("{}", mark))


@settings(deadline=None, max_examples=300)
@given(TEXTS.map("".join))
@example("`$`$`x`$$`")
def test_any_text_is_shown_letter_by_letter(text):
    assert_shown_as_it_is(text)


@pytest.mark.parametrize(
    "sentence", ["You drop early: use `//` here.", "lr is 0.1, not 1e-3 (see step 2)."]
)
def test_an_ordinary_sentence_stays_as_it_is(sentence):
    assert markdown(sentence) == sentence


def test_what_is_printable_can_be_shown():
    assert not [code for code in UNSHOWABLE if chr(code).isprintable()]


@given(some.lists(some.sampled_from("\u0300\u036f\u20dd\u1dc4\ufe20a "), max_size=200).map("".join))
@example("a" + "\u0301" * 5_000)
def test_no_letter_reaches_into_the_lines_of_others(text):
    high = max(map(len, re.findall(r"[^a \ufffd]+", page_text(text))), default=0)
    assert high <= 4
    if max(map(len, re.findall("[^a ]+", text)), default=0) <= 4:
        assert page_text(text) == text


@given(some.text())
@example("\x9b2J\u202e\x7f\u2066")
def test_json_says_the_same_and_no_terminal_obeys_it(text):
    written = json_text(json.dumps(text, ensure_ascii=False))
    assert json.loads(written) == text
    assert not UNSHOWN.search(written)
