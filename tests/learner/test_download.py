"""MNIST's download on good and bad networks, from local servers in the place of its mirrors."""

import contextlib
import errno
import re
import socket
import sys
import threading
from pathlib import Path

import mirrors
import pytest
from mirrors import Mirror

from lrlab import download as module
from lrlab.data import load_mnist
from lrlab.download import NotDownloaded, NotStored, download
from lrlab.mnist import FILES, unpack

LABELS = ["train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte"]  # the small ones


@pytest.fixture
def online(gz, mirrored, monkeypatch):
    """online(answer, ...): these mirrors there are, to be preferred in this order; gives them."""
    monkeypatch.setattr(module, "PATIENCE_S", 2.0)
    monkeypatch.setattr(module, "SLOW_S", 60.0)
    with contextlib.ExitStack() as stack:

        def start(*answers):
            there = [stack.enter_context(Mirror(gz, answer)) for answer in answers]
            mirrored(*(mirror.url for mirror in there))
            return there

        yield start


def stored(raw):
    return sorted(path.name for path in raw.iterdir())


def why(raw, names=LABELS) -> str:
    """The sentence of a download that fails, and leaves nothing behind."""
    with pytest.raises(NotDownloaded) as error:
        download(raw, names)
    assert stored(raw) == []
    assert f"or copy its four .gz files to {raw}, then restart the kernel." in str(error.value)
    return str(error.value)


# --- a mirror that is no good ----------------------------------------------------------------


@pytest.mark.parametrize("first", mirrors.BROKEN + mirrors.PAGES)
def test_the_next_mirror_has_its_own_time(first, online, tmp_path, gz, capsys):
    online(first, mirrors.good)
    contents = download(tmp_path, LABELS)
    assert capsys.readouterr() == ("", "")
    assert list(contents) == LABELS
    assert stored(tmp_path) == sorted(f"{name}.gz" for name in LABELS)
    for name in LABELS:
        packed = (tmp_path / f"{name}.gz").read_bytes()
        assert contents[name] == unpack(name, packed)
        assert packed == (gz / f"{name}.gz").read_bytes()


def test_first_mirror_silent_is_mnist_all_the_same(online, tmp_path, said):
    """The whole way, with the large files; the second time nobody is asked."""
    _, good = online(mirrors.silent, mirrors.good)
    assert load_mnist(tmp_path).name == "MNIST"
    said()
    raw = tmp_path / "MNIST" / "raw"
    assert stored(raw) == sorted(f"{name}.gz" for name in FILES)
    assert good.asked == ["", *(f"{name}.gz" for name in FILES)]


def test_only_what_is_missing_or_damaged_is_downloaded(online, tmp_path, gz, said):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in FILES:
        (raw / f"{name}.gz").write_bytes((gz / f"{name}.gz").read_bytes())
    (raw / f"{LABELS[0]}.gz").unlink()
    (raw / f"{LABELS[1]}.gz").write_bytes(mirrors.HTML)
    [mirror] = online(mirrors.good)
    assert load_mnist(tmp_path).name == "MNIST"
    said()
    assert mirror.asked[1:] == [f"{name}.gz" for name in LABELS]
    assert (raw / f"{LABELS[1]}.gz").read_bytes() == (gz / f"{LABELS[1]}.gz").read_bytes()


def test_two_mirrors_that_lack_a_file_each(online, tmp_path):
    def lacks(name):
        return lambda request, body: mirrors.good(request, None if name in request.path else body)

    online(lacks(LABELS[0]), lacks(LABELS[1]))
    assert set(download(tmp_path, LABELS)) == set(LABELS)


def test_a_file_without_its_length(online, tmp_path):
    online(mirrors.chunked)
    assert set(download(tmp_path, LABELS)) == set(LABELS)


# --- no mirror is any good -------------------------------------------------------------------


@pytest.mark.parametrize("answer", mirrors.BROKEN)
def test_no_mirror_works(answer, online, tmp_path):
    online(answer, answer)
    nobody = answer in (mirrors.silent, mirrors.reset, mirrors.no_http)
    remedy = "connect to the internet" if nobody else "try again later"
    assert re.match(rf"MNIST is not here and could not be downloaded.*: {remedy}, ", why(tmp_path))


@pytest.mark.parametrize("answer", mirrors.PAGES)
@pytest.mark.parametrize("other", [mirrors.silent, mirrors.refuse])
def test_a_login_page_is_no_damaged_file(answer, other, online, tmp_path):
    online(other, answer)
    sentence = why(tmp_path)
    assert sentence.startswith(
        "The network answers with a web page instead of MNIST: log in to it first, "
    )
    assert "damaged" not in sentence


def test_a_login_page_comes_before_a_damaged_file(online, tmp_path, stand_in_for):
    """torchvision leaves such a page behind as a file; once logged in, it is replaced."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / f"{LABELS[0]}.gz").write_bytes(mirrors.HTML)
    online(mirrors.web_page)
    assert "log in to it first" in stand_in_for(tmp_path)


def test_offline_says_what_to_do(tmp_path, offline, stand_in_for):
    line = stand_in_for(tmp_path)
    assert "could not be downloaded: connect to the internet" in line
    assert str(tmp_path / "MNIST" / "raw") in line


def test_a_silent_name_server_is_not_waited_for(tmp_path, offline, monkeypatch):
    test_is_over = threading.Event()

    def lookup(*args, **kwargs):
        test_is_over.wait()
        raise socket.gaierror

    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    try:
        assert "connect to the internet" in why(tmp_path)  # although nobody has answered
    finally:
        test_is_over.set()


@pytest.mark.parametrize(
    "proxy",
    [
        "proxy.uni.example:port",
        "http://proxy.uni.example:80 80",
        "http://proxy..example",
        "http://",
        "htp://proxy.uni.example:80",
        "/",
    ],
)
def test_a_proxy_that_is_no_address(proxy, tmp_path, monkeypatch, offline, capfd):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("http_proxy", proxy)
    sentence = why(tmp_path)
    assert "proxy" in sentence
    assert "correct that setting" in sentence
    assert capfd.readouterr() == ("", "")  # no thread's traceback


# --- slow, interrupted -----------------------------------------------------------------------


def test_a_slow_mirror_shows_size_and_share(online, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(module, "SLOW_S", 0)
    monkeypatch.setattr(module, "PATIENCE_S", 1.0)  # it takes longer, but is never silent so long
    monkeypatch.setattr(module, "PAUSE_S", 0)
    online(mirrors.slow)
    download(tmp_path, LABELS)
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    assert out.endswith("\n")
    steps = out[:-1].split("\r")
    line = re.compile(r"Downloading MNIST: 0\.0 of 0\.0 MB \((\d+) %\)")
    shares = [int(line.fullmatch(step)[1]) for step in steps]
    assert shares[-1] == 100
    assert shares[:-1] == sorted(set(shares[:-1]))  # and the end is written once more
    assert len(shares) > 20


def test_an_interrupted_download_leaves_nothing(online, tmp_path, monkeypatch):
    def interrupt(self, now):
        if now > 2_000:
            raise KeyboardInterrupt

    online(mirrors.slow)
    with monkeypatch.context() as patch:
        patch.setattr(module._Progress, "show", interrupt)
        with pytest.raises(KeyboardInterrupt):
            download(tmp_path, LABELS)
    assert stored(tmp_path) == []
    assert set(download(tmp_path, LABELS)) == set(LABELS)


# --- nowhere to store it ---------------------------------------------------------------------


def test_file_in_place_of_the_folder(tmp_path, offline, stand_in_for):
    (tmp_path / "data").write_text("not a folder", encoding="utf-8")
    line = stand_in_for(tmp_path / "data")
    assert "MNIST cannot be stored" in line
    assert "LRLAB_DATA" in line


def test_a_full_disk_leaves_no_fragment(online, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, content):
        write(path, content[:1_000])
        raise OSError(errno.ENOSPC, "No space left on device")

    online(mirrors.good)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotStored, match=r"MNIST cannot be stored: .* or is full"):
        download(tmp_path, LABELS)
    assert stored(tmp_path) == []


# --- torchvision -----------------------------------------------------------------------------


@pytest.fixture
def torchvision(tmp_path, monkeypatch):
    """torchvision(source): instead of the installed one there is this one, or none."""

    def replace(source):
        for name in [n for n in sys.modules if n.partition(".")[0] == "torchvision"]:
            monkeypatch.delitem(sys.modules, name)
        if source is None:
            monkeypatch.setitem(sys.modules, "torchvision", None)
            return
        package = tmp_path / "packages" / "torchvision"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(source, encoding="utf-8")
        monkeypatch.syspath_prepend(package.parent)

    yield replace
    for name in [n for n in sys.modules if n.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # a broken one; monkeypatch puts the good one back


@pytest.mark.parametrize("source", [None, ""])  # no package, or one that was emptied
def test_without_torchvision(source, torchvision, tmp_path, stand_in_for):
    torchvision(source)
    line = stand_in_for(tmp_path / "data")
    assert "torchvision, which knows where to download it, is not installed: install it" in line
    assert str(tmp_path / "data" / "MNIST" / "raw") in line


@pytest.mark.parametrize(
    "source",
    [
        "raise RuntimeError('operator torchvision::nms does not exist')",
        "raise ImportError('libcudart.so.13: cannot open shared object file')",
        "raise OSError('[WinError 127] The specified procedure could not be found')",
        "import torchvision; torchvision.extension",
        "import nothing_of_this_name",
    ],
)
def test_a_torchvision_that_does_not_fit_torch(source, torchvision, tmp_path, stand_in_for):
    torchvision(source)
    line = stand_in_for(tmp_path / "data")
    assert "torchvision, which knows where to download it, does not work (" in line
    assert "install torch and torchvision together, from the same index" in line


@pytest.mark.parametrize("source", [None, "raise RuntimeError('operator torchvision::nms')"])
def test_where_the_files_are_no_torchvision_is_needed(source, torchvision, gz, tmp_path, said):
    (tmp_path / "data" / "MNIST").mkdir(parents=True)
    (tmp_path / "data" / "MNIST" / "raw").symlink_to(gz)
    torchvision(source)
    assert load_mnist(tmp_path / "data").name == "MNIST"
    said()
