"""MNIST as tensors in memory, read once; scikit-learn's small digits where MNIST cannot be had."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import socket
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import torch
from torch import Tensor

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels, scaled to 0..1
VALIDATION = 5_000  # the last images of the training file
PATIENCE_S = 5.0  # an offline laptop must not wait minutes for its first cell

# Bytes of the extracted files: torchvision checks the .gz files, but not what was extracted.
SIZES = {
    "train-images-idx3-ubyte": 16 + 60_000 * 784,
    "train-labels-idx1-ubyte": 8 + 60_000,
    "t10k-images-idx3-ubyte": 16 + 10_000 * 784,
    "t10k-labels-idx1-ubyte": 8 + 10_000,
}

UNWRITABLE = {
    errno.ENOENT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EEXIST,
    errno.ENOTDIR,
    errno.ENOSPC,
    errno.EDQUOT,
}


@dataclass(frozen=True, eq=False)
class Images:
    """Handwritten digits, split for good.

    `x_*` is float32 of shape (N, 784), normalised; `y_*` is int64 of shape (N,), 0 to 9.
    """

    name: str
    x_train: Tensor = field(repr=False)
    y_train: Tensor = field(repr=False)
    x_val: Tensor = field(repr=False)
    y_val: Tensor = field(repr=False)
    x_test: Tensor = field(repr=False)
    y_test: Tensor = field(repr=False)

    def __str__(self) -> str:
        train, val, test = (f"{len(y):,}" for y in (self.y_train, self.y_val, self.y_test))
        return f"{self.name}: {train} training, {val} validation and {test} test images."


def load_mnist(root: str | Path | None = None) -> Images:
    """MNIST in memory: 55,000 training, 5,000 validation and 10,000 test images.

    The files are looked for in `root`/MNIST/raw (root: `$LRLAB_DATA`, else the course's data
    folder) and downloaded when missing. Where that fails, the lesson still runs: the result is
    then scikit-learn's 1,797 digits. One printed line says which it is, why, and what to do.
    A second call is instant.
    """
    images, line = _load(Path(root or data_root()).expanduser().absolute())
    print(line)
    return images


def data_root() -> Path:
    """Where MNIST lies unless the caller says otherwise."""
    return Path(os.environ.get("LRLAB_DATA") or default_root())


def default_root() -> Path:
    """The data folder beside lessons/; inside it where lessons/ was handed out alone."""
    lessons = Path(__file__).resolve().parents[1]
    beside = lessons.parent / "data"
    return beside if beside.is_dir() else lessons / "data"


@lru_cache(maxsize=2)  # 220 MB each
def _load(root: Path) -> tuple[Images, str]:
    try:
        images = _mnist(root)
    except Exception as error:  # whatever is wrong with a file, disk or network: the lesson goes on
        trouble = _explain(root / "MNIST" / "raw", error)
        return _digits(), f"{trouble} Until then this lesson runs on scikit-learn's 1,797 digits."
    return images, str(images)


def _mnist(root: Path) -> Images:
    from torchvision.datasets import MNIST

    raw = root / "MNIST" / "raw"
    if not _complete(raw):
        _fetch(MNIST, root, raw)
    train, test = MNIST(root, train=True), MNIST(root, train=False)
    (x, y), (x_test, y_test) = ((_normalise(d.data, MEAN, STD), d.targets) for d in (train, test))
    split = len(y) - VALIDATION
    return Images("MNIST", x[:split], y[:split], x[split:], y[split:], x_test, y_test)


def _complete(raw: Path) -> bool:
    return all(_has(raw / name, size) for name, size in SIZES.items())


def _has(path: Path, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size


def _fetch(mnist: type[MNIST], root: Path, raw: Path) -> None:
    """Let torchvision verify, download and extract the four files, in silence and in one process.

    Raises OSError or RuntimeError.
    """
    from filelock import FileLock  # torch depends on it

    raw.mkdir(parents=True, exist_ok=True)
    with FileLock(raw / ".lock"):  # two notebooks may start at once
        for name, size in SIZES.items():
            if (raw / f"{name}.gz").is_file() and not _has(raw / name, size):
                (raw / name).unlink(missing_ok=True)  # half extracted: extract it again
        if _damaged(mnist, raw, missing_too=True) and not _online(mnist.mirrors):
            raise ConnectionError("none of the servers that hold MNIST answers")
        with _quiet(), _socket_timeout(PATIENCE_S):
            mnist(root, download=True)


def _damaged(mnist: type[MNIST], raw: Path, missing_too: bool = False) -> list[Path]:
    """The .gz files whose checksum is wrong."""
    from torchvision.datasets.utils import check_integrity

    files = [(raw / name, md5) for name, md5 in mnist.resources]
    return [f for f, md5 in files if (missing_too or f.is_file()) and not check_integrity(f, md5)]


def _online(mirrors: list[str]) -> bool:
    """Whether a mirror answers in time. A thread, since no timeout covers a name lookup."""
    answered = threading.Event()

    def ask(url: str) -> None:
        try:
            urlopen(url, timeout=PATIENCE_S).close()
        except OSError as error:
            if not isinstance(error, HTTPError):  # a refusal is an answer too
                return
        answered.set()

    threads = [threading.Thread(target=ask, args=(url,), daemon=True) for url in mirrors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S / len(threads))
    return answered.is_set()


@contextlib.contextmanager
def _socket_timeout(seconds: float):
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _quiet():
    """No progress bars: torchvision writes them to stderr, where nbgrader sees a failure."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def _explain(raw: Path, error: Exception) -> str:
    """What kept MNIST from loading, and what to do about it."""
    from torchvision.datasets import MNIST

    again = "then restart the kernel."
    if isinstance(error, OSError) and error.errno in UNWRITABLE:
        return (
            f"MNIST cannot be stored: {raw} is not a folder that you can write to, or is full: "
            f"set the environment variable LRLAB_DATA to a folder you own, {again}"
        )
    if damaged := _damaged(MNIST, raw):
        return f"{damaged[0]} is damaged: delete it and copy or download it again, {again}"
    if short := [p for n, s in SIZES.items() if (p := raw / n).exists() and not _has(p, s)]:
        return f"{short[0]} is incomplete: delete it, put {short[0].name}.gz beside it, {again}"
    return (
        "MNIST is not here and could not be downloaded: connect to the internet, or copy its four "
        f".gz files to {raw}, {again}"
    )


def _digits() -> Images:
    """scikit-learn's 8x8 digits at MNIST's size: 1,297 training, 250 validation, 250 test."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    small = torch.from_numpy(digits.images).float().unsqueeze(1) * (255 / 16)
    x = torch.nn.functional.interpolate(small, size=(28, 28), mode="bilinear")
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    x, y = x[order], torch.from_numpy(digits.target).long()[order]
    parts = [1_297, 250, 250]
    pixels = x[: parts[0]] / 255
    x = _normalise(x, pixels.mean().item(), pixels.std().item())
    (x_train, x_val, x_test), (y_train, y_val, y_test) = x.split(parts), y.split(parts)
    return Images("scikit-learn's digits", x_train, y_train, x_val, y_val, x_test, y_test)


def _normalise(pixels: Tensor, mean: float, std: float) -> Tensor:
    """0..255 of shape (N, ..., 28, 28) to float32 of shape (N, 784)."""
    return pixels.flatten(1).float().div_(255).sub_(mean).div_(std)
