"""The class report in a real browser: sorted, filtered, searched, without names, and printed."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from page import NAMED, line
from playwright.sync_api import Page, expect

from grader.pages import render
from grader.pages.students import Person

STUDENTS = 450  # more than a page draws at once
STATUSES = ("graded", "graded", "not_started", "timeout")
NAME = re.compile(r"zelda|person-", re.IGNORECASE)


@pytest.fixture(scope="module")
def report(browser, tmp_path_factory):
    """Opens the report of a class anew: `report(hash)`."""
    lines = [
        line(f"zelda{n}", *(("right", 2.0) if n % 3 else ("wrong", n / STUDENTS)), diagnosis=NAMED)
        | ({"status": "crashed", "detail": f"zelda{n}.ipynb"} if n % 50 == 0 else {})
        for n in range(STUDENTS)
    ]
    roster = {each["student"]: Person(f"Person-{n}", "AB"[n % 2]) for n, each in enumerate(lines)}
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render.report(lines, roster), encoding="utf-8")
    pages: list[Page] = []

    def opened(hash: str = "") -> Page:
        page = browser.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("console", lambda message: pytest.fail(message.text))
        page.goto(path.as_uri() + hash)
        return page

    yield opened
    for page in pages:
        page.close()


def names(page: Page) -> list[str]:
    return page.locator(".students tbody th > bdi").all_inner_texts()


def test_it_sorts_filters_and_searches_everybody(report):
    page = report()
    head = page.locator(".students thead button")
    head.filter(has_text="Student").click()
    assert names(page)[:3] == ["zelda0", "zelda1", "zelda2"]
    head.filter(has_text="Student").click()
    assert names(page)[0] == "zelda449"  # as numbers, and also of those that were not yet drawn
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Student")
    page.locator("#section").select_option(label="B")
    page.locator("#filter").select_option("stopped")
    assert page.locator("#shown").inner_text() == "0 of 450"
    page.locator("#section").select_option(label="A")
    assert names(page) == [f"zelda{n}" for n in range(400, -1, -50)]
    page.locator("#everybody").click()
    page.locator("#search").fill("person-44")
    assert sorted(names(page)) == ["zelda44", *(f"zelda{n}" for n in range(440, 450))]


def test_a_section_has_its_own_counts_inside_each_lesson(report):
    page = report()
    submissions = page.locator(".lesson .facts dd:visible").first
    whole = page.locator(".lesson .histogram:visible .count").all_text_contents()
    assert submissions.inner_text() == "450"
    page.locator("#section").select_option(label="B")
    assert submissions.inner_text() == page.locator(".overview td:visible").first.inner_text()
    assert submissions.inner_text() == "225"
    of_b = page.locator(".lesson .histogram:visible .count").all_text_contents()
    page.locator("#section").select_option(label="A")
    of_a = page.locator(".lesson .histogram:visible .count").all_text_contents()
    assert sum(map(int, of_a)) == sum(map(int, of_b)) == sum(map(int, whole)) / 2
    rows = page.locator(".heat tbody tr:visible th").all_inner_texts()
    assert rows and all(int(re.search(r"\d+", each)[0]) % 2 == 0 for each in rows)
    page.locator("#everybody").click()
    assert submissions.inner_text() == "450"


def test_the_learners_of_a_mistake_are_shown_in_the_table(report):
    page = report()
    page.locator("#reteach summary").first.click()
    page.locator("#reteach button.show").first.click()
    assert page.locator("#shown").inner_text() == "150 of 450"
    assert {int(name.removeprefix("zelda")) % 3 for name in names(page)} == {0}


def test_every_row_is_drawn_when_one_scrolls_or_prints(report):
    page = report()
    assert len(names(page)) == 200
    page.locator("#end").evaluate("end => { end.parentElement.scrollTop = 1e6 }")
    expect(page.locator(".students tbody tr")).to_have_count(400)
    page = report()
    page.evaluate(
        "addEventListener('afterprint', () => {"
        "document.title = document.querySelectorAll('.students tbody tr').length })"
    )
    page.pdf()
    assert page.title() == str(STUDENTS)


@pytest.mark.parametrize("how", ["button", "address"])
def test_without_names_there_is_none_on_the_page(report, how):
    page = report("#anonymous" if how == "address" else "")
    if how == "button":
        page.locator("#hide-names").click()
    page.locator("details").first.click()
    assert not NAME.search(page.evaluate("document.body.innerText"))
    links = page.evaluate("[...document.querySelectorAll('a')].map((a) => a.href)")
    assert not [link for link in links if NAME.search(link)]
    page.locator("#end").evaluate("end => { end.parentElement.scrollTop = 1e6 }")
    expect(page.locator(".students tbody tr")).to_have_count(400)
    assert not NAME.search(page.evaluate("document.body.innerText"))
    page.locator("#hide-names").click()
    assert page.locator(".students tbody a").first.get_attribute("href").startswith("feedback/")
    assert set(names(page)) <= {f"zelda{n}" for n in range(STUDENTS)}


def test_without_its_script_it_shows_the_first_and_says_so(browser, report):
    page = browser.new_page(java_script_enabled=False)
    page.goto(report().url)
    assert len(names(page)) == 200
    assert "The first 200 of 450 students." in page.locator("#first-rows").inner_text()
    assert not page.locator(".tools").first.is_visible()
    page.close()


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, tmp_path, colours):
    lines = [line(f"s{n}", "wrong", n / 4, status=STATUSES[n], diagnosis=NAMED) for n in range(4)]
    path = tmp_path / "report.html"
    roster = {each["student"]: Person("", each["student"]) for each in lines}
    path.write_text(render.report(lines, roster), encoding="utf-8")
    with browser.new_page(color_scheme=colours) as page:
        page.goto(path.as_uri())
        found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
