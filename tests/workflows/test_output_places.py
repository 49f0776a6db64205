"""A run never writes where it cannot, or over what is somebody's own."""

from pathlib import Path

import pytest

from bioselect.config.writing import HEADER
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.run_folder import RunFolder
from bioselect.workflows.check import check
from bioselect.workflows.run import run

TABLES = [path.name for path in RunFolder(Path()).products() if path.suffix == ".csv"]


def test_the_configuration_itself_is_not_written_over(write_config, tmp_path):
    config = write_config(output=".")
    before = config.read_bytes()
    for job in (check, run):
        with pytest.raises(ConfigurationError, match=r"where config\.yaml would be lost"):
            job(config, jobs=1)
    assert config.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml"]


def test_the_configuration_of_a_run_folder_may_be_written_anew(write_config):
    config = write_config(output=".")
    config.write_text(f"{HEADER}\n{config.read_text()}")
    assert "can be run" in check(config, jobs=1)


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_not_written_over(tmp_path, name):
    table = tmp_path / name
    table.write_text("file,class\n")
    config = tmp_path / "study.yaml"
    config.write_text(
        f"dataset: {{table: {name}, image: file, target: class}}\n"
        "extractors: [hog]\nclassifiers: [lda]\noutput: .\n"
    )
    with pytest.raises(ConfigurationError, match="would be lost"):
        run(config, jobs=1)
    assert table.read_text() == "file,class\n"


@pytest.mark.parametrize("rest", ["", "cache: taken/cache"])
def test_a_file_in_the_way_is_found_by_check(write_config, tmp_path, rest):
    (tmp_path / "taken").write_text("mine")
    config = write_config(output="run" if rest else "taken/run", rest=rest)
    with pytest.raises(StorageError, match=r"Got the file .*taken"):
        check(config, jobs=1)
