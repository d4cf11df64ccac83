"""A PostgreSQL database that cannot hold every name is refused before anything is written."""

import pytest
from sqlalchemy import inspect

from grader.batch.database import connected, make_tables
from grader.batch.gradebook import Gradebook
from grader.errors import NoDatabase

C_LOCALE = "TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"


@pytest.mark.parametrize("encoding", ["LATIN1", "LATIN9", "WIN1252", "KOI8R", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_name_is_refused(encoding, postgres):
    url = postgres.new_database(f"ENCODING '{encoding}' {C_LOCALE}")
    with pytest.raises(NoDatabase, match=f"stores texts as {encoding}.*--encoding UTF8"):
        Gradebook(url)
    engine = connected(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_in_utf8_is_taken(postgres):
    engine = connected(postgres.new_database(f"ENCODING 'UTF8' {C_LOCALE}"))
    make_tables(engine)
    assert "grade" in inspect(engine).get_table_names()
    engine.dispose()
