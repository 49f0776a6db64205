"""A folder takes its place when everything in it lies on the disk, and not before."""

import os
import stat
from pathlib import Path

import pytest

from bioselect.bundle import whole_folder as module
from bioselect.bundle.whole_folder import whole_folder


@pytest.mark.skipif(os.name == "nt", reason="folders are not flushed there")
def test_everything_is_flushed_before_the_name_is_given(tmp_path, monkeypatch):
    flushed = []

    def noted(path):
        assert not (tmp_path / "model").exists()
        flushed.append(Path(path).name)

    monkeypatch.setattr(module, "flush_file", noted)
    with whole_folder(tmp_path / "model") as unfinished:
        (unfinished / "extractor").mkdir()
        (unfinished / "extractor" / "weights").write_bytes(b"1")
        (unfinished / "manifest.json").write_text("{}")
    # What lies in a folder before the folder that names it.
    assert flushed[:2] == ["weights", "extractor"]
    assert flushed[2:] == ["manifest.json", unfinished.name]
    assert (tmp_path / "model" / "extractor" / "weights").read_bytes() == b"1"


@pytest.mark.skipif(os.name == "nt", reason="rights are others there")
def test_a_file_that_may_only_be_read_is_flushed_and_the_folder_obeys_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / "weights").write_bytes(b"1")
            (unfinished / "weights").chmod(0o400)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "model").stat().st_mode) == 0o750


def test_an_older_folder_gives_way_and_nothing_else_stays(tmp_path):
    for text in ("old", "new"):
        with whole_folder(tmp_path / "model") as unfinished:
            (unfinished / text).write_text(text)
    assert [one.name for one in (tmp_path / "model").iterdir()] == ["new"]
    with pytest.raises(FileNotFoundError), whole_folder(tmp_path / "model") as unfinished:
        (unfinished / "no" / "half").write_text("half")
    assert [one.name for one in tmp_path.rglob("*")] == ["model", "new"]
