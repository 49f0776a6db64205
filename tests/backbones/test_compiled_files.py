"""Where compiled networks lie."""

import sys
import zipfile
from pathlib import Path

import pytest

from bioselect.backbones.compiled_files import (
    DAMAGE,
    CompiledFiles,
    cache_folder,
    cached_files,
    keep,
)

CONTENTS = {"backbone.xml": b"<net/>", "backbone.bin": bytes(range(200)), "notes.json": b'{"a": 1}'}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "made").mkdir()
    for name, data in CONTENTS.items():
        (tmp_path / "made" / name).write_bytes(data)
    return tmp_path / "made"


def test_a_folder_and_an_archive_read_the_same(folder, tmp_path):
    archive = cached_files("vgg16", {"weights": "w"})
    assert not archive.exist()
    assert keep(folder, archive)
    for files in (CompiledFiles(folder), archive):
        assert files.exist()
        assert {name: files.read(name) for name in CONTENTS} == CONTENTS
        assert files.notes() == {"a": 1}
        files.copy(("backbone.bin",), tmp_path / "bundle")
        assert (tmp_path / "bundle" / "backbone.bin").read_bytes() == CONTENTS["backbone.bin"]
        (tmp_path / "bundle" / "backbone.bin").unlink()


def test_every_fact_tells_networks_apart(folder):
    facts = {"weights": "w", "layer": None, "image_shape": [224, 224, 3]}
    places = {cached_files("vgg16", facts).place}
    for key in facts:
        places.add(cached_files("vgg16", {**facts, key: "other"}).place)
    assert len(places) == 4
    assert cached_files("vgg16", dict(reversed(facts.items()))).place in places
    assert all(place.name.startswith("vgg16-") for place in places)


def test_the_same_files_give_the_same_archive(folder):
    first, second = (cached_files("vgg16", {"number": number}) for number in (1, 2))
    keep(folder, first)
    keep(folder, second)
    assert first.place.read_bytes() == second.place.read_bytes()
    # Whole or not at all: nothing half-written lies beside it.
    assert sorted(first.place.parent.iterdir()) == sorted([first.place, second.place])


@pytest.mark.parametrize("cut", [0, 10, 300, -30])
def test_damage_is_noticed(folder, cut):
    files = cached_files("vgg16", {})
    keep(folder, files)
    files.place.write_bytes(files.place.read_bytes()[:cut])
    with pytest.raises(DAMAGE):
        files.read("backbone.bin")


def test_one_changed_bit_is_noticed(folder):
    files = cached_files("vgg16", {})
    keep(folder, files)
    data = bytearray(files.place.read_bytes())
    data[data.index(bytes(range(50, 90)))] ^= 1
    files.place.write_bytes(data)
    with pytest.raises(zipfile.BadZipFile):
        files.read("backbone.bin")


def test_a_folder_that_cannot_be_written_is_a_word(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "file"))
    with pytest.warns(
        UserWarning, match=r"cannot be kept .* BIOSELECT_CACHE, which is set to .*file"
    ):
        assert not keep(folder, cached_files("vgg16", {}))


def test_the_place_is_the_systems_for_caches(monkeypatch, tmp_path):
    monkeypatch.delenv("BIOSELECT_CACHE", raising=False)
    if sys.platform.startswith("linux"):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert cache_folder() == tmp_path / "bioselect" / "networks"
    monkeypatch.setenv("BIOSELECT_CACHE", "~/kept")
    assert cache_folder() == Path("~/kept").expanduser() / "networks"
