"""What `check_wall` says where bubblewrap is missing or refused, as it was seen in containers."""

from __future__ import annotations

import re

import pytest

from grader import paths
from grader.errors import NoSandbox
from grader.submission import bwrap as wall

NO_NAMESPACES = (
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow "
    "non-privileged user namespaces."
)
MASKED_PROC = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"
ROOT_REFUSED = "bwrap: Creating new namespace failed: Operation not permitted"
FLAGS = {f"--security-opt {what}=unconfined" for what in ("seccomp", "apparmor", "systempaths")}


@pytest.fixture
def refused(tmp_path, monkeypatch):
    """The sentence where bubblewrap complains: `refused(complaint, in_container)`."""

    def sentence(complaint: str, in_container: bool) -> str:
        bwrap, mark = tmp_path / "bwrap", tmp_path / "mark"
        bwrap.write_text(f'#!/bin/sh\necho "{complaint}" >&2\nexit 1\n')
        bwrap.chmod(0o755)
        if in_container:
            mark.touch()
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(wall, "CONTAINER_MARKS", (tmp_path / "none", mark))
        with pytest.raises(NoSandbox) as caught:
            wall.check_wall()
        assert complaint in str(caught.value)
        return str(caught.value)

    return sentence


def options(sentence: str) -> set[str]:
    return set(re.findall(r"--security-opt [\w=]+", sentence))


@pytest.mark.parametrize("complaint", [NO_NAMESPACES, MASKED_PROC, ROOT_REFUSED])
def test_a_container_is_told_its_options_and_no_setting_of_its_kernel(refused, complaint):
    sentence = refused(complaint, in_container=True)
    assert options(sentence) == FLAGS
    assert "an ordinary user, not root" in sentence
    assert "unprivileged_userns_clone" not in sentence


def test_a_masked_proc_gives_away_a_container_that_leaves_no_mark(refused):
    assert options(refused(MASKED_PROC, in_container=False)) == FLAGS


def test_a_machine_is_told_its_settings_and_nothing_of_containers(refused):
    sentence = refused(NO_NAMESPACES, in_container=False)
    assert options(sentence) == set()
    assert "sysctl kernel.unprivileged_userns_clone=1" in sentence
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in sentence


def test_where_it_is_missing_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoSandbox, match="apt-get install bubblewrap"):
        wall.check_wall()


def test_the_devcontainer_has_the_options_that_the_sentence_names():
    text = (paths.ROOT / ".devcontainer" / "devcontainer.json").read_text()
    assert {f"--security-opt {value}" for value in re.findall(r'"(\w+=unconfined)"', text)} == FLAGS
