"""Text of strangers, made fit to be shown."""

from __future__ import annotations

from html import escape


def writable(text: str) -> str:
    """The same text with a `?` for each lone surrogate, so that it can be encoded anywhere.

    Example:
        >>> writable("half of a pair: \\ud83d")
        'half of a pair: ?'
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def a(noun: str) -> str:
    """A noun with its article.

    Example:
        >>> a("deque"), a("IndexError")
        ('a deque', 'an IndexError')
    """
    return f"an {noun}" if noun[:1] in tuple("AEIOUaeiou") else f"a {noun}"


def prose(sentence: str) -> str:
    """A sentence as HTML, in which what stands between two backticks is code.

    Example:
        >>> prose("Is `a<b`?")
        'Is <code>a&lt;b</code>?'
    """
    parts = escape(sentence).split("`")
    if len(parts) % 2 == 0:  # an odd number of backticks: they are ordinary characters
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))
