"""MNIST as tensors in memory, read once; scikit-learn's small digits where MNIST cannot be had."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from .download import LoginPage, NotDownloaded, download
from .folders import of_user
from .mnist import FILES, MnistError, Unusable, read, tensor

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels, scaled to 0..1
TRAINING, VALIDATION = 55_000, 5_000  # the first images of the training file, and the last


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

    Its four .gz files are read in `root`/MNIST/raw, where nothing is written when they are there
    (root: `$LRLAB_DATA`, else the course's data folder), and downloaded when they are missing.
    Where that fails, the lesson still runs: the result is then scikit-learn's 1,797 digits. One
    printed line says which it is, why, and what to do. A second call is instant.

    >>> images = load_mnist()
    MNIST: 55,000 training, 5,000 validation and 10,000 test images.
    >>> images.x_train.shape
    torch.Size([55000, 784])
    """
    folder = Path(root or data_root())
    with suppress(RuntimeError):  # No home is found for ~: _load says so.
        folder = folder.expanduser().absolute()
    images, line = _load(folder)
    print(line)
    return images


def data_root() -> Path:
    """Where MNIST lies unless the caller says otherwise."""
    return Path(os.environ.get("LRLAB_DATA") or default_root())


def default_root() -> Path:
    """The data folder beside lessons/; inside it where lessons/ was handed out alone.

    Where pip has installed lrlab without lessons/ around it, the user's cache folder; where the
    account has no home for one, a folder among the temporary files.
    """
    lessons = Path(__file__).resolve().parents[1]
    if any(lessons.glob("*.dist-info")):  # a folder of pip's, such as site-packages
        from platformdirs import user_cache_path

        own = of_user(user_cache_path)
        return own or Path(tempfile.gettempdir()) / "lrlab"
    beside = lessons.parent / "data"
    return beside if beside.is_dir() else lessons / "data"


@lru_cache(maxsize=2)  # 220 MB each
def _load(root: Path) -> tuple[Images, str]:
    try:
        images = _mnist(root.expanduser() / "MNIST" / "raw")
    except MnistError as error:
        trouble = str(error)
    except Exception as error:  # whatever else it is: the lesson goes on
        trouble = f"MNIST could not be loaded ({type(error).__name__}: {error})."
    else:
        return images, str(images)
    return _digits(), f"{trouble} Until then this lesson runs on scikit-learn's 1,797 digits."


def _mnist(raw: Path) -> Images:
    contents = _contents(raw)
    x, y, x_test, y_test = (tensor(name, contents.pop(name)) for name in FILES)
    x, x_test = _normalise(x, MEAN, STD), _normalise(x_test, MEAN, STD)
    y, y_test = y.long(), y_test.long()
    split = len(y) - VALIDATION
    return Images("MNIST", x[:split], y[:split], x[split:], y[split:], x_test, y_test)


def _contents(raw: Path) -> dict[str, bytes]:
    """What is inside the four files. What is missing or no use is downloaded."""
    contents: dict[str, bytes] = {}
    unusable: Unusable | None = None
    for name in FILES:
        try:
            contents[name] = read(raw, name)
        except FileNotFoundError:
            continue
        except Unusable as error:
            unusable = unusable or error
    if missing := [name for name in FILES if name not in contents]:
        try:
            contents |= download(raw, missing)
        except LoginPage:  # to log in mends a damaged file, too
            raise
        except NotDownloaded as error:
            raise unusable or error from error
    return contents


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
