"""What a study is about: images, or rows of a table."""

import pytest

from bioselect.report.noun import noun
from bioselect.report.results import RunResults
from bioselect.run_folder import RunFolder
from bioselect.storage import atomic_write_text, write_json


@pytest.mark.parametrize(
    ("dataset", "word"),
    [
        ("{path: images}", "image"),
        ("{table: t.csv, image: file, target: x}", "image"),
        ("{table: t.csv, masks: mask}", "image"),
        ("{table: t.csv, image: null, target: x}", "row"),
    ],
)
def test_rows_are_those_of_a_table_without_images(tmp_path, dataset, word) -> None:
    folder = RunFolder(tmp_path)
    write_json(folder.study, {})
    atomic_write_text(folder.config, f"dataset: {dataset}\n")
    assert noun(RunResults(tmp_path)) == word
