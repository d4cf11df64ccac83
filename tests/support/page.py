"""Our pages as a browser finds them, what must never be in one, and lines to make them from."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser

from grader.exercises import EXERCISES
from grader.pages import render as pages

SCRIPT = "</code></pre><script>alert(1)</script><img src=x onerror=alert(2)>"
ATTRIBUTE = "\" onmouseover=\"alert(3)' onfocus='alert(4)"
HOSTILE = SCRIPT + ATTRIBUTE + "</title></style><style>*{background:url(//evil.example)}</style>"
BROKEN = "a\x00b\x1b[31mc\ud800d\u202ee\r\x85\uffff"
NAMED = next(iter(EXERCISES["step_lr"].misconceptions))


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Every element with its whole text, as a browser would find them."""

    html: str
    elements: list[Element] = field(default_factory=list)
    VOID = frozenset({"meta", "wbr", "br", "img", "input", "link"})

    def __post_init__(self):
        super().__init__()
        self.open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert not self.open, f"never closed: {[each.tag for each in self.open]}"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag
        if tag in ("td", "th"):
            self.handle_data(" ")

    def handle_data(self, data):
        code = self.open and self.open[-1].tag == "script"  # no browser shows it
        for each in self.open[-1:] if code else self.open:
            each.text += data

    def all(self, tag: str, class_: str = "") -> list[Element]:
        return [
            each
            for each in self.elements
            if each.tag == tag
            and (not class_ or class_ in (each.attributes.get("class") or "").split())
        ]

    def text(self) -> str:
        return " ".join(self.all("body")[0].text.split())


def assert_harmless(html: str) -> Page:
    """Nothing that runs or loads anything but the page's own script, and only text for a file."""
    page = Page(html)
    html.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\uffff]", html)
    tags = {each.tag for each in page.elements}
    assert not tags & {"iframe", "object", "embed", "link", "base", "form", "img"}
    assert len(page.all("style")) == 1 and "evil" not in page.all("style")[0].text
    for each in page.elements:
        assert not [name for name in each.attributes if name.startswith("on") or name == "src"]
        assert each.attributes.get("href", "#").startswith(("#", "feedback/"))
    policy = [e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes]
    assert len(policy) == 1
    assert policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    scripts = page.all("script")
    digests = [base64.b64encode(sha256(each.text.encode()).digest()).decode() for each in scripts]
    assert re.findall(r"script-src.*", policy[0]) == [f"script-src 'sha256-{d}'" for d in digests]
    assert [each.text for each in scripts] in ([], [pages.SCRIPT])
    return page


def line(student="ada", verdict="right", score=2.0, lesson="steplr", **changes):
    diagnosis = changes.pop("diagnosis", "")
    mark = {"id": "step_lr", "score": score, "max_score": 2.0}
    mark |= {"verdict": verdict, "diagnosis": diagnosis}
    return {
        "student": student, "lesson": lesson, "score": score, "max_score": 2.0, "status": "graded",
        "detail": "", "seconds": 1.0, "exercises": [mark],
    } | changes  # fmt: skip


def row_with(page: Page, text: str, table: str = "") -> list[str]:
    """The words of the only row that holds `text`, of all tables or of those of one class."""
    rows = [row for row in page.all("tr") if text in row.text]
    (row,) = [
        row for row in rows if any(row.text in each.text for each in page.all("table", table))
    ]
    return row.text.replace("\u202f", "").split()


def marks(comment="See me", **changes):
    by_hand = {"id": "step_lr", "auto": 2.0, "manual": 0.5, "extra": 1.0, "comment": comment}
    return {
        "name": "", "email": "", "score": 1.25, "max_score": 2.0, "auto": 2.0, "manual": 0.5,
        "extra": 1.0, "penalty": 0.25, "waiting": 0.0, "late_seconds": 7200.0, "by_hand": [by_hand],
    } | changes  # fmt: skip
