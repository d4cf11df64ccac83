"""Entry point: `python -m inside FD`, where FD is the control socket."""

import os
import socket
import sys

from . import walls, warm

if walls.INSIDE:
    walls.become_nobody()
os.chdir(os.environ["TMPDIR"])
warm.serve(socket.socket(fileno=int(sys.argv[1])), warm.warm_up())
