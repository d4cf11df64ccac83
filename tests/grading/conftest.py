"""Notebooks as learners hand them in, what runs them and stays warm, a gradebook's database."""

import tempfile
from pathlib import Path

import nbformat
import pytest
from machines import Machines
from postgres import Postgres, programs

from grader import paths
from grader.demo.write import answer_source, filled_in
from grader.exercises import of_lesson
from grader.submission.limits import Limits
from grader.submission.sandbox import Sandbox

CELL_SECONDS = 4
SECONDS = 30


@pytest.fixture(scope="session")
def sandbox(bubblewrap):
    """Its limits are short, so that tests of endless code end soon."""
    with Sandbox(Limits(cell_seconds=CELL_SECONDS, seconds=SECONDS)) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def scheduler(bubblewrap, tmp_path_factory):
    """The address of a dask cluster with one worker, for runs that need none of their own."""
    with Machines(tmp_path_factory.mktemp("cluster")) as machines:
        machines.start_scheduler()
        machines.start_worker("one")
        machines.await_workers(1)  # a run that has to wait for one says so
        yield machines.address


@pytest.fixture(scope="session")
def handed_in():
    """Make the bytes of a submission: `handed_in(lesson, {exercise: source}, extra cells…)`."""

    def make(lesson: str, answers: dict[str, str], *extra: str) -> bytes:
        notebook = filled_in(lesson, answers)
        first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
        notebook.cells[first:first] = [nbformat.v4.new_code_cell(source) for source in extra]
        return nbformat.writes(notebook).encode()

    return make


@pytest.fixture(scope="session")
def solved():
    """The right answers of a lesson as learners would type them: `solved(lesson)`."""
    return lambda lesson: {each.id: answer_source(each.id, "right") for each in of_lesson(lesson)}


@pytest.fixture
def untouched():
    return lambda lesson: paths.released(lesson).read_bytes()


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL; tests that need it are skipped, loudly, where it is not installed."""
    if (found := programs()) is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Postgres(found, Path(folder))
        yield server
        server.kill()


@pytest.fixture
def db_url(request, tmp_path):
    """The gradebook's URL: of tmp_path/class, or of a new PostgreSQL database."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:///{tmp_path}/class/gradebook.db"


def pytest_generate_tests(metafunc):
    """A test marked with `both_databases` is one test on SQLite and one on PostgreSQL."""
    if metafunc.definition.get_closest_marker("both_databases"):
        metafunc.parametrize("db_url", ["sqlite", "postgresql"], indirect=True)
