"""The row of validation digits beside a live run: seen in both themes, and said."""

from accessibility import look
from steplr_chart import StepLR

MARKS = """spans => spans.map(span => ({
  right: span.className === "lrlab-read", edge: getComputedStyle(span).borderColor,
  ink: getComputedStyle(span.firstChild).backgroundColor, title: span.title,
  mask: getComputedStyle(span.firstChild).maskImage.slice(0, 20),
}))"""


def test_digits_turn_from_misread_to_read(explorer: StepLR):
    row = explorer.root.locator(".lrlab-digits")
    explorer.button("Train live").click()
    row.wait_for()
    explorer.message.filter(has_text="right after the last epoch").wait_for()
    label = row.get_attribute("aria-label")
    told = {}
    for theme in ("light", "dark"):
        with explorer.lab.themed(theme):
            told[theme] = row.locator("span").evaluate_all(MARKS)
    look(explorer.lab, "live-digits", explorer.root)
    for marks in told.values():
        right = sum(each["right"] for each in marks)
        assert label.startswith(f"{right} of {len(marks)} hard validation digits are read rightly")
        assert right > len(marks) / 2
        assert all(("read as" in each["title"]) != each["right"] for each in marks)
        assert all(each["mask"].startswith('url("data:image/png') for each in marks)
        assert len({each["edge"] for each in marks}) == len({each["right"] for each in marks})
    assert told["light"][0]["ink"] != told["dark"][0]["ink"]
    explorer.button("Clear my runs").click()
    row.wait_for(state="hidden")
