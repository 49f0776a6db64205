"""What Dask's configuration says of encryption is looked at before anybody connects."""

import pytest

dask = pytest.importorskip("dask")
pytest.importorskip("distributed")

from bioselect.cluster.connecting import open_cluster  # noqa: E402
from bioselect.exceptions import ClusterError  # noqa: E402

NOBODY = "127.0.0.1:9"


def refused(scheduler, **settings):
    with (
        dask.config.set({f"distributed.comm.{key}": one for key, one in settings.items()}),
        pytest.raises(ClusterError) as raised,
        open_cluster(scheduler, None, 1, print, print),
    ):
        pass
    message = str(raised.value)
    assert message.startswith(scheduler)
    assert message.endswith("or use --backend local.")
    return message


def test_a_tls_address_needs_certificates():
    assert "names no certificates (distributed.comm.tls" in refused(f"tls://{NOBODY}")


def test_certificates_that_are_not_there_are_named(tmp_path):
    missing = str(tmp_path / "ca.pem")
    message = refused(f"tls://{NOBODY}", **{"tls.ca-file": missing, "tls.client.cert": missing})
    assert f"{missing}" in message
    assert "cannot be used (FileNotFoundError" in message


def test_encryption_that_is_required_asks_for_another_address():
    message = refused(f"tcp://{NOBODY}", **{"require-encryption": True})
    assert "Write the address of the scheduler as tls://" in message


def test_a_key_that_is_given_as_text_is_not_shown(tmp_path):
    key = "-----BEGIN PRIVATE KEY-----\nsecret\n"
    settings = {"tls.ca-file": str(tmp_path / "ca.pem"), "tls.client.key": key}
    message = refused(f"tls://{NOBODY}", **settings, **{"tls.client.cert": key})
    assert "secret" not in message
    assert "ca.pem" in message
