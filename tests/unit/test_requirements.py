"""What lrlab and grader import is declared in their pyproject.toml, and pinned in one place."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from grader import paths

LEARNERS, ALL = paths.LESSONS / "requirements.txt", paths.ROOT / "requirements.txt"
PROJECTS = {"lrlab": paths.LESSONS, "grader": paths.ROOT}
# A kernel, a database URL and dask's certificates name what they need: nothing here imports it.
BY_NAME = {"lrlab": {"ipykernel"}, "grader": {"cryptography", "psycopg"}}


def _name(requirement: str) -> str:
    """The distribution that a requirement names, spelled as PyPI compares names."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def _declared(package: str) -> set[str]:
    project = tomllib.loads((PROJECTS[package] / "pyproject.toml").read_text(encoding="utf-8"))
    return set(map(_name, project["project"]["dependencies"]))


def _imported(package: str) -> set[str]:
    modules = set()
    for path in (PROJECTS[package] / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.split(".")[0])
    others = modules - sys.stdlib_module_names - {"lrlab", "grader"}
    distributions = packages_distributions()
    return {_name(distributions[module][0]) for module in others}


def _pinned(*files) -> list[str]:
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [_name(line) for line in lines if "==" in line]


@pytest.mark.parametrize("package", PROJECTS)
def test_what_is_imported_is_declared_and_nothing_else(package):
    assert _declared(package) == _imported(package) | BY_NAME[package]


def test_every_pin_stands_once_and_nothing_declared_is_without():
    pins = _pinned(LEARNERS, ALL)
    assert sorted(pins) == sorted(set(pins))
    assert _declared("lrlab") <= set(_pinned(LEARNERS))
    assert _declared("grader") <= set(pins)


def test_learners_get_nothing_of_the_grader():
    assert set(_pinned(LEARNERS)) - _declared("lrlab") == {"jupyterlab", "jsonschema"}
