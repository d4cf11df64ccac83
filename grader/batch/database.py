"""The gradebook's database: opened, made whole, and waited for while it is away."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import nbgrader
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from nbgrader.api import Base
from nbgrader.dbutil import ALEMBIC_DIR
from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from tenacity import RetryCallState, Retrying, retry_if_exception
from tenacity.stop import stop_after_delay
from tenacity.wait import wait_exponential

from grader.errors import NoDatabase

from .address import without_passwords
from .files import owner_only

AWAY_SECONDS = 120  # a restart of a managed PostgreSQL takes less
log = logging.getLogger(__name__)
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
T = TypeVar("T")


def connected(url: str) -> Engine:
    """An engine for this database. Texts travel as UTF-8, whatever the database says of itself."""
    postgresql = make_url(url).get_backend_name() == "postgresql"
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"client_encoding": "utf8"} if postgresql else {},
    )


def keep_private(url: URL) -> None:
    """Make the file of a new SQLite database, so that it is its owner's; SQLite would share it."""
    path = url.database or ""
    if url.get_backend_name() == "sqlite" and path and not path.startswith((":memory:", "file:")):
        with suppress(OSError):  # SQLite says itself what it cannot open
            open(path, "ab", opener=owner_only).close()


def make_tables(engine: Engine) -> None:
    """Make nbgrader's tables and note their version, in a new or a half-made database.

    nbgrader notes the version in a second step, by a program that it starts, and never again: a
    process killed in between would leave a gradebook that no later nbgrader can upgrade. One whose
    tables are those of an earlier nbgrader is left as it is.

    Raises NoDatabase when the database cannot hold a gradebook of this nbgrader.
    """
    with engine.begin() as connection:
        _check_encoding(connection)
        context = MigrationContext.configure(connection)
        script = ScriptDirectory(ALEMBIC_DIR)
        versions = set(context.get_current_heads())
        if versions and versions != set(script.get_heads()):
            known = {revision.revision for revision in script.walk_revisions()}
            raise NoDatabase(_older(engine) if versions <= known else _newer(engine))
        if not versions:
            if _lacks_columns(connection):
                raise NoDatabase(_older(engine))
            Base.metadata.create_all(connection)
            context.stamp(script, "head")


def _check_encoding(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise NoDatabase(
            f"The database {_name(connection.engine)} stores texts as {encoding}, which cannot "
            "hold every name and comment. Make another one: createdb --encoding UTF8 --template "
            "template0 NAME."
        )


def _lacks_columns(connection: Connection) -> bool:
    """Whether a table of nbgrader's is there that has not all of today's columns."""
    found = inspect(connection)
    there = set(found.get_table_names())
    return any(
        not {column.name for column in table.columns}
        <= {column["name"] for column in found.get_columns(table.name)}
        for table in Base.metadata.sorted_tables
        if table.name in there
    )


def _older(engine: Engine) -> str:
    return (
        f"The gradebook {_name(engine)} was made by an older nbgrader. Copy it to a safe "
        f"place, then run: nbgrader db upgrade --db {_name(engine)}"
    )


def _newer(engine: Engine) -> str:
    return (
        f"The gradebook {_name(engine)} was made by a newer nbgrader than the one here, which is "
        f"{nbgrader.__version__}: install that newer one, or grade into another database with --db."
    )


def _name(engine: Engine) -> str:
    return without_passwords(engine.url)


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
