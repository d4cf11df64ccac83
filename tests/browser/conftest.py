"""A real JupyterLab on a copy of lessons/, and a real Chromium to look at it.

One server and one browser for the whole run, one page for each lesson: starting them is the slow
part. The modules of this folder also serve tests/bench, so they are imported by name.
"""

import shutil

import pytest
from chromium import CHROMIUM, chromium
from lab import Lab
from labserver import Server, jupyterlab
from playwright.sync_api import Browser
from steplr_chart import CALL, StepLR

from grader import paths


class LessonPages:
    """The pages of lessons: each is opened, and run, when it is first asked for."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.opened: dict[str, Lab] = {}

    def __call__(self, lesson: str) -> Lab:
        if lesson not in self.opened:
            lab = Lab(self.browser, self.server).open(f"{lesson}/{lesson}.ipynb")
            lab.run_all()
            self.opened[lesson] = lab
        return self.opened[lesson]

    def give_up(self, lesson: str) -> None:
        """Close the page of a lesson whose kernel is restarted; who asks next gets a new one.

        To run every cell once more for nobody would take longer than the test that restarts it.
        """
        if lesson in self.opened:
            self.opened.pop(lesson).page.close()


@pytest.fixture(scope="package")
def browser():
    """Skipped, loudly, where no Chromium is installed."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: `sudo make system` installs it on Debian, any Chrome will do")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    """JupyterLab on a copy of lessons/."""
    folder = tmp_path_factory.mktemp("lab")
    lessons = folder / "lessons"
    shutil.copytree(paths.LESSONS, lessons, ignore=shutil.ignore_patterns("__pycache__"))
    with jupyterlab(lessons, folder / "home") as server:
        yield server


@pytest.fixture(scope="package")
def lab(browser: Browser, server: Server):
    """A page for the notebooks that a test brings along."""
    lab = Lab(browser, server)
    yield lab
    lab.page.close()


@pytest.fixture(scope="package")
def lesson_page(browser: Browser, server: Server):
    """The page of a lesson, untouched and every cell run: `lesson_page(lesson)`."""
    pages = LessonPages(browser, server)
    yield pages
    for lesson in list(pages.opened):
        pages.give_up(lesson)


@pytest.fixture(scope="package")
def solved(browser: Browser, server: Server):
    """The solved StepLR lesson on a page of its own, every cell run."""
    shutil.copy(paths.solution("steplr"), server.root / "steplr" / "solved.ipynb")
    lab = Lab(browser, server).open("steplr/solved.ipynb")
    assert lab.run_all() == []
    yield lab
    lab.page.close()


@pytest.fixture
def explorer(solved: Lab):
    """The explorer of the solved lesson, as it is after Reset."""
    explorer = StepLR(solved, solved.cell(solved.find(CALL)))
    explorer.reset()
    return explorer
