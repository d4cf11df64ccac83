"""load_mnist: the split, and one helpful line instead of a traceback when MNIST cannot be had."""

import shutil
import subprocess
import sys
import threading
import time

import pytest
import torch

from lrlab import data
from lrlab.data import SIZES, _digits, load_mnist


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(data, "_online", lambda mirrors: False)


def said(capsys) -> str:
    """What load_mnist printed: exactly one line, and nothing on stderr."""
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    return out


def stand_in(images) -> bool:
    return images.name == "scikit-learn's digits" and len(images.y_train) == 1_297


@pytest.fixture
def gz(mnist):
    """The folder of the real files; a test that needs the .gz is skipped where they are not."""
    raw = data.data_root() / "MNIST" / "raw"
    if not all((raw / f"{name}.gz").is_file() for name in SIZES):
        pytest.skip(f"the four .gz files of MNIST are not in {raw}")
    return raw


def test_split_of_mnist(mnist):
    assert [len(y) for y in (mnist.y_train, mnist.y_val, mnist.y_test)] == [55_000, 5_000, 10_000]
    for x, y in [(mnist.x_train, mnist.y_train), (mnist.x_val, mnist.y_val)]:
        assert x.shape == (len(y), 784)
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    pixels = torch.cat([mnist.x_train, mnist.x_val])
    assert pixels.mean().abs() < 1e-3
    assert (pixels.std() - 1).abs() < 1e-3


def test_validation_is_the_end_of_the_training_file(mnist):
    from torchvision.datasets import MNIST

    labels = MNIST(data.data_root()).targets
    assert torch.equal(mnist.y_train, labels[:55_000])
    assert torch.equal(mnist.y_val, labels[55_000:])


def test_second_call_is_instant_and_says_the_same(mnist, capsys):
    images = load_mnist()
    capsys.readouterr()
    start = time.perf_counter()
    assert load_mnist() is images
    assert time.perf_counter() - start < 0.1
    expected = "MNIST: 55,000 training, 5,000 validation and 10,000 test images.\n"
    assert said(capsys) == expected


def test_digits_stand_in_is_mnist_shaped_and_fixed():
    one, two = _digits(), _digits()
    assert [len(y) for y in (one.y_train, one.y_val, one.y_test)] == [1_297, 250, 250]
    assert one.x_train.shape == (1_297, 784)
    assert one.x_train.dtype == torch.float32
    assert one.x_train.mean().abs() < 1e-4
    assert (one.x_train.std() - 1).abs() < 1e-4
    assert torch.equal(one.x_test, two.x_test)
    assert one.y_train.unique().tolist() == list(range(10))


def test_offline_says_what_to_do(tmp_path, offline, capsys):
    assert stand_in(load_mnist(tmp_path))
    line = said(capsys)
    assert "could not be downloaded" in line
    assert str(tmp_path / "MNIST" / "raw") in line


def test_a_silent_name_server_is_not_waited_for(tmp_path, monkeypatch):
    test_is_over = threading.Event()

    def silent(url, timeout):
        test_is_over.wait()
        raise OSError

    monkeypatch.setattr(data, "urlopen", silent)
    try:
        assert stand_in(load_mnist(tmp_path))  # comes back although nobody has answered
    finally:
        test_is_over.set()


def test_damaged_gz_is_named(tmp_path, gz, offline, capsys):
    raw = shutil.copytree(gz, tmp_path / "MNIST" / "raw", ignore=shutil.ignore_patterns("*ubyte"))
    damaged = raw / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:1_000])
    assert stand_in(load_mnist(tmp_path))
    line = said(capsys)
    assert f"{damaged} is damaged: delete it" in line


def test_half_extracted_file_is_extracted_again(tmp_path, gz, offline, capsys):
    raw = shutil.copytree(gz, tmp_path / "MNIST" / "raw")
    labels = raw / "t10k-labels-idx1-ubyte"
    labels.write_bytes(labels.read_bytes()[:500])
    assert load_mnist(tmp_path).name == "MNIST"
    assert labels.stat().st_size == SIZES[labels.name]
    said(capsys)


def test_truncated_file_without_its_gz_is_named(tmp_path, offline, capsys):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"short")
    assert stand_in(load_mnist(tmp_path))
    assert f"{raw / 't10k-labels-idx1-ubyte'} is incomplete: delete it" in said(capsys)


def test_file_in_place_of_the_folder(tmp_path, capsys):
    (tmp_path / "data").write_text("not a folder")
    assert stand_in(load_mnist(tmp_path / "data"))
    line = said(capsys)
    assert "MNIST cannot be stored" in line
    assert "LRLAB_DATA" in line


def test_read_only_folder_with_good_files(mnist, tmp_path, monkeypatch, capsys):
    """Root ignores permissions, so any attempt to write is made to fail instead."""

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(data, "_fetch", refuse)
    (tmp_path / "MNIST").symlink_to(data.data_root() / "MNIST")
    assert load_mnist(tmp_path).name == "MNIST"
    said(capsys)


def test_root_comes_from_the_environment(tmp_path, monkeypatch, offline, capsys):
    monkeypatch.setenv("LRLAB_DATA", str(tmp_path))
    assert stand_in(load_mnist())
    assert str(tmp_path) in said(capsys)


def test_import_is_free_of_heavy_libraries():
    code = (
        "import lrlab.data, sys; print(*{'torchvision', 'sklearn', 'matplotlib'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""
