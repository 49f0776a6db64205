"""What providers refuse is one line that says what to do; a changed file has another state."""

import builtins
import logging
from datetime import datetime, timezone

import pytest

from bioselect.exceptions import BioselectError, StorageError, UnavailableError
from bioselect.remote.stores import Store, is_copy, state_of, told, with_state

NOON = datetime(2026, 3, 4, 12, tzinfo=timezone.utc)


class NoCredentialsError(Exception):
    """As botocore calls it."""


class ClientConnectorError(OSError):
    """As aiohttp calls it."""


@pytest.mark.parametrize(
    ("raised", "kind", "what"),
    [
        (NoCredentialsError("Unable to locate credentials"), UnavailableError, "no valid credent"),
        (PermissionError("Access Denied"), StorageError, "access is refused.*right to read"),
        (ClientConnectorError("Cannot connect to host"), StorageError, "cannot be reached.*again"),
        (TimeoutError("timed out"), StorageError, "cannot be reached"),
        (ValueError("Protocol not known: s4"), BioselectError, "nothing is known of memory://"),
        (OSError(28, "No space left on device"), StorageError, "the disk is full"),
        (RuntimeError("one\ntwo"), StorageError, r"\(one\)"),
        (ImportError("Install s3fs"), UnavailableError, r'pip install "bioselect\[cloud\]"'),
    ],
)
def test_refusals_are_one_line(raised, kind, what):
    with pytest.raises(kind, match=what) as caught, told("memory://lab/a"):
        raise raised
    assert str(caught.value).startswith("memory://lab/a: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), MemoryError(), StorageError("ours")])
def test_what_is_no_refusal_passes(raised):
    with pytest.raises(type(raised)) as caught, told("memory://lab/a"):
        raise raised
    assert caught.value is raised


def test_missing_package(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("fsspec"):
            raise ModuleNotFoundError("No module named 'fsspec'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnavailableError, match=r'pip install "bioselect\[cloud\]"'):
        Store("s3://lab/a")


def test_libraries_log_nothing_on_the_terminal(store, capsys):
    Store("memory://lab")
    logging.getLogger("gcsfs").warning("Could not determine bucket type")
    assert capsys.readouterr().err == ""


def test_state_is_the_date_and_the_content():
    state = state_of({"ETag": '"ab"', "LastModified": NOON})
    assert state // 10**9 == int(NOON.timestamp())
    assert state == state_of({"ETag": '"ab"', "LastModified": NOON.isoformat()})
    assert state == state_of({"ETag": '"ab"', "LastModified": NOON.timestamp()})
    others = [{"ETag": '"cd"'}, {"md5Hash": "ab"}, {}, {"LastModified": NOON.replace(hour=13)}]
    assert len({state, *(state_of({"LastModified": NOON, **one}) for one in others)}) == 5


def test_copy_keeps_the_state(store, tmp_path):
    store.pipe("/lab/a.png", b"image")
    (file,) = Store("memory://lab/a.png").listed()
    copy = tmp_path / "a.png"
    copy.write_bytes(b"image")
    assert not is_copy(copy, file)
    with_state(copy, file, used=0)
    assert is_copy(copy, file)
    copy.write_bytes(b"other")
    assert not is_copy(copy, file)


def test_bucket_without_anything_yet(store):
    assert Store("memory://lab/results").known() == []


def test_archive_in_an_address_is_refused():
    with pytest.raises(BioselectError, match="must hold no ::"):
        Store("memory://lab/a::b.png")
