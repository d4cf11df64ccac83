"""What a reader of a page sees of it."""

from html.parser import HTMLParser


class Seen(HTMLParser):
    """What a browser shows of HTML, and what MathJax finds: text that no element interrupts."""

    def __init__(self, html):
        super().__init__()
        self.text, self.tags, self.attributes = "", set(), []
        self.open, self.pieces = [], [""]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        self.open.append(tag)
        self.pieces.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.pieces.append("")

    def handle_comment(self, data):
        self.tags.add("a comment")

    def handle_data(self, data):
        self.text += data
        if "code" not in self.open:
            self.pieces[-1] += data
