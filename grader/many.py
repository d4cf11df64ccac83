"""Grade many submissions at once, on a dask cluster: one here, or one that already runs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice

import dask
from distributed import Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from .sandbox import Limits
from .worker import PLUGIN, Outcome, SandboxPlugin, Task, outcome_of, work

IN_FLIGHT_PER_WORKER = 4  # enough to keep each busy, few enough to hold in memory
WORKER_LOST = "The worker that ran it died, twice. Nothing of it was graded."


@contextmanager
def cluster(workers: int, scheduler: str | None, limits: Limits, wall: str) -> Iterator[Client]:
    """A client of a dask cluster that has a sandbox on every worker.

    Args:
        workers: processes to start here, unless `scheduler` is given.
        scheduler: address of a running dask scheduler, such as "tcp://10.0.0.5:8786".

    Raises OSError or TimeoutError when the scheduler is not there, NoSandbox from a worker.
    """
    with ExitStack() as stack:
        if not scheduler:
            stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": 1}))
            local = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
            scheduler = stack.enter_context(local).scheduler_address
        client = stack.enter_context(Client(scheduler))
        client.register_plugin(SandboxPlugin(limits, wall))
        stack.callback(client.unregister_worker_plugin, PLUGIN)
        yield client


def graded(tasks: Iterable[Task], client: Client) -> Iterator[tuple[Task, Outcome]]:
    """Have tasks graded; the first are sent at once, the outcomes come in no special order.

    A task whose worker died is tried once more, alone, after all others.
    """
    waiting = iter(tasks)
    at_work: dict[Future, Task] = {}

    def submit(task: Task) -> Future:
        future = client.submit(work, task, pure=False)
        at_work[future] = task
        return future

    room = IN_FLIGHT_PER_WORKER * max(len(client.scheduler_info()["workers"]), 1)
    sent = as_completed([submit(task) for task in islice(waiting, room)])

    def outcomes() -> Iterator[tuple[Task, Outcome]]:
        lost: list[Task] = []
        for future in sent:
            task = at_work.pop(future)
            try:
                yield task, future.result()
            except KilledWorker:
                lost.append(task)
            for following in islice(waiting, 1):
                sent.add(submit(following))
        for task in lost:
            yield task, _once_more(task, client)

    return outcomes()


def _once_more(task: Task, client: Client) -> Outcome:
    try:
        return client.submit(work, task, pure=False).result()
    except KilledWorker:
        from .grading import Graded, ungraded

        result = ungraded(task.lesson, WORKER_LOST)
        return outcome_of(task, Graded("crashed", WORKER_LOST, 0.0, result.exercises))
