"""Keys of tables and of images: what does not go together has its line in the file."""

import pytest

from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml
from bioselect.exceptions import ConfigurationError

TABLE = "dataset: {table: cells.csv, target: diagnosis}\n"
END = "classifiers: [lda]\noutput: results\n"


def loaded(folder, text):
    path = folder / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def test_a_table_needs_classifiers_only(tmp_path):
    config = loaded(tmp_path, TABLE + END)
    assert config.dataset.is_columns
    assert config.dataset.column_choice.features is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            TABLE + "extractors: [hog]\n" + END,
            "a table without image: is learnt from as it stands, its columns being the rows; "
            "extractors need images.",
        ),
        ("dataset: {table: cells.csv}\n" + END, "dataset: a table needs target"),
        (TABLE.replace("}", ", stack: middle}") + END, "dataset.stack: is about images"),
        (TABLE.replace("}", ", columns: [a]}") + END, "dataset.columns: joins columns to images"),
        (TABLE.replace("}", ", group: {level: 1}}") + END, "dataset.group: must be the name of a"),
        (TABLE + END + "budget: 5min\n", "budget: does not go with a table of columns"),
        (TABLE + "augmentation: [flip]\n" + END, "augmentation: does not go with a table"),
        (TABLE.replace("}", ", exclude: [a, a]}") + END, "must name each column once. Got 'a'"),
        (TABLE.replace("}", ", features: age}") + END, "must be null or a list of columns"),
        (TABLE.replace("}", ", drop: all}") + END, "drop: must be "),
        (TABLE.replace("}", ", decimal: ';'}") + END, "decimal: must be "),
        (
            "dataset: {path: images, exclude: [a]}\nextractors: [hog]\n" + END,
            "dataset.exclude: goes with a table of columns only",
        ),
        (
            "dataset: {path: images, columns: [a]}\nextractors: [hog]\n" + END,
            "dataset.columns: goes with a table only",
        ),
        (
            "dataset: {table: t.csv, image: f, target: y, categorical: [a]}\nextractors: [hog]\n"
            + END,
            "dataset.categorical: is about columns to learn from",
        ),
        (
            "task: segmentation\ndataset: {path: a, masks: b, columns: [a]}\nnetworks: [otsu]\n"
            "output: results\n",
            "dataset.columns: does not go with task: segmentation",
        ),
    ],
)
def test_what_does_not_go_together(tmp_path, text, words):
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, text)
    assert words in str(caught.value)
    assert "study.yaml:" in str(caught.value)


def test_what_is_written_is_read_again_and_knows_no_images(tmp_path):
    text = TABLE.replace("}", ", features: [a, b], categorical: [b], id: n, drop: incomplete}")
    config = loaded(tmp_path, text + END)
    written = config_to_yaml(config, {}, tmp_path)
    for key in ("image:", "intensity", "extractors", "networks", "augmentation", "budget"):
        assert key not in written
    again = loaded(tmp_path, written)
    assert again.dataset == config.dataset


def test_images_keep_what_is_joined_to_them(tmp_path):
    text = "dataset: {table: t.csv, image: f, target: y, columns: [age], decimal: ','}\n"
    config = loaded(tmp_path, text + "extractors: [hog]\n" + END)
    assert not config.dataset.is_columns
    again = loaded(tmp_path, config_to_yaml(config, {}, tmp_path))
    assert again.dataset.columns == ("age",)
    assert again.dataset.decimal == ","


def test_images_alone_are_written_without_columns(tmp_path):
    config = loaded(tmp_path, "dataset: {path: images}\nextractors: [hog]\n" + END)
    written = config_to_yaml(config, {}, tmp_path)
    assert "features" not in written
    assert "decimal" not in written
