"""A Chromium under Playwright: the one that costs the least, or the one that people have."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

WHOLE = shutil.which("chromium") or shutil.which("google-chrome")
# The same engine without a browser around it, which needs less of the processor.
CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium(path: str | None = CHROMIUM) -> Iterator[Browser]:
    """A browser without windows; benchmarks measure WHOLE, which people have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()
