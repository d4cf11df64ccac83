"""The gradebook's database: opened, made whole, and waited for while it is away."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_exponential

from .files import owner_only

AWAY_SECONDS = 120  # a restart of a managed PostgreSQL takes less
log = logging.getLogger(__name__)
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
T = TypeVar("T")


def keep_private(url: URL) -> None:
    """Make the file of a new SQLite database, so that it is its owner's; SQLite would share it."""
    path = url.database or ""
    if url.get_backend_name() == "sqlite" and path and not path.startswith((":memory:", "file:")):
        with suppress(OSError):  # SQLite says itself what it cannot open
            open(path, "ab", opener=owner_only).close()


def make_tables(engine: Engine) -> None:
    """Make nbgrader's tables and note their version, in a new or a half-made database.

    nbgrader notes the version in a second step, by a program that it starts, and never again: a
    process killed in between would leave a gradebook that no later nbgrader can upgrade.
    """
    with engine.begin() as connection:
        context = MigrationContext.configure(connection)
        if not context.get_current_heads():
            Base.metadata.create_all(connection)
            context.stamp(ScriptDirectory(ALEMBIC_DIR), "head")


def persist(write: Callable[[], T]) -> T:
    """Call `write`, which is one transaction, again and again while the database is away.

    Raises the database's own error after AWAY_SECONDS, and at once any error that does not pass.
    """

    def waiting(state: RetryCallState) -> None:
        if state.attempt_number == 1 and state.outcome:
            reason = _reason(state.outcome.exception())
            log.warning(
                "The gradebook is away (%s): waiting up to %s s for it.", reason, AWAY_SECONDS
            )

    attempts = Retrying(
        retry=retry_if_exception(_passes),
        wait=wait_exponential(multiplier=0.1, max=2),
        stop=stop_after_delay(AWAY_SECONDS),
        before_sleep=waiting,
        reraise=True,
    )
    result = attempts(write)
    if attempts.statistics["attempt_number"] > 1:
        log.warning("The gradebook is back.")
    return result


def _passes(error: BaseException) -> bool:
    """Whether waiting may help: the server is away, or SQLite's file is locked by somebody."""
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        # Waiting does not cure a full disk or a missing folder.
        return error.orig.sqlite_errorname.startswith(BUSY)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _reason(error: BaseException | None) -> str:
    return str(getattr(error, "orig", error)).strip().splitlines()[0]
