"""load_mnist: its files read where they lie, the split, and one helpful line where it fails."""

import gzip
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch

from lrlab import data
from lrlab.data import _digits, default_root, load_mnist
from lrlab.mnist import FILES, Unusable, read

LABELS = "t10k-labels-idx1-ubyte"  # the smallest


@pytest.fixture
def raw(tmp_path, gz):
    """A folder with the four .gz files and nothing else."""
    return shutil.copytree(
        gz, tmp_path / "MNIST" / "raw", ignore=only_gz, copy_function=shutil.copyfile
    )


def only_gz(_, names):
    return [name for name in names if not name.endswith(".gz")]


def extract(raw):
    """The four files as torchvision leaves them behind, without the .gz."""
    for name in FILES:
        packed = raw / f"{name}.gz"
        (raw / name).write_bytes(gzip.decompress(packed.read_bytes()))
        packed.unlink()


def listing(folder):
    return {
        p: (p.stat().st_mtime_ns, p.stat().st_size) for p in [folder, *sorted(folder.rglob("*"))]
    }


def test_split_of_mnist(mnist):
    assert [len(y) for y in (mnist.y_train, mnist.y_val, mnist.y_test)] == [55_000, 5_000, 10_000]
    for x, y in [(mnist.x_train, mnist.y_train), (mnist.x_val, mnist.y_val)]:
        assert x.shape == (len(y), 784)
        assert (x.dtype, y.dtype) == (torch.float32, torch.int64)
    pixels = torch.cat([mnist.x_train, mnist.x_val])
    assert pixels.mean().abs() < 1e-3
    assert (pixels.std() - 1).abs() < 1e-3


def test_validation_is_the_end_of_the_training_file(mnist, raw, tmp_path):
    from torchvision.datasets import MNIST

    train = MNIST(tmp_path, download=True)  # extracts: the .gz files are there
    labels = train.targets
    assert torch.equal(mnist.y_train, labels[:55_000])
    assert torch.equal(mnist.y_val, labels[55_000:])
    test = MNIST(tmp_path, train=False)
    assert torch.equal(mnist.y_test, test.targets)
    for x, pixels in [(mnist.x_val, train.data[55_000:]), (mnist.x_test, test.data)]:
        assert torch.equal((x * data.STD + data.MEAN).mul(255).round(), pixels.flatten(1).float())


def test_second_call_reads_nothing_and_says_the_same(mnist, capsys, said, monkeypatch):
    images = load_mnist()
    capsys.readouterr()
    monkeypatch.setattr(data, "read", pytest.fail)
    assert load_mnist() is images
    assert said() == "MNIST: 55,000 training, 5,000 validation and 10,000 test images.\n"


def test_digits_stand_in_is_mnist_shaped_and_fixed():
    one, two = _digits(), _digits()
    assert [len(y) for y in (one.y_train, one.y_val, one.y_test)] == [1_297, 250, 250]
    assert one.x_train.shape == (1_297, 784)
    assert one.x_train.dtype == torch.float32
    assert one.x_train.mean().abs() < 1e-4
    assert (one.x_train.std() - 1).abs() < 1e-4
    assert torch.equal(one.x_test, two.x_test)
    assert one.y_train.unique().tolist() == list(range(10))


# --- the files, where they lie ---------------------------------------------------------------


@pytest.mark.parametrize("there", ["packed", "extracted", "both", "mixed", "half extracted"])
def test_files_are_used_as_they_are(there, raw, tmp_path, mnist, offline, said):
    if there in ("extracted", "both"):
        extract(raw)
    if there == "both":
        shutil.copytree(
            data.data_root() / "MNIST" / "raw",
            raw,
            ignore=only_gz,
            copy_function=shutil.copyfile,
            dirs_exist_ok=True,
        )
    if there == "mixed":
        (raw / LABELS).write_bytes(gzip.decompress((raw / f"{LABELS}.gz").read_bytes()))
        (raw / f"{LABELS}.gz").write_bytes(b"damaged")
    if there == "half extracted":
        (raw / LABELS).write_bytes(bytes(500))
    before = listing(tmp_path)
    images = load_mnist(tmp_path)
    said()
    assert images.name == "MNIST"
    assert torch.equal(images.y_test, mnist.y_test)
    assert torch.equal(images.x_val, mnist.x_val)
    assert listing(tmp_path) == before, "nothing is written"


def test_read_only_folder_needs_neither_torchvision_nor_root(gz):
    """Root may write everywhere, so there the process becomes nobody before it reads."""
    code = """
import os, sys, lrlab.data
sys.modules["torchvision"] = None
if hasattr(os, "geteuid") and os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
root = sys.argv[1]
print("writable" if os.access(root, os.W_OK) else "read-only")
lrlab.data.load_mnist(root)
"""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        raw = shutil.copytree(
            gz, root / "MNIST" / "raw", ignore=only_gz, copy_function=shutil.copyfile
        )
        folders = [root, raw.parent, raw]
        try:
            for path in folders:
                path.chmod(0o555)
            done = subprocess.run(
                [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
            )
        finally:
            for path in folders:
                path.chmod(0o755)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("MNIST: 55,000 training")
    if sys.platform != "win32":  # which knows no read-only folders
        assert lines[0] == "read-only"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed[:1_000],
        lambda packed: packed[:-4],
        lambda packed: packed[:2_000] + b"\0" + packed[2_001:],
        lambda packed: b"",
        lambda packed: b"<html>Please log in</html>",
        lambda packed: gzip.compress(gzip.decompress(packed)[:-1]),
        lambda packed: gzip.compress(gzip.decompress(packed) + b"\0"),
        lambda packed: gzip.compress(bytes(FILES[LABELS].size)),
        gzip.decompress,
        gzip.compress,
    ],
)
def test_a_damaged_gz_is_never_read(spoil, gz, tmp_path):
    packed = tmp_path / f"{LABELS}.gz"
    packed.write_bytes(spoil((gz / packed.name).read_bytes()))
    with pytest.raises(Unusable) as error:
        read(tmp_path, LABELS)
    assert f"{packed} is damaged: delete it" in str(error.value)


def test_damaged_gz_is_named(tmp_path, raw, offline, stand_in_for):
    damaged = raw / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:1_000])
    assert f"{damaged} is damaged: delete it" in stand_in_for(tmp_path)


def test_packed_anew_is_as_good(gz, tmp_path):
    content = read(gz, LABELS)
    (tmp_path / f"{LABELS}.gz").write_bytes(gzip.compress(content, compresslevel=1))
    assert read(tmp_path, LABELS) == content


@pytest.mark.parametrize(
    ("content", "what"), [(b"short", "incomplete"), (bytes(FILES[LABELS].size), "damaged")]
)
def test_truncated_file_without_its_gz_is_named(content, what, tmp_path, offline, stand_in_for):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / LABELS).write_bytes(content)
    line = stand_in_for(tmp_path)
    assert f"{raw / LABELS} is {what}: delete it" in line
    assert f"put {LABELS}.gz beside it" in line


def test_unreadable_file_is_named(tmp_path, offline, stand_in_for):
    packed = tmp_path / "MNIST" / "raw" / f"{LABELS}.gz"
    packed.mkdir(parents=True)  # a folder cannot be read as a file, not even by root
    assert f"{packed} cannot be read" in stand_in_for(tmp_path)


def test_whatever_else_is_wrong_the_lesson_goes_on(tmp_path, monkeypatch, stand_in_for):
    def strange(raw, name):
        raise MemoryError("no room")

    monkeypatch.setattr(data, "read", strange)
    assert "MNIST could not be loaded (MemoryError: no room)" in stand_in_for(tmp_path)


# --- where they lie --------------------------------------------------------------------------


def test_root_comes_from_the_environment(tmp_path, monkeypatch, offline, stand_in_for):
    monkeypatch.setenv("LRLAB_DATA", str(tmp_path))
    assert str(tmp_path) in stand_in_for()


@pytest.mark.parametrize(
    ("around", "root"),
    [
        (["data", "lessons/README.md"], "data"),  # the course
        (["lessons/README.md"], "lessons/data"),  # handed out alone
        (["lessons/lrlab.egg-info/PKG-INFO"], "lessons/data"),  # the same, installed from there
        (["lessons/lrlab-1.0.dist-info/METADATA"], None),  # installed: lessons is site-packages
        (["data", "lessons/torch-2.15.0+cpu.dist-info/METADATA"], None),
    ],
)
def test_the_data_folder_is_the_courses_or_the_users(around, root, tmp_path, monkeypatch):
    import platformdirs

    for name in around:
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(data, "__file__", str(tmp_path / "lessons" / "lrlab" / "data.py"))
    cache = platformdirs.user_cache_path("lrlab", appauthor=False)
    assert default_root() == (tmp_path / root if root else cache)


@pytest.mark.parametrize("version", ["installed", "older"])
def test_an_account_without_a_home_gets_a_folder_for_what_is_not_kept(
    version, tmp_path, monkeypatch, homeless
):
    import platformdirs

    if version == "older":  # It gave what os.path.expanduser gives, whatever that was.
        monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_, **__: Path("~/lrlab"))
    (tmp_path / "lessons" / "lrlab-1.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(data, "__file__", str(tmp_path / "lessons" / "lrlab" / "data.py"))
    assert default_root() == Path(tempfile.gettempdir()) / "lrlab"


@pytest.mark.parametrize("root", ["~", "~/data", "~nobody-is-called-so/data"])
@pytest.mark.parametrize("given", [True, False])
def test_a_home_that_is_not_there_ends_in_a_sentence_and_no_other_folder(
    root, given, tmp_path, monkeypatch, homeless, offline, said
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LRLAB_DATA", "elsewhere" if given else root)
    assert load_mnist(root if given else None).name == "scikit-learn's digits"
    assert "home directory" in said()
    assert list(tmp_path.iterdir()) == []


def test_import_is_free_of_heavy_libraries():
    code = (
        "import lrlab.data, sys; print(*{'torchvision', 'sklearn', 'matplotlib'} & {*sys.modules})"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""
