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
    pages: dict[str, Lab] = {}

    def page(lesson: str) -> Lab:
        if lesson not in pages:
            pages[lesson] = Lab(browser, server).open(f"{lesson}/{lesson}.ipynb")
            pages[lesson].run_all()
        return pages[lesson]

    yield page
    for lab in pages.values():
        lab.page.close()


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
