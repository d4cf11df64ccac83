"""MNIST's four files: what was published, and reading it where it lies."""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

AGAIN = "then restart the kernel."  # load_mnist remembers what it found


@dataclass(frozen=True)
class File:
    """One of the four. Its .gz was published; inside are a header, then one byte for each value."""

    shape: tuple[int, ...]
    packed: int  # bytes of the .gz
    sha256: str  # of what is inside: this verifies a .gz and an extracted file alike

    @property
    def header(self) -> int:
        """Bytes before the first value: a magic number and the shape."""
        return 4 + 4 * len(self.shape)

    @property
    def size(self) -> int:
        """Bytes of what is inside."""
        return self.header + math.prod(self.shape)


FILES = {
    "train-images-idx3-ubyte": File(
        (60_000, 28, 28),
        9_912_422,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    "train-labels-idx1-ubyte": File(
        (60_000,), 28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "t10k-images-idx3-ubyte": File(
        (10_000, 28, 28),
        1_648_877,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    "t10k-labels-idx1-ubyte": File(
        (10_000,), 4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}


class MnistError(Exception):
    """MNIST cannot be had. The text is for the learner: one sentence that says what to do."""


class Unusable(MnistError):
    """A file is there and is not what was published, or cannot be read."""


class Damaged(Exception):
    """These bytes are not what was published."""


def read(raw: Path, name: str) -> bytes:
    """What is inside the file `name`, from its .gz or from what somebody has extracted of it.

    It is verified: exactly what was published. Nothing is written. Raises FileNotFoundError when
    neither is in the folder `raw`, and Unusable when what is there is no use.
    """
    trouble = None
    for path, check in ((raw / f"{name}.gz", unpack), (raw / name, verify)):
        try:
            return check(name, path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, Damaged) as error:
            trouble = trouble or Unusable(_remedy(path, name, error))
    raise trouble or FileNotFoundError(raw / name)


def _remedy(path: Path, name: str, error: OSError | Damaged) -> str:
    if isinstance(error, OSError):
        return f"{path} cannot be read ({error.strerror}): make it readable, {AGAIN}"
    if path.name != name:
        return f"{path} is damaged: delete it and copy or download it again, {AGAIN}"
    what = "incomplete" if path.stat().st_size < FILES[name].size else "damaged"
    return f"{path} is {what}: delete it, put {name}.gz beside it, {AGAIN}"


def unpack(name: str, packed: bytes) -> bytes:
    """What is inside the bytes of `name`.gz, verified. Raises Damaged."""
    try:
        with gzip.open(io.BytesIO(packed)) as stream:
            content = stream.read(FILES[name].size + 1)  # no more, however much was packed
    except (OSError, EOFError, zlib.error) as error:
        raise Damaged("cut or changed") from error
    return verify(name, content)


def verify(name: str, content: bytes) -> bytes:
    """`content`, when it is what was published inside `name`. Raises Damaged."""
    file = FILES[name]
    if len(content) != file.size or hashlib.sha256(content).hexdigest() != file.sha256:
        raise Damaged("cut or changed")
    return content


def tensor(name: str, content: bytes) -> Tensor:
    """The values inside `name`: uint8 of the shape that FILES says."""
    file = FILES[name]
    values = torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=file.header)
    return values.view(file.shape)
