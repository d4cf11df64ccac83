"""What .github/ and .devcontainer/ say about the rest of the project still holds."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys

import pytest
import yaml

from grader import paths

WORKFLOW = yaml.safe_load((paths.ROOT / ".github/workflows/test.yml").read_text())
DEVCONTAINER = (paths.ROOT / ".devcontainer/devcontainer.json").read_text()
COMMANDS = [
    step["run"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "run" in step
]
MAKEFILE = (paths.ROOT / "Makefile").read_text()
TARGETS = re.findall(r"\bmake ([\w./-]+)", "\n".join([*COMMANDS, DEVCONTAINER]))


def test_the_learners_side_is_tested_on_each_system_with_the_oldest_and_the_newest_python():
    matrix = WORKFLOW["jobs"]["learner"]["strategy"]["matrix"]
    systems = {label.partition("-")[0] for label in matrix["os"]}
    assert set(itertools.product(systems, matrix["python"])) == set(
        itertools.product({"ubuntu", "windows", "macos"}, {"3.11", "3.14"})
    )


def test_no_job_may_write_or_hang():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in WORKFLOW["jobs"].values())


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_what_it_is_asked_for(target):
    command = ["make", "--dry-run", "--directory", str(paths.ROOT), target]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_the_files_it_names_are_there():
    named = re.findall(r"(?:lessons|tests)/[\w./*]+", "\n".join(COMMANDS))
    assert named and all(any(paths.ROOT.glob(name)) for name in named)


def test_the_container_has_the_sandbox_and_an_ordinary_user():
    lines = (paths.ROOT / ".devcontainer/Dockerfile").read_text()
    assert {"bubblewrap", "libseccomp2", "make", "python3-venv"} <= set(lines.split())
    user = re.search(r"^USER (\w+)$", lines, re.MULTILINE).group(1)
    assert f'"remoteUser": "{user}"' in DEVCONTAINER
    assert f"useradd --create-home --shell /bin/bash {user}\n" in lines


def test_every_script_that_make_runs_finds_its_modules():
    """`make bench` and `make attacks` start them outside of pytest."""
    (place,) = re.findall(r"^SCRIPT := PYTHONPATH=(\S+)", MAKEFILE, re.MULTILINE)
    scripts = [*paths.ROOT.glob("tests/bench/bench_*.py"), paths.ROOT / "tests/attacks/compare.py"]
    load = "import runpy, sys; [runpy.run_path(each, run_name='script') for each in sys.argv[1:]]"
    beside = os.pathsep.join(sorted({str(each.parent) for each in scripts}))
    done = subprocess.run(
        [sys.executable, "-c", load, *map(str, scripts)],
        cwd=paths.ROOT,
        env={**os.environ, "PYTHONPATH": f"{place}:{beside}:{paths.ROOT}:{paths.LESSONS}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_workflow_for_students_installs_the_lessons_and_checks_notebooks_that_are_there():
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load(re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)[1])
    assert workflow["permissions"] == WORKFLOW["permissions"]
    uses = {
        step["uses"] for job in WORKFLOW["jobs"].values() for step in job["steps"] if "uses" in step
    }
    [job] = workflow["jobs"].values()
    assert {step["uses"] for step in job["steps"] if "uses" in step} <= uses
    install, check = [step["run"] for step in job["steps"] if "run" in step]
    assert f"python -m {install}" in "\n".join(COMMANDS)
    command, junit = check.split(" --junit ")
    assert command.split()[:4] == ["python", "-m", "lrlab", "check"]
    assert all(any(paths.ROOT.glob(name)) for name in command.split()[4:])
    assert job["steps"][-1]["with"]["path"] == junit
