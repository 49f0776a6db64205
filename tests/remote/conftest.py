"""A store in memory, and a cache of its own, for the tests of this folder."""

import fsspec
import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Keep copies of this test in a folder of its own."""
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def store():
    """Return the file system behind ``memory://`` addresses, empty."""
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()
