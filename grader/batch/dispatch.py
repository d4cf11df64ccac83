"""Grade many submissions at once, on workers that may be slow, hang or die."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue

from distributed import Future
from distributed.scheduler import KilledWorker

from .cluster import ANSWER_SECONDS, AWAY_SECONDS, Cluster
from .log import about
from .outcomes import outcome_of
from .records import Outcome, Task
from .worker import work

log = logging.getLogger(__name__)

IN_FLIGHT_PER_WORKER = 4  # enough to keep each busy, few enough to hold in memory
# The last try runs alone, after all others, so a dying worker can only be this task's fault.
TRIES = 4
TICK_SECONDS = 0.5
LOOK_SECONDS = 5.0
# A nanny restarts its worker in less: a shorter gap is not worth a word.
REPLACED_SECONDS = 15
# A worker may need this beyond a submission's own time: its sandbox may have to start.
SLACK_SECONDS = 60
AT_ONCE = 2  # dask queues one task behind the one that a worker runs
WORKER_LOST = f"The worker that ran it was lost {TRIES} times. Nothing of it was graded."


@dataclass(eq=False)
class _Sent:
    """A task that was sent out: how often, and which worker has had it since when."""

    task: Task
    tries: int = 1
    worker: str = ""
    since: float = 0.0


class Dispatcher:
    """Tasks on their way. `outcomes` sends them and yields what comes back, in no special order.

    Whatever is sent again is logged, with the reason.
    """

    def __init__(self, tasks: Iterable[Task], cluster: Cluster) -> None:
        self._waiting = iter(tasks)
        self._cluster = cluster
        self._at_work: dict[Future[Outcome], _Sent] = {}
        self._again: deque[_Sent] = deque()
        self._done: SimpleQueue[Future[Outcome]] = SimpleQueue()
        self._workers_seen = self._looked = time.monotonic()
        self._alone = False
        self._workers = len(cluster.processing())
        self._send()

    def send_again(self, task: Task, reason: str) -> None:
        """Grade a newer version of a task whose outcome was just yielded."""
        sent = _Sent(task)
        _note(sent, reason)
        self._again.append(sent)

    def outcomes(self) -> Iterator[tuple[Task, Outcome] | None]:
        """Yields None where nothing has come for TICK_SECONDS.

        Raises OSError when the scheduler or all workers are gone for good, NoSandbox from a worker.
        """
        while self._at_work or self._again:
            try:
                future = self._done.get(timeout=TICK_SECONDS)
            except Empty:
                yield None
            else:
                yield from self._received(future)
            yield from self._looked_after()
            self._send()

    def _send(self) -> None:
        """Fill the room that there is: what failed first, then what waits, then last tries."""
        room = IN_FLIGHT_PER_WORKER * max(self._workers, 1) - len(self._at_work)
        early = [each for each in self._again if each.tries < TRIES][: max(room, 0)]
        for sent in early:
            self._again.remove(sent)
        fresh = islice(self._waiting, max(room - len(early), 0))
        following = early + [_Sent(task) for task in fresh]
        if not following and not self._at_work and self._again:
            following = [self._again.popleft()]
        for sent in following:
            sent.worker = ""
            future = self._cluster.client.submit(work, sent.task, self._cluster.wall, pure=False)
            self._at_work[future] = sent
            future.add_done_callback(self._done.put)

    def _received(self, future: Future[Outcome]) -> Iterator[tuple[Task, Outcome]]:
        sent = self._at_work.get(future)
        if sent is None:
            return  # it was given up, and sent again
        error = future.exception(timeout=ANSWER_SECONDS) if future.status == "error" else None
        if error is None:
            try:
                outcome = future.result(timeout=ANSWER_SECONDS)
            except TimeoutError:  # its worker was lost with it, and another works on it again
                future.add_done_callback(self._done.put)
                return
            except (CancelledError, OSError):
                self._reconnect()
                return
        del self._at_work[future]
        if error is None:
            yield sent.task, outcome
        elif isinstance(error, KilledWorker):
            yield from self._lost(sent, f"its worker {error.last_worker.address} died")
        elif isinstance(error, OSError):
            yield from self._lost(sent, f"its worker failed ({error})")
        else:
            raise error

    def _lost(self, sent: _Sent, reason: str) -> Iterator[tuple[Task, Outcome]]:
        """Try once more what a worker did not bring back, or say that it cannot be graded."""
        last = sent.tries == TRIES
        _note(sent, f"{reason}; {'given up' if last else 'sent again'}")
        if not last:
            self._again.append(_Sent(sent.task, sent.tries + 1))
            return
        from grader.submission.grading import ungraded

        result = ungraded(sent.task.lesson, WORKER_LOST, "crashed")
        yield sent.task, outcome_of(sent.task, result)

    def _looked_after(self) -> Iterator[tuple[Task, Outcome]]:
        """Every LOOK_SECONDS: is the scheduler there, are workers, has one grown, or hung?"""
        now = time.monotonic()
        if self._cluster.client.status == "running" and now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        try:
            processing, grown = self._cluster.processing(), self._cluster.grown()
        except OSError:
            self._reconnect()
            return
        self._count(processing, now)
        for worker in grown[:1]:  # the others go on meanwhile
            log.info("The worker %s has grown: it is replaced.", worker)
            self._cluster.restart_worker(worker)
        has = {key: worker for worker, keys in processing.items() for key in keys}
        for future, sent in list(self._at_work.items()):
            worker = has.get(str(future.key), "")
            if worker != sent.worker:
                if sent.worker and worker and sent.worker not in processing:
                    _note(sent, f"its worker {sent.worker} is gone; sent to another")
                sent.worker, sent.since = worker, now
            patience = AT_ONCE * (sent.task.limits.seconds + SLACK_SECONDS)
            if worker and now - sent.since > patience:
                del self._at_work[future]
                self._cluster.restart_worker(worker)
                yield from self._lost(sent, f"nothing from its worker {worker} for {patience} s")

    def _count(self, workers: Collection[str], now: float) -> None:
        """Note how many workers are there; raise ConnectionError when all stay away."""
        self._workers = len(workers)
        if workers:
            if self._alone:
                log.warning("There is a worker again.")
            self._workers_seen, self._alone = now, False
        elif now - self._workers_seen > AWAY_SECONDS:
            raise ConnectionError("The scheduler has lost all workers")
        elif now - self._workers_seen > REPLACED_SECONDS and not self._alone:
            self._alone = True
            log.warning("All workers are gone: waiting up to %s s for one.", AWAY_SECONDS)

    def _reconnect(self) -> None:
        """Find the scheduler again, and send it all that was at work."""
        log.warning("The scheduler is away: waiting up to %s s for it.", AWAY_SECONDS)
        self._cluster.reconnect()
        log.warning("The scheduler is back.")
        for sent in self._at_work.values():
            _note(sent, "the scheduler forgot it; sent again")
        self._again.extendleft(self._at_work.values())
        self._at_work.clear()


def _note(sent: _Sent, reason: str) -> None:
    """Log what happened to a task."""
    log.info("%s", reason, extra=about(sent.task.key))
