"""Local servers in the place of MNIST's mirrors: good ones, and what bad networks make of them."""

import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = b"\n<!DOCTYPE html><html><body>Please log in to our network.</body></html>"


class Mirror(ThreadingHTTPServer):
    """Serves a folder's files under /mnist/, in one of the ways below; `asked` is what for."""

    daemon_threads = True

    def __init__(self, folder, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder, self.answer = folder, answer
        self.asked: list[str] = []
        self.over = threading.Event()  # lets those go who hang

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/mnist/"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *exception):
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request, client_address):
        """Clients that go away early are what is tested."""


class Handler(BaseHTTPRequestHandler):
    """One request: the mirror's way to answer is called with the file's bytes, if it has it."""

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        path = self.server.folder / name
        self.server.answer(self, path.read_bytes() if name and path.is_file() else None)

    def head(self, status, **headers):
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), str(value))
        self.end_headers()

    def log_message(self, *args):
        """stderr belongs to what is tested."""


def good(request, body):
    if body is None:
        return refuse(request, body)
    request.head(200, Content_Type="application/x-gzip", Content_Length=len(body))
    request.wfile.write(body)


def chunked(request, body):
    """Without a length, as some servers send it."""
    if body is None:
        return refuse(request, body)
    request.head(200)
    request.wfile.write(body)


def refuse(request, body, status=404):
    request.head(status, Content_Length=0)


def fail(request, body):
    refuse(request, body, 503)


def silent(request, body):
    """The connection stands, and nothing comes."""
    request.server.over.wait()


def reset(request, body):
    linger = struct.pack("ii", 1, 0)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    request.connection.close()


def no_http(request, body):
    request.wfile.write(b"220 mail.example ESMTP\r\n")


def cut(request, body):
    """Half of what is announced."""
    if body is None:
        return refuse(request, body)
    request.head(200, Content_Length=len(body))
    request.wfile.write(body[: len(body) // 2])


def hang(request, body):
    """Half of it, and then nothing more comes."""
    cut(request, body)
    request.wfile.flush()
    request.server.over.wait()


def empty(request, body):
    request.head(200, Content_Length=0)


def changed(request, body):
    """As long as it should be, but one byte is another."""
    if body is not None:
        middle = len(body) // 2
        body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
    good(request, body)


def web_page(request, body):
    request.head(200, Content_Type="text/html; charset=utf-8", Content_Length=len(HTML))
    request.wfile.write(HTML)


def disguised_page(request, body):
    """A web page that claims to be a file."""
    request.head(200, Content_Type="application/octet-stream")
    request.wfile.write(HTML)


def redirect(request, body):
    if request.path == "/login":
        return web_page(request, body)
    request.head(302, Location="/login", Content_Length=0)


def login_required(request, body):
    refuse(request, body, 511)


def slow(request, body, pieces=40, pause=0.02):
    """All of it, little by little."""
    if body is None:
        return refuse(request, body)
    request.head(200, Content_Length=len(body))
    step = len(body) // pieces + 1
    for start in range(0, len(body), step):
        request.wfile.write(body[start : start + step])
        request.wfile.flush()
        time.sleep(pause)


BROKEN = [refuse, fail, silent, reset, no_http, cut, hang, empty, changed]
PAGES = [web_page, disguised_page, redirect, login_required]
