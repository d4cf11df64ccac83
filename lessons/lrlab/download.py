"""MNIST from the internet: from torchvision's mirrors, each with a time limit of its own."""

from __future__ import annotations

import contextlib
import os
import queue
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, InvalidURL
from pathlib import Path
from threading import Timer
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from .mnist import AGAIN, FILES, Damaged, MnistError, unpack

PATIENCE_S = 5.0  # A server may be silent so long: an offline laptop must not wait minutes.
SLOW_S = 2.0  # A download that takes longer shows how far it is.
PAUSE_S = 1.0  # After so long it shows that again.


class NotStored(MnistError):
    """The folder cannot be written to, or its disk is full."""


class NotDownloaded(MnistError):
    """No mirror gave what is missing."""


class LoginPage(NotDownloaded):
    """The network answers with a web page of its own, as those of hotels and universities do."""


class _Refusal(Exception):
    """A server answers, but not with the file."""


class _WebPage(_Refusal):
    """A web page came where a file was asked for."""


def download(raw: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Fetch these files of MNIST into the folder `raw`, as .gz; return what is inside each.

    torchvision knows the mirrors; its own downloader is not used. That one waits without end for
    a silent mirror, gives up on all mirrors once the wait is limited, writes to stderr, where
    nbgrader sees a failure, and leaves half a file behind when it is interrupted. Here a file is
    stored only when it is whole and verified.

    Raises NotStored or NotDownloaded.
    """
    with _storing(raw):
        raw.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=raw).close()  # better to know before the download
    contents: dict[str, bytes] = {}
    silences: list[Exception] = []
    refusals: list[Exception] = []
    with _Progress(sum(FILES[name].packed for name in names)) as progress:
        for mirror, silence in _answers(_mirrors(raw)):
            if silence:
                silences.append(silence)
                continue
            missing = [name for name in names if name not in contents]
            refusals += _take(mirror, raw, missing, contents, progress)
            if len(contents) == len(names):
                return contents
    raise _why(raw, silences, refusals)


def _mirrors(raw: Path) -> list[str]:
    """torchvision's addresses, in the order to prefer them.

    The https ones stand there once more, by http, for a Python without certificates (on a Mac) and
    for the login page of a network. It is safe, since every file is verified.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about parts of torchvision that are not used here
            from torchvision.datasets import MNIST
    except Exception as error:  # of another build than torch it fails in many ways
        what = f"does not work ({_short(error)})"
        remedy = "install torch and torchvision together, from the same index"
        if isinstance(error, ModuleNotFoundError) and str(error.name).startswith("torchvision"):
            what, remedy = "is not installed", "install it"
        raise NotDownloaded(
            f"MNIST is not here, and torchvision, which knows where to download it, {what}: "
            f"{remedy}, {_or_copy(raw)}"
        ) from error
    by_http = [m.replace("https:", "http:", 1) for m in MNIST.mirrors if m.startswith("https:")]
    return [*MNIST.mirrors, *by_http]


def _answers(mirrors: Sequence[str]) -> Iterator[tuple[str, Exception | None]]:
    """The mirrors in the order in which they answer, each with what kept it from answering.

    They are asked in threads, since no time limit covers the lookup of a name, each a little
    later than the one that is preferred to it. After PATIENCE_S nobody is waited for.
    """
    answers: queue.SimpleQueue[tuple[str, Exception | None]] = queue.SimpleQueue()

    def ask(mirror: str) -> None:
        try:
            _open(mirror).close()
        except _Refusal:  # A refusal is an answer, too.
            answers.put((mirror, None))
        except Exception as silence:  # a proxy setting that is no address raises all kinds
            answers.put((mirror, silence))
        else:
            answers.put((mirror, None))

    for place, mirror in enumerate(mirrors):
        thread = Timer(place * PATIENCE_S / 10, ask, [mirror])
        thread.daemon = True
        thread.start()
    end = time.monotonic() + PATIENCE_S
    for _ in mirrors:
        try:
            answer = answers.get(timeout=max(0, end - time.monotonic()))
        except queue.Empty:
            return
        yield answer


def _open(url: str) -> HTTPResponse:
    """Raises _Refusal, or whatever the network or a proxy setting raises."""
    request = Request(url, headers={"User-Agent": "lrlab"})
    try:
        response: HTTPResponse = urlopen(request, timeout=PATIENCE_S)
    except HTTPError as error:
        error.close()
        kind = _WebPage if error.code == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED else _Refusal
        raise kind(str(error)) from error
    return response


def _take(
    mirror: str,
    raw: Path,
    names: Sequence[str],
    contents: dict[str, bytes],
    progress: _Progress,
) -> list[Exception]:
    """Store what this mirror has of `names` and add it to `contents`; return what went wrong."""
    refusals: list[Exception] = []
    for name in names:
        try:
            packed = _get(f"{mirror}{name}.gz", FILES[name].packed, progress)
            contents[name] = unpack(name, packed)
        except (_Refusal, Damaged) as refusal:  # the mirror may have the other files
            refusals.append(refusal)
        except (OSError, HTTPException, ValueError) as failure:
            return [*refusals, failure]
        else:
            _store(raw / f"{name}.gz", packed)
            progress.before += len(packed)
    return refusals


def _get(url: str, size: int, progress: _Progress) -> bytes:
    """The body, as far as it came, and no more than `size` bytes."""
    body = bytearray()
    with _open(url) as response:
        if response.headers.get_content_subtype() == "html":
            raise _WebPage(url)
        while len(body) < size and (part := response.read1(size - len(body))):
            body += part
            progress.show(len(body))
    if body.lstrip()[:1] == b"<":
        raise _WebPage(url)
    return bytes(body)


def _store(path: Path, packed: bytes) -> None:
    """All or nothing: another notebook that reads or downloads it meanwhile never sees a half."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    with _storing(path.parent):
        try:
            part.write_bytes(packed)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def _storing(raw: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotStored(
            f"MNIST cannot be stored: {raw} is not a folder that you can write to, or is full: "
            f"set the environment variable LRLAB_DATA to a folder you own, {AGAIN}"
        ) from error


class _Progress:
    """One line on stdout, rewritten in place at most 101 times, for a download that is slow."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.before = 0  # bytes of the files that are stored
        self.share = -1  # in per cent, as the line says
        self.line = ""
        self.next = time.monotonic() + SLOW_S

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.line:
            self._write(self.before)
            print()

    def show(self, now: int) -> None:
        """Say what has come, `now` bytes of the present file included."""
        done = self.before + now
        if time.monotonic() >= self.next and 100 * done // self.total != self.share:
            self._write(done)
            self.next = time.monotonic() + PAUSE_S

    def _write(self, done: int) -> None:
        self.share = 100 * done // self.total
        size = f"{done / 1e6:.1f} of {self.total / 1e6:.1f} MB ({self.share} %)"
        line = f"Downloading MNIST: {size}"
        print(("\r" if self.line else "") + line.ljust(len(self.line)), end="", flush=True)
        self.line = line


def _why(raw: Path, silences: list[Exception], refusals: list[Exception]) -> NotDownloaded:
    """What the learner should know of all that went wrong."""
    if any(isinstance(refusal, _WebPage) for refusal in refusals):
        return LoginPage(
            "The network answers with a web page instead of MNIST: log in to it first, "
            f"{_or_copy(raw)}"
        )
    reason, remedy = "", "connect to the internet"
    if refusals:
        reason, remedy = f" ({_short(refusals[-1])})", "try again later"
    elif any(map(_is_about_a_proxy, silences)):
        reason = " (the proxy that is set, for instance in http_proxy, is no address)"
        remedy = "correct that setting"
    return NotDownloaded(
        f"MNIST is not here and could not be downloaded{reason}: {remedy}, {_or_copy(raw)}"
    )


def _is_about_a_proxy(error: Exception) -> bool:
    """The mirrors' own addresses are good, so a bad one is a proxy's."""
    if isinstance(error, URLError):
        return isinstance(error.reason, str)  # An error of the network has an OSError there.
    return isinstance(error, (InvalidURL, ValueError))


def _or_copy(raw: Path) -> str:
    return f"or copy its four .gz files to {raw}, {AGAIN}"


def _short(error: Exception) -> str:
    """The error's text in one line."""
    return " ".join(str(error).split()) or type(error).__name__
