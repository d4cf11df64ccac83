"""Live training without MNIST and without a page."""

import asyncio
import urllib.request

import pytest

from lrlab.data import _digits, data_root, load_mnist
from lrlab.explore import live
from lrlab.mnist import FILES


@pytest.fixture
def train_live(monkeypatch):
    """Press a chart's "Train live", wait for the end; gives its last run and the images used."""
    images = _digits()
    monkeypatch.setattr(live, "load_mnist", lambda: images)

    async def press(chart):
        chart._handle_custom_msg({"do": "train", "settings": chart.present}, [])
        await chart.training

    def train(chart):
        asyncio.run(press(chart))
        return chart.runs[-1], images

    return train


@pytest.fixture
def gz(mnist):
    """The folder of the real files; a test that needs the .gz is skipped where they are not."""
    raw = data_root() / "MNIST" / "raw"
    if not all((raw / f"{name}.gz").is_file() for name in FILES):
        pytest.skip(f"the four .gz files of MNIST are not in {raw}")
    return raw


@pytest.fixture
def mirrored(monkeypatch):
    """mirrored(url, ...): these are MNIST's mirrors, and no proxy is asked for them."""
    from torchvision.datasets import MNIST

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(urllib.request, "_opener", None)  # it remembers what proxies there were
    return lambda *urls: monkeypatch.setattr(MNIST, "mirrors", list(urls))


@pytest.fixture
def offline(mirrored):
    """The only mirror of MNIST is where nobody listens."""
    mirrored("http://127.0.0.1:9/mnist/")


@pytest.fixture
def said(capsys):
    """said(): what load_mnist printed, exactly one line, and nothing on stderr."""

    def line() -> str:
        out, err = capsys.readouterr()
        assert err == ""
        assert out.count("\n") == 1
        return out

    return line


@pytest.fixture
def stand_in_for(said):
    """stand_in_for(root): the line with which load_mnist gives the digits in MNIST's place."""

    def load(root=None) -> str:
        images = load_mnist(root)
        assert images.name == "scikit-learn's digits"
        assert len(images.y_train) == 1_297
        return said()

    return load


@pytest.fixture
def homeless(monkeypatch):
    """An account that has no home folder, neither by its variables nor by the system's list."""
    accounts = pytest.importorskip("pwd", reason="Windows has no account without a home")

    def nobody(_uid):
        raise KeyError

    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(accounts, "getpwuid", nobody)
