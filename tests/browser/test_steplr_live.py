"""Live training in the StepLR explorer, and what may go wrong around a kernel.

In the solved lesson, and in a small notebook with two explorers.
"""

import subprocess
import sys
import time

import pytest
from steplr_chart import CALL, START, StepLR, assert_follows, closed_form

from grader import paths

SMALL = 'import sys\n\nsys.path.insert(0, "..")\nfrom lrlab import explore_steplr'
TWO = "steplr/two-explorers.ipynb"
CELLS = (f"{SMALL}\n\nfirst = {CALL}\nfirst", f"second = {CALL}\nsecond")
KIB = 1024
LEFT_SECONDS = 10.0
UNSEEN_SECONDS = 1.0  # A run of the most epochs may be over before as many as learners get.


def test_live_run_streams_and_stops(explorer):
    lab = explorer.lab
    explorer = StepLR(lab, lab.run(lab.find(CALL)))  # Its runs are numbered from 1.
    epochs = explorer.press("epochs", "End")  # or it ends by itself, on a machine that is busy
    explorer.train()
    first = "live 1"
    explorer.wait_for_epochs(first, 2)
    assert explorer.root.get_by_role("progressbar").is_visible()
    explorer.lab.screenshots("steplr-live-running", explorer.root)
    finished = len(explorer.values("mnist", first))
    explorer.stop()
    kept = explorer.values("mnist", first)
    assert len(kept) <= finished + 1, "at most the epoch ends that was under way"
    assert 2 <= len(kept) < epochs, "the run was stopped before its end"
    time.sleep(1)
    assert explorer.values("mnist", first) == kept, "nothing trains on"
    explorer.lab.screenshots("steplr-live-stopped", explorer.root)


def test_a_second_run_overlays_the_first(explorer):
    explorer.press("epochs", "ArrowLeft", times=6)
    explorer.press("gamma", "End")
    explorer.button("Train live").click()
    explorer.message.filter(has_text="right after the last epoch").wait_for()
    assert explorer.live() == {"live 1", "live 2"}
    assert len(explorer.values("mnist", "live 2")) == 3
    assert "live 2, StepLR(3, 1) from 0.2" in explorer.words
    explorer.lab.screenshots("steplr-live-overlay", explorer.root)


def test_the_chart_follows_while_the_kernel_is_busy(explorer, tmp_path):
    """A cell blocks it. (Its status tells nothing: a subshell that is idle says so, too.)"""
    lab, begun, done, over = explorer.lab, *(tmp_path / name for name in ("begun", "done", "over"))
    lab.execute(
        f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\n"
        f"while not pathlib.Path({str(done)!r}).exists(): time.sleep(0.05)\n"
        f"pathlib.Path({str(over)!r}).touch()"
    )
    while not begun.exists():
        lab.page.wait_for_timeout(50)
    try:
        explorer.press("step_size", "ArrowRight")
        explorer.drag("gamma", 0.5)
        settings = assert_follows(explorer)
        assert settings["step_size"] == 4
        assert settings["gamma"] not in (0.1, 1.0)
        explorer.button("Train live").click()
        explorer.message.filter(has_text="The kernel does not answer").wait_for()
        lab.screenshots("steplr-kernel-busy", explorer.root)
        assert not over.exists(), "all of this happened while the kernel worked"
    finally:
        done.touch()
    explorer.wait("lr", "torch", closed_form(settings))  # The kernel catches up.
    explorer.message.filter(has_text="epochs done").wait_for()
    explorer.stop()


def test_a_cell_run_twice_shows_one_explorer(explorer):
    lab = explorer.lab
    explorer.train()
    cell = lab.run(lab.find(CALL))
    again = StepLR(lab, cell)
    assert cell.locator(".lrlab-steplr").count() == 1
    assert cell.locator("svg[data-panel]").count() == 2
    assert again.live() == set()
    again.button("Train live").click()
    again.wait_for_epochs("live 1", 1)
    again.stop()
    assert len(again.marks("lr")) == len(set(again.marks("lr")))
    assert_follows(again)


def test_the_saved_notebook_is_small_and_passes_nbval(solved, explorer):
    solved.save()
    path = solved.server.root / solved.opened
    size = path.stat().st_size / KIB
    print(f"saved notebook: {size:.0f} KiB")
    assert size < 300
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--nbval", "--nbval-current-env", "--rootdir", str(path.parent)),
            *("--nbval-sanitize-with", str(paths.ROOT / "tests" / "nbval.cfg"), str(path)),
        ],
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert solved.console == []


@pytest.fixture
def two(lab):
    """Two explorers that are made anew, in a notebook of their own with a kernel of its own."""
    if lab.opened != TWO:
        lab.write(TWO, *CELLS)
        lab.open(TWO)
    for index, cell in enumerate(CELLS):
        lab.source(index, cell)
    assert lab.run_all() == []
    return [StepLR(lab, lab.cell(index)) for index in (0, 1)]


def test_two_explorers_do_not_mind_each_other(two, lab):
    first, second = two
    first.press("step_size", "ArrowRight")
    first.choose("log")
    second.drag("gamma", 0.5)
    assert assert_follows(first)["step_size"] == 4
    assert assert_follows(second)["step_size"] == 3
    assert first.drawn("lr", "closed form")["yscale"] == "log"
    assert second.drawn("lr", "closed form")["yscale"] == "linear"
    first.train()
    second.button("Train live").click()
    first.message.filter(has_text="another run was started").wait_for()
    second.wait_for_epochs("live 1", 1)
    second.stop()
    assert first.live() <= {"live 1"}
    assert lab.console == []


def test_a_chart_that_is_drawn_anew_keeps_its_run(two, lab):
    explorer, _ = two
    explorer.train()  # for seconds: the cell is moved in less
    lab.page.evaluate("jupyterapp.shell.currentWidget.content.activeCellIndex = 0")
    lab.command("notebook:move-cell-down")
    moved = StepLR(lab, lab.cell(1))
    moved.message.filter(has_text="right after the last epoch").wait_for()
    assert moved.live() == {"live 1"}


def test_a_kernel_restarted_while_a_run_streams_is_explained(two, lab):
    explorer, _ = two
    explorer.button("Train live").click()
    explorer.wait_for_epochs("live 1", 1)
    lab.restart_kernel()
    explorer.root.get_by_text("This chart has lost its kernel").wait_for()
    explorer.press("step_size", "ArrowRight")
    assert assert_follows(explorer)["step_size"] == 4
    lab.screenshots("steplr-kernel-restarted", explorer.root)
    again = StepLR(lab, lab.run(0))
    assert assert_follows(again) == START
    again.wait("lr", "torch", closed_form(START))
    assert not again.root.get_by_text("This chart has lost its kernel").is_visible()


def test_a_page_that_is_left_ends_its_run(two, lab):
    explorer, _ = two
    explorer.press("epochs", "End")
    lab.execute(f"from lrlab.explore import live\nlive.UNSEEN_SECONDS = {UNSEEN_SECONDS}")
    explorer.train()
    lab.page.goto("about:blank")
    time.sleep(LEFT_SECONDS)
    lab.open(lab.opened)
    lab.source(1, "print(first.chart.progress['text'])")
    assert "Stopped: the chart was closed." in lab.run(1).inner_text()
    lab.restart_kernel()  # for whom UNSEEN_SECONDS is what learners get
