"""Entry point: `python -m inside FD [EVENTS]`.

FD is the control socket. In EVENTS the cgroup of this sandbox, where it has one, counts the
processes that the kernel ended because memory was used up.
"""

import os
import socket
import sys

from . import walls, warm

if walls.INSIDE:
    walls.become_nobody()
os.chdir(os.environ["TMPDIR"])
control, *events = map(int, sys.argv[1:])
warm.serve(socket.socket(fileno=control), warm.warm_up(), *events)
