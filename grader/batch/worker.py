"""A dask worker grades one task at a time, in a warm sandbox of its own. It writes no file."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import Any, cast

from distributed import Worker, WorkerPlugin, get_worker

from grader.inside.eager import keep_compiler_out
from grader.submission.bwrap import check_wall
from grader.submission.limits import Limits, Wall
from grader.submission.sandbox import Sandbox

from .outcomes import grade_task
from .records import Outcome, Task


class SandboxPlugin(WorkerPlugin):
    """A warm sandbox that lives as long as its dask worker."""

    def __init__(self, limits: Limits, wall: str) -> None:
        self.sandbox = Sandbox(limits, wall)
        self.lock = Lock()  # a worker may have been started with several threads

    def setup(self, worker: Worker) -> None:
        self.sandbox.__enter__()

    def teardown(self, worker: Worker) -> None:
        self.sandbox.__exit__()


async def warm_up(limits: Limits, wall: str, dask_worker: Worker) -> str:
    """Start a sandbox on this worker if none with these limits is there; return its name.

    Named after what it is, so that runs on one cluster share it and none takes another's away.
    Raises NoSandbox where there is no bubblewrap.
    """
    name = f"sandbox {wall} {limits}"
    if name not in dask_worker.plugins:
        if wall == Wall.bwrap:
            check_wall()
        plugin = SandboxPlugin(limits, wall)
        await dask_worker.plugin_add(plugin, name=name, catch_errors=False)
    return name


def work(task: Task, wall: str) -> Outcome:
    """Grade a task in the sandbox of this dask worker."""
    keep_compiler_out()
    worker = get_worker()
    starting = warm_up(task.limits, wall, worker)
    loop: Any = worker.loop  # tornado declares no asyncio_loop, and has one
    name = asyncio.run_coroutine_threadsafe(starting, loop.asyncio_loop).result()
    plugin = cast(SandboxPlugin, worker.plugins[name])
    with plugin.lock:
        return grade_task(task, plugin.sandbox)
