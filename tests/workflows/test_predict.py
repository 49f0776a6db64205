"""`bioselect predict`: a table beside the summary in words."""

import json

import numpy as np
import pandas as pd
import pytest
import tifffile
from PIL import Image

from bioselect.cli.main import main
from bioselect.exceptions import BundleError, DataError, StorageError
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, write_small_bundle
from bioselect.workflows.predict import predict

NAMES = ("coarse, wide", "fine")


class Warnings(Reporter):
    def __init__(self):
        self.lines = []

    def warn(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "model"
    return write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"), NAMES)


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for number, image in enumerate(draw_classes(NAMES, seed=1)[0]):
        Image.fromarray(image).save(folder / f"{number:02d}.png")
    return folder


def test_table_and_summary_agree(bundle, images, tmp_path):
    (images / "bad.png").write_bytes(b"")
    output = tmp_path / "new" / "table.csv"
    summary = predict(bundle, [images], output, jobs=1)
    table = pd.read_csv(output, keep_default_na=False)
    assert len(table) == 17
    counts = table["prediction"].value_counts()
    assert summary.splitlines() == [
        f"16 images predicted: coarse, wide {counts[NAMES[0]]}, fine {counts[NAMES[1]]}",
        "1 image could not be used; the column `error` says why for each",
        f"table: {output}",
    ]


def test_an_earlier_table_is_said_to_be_written_over(bundle, images, tmp_path):
    output = tmp_path / "table.csv"
    for ending in ("", " (an earlier one was written over)"):
        lines = predict(bundle, [images / "00.png"], output, jobs=1).splitlines()
        assert lines[0].startswith("1 image predicted: ")
        assert lines[-1] == f"table: {output}{ending}"


def test_one_and_two_processes_write_the_same_table(bundle, images, tmp_path):
    for number in range(16, 80):
        (images / f"{number}.png").write_bytes((images / "00.png").read_bytes())
    predict(bundle, [images], tmp_path / "one.csv", jobs=1)
    predict(bundle, [images], tmp_path / "two.csv", jobs=2)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_table_of_images(bundle, images, tmp_path):
    (tmp_path / "t.csv").write_text("file\nimages/03.png\nimages/01.png\n")
    predict(bundle, [tmp_path / "t.csv"], tmp_path / "o.csv", image_column="file", jobs=1)
    paths = pd.read_csv(tmp_path / "o.csv")["path"].tolist()
    assert paths == [str(images / "01.png"), str(images / "03.png")]


def test_nothing_usable_is_an_error_that_names_the_table(bundle, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the 1 images .*column `error` of .*o\.csv"):
        predict(bundle, [tmp_path], tmp_path / "o.csv", jobs=1)
    assert "empty" in pd.read_csv(tmp_path / "o.csv")["error"][0]


def test_folder_as_output_is_refused_before_any_work(bundle, images, tmp_path, monkeypatch):
    def loaded(*_):
        raise AssertionError("no model may be loaded")

    monkeypatch.setattr("bioselect.workflows.predict.load_bundle", loaded)
    with pytest.raises(StorageError, match=r"must be a file.*predictions\.csv"):
        predict(bundle, [images], tmp_path)


def test_wrong_model_is_one_line(images, tmp_path):
    with pytest.raises(BundleError, match=r"There is no manifest\.json"):
        predict(images, [images], tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_other_pixel_types_are_warned_of_at_once_and_at_the_end(bundle, tmp_path):
    Image.fromarray(np.full((40, 40), 4000, dtype=np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(draw_classes(NAMES)[0][0]).save(tmp_path / "fine.png")
    reporter = Warnings()
    summary = predict(bundle, [tmp_path], tmp_path / "o.csv", jobs=1, reporter=reporter)
    (line,) = reporter.lines
    assert "1 uint16 among 2 images" in line
    assert f"warning: {line}" in summary.splitlines()


def test_a_person_reads_a_warning_once(bundle, tmp_path, capsys):
    deep = np.full((40, 40, 3), 4000, dtype=np.uint16)
    tifffile.imwrite(tmp_path / "deep.tif", deep, photometric="rgb")
    words = ["predict", str(bundle), str(tmp_path), "-o", str(tmp_path / "o.csv"), "--jobs", "1"]
    assert main(words) == 0
    told = capsys.readouterr()
    assert told.err.count("warning: pixel type: must be") == 1
    assert "pixel type" not in told.out
    assert "1 image predicted" in told.out
    assert main([*words, "--json"]) == 0
    assert "warning: pixel type: must be" in json.loads(capsys.readouterr().out)["summary"]
