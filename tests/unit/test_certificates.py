"""Certificates for a running scheduler go together, or one sentence says what to give."""

import itertools

import pytest
from distributed.security import Security

from grader.batch.cluster import certificates
from grader.errors import CannotBegin

TLS = "tls://grader.example:8786"


@pytest.fixture
def files(tmp_path):
    made = Security.temporary()
    texts = {"ca": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tuple(tmp_path / name for name in texts)


def test_all_three_are_what_the_run_shows(files):
    security = certificates(TLS, *files)
    assert security.require_encryption
    assert security.get_tls_config_for_role("client") == {
        "ca_file": str(files[0]), "ciphers": None, "cert": str(files[1]), "key": str(files[2]),
    }  # fmt: skip


@pytest.mark.parametrize("scheduler", [None, "tcp://grader.example:8786", "grader.example:8786"])
def test_without_any_nothing_is_encrypted_and_they_ask_for_a_scheduler_with_tls(scheduler, files):
    assert certificates(scheduler, None, None, None) is None
    with pytest.raises(CannotBegin, match="--scheduler tls://HOST:PORT"):
        certificates(scheduler, *files)


@pytest.mark.parametrize("given", [g for g in itertools.product([0, 1], repeat=3) if not all(g)])
def test_some_of_them_are_not_enough(given, files):
    some = [file if wanted else None for file, wanted in zip(files, given)]
    with pytest.raises(CannotBegin, match="give all of --tls-ca, --tls-cert and --tls-key"):
        certificates(TLS, *some)


@pytest.mark.parametrize("broken", range(3))
@pytest.mark.parametrize("text", ["", "no PEM", None])
def test_files_that_are_no_certificates_are_refused(broken, text, files):
    if text is None:
        files[broken].unlink()
    else:
        files[broken].write_text(text)
    with pytest.raises(CannotBegin, match="The certificates cannot be used"):
        certificates(TLS, *files)


def test_a_key_of_another_certificate_is_refused(files):
    files[2].write_text(Security.temporary().tls_client_key)
    with pytest.raises(CannotBegin, match="the key is that of the certificate"):
        certificates(TLS, *files)
