"""Everything that a learner uses works where neither POSIX modules, signals nor fork exist."""

import subprocess
import sys
from pathlib import Path

import pytest

# Third-party packages are those of the system that they are installed on, so they come first.
AS_ON_WINDOWS = """
import asyncio, json, os, signal, sys, time
import anywidget, filelock, ipywidgets, IPython, matplotlib.figure, numpy, PIL.Image, torch
import matplotlib.backends.backend_agg, sklearn.datasets, torchvision.datasets
torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1).step()

POSIX = {
    os: "fork forkpty geteuid getuid getgid setsid killpg sched_getaffinity uname wait waitpid "
    "mkfifo openpty nice pidfd_open memfd_create chroot getpgid setuid sysconf",
    signal: "SIGALRM SIGKILL SIGHUP SIGUSR1 SIGCHLD setitimer alarm pause pthread_kill "
    "pthread_sigmask sigwait siginterrupt",
}
for module, names in POSIX.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog"):
    sys.modules[name] = None
assert not [name for name in sys.modules if name.startswith("lrlab")]
sys.platform = "win32"
"""

CHECKS = """
from lrlab import check
from lrlab.checking import checks
checks.SECONDS = 0.5

def step_lr(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** (epoch // step_size)

def early(lr0, step_size, gamma, epoch):
    return lr0 * gamma ** ((epoch + 1) // step_size)

def endless(lr0, step_size, gamma, epoch):
    while True:
        pass

def raising(lr0, step_size, gamma, epoch):
    os._exit(1)

def make_scheduler(optimizer, step_size, gamma):
    return torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)

for answer, kind in ((step_lr, "right"), (early, "wrong"), (raising, "error"), (None, "unanswered"),
                     (endless, "timeout")):
    result = check("step_lr", answer)
    assert result.verdict.kind == kind, result
    assert result._repr_html_()
checks.SECONDS = 20.0
assert check("make_scheduler", make_scheduler).verdict.kind == "right"
"""

EXPLORERS = """
import lrlab
from lrlab.checking import checks  # everything that lrlab offers is imported
for name in lrlab.__all__:
    getattr(lrlab, name)
for explore in (lrlab.explore_bowl, lrlab.explore_constant, lrlab.explore_steplr,
                lrlab.explore_plateau, lrlab.explore_shapes):
    explorer = explore()
    assert "<figure>" in explorer._repr_mimebundle_()["text/html"]
"""

TESTS = f"""
import runpy
from pathlib import Path
learner = Path({str(Path(__file__).parent)!r})
sys.path.insert(0, str(learner.parent / "support"))
for test in sorted(learner.glob("*.py")):
    runpy.run_path(str(test))
"""

LIVE_EPOCHS = """
from lrlab import explore_steplr, data
from lrlab.explore import live
images = data._digits()
live.load_mnist = lambda: images

async def press():
    chart = explore_steplr().chart
    chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
    await asyncio.sleep(0)
    while not (chart.runs and chart.runs[-1]["val_accuracy"]):
        assert not chart.training.done()
        await asyncio.sleep(0.01)
    chart._handle_custom_msg({"do": "stop"}, [])
    await asyncio.wait([chart.training])
    return chart.runs[-1]

run = asyncio.run(press())
assert run["lr"] and run["val_loss"][0] > 0
"""


@pytest.mark.parametrize(
    "work",
    [CHECKS, EXPLORERS + TESTS, LIVE_EPOCHS],
    ids=["checks", "explorers, and the learner's tests are read", "a live epoch"],
)
def test_it_works_as_on_windows(work, tmp_path):
    code = AS_ON_WINDOWS + work
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
