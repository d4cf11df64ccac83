"""The dask cluster that grades: one on this machine, or one that already runs, and may break."""

from __future__ import annotations

import ctypes
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dask
from distributed import Client, LocalCluster
from distributed.security import Security
from distributed.utils import silence_logging_cmgr
from tenacity import Retrying, retry_if_exception_type
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_fixed

from grader.errors import CannotBegin
from grader.submission import cgroups
from grader.submission.limits import Limits, Wall

from .worker import warm_up

log = logging.getLogger(__name__)

# The scheduler answers a question at once, or never.
ANSWER_SECONDS = 30
M_MMAP_THRESHOLD = -3  # An option of mallopt, as glibc's malloc.h has it.
# Smaller than any notebook, so that each one is mapped by itself and returned when it is freed.
TEXT_BYTES = 16 * 1024
GROWN_BYTES = 1536 * 2**20  # twice the memory of a worker that has graded every lesson
SAFE_PATH = "PYTHONSAFEPATH"  # Python's own name for it
# A scheduler may take so long to be started again, and its workers to come back.
AWAY_SECONDS = 120
SETTINGS = {
    "distributed.admin.low-level-log-length": 10,  # messages kept for dask's developers, of 1000
    "distributed.scheduler.allowed-failures": 0,  # we count, say and limit what is tried again
    "distributed.scheduler.worker-ttl": "60 s",  # a worker that hangs is replaced
    "distributed.worker.profile.enabled": False,  # a sample each 10 ms that nobody looks at
    "distributed.scheduler.http.routes": [],  # pages that any user of this machine could open
    "distributed.worker.http.routes": [],
}


class Cluster:
    """Use as a context manager; it has a client of a dask scheduler.

    Args:
        workers: processes to start here, unless `scheduler` is given.
        scheduler: address of a running dask scheduler, such as "tls://10.0.0.5:8786".
        security: the certificates that a running scheduler asks for; see `certificates`.

    Processes that are started here talk TLS, with a certificate that is made for this run and known
    to them alone: dask runs whatever code it is sent, and other users of this machine can reach its
    ports.

    Raises OSError when the scheduler is not there.
    """

    def __init__(
        self,
        workers: int,
        scheduler: str | None,
        limits: Limits,
        wall: str,
        security: Security | None = None,
    ) -> None:
        self.wall = wall
        self._limits = limits
        self._security = security
        give_back_texts()
        with ExitStack() as stack:
            stack.enter_context(silence_logging_cmgr(logging.CRITICAL))
            stack.enter_context(dask.config.set(SETTINGS))
            if not scheduler:
                if wall == Wall.bwrap:
                    cgroups.find()  # the workers start where this process then is
                stack.enter_context(no_modules_of_this_folder())
                # dask would take a folder of a fixed name, which another user can make first.
                scratch = tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True)
                private = {"temporary-directory": stack.enter_context(scratch)}
                stack.enter_context(dask.config.set(private))
                self._security = Security.temporary()
                local = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    security=self._security,
                    scheduler_kwargs={
                        "dashboard": False,
                        "dashboard_address": "127.0.0.1:0",  # whichever port is free
                    },
                    silence_logs=logging.CRITICAL,
                )
                scheduler = stack.enter_context(local).scheduler_address
            self._address = scheduler
            self.client = Client(scheduler, security=self._security)
            stack.callback(lambda: self.client.close())  # `reconnect` may have replaced the client
            self._await_workers()
            self._stack = stack.pop_all()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def processing(self) -> dict[str, list[str]]:
        """Keys of the tasks that each worker has. Raises OSError when there is no answer."""
        return self._ask("processing", workers=None)

    def grown(self) -> list[str]:
        """Workers that hold more than GROWN_BYTES and have a nanny, which can start another.

        Raises OSError when there is no answer.
        """
        workers = self._ask("identity", n_workers=-1)["workers"]
        return [
            address
            for address, worker in workers.items()
            if worker["nanny"] and worker["metrics"].get("memory", 0) > GROWN_BYTES
        ]

    def reconnect(self) -> None:
        """Find the scheduler again after it went away; what was sent is lost.

        Raises OSError when it, or all of its workers, stay away.
        """
        with suppress(OSError):
            self.client.close(timeout=ANSWER_SECONDS)
        attempts = Retrying(
            retry=retry_if_exception_type(OSError),
            wait=wait_fixed(1),
            stop=stop_after_delay(AWAY_SECONDS),
            reraise=True,
        )
        self.client = attempts(
            Client, self._address, timeout=ANSWER_SECONDS, security=self._security
        )
        self._await_workers()

    def restart_worker(self, worker: str) -> None:
        """Kill a worker that hangs or has grown; its nanny, if it has one, starts another."""
        with suppress(OSError, ValueError, KeyError):  # it is gone already, or has no nanny
            self.client.restart_workers([worker], timeout=ANSWER_SECONDS, raise_for_error=False)

    def _ask(self, question: str, **details: Any) -> Any:
        if self.client.status != "running":
            raise ConnectionError("the connection to the scheduler is lost")
        asked = getattr(self.client.scheduler, question)
        return self.client.sync(asked, **details, callback_timeout=ANSWER_SECONDS)

    def _await_workers(self) -> None:
        try:
            self.client.wait_for_workers(1, timeout=1)
        except TimeoutError:
            log.warning("The scheduler has no workers: waiting up to %s s for one.", AWAY_SECONDS)
            self.client.wait_for_workers(1, timeout=AWAY_SECONDS)
        self.client.run(warm_up, self._limits, self.wall, wait=False)


def certificates(
    scheduler: str | None, ca: Path | None, cert: Path | None, key: Path | None
) -> Security | None:
    """What a run shows to a running scheduler, and asks of it; None for one that talks no TLS.

    Args:
        scheduler: its address, "tls://HOST:PORT" if it talks TLS.
        ca: PEM file of the authority that has signed the certificates of all who take part.
        cert: PEM file of our certificate.
        key: PEM file of its private key.

    Raises CannotBegin when they do not go together or cannot be used.
    """
    encrypted = (scheduler or "").startswith("tls://")
    files = (ca, cert, key)
    if not any(files) and not encrypted:
        return None
    if not all(files):
        raise CannotBegin(
            "A scheduler that talks TLS wants three files: give all of --tls-ca, --tls-cert and "
            "--tls-key."
        )
    if not encrypted:
        raise CannotBegin(
            "The certificates are for a running scheduler that talks TLS: give its address too, "
            "as --scheduler tls://HOST:PORT."
        )
    names = ("tls_ca_file", "tls_client_cert", "tls_client_key")
    security = Security(require_encryption=True, **dict(zip(names, map(str, files))))
    try:
        security.get_connection_args("client")
    except OSError as error:  # ssl's errors are of this kind, too
        raise CannotBegin(
            f"The certificates cannot be used ({error}): --tls-ca, --tls-cert and --tls-key are "
            "PEM files, and the key is that of the certificate."
        ) from None
    return security


@contextmanager
def no_modules_of_this_folder() -> Iterator[None]:
    """Have Python processes that are started meanwhile import nothing from the working folder.

    Learners may have written in it: a file that one of them calls struct.py would run as whoever
    grades, in each worker and in each helper that comes with one.
    """
    before = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = before


def give_back_texts() -> None:
    """Have glibc give texts as large as a notebook back to the system as soon as they are freed.

    Kept among small blocks they leave holes, and this process grew by a notebook's size with each
    submission, though it held none of them.
    """
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, TEXT_BYTES)
