"""`make system`: which packages it asks of apt-get, on machines made of stubs."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader import paths

CHROMIUM = "chromium-headless-shell"
PACKAGES = ("bubblewrap", "libseccomp2", CHROMIUM, "postgresql")
TOOLS = ("bash", "dirname", "env", "grep", "mkdir", "rm")
OS_RELEASE = {
    "debian": "ID=debian\nVERSION_ID=12\n",
    "ubuntu": 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n',
    "mint": 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
}
# It notes its arguments, and whether Debian would now start a PostgreSQL service.
NO_SERVICE = "etc/postgresql-common/createcluster.d/no-service.conf"
APT_GET = f"""#!/bin/sh
cd "$SYSTEM_ROOT"
echo "$@" >>asked
[ -e {NO_SERVICE} ] && echo without a service >>asked
case "$*" in *"$FAILS_ON"*) echo "E: Unable to locate package" >&2; eval "$FAILURE";; esac
"""


@dataclass
class Machine:
    """A PATH of stubs and a folder that stands for /."""

    root: Path
    system: str = "debian"
    programs: tuple[str, ...] = ()
    user: int = 0
    fails_on: str = "nothing"
    failure: str = "exit 100"
    libraries: str = "libseccomp.so.2 (libc6,x86-64) => /lib/libseccomp.so.2"
    printed: str = field(init=False, default="")
    complained: str = field(init=False, default="")

    def make_system(self) -> int:
        """Run the script; return its exit code."""
        path = self.root / "bin"
        path.mkdir()
        for tool in TOOLS:
            (path / tool).symlink_to(shutil.which(tool))
        stubs = {"id": f"echo {self.user}", "ldconfig": f"echo '{self.libraries}'"}
        stubs |= dict.fromkeys(self.programs, "exit 0")
        texts = {name: f"#!/bin/sh\n{text}\n" for name, text in stubs.items()}
        if self.system in OS_RELEASE:
            texts["apt-get"] = APT_GET
        for name, text in texts.items():
            (path / name).write_text(text)
            (path / name).chmod(0o755)
        (self.root / "etc").mkdir()
        (self.root / "etc" / "os-release").write_text(OS_RELEASE.get(self.system, "ID=fedora\n"))
        done = subprocess.run(
            [paths.ROOT / "tests" / "system.sh", *PACKAGES],
            env={
                "PATH": str(path),
                "SYSTEM_ROOT": str(self.root),
                "FAILS_ON": self.fails_on,
                "FAILURE": self.failure,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.printed, self.complained = done.stdout, done.stderr
        return done.returncode

    @property
    def asked(self) -> list[str]:
        """The calls of apt-get, in their order."""
        record = self.root / "asked"
        return record.read_text().splitlines() if record.exists() else []

    @property
    def installed(self) -> list[str]:
        """What apt-get was asked to install."""
        calls = [call.split() for call in self.asked if call.startswith("install")]
        return [word for call in calls for word in call[1:] if not word.startswith("-")]

    @property
    def leaves_a_trace(self) -> bool:
        """Whether later installations of PostgreSQL would make no cluster."""
        return (self.root / NO_SERVICE).exists()


def test_a_fresh_debian_gets_everything_and_no_service(tmp_path):
    machine = Machine(tmp_path, libraries="")
    assert machine.make_system() == 0
    assert machine.asked[0] == "update -qq"
    assert machine.installed == list(PACKAGES)
    assert machine.asked[-1] == "without a service"
    assert not machine.leaves_a_trace
    assert machine.printed == machine.complained == ""


@pytest.mark.parametrize("system", ["ubuntu", "mint"])
def test_ubuntu_is_never_asked_for_chromium(tmp_path, system):
    machine = Machine(tmp_path, system=system)
    assert machine.make_system() == 0
    assert machine.installed == ["bubblewrap", "postgresql"]
    assert "google.com/chrome" in machine.printed


def test_a_github_runner_gets_bubblewrap_alone(tmp_path):
    """It has Chrome, and PostgreSQL where Debian keeps it: out of PATH."""
    machine = Machine(tmp_path, system="ubuntu", programs=("google-chrome",))
    initdb = tmp_path / "usr/lib/postgresql/16/bin/initdb"
    initdb.parent.mkdir(parents=True)
    initdb.touch()
    assert machine.make_system() == 0
    assert machine.installed == ["bubblewrap"]
    assert "without a service" not in machine.asked
    assert machine.printed == ""


@pytest.mark.parametrize("user", [0, 1000])
def test_nothing_is_asked_or_said_where_all_is_there(tmp_path, user):
    machine = Machine(tmp_path, programs=("bwrap", "chromium-headless-shell", "initdb"), user=user)
    assert machine.make_system() == 0
    assert machine.asked == []
    assert machine.printed == machine.complained == ""


@pytest.mark.parametrize("fails_on", ["nothing", "chromium-headless-shell"])
def test_the_lighter_chromium_comes_beside_the_whole_one_if_it_can_be_had(tmp_path, fails_on):
    machine = Machine(tmp_path, programs=("bwrap", "chromium", "initdb"), fails_on=fails_on)
    assert machine.make_system() == 0
    assert machine.installed == ["chromium-headless-shell"]
    assert machine.printed == ""


@pytest.mark.parametrize(
    ("system", "user", "browser"),
    [
        ("debian", 1000, "chromium"),
        ("debian", 0, "google-chrome"),
        ("ubuntu", 0, "chromium"),
        ("fedora", 0, "chromium"),
    ],
)
def test_any_chromium_does_elsewhere(tmp_path, system, user, browser):
    programs = ("bwrap", browser, "initdb")
    machine = Machine(tmp_path, system=system, user=user, programs=programs)
    assert machine.make_system() == 0
    assert machine.asked == []
    assert machine.printed == machine.complained == ""


def test_an_older_debian_gets_the_whole_chromium(tmp_path):
    programs = ("bwrap", "initdb")
    machine = Machine(tmp_path, programs=programs, fails_on="chromium-headless-shell")
    assert machine.make_system() == 0
    assert machine.installed == ["chromium-headless-shell", "chromium"]


@pytest.mark.parametrize("package", PACKAGES)
def test_one_that_cannot_be_had_does_not_block_the_others(tmp_path, package):
    fails_on = " chromium" if package == CHROMIUM else f" {package}"
    machine = Machine(tmp_path, libraries="", fails_on=fails_on)
    assert machine.make_system() == 1
    assert [each for each in machine.installed if each in PACKAGES] == list(PACKAGES)
    assert f"could not install {package};" in machine.complained
    assert "Unable to locate package" in machine.complained
    assert not machine.leaves_a_trace


def test_old_lists_do_where_no_new_ones_can_be_had(tmp_path):
    machine = Machine(tmp_path, fails_on="update")
    assert machine.make_system() == 0
    assert machine.installed == ["bubblewrap", "chromium-headless-shell", "postgresql"]


def test_nothing_is_left_behind_by_one_who_interrupts(tmp_path):
    machine = Machine(tmp_path, fails_on="postgresql", failure="kill -TERM $PPID")
    assert machine.make_system() != 0
    assert "without a service" in machine.asked
    assert not machine.leaves_a_trace


@pytest.mark.parametrize(
    "programs", [(), ("bwrap",), ("bwrap", "chromium-headless-shell"), ("initdb",)]
)
def test_an_ordinary_user_is_told_what_is_missing_and_no_more(tmp_path, programs):
    provides = {"bwrap": "bubblewrap", "initdb": "postgresql"}  # others are named as their package
    needed = ("bwrap", "chromium-headless-shell", "initdb")
    missing = " ".join(provides.get(each, each) for each in needed if each not in programs)
    machine = Machine(tmp_path, programs=programs, user=1000)
    assert machine.make_system() == 0
    assert machine.asked == []
    assert machine.printed == (
        f"Missing: {missing}; tests that need them are skipped. "
        f"Install with: sudo apt-get install {missing}\n"
    )


def test_a_system_without_apt_get_is_not_told_of_it(tmp_path):
    machine = Machine(tmp_path, system="fedora", programs=("chromium", "initdb"))
    assert machine.make_system() == 0
    assert "Missing: bubblewrap;" in machine.printed
    assert "apt" not in machine.printed
