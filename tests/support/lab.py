"""A notebook in JupyterLab: open it, run it, change it, and read what a person would see."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import nbformat
from labserver import Server
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Error, Locator, Page

from grader import paths

ARTIFACTS = paths.ROOT / "tests" / "artifacts"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
VIEWPORT = {"width": 1280, "height": 1000}
WAIT_MS = 120_000  # the machine may be busy with other things
POLL_MS = 100  # To look at every frame keeps a browser busy that only waits for a kernel.
IDLE = "jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
FIND_CELL = """where => {
  const notebook = jupyterapp.shell.currentWidget.content;
  const idOf = cell => cell.getMetadata("nbgrader")?.grade_id;
  const cells = [...notebook.model.cells];
  return typeof where === "number" ? where : cells.map(idOf).indexOf(where);
}"""
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}  # or JupyterLab asks
# Not ours: what JupyterLab itself and its extensions write there; a comm is "not found" when the
# kernel still answers a notebook that the page has just left, and anywidget gives up a widget on a
# page that is busy (test_slow_page.py).
SHELL_NOISE = (
    "Failed to load resource",
    "/lsp/",
    "[webpack",
    "collaboration",
    "Comm not found",
    "[anywidget] Failed to initialize model",
)


class Lab:
    """One browser page with one notebook.

    Attributes:
        console: what the page reported as errors
        errors: of the cells, when all were last run
        opened: the notebook's path below the server's root
    """

    def __init__(self, browser: Browser, server: Server) -> None:
        self.server = server
        self.page: Page = browser.new_page(viewport=VIEWPORT)
        self.page.set_default_timeout(WAIT_MS)
        self.console: list[str] = []
        self.errors: list[str] = []
        self.opened = ""
        self.page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _note(self, error: str) -> None:
        if not any(noise in error for noise in SHELL_NOISE):
            self.console.append(error)

    def write(self, path: str, *cells: str) -> None:
        """A new notebook with these code cells, in the folder that the server shows."""
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=PYTHON)
        nbformat.write(notebook, self.server.root / path)

    def open(self, path: str) -> Lab:
        """Open a notebook and wait until its kernel is idle."""
        self.opened = path
        self.page.goto(self.server.tree(path))
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
        self.wait_until_idle()
        return self

    def command(self, name: str, **arguments: Any) -> Any:
        """Execute a command of JupyterLab and wait until it is done."""
        call = "([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)"
        return self.page.evaluate(call, [name, arguments])

    def wait_until_idle(self) -> None:
        self.page.wait_for_function(IDLE, polling=POLL_MS)

    def run_all(self, reveal: bool = True) -> list[str]:
        """Run every cell and have what predictions hide shown.

        Returns the errors, read from the notebook's model.
        """
        self.command("notebook:run-all-cells")
        if reveal:
            self.page.evaluate(
                """for (const button of document.querySelectorAll(
                     '.jp-NotebookPanel:not(.lm-mod-hidden) .lrlab-reveal')) button.click()"""
            )
        self.errors = self.page.evaluate(
            """[...jupyterapp.shell.currentWidget.content.model.cells].flatMap(cell =>
                 (cell.toJSON().outputs ?? []).filter(output => output.output_type === 'error')
                   .map(output => output.ename + ': ' + output.evalue))"""
        )
        return self.errors

    def index(self, where: int | str) -> int:
        """The position of the cell with this nbgrader grade_id."""
        found = self.page.evaluate(FIND_CELL, where)
        assert found >= 0, f"no cell {where}"
        return found

    def find(self, line: str) -> int:
        """The position of the only cell that has this line."""
        sources = self.page.evaluate(
            "[...jupyterapp.shell.currentWidget.content.model.cells].map(c => c.sharedModel.source)"
        )
        (found,) = (i for i, source in enumerate(sources) if line in source.splitlines())
        return found

    def cell(self, where: int | str) -> Locator:
        """The cell at a position or with a grade_id, as it stands in the page."""
        cells = self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")
        return cells.nth(self.index(where))

    def source(self, where: int | str, source: str) -> None:
        """Write a cell's source, as typing it would."""
        self.page.evaluate(
            """([index, source]) => jupyterapp.shell.currentWidget.content.model.cells
                 .get(index).sharedModel.setSource(source)""",
            [self.index(where), source],
        )

    def run(self, where: int | str, wait: bool = True) -> Locator:
        """Run one cell and give it; with wait=False without waiting for its end."""
        self.page.evaluate(
            """([index, wait]) => {
              jupyterapp.shell.currentWidget.content.activeCellIndex = index;
              const done = jupyterapp.commands.execute("notebook:run-cell");
              return wait ? done.then(() => null) : null;
            }""",
            [self.index(where), wait],
        )
        return self.cell(where)

    def execute(self, code: str) -> None:
        """Give the kernel work, in no cell, and do not wait for it."""
        self.page.evaluate(
            """code => { jupyterapp.shell.currentWidget.sessionContext.session.kernel
                         .requestExecute({code}); }""",
            code,
        )

    @property
    def status(self) -> str:
        """Of the kernel: idle, busy, …"""
        return self.page.evaluate(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status"
        )

    def save(self) -> None:
        self.command("docmanager:save")

    def restart_kernel(self) -> None:
        """As by the menu's "Restart Kernel…", its question answered with yes."""
        self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
        self.wait_until_idle()

    def theme(self, name: str) -> None:
        """Switch to "light" or "dark"."""
        if self.page.locator("body").get_attribute("data-jp-theme-name") == THEMES[name]:
            return
        self.command("apputils:change-theme", theme=THEMES[name])
        light = str(name == "light").lower()
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    @contextlib.contextmanager
    def themed(self, name: str) -> Iterator[None]:
        """JupyterLab's "light" or "dark" theme for as long as the block lasts."""
        self.theme(name)
        try:
            yield
        finally:
            self.theme("light")

    def screenshot(self, name: str, shown: Locator | None = None) -> None:
        """Keep a picture of what is on the screen, for people to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        # To hide the caret, Playwright has every element of the page styled anew, twice.
        take = functools.partial((shown or self.page).screenshot, path=path, caret="initial")
        with contextlib.suppress(Error):  # It is just drawn anew, as after a change of the theme.
            take()
            return
        take()

    def screenshots(self, name: str, shown: Locator | None = None) -> None:
        """The same in the light and in the dark theme."""
        self.screenshot(name, shown)
        with self.themed("dark"):
            self.screenshot(f"{name}-dark", shown)
