"""Which files are predicted, in which order, and what becomes of those that cannot be."""

import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from bioselect.exceptions import DataError
from bioselect.features import batches
from bioselect.predict.files import find_images, predict_files
from bioselect.registry import ComponentSpec, create
from bioselect.testing.small_bundle import draw_classes


def test_folders_in_folders_are_searched_and_sorted(tmp_path, save_image):
    names = ["b.png", "a/z.PNG", "a/deep/er/x.png", "ü ß/é,1.png", "細胞.png"]
    for name in names:
        save_image(tmp_path / name)
    (tmp_path / "a" / "notes.txt").write_text("no image")
    (tmp_path / "a" / ".hidden.png").write_bytes(b"no image")
    found = [path.relative_to(tmp_path).as_posix() for path in find_images([tmp_path])[0]]
    assert found == ["a/deep/er/x.png", "a/z.PNG", "b.png", "ü ß/é,1.png", "細胞.png"]


def test_a_file_is_predicted_once_however_it_is_named(tmp_path, save_image, monkeypatch):
    image = save_image(tmp_path / "images" / "a.png")
    table = tmp_path / "table.csv"
    table.write_text("file\nimages/a.png\n")
    monkeypatch.chdir(tmp_path)
    named = [
        tmp_path / "images",
        image,
        Path("images/a.png"),
        Path("images/../images/a.png"),
        table,
    ]
    found, _ = find_images(named, image_column="file")
    assert [os.path.abspath(path) for path in found] == [str(image)]


def test_links_to_one_file_are_two_names(tmp_path, save_image):
    image = save_image(tmp_path / "a.png")
    (tmp_path / "b.png").symlink_to(image)
    assert [path.name for path in find_images([tmp_path])[0]] == ["a.png", "b.png"]


def test_what_was_left_aside_in_folders_and_is_strange_in_tables_is_told(tmp_path, save_image):
    save_image(tmp_path / "a.png")
    save_image(tmp_path / "b.png").rename(tmp_path / "b.dat")
    (tmp_path / "t.csv").write_text("file\nb.dat\n")
    found, notes = find_images([tmp_path, tmp_path / "t.csv"], image_column="file")
    assert [path.name for path in found] == ["a.png", "b.dat"]
    assert notes == [
        "files that are no images were left aside: 1 x .csv, 1 x .dat.",
        "1 paths do not end like images, for example b.dat.",
    ]


def test_paths_are_found_whichever_form_of_accents_was_typed(tmp_path, save_image):
    save_image(tmp_path / "e\u0301te\u0301" / "u\u0308.png")
    for given in ("\u00e9t\u00e9", "\u00e9t\u00e9/\u00fc.png"):
        assert len(find_images([tmp_path / given])[0]) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataError, match=r"pipe\.png: must be an image, a folder or a table"):
        find_images([tmp_path / "pipe.png"])


def test_tables_name_images(tmp_path, save_image):
    for name in ("x.png", "y, 2.png", "unnamed.png"):
        save_image(tmp_path / name)
    (tmp_path / "t.tsv").write_text("image\tage\ny, 2.png\t3\nx.png\t4\n")
    found, _ = find_images([tmp_path / "t.tsv"], image_column="image")
    assert [path.name for path in found] == ["x.png", "y, 2.png"]


@pytest.mark.parametrize(
    ("paths", "column", "message"),
    [
        (["nowhere"], None, "nowhere: there is no such file"),
        (["empty"], None, "must hold at least one image"),
        ([], None, "must hold at least one image"),
        (["t.csv"], None, "--image-column NAME"),
        (["t.csv"], "fil", "has no column 'fil'. Did you mean 'file'"),
        (["t.csv"], "file", r"1 of 1 images are missing: gone.png"),
        (["bad\udcff.png"], None, "valid UTF-8"),
    ],
)
def test_what_cannot_be_found_is_named(tmp_path, paths, column, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "t.csv").write_text("file\ngone.png\n")
    with pytest.raises(DataError) as raised:
        find_images([tmp_path / path for path in paths], column)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    str(raised.value).encode("utf-8")


def test_probabilities_are_those_of_the_classifier(model, tmp_path, save_image):
    images, _ = draw_classes(model.class_names, seed=4)
    paths = [save_image(tmp_path / f"{n:03d}.png", image) for n, image in enumerate(images)]
    # 8-bit pixels are divided by 255, described, and the classifier is asked itself.
    extractor = create("extractor", ComponentSpec("intensity"))
    rows = extractor.transform([(image / 255.0).astype(np.float32) for image in images])
    expected = model.estimator.predict_proba(rows.astype(np.float64))
    got = list(predict_files(model, paths))
    assert [item.path for item in got] == paths
    table = np.stack([item.probabilities for item in got])
    np.testing.assert_allclose(table, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(table.sum(axis=1), 1.0, rtol=1e-12)
    names = [model.class_names[place] for place in model.estimator.predict(rows)]
    assert [item.prediction for item in got] == names
    assert {item.error for item in got} == {""}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_files_that_cannot_be_used_are_rows_with_their_reason(model, tmp_path, save_image, n_jobs):
    good = save_image(tmp_path / "good.png")
    expected = next(predict_files(model, [good])).probabilities
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    cut = tmp_path / "cut.png"
    cut.write_bytes(good.read_bytes()[:-200])
    text = tmp_path / "text.txt"
    text.write_text("hello")
    grey = save_image(tmp_path / "grey.png", np.arange(1600, dtype=np.uint8).reshape(40, 40))
    gone = tmp_path / "gone.png"
    paths = [bad, good, cut, grey, gone, text] + [good] * 40
    rows = list(predict_files(model, paths, n_jobs=n_jobs))
    assert [row.path for row in rows] == paths
    for row in rows:
        if row.path == good:
            np.testing.assert_allclose(row.probabilities, expected, atol=1e-12)
            assert row.error == ""
        else:
            assert (row.prediction, row.probabilities) == ("", None)
            assert row.error
            assert "\n" not in row.error
    assert "empty" in rows[0].error
    # `intensity` describes each channel: 3 x 14 features for colour, 14 for grey.
    assert rows[3].error == (
        "the image must have 3 channels (as in colour), like the images that the model was trained "
        "with. Got 1 channel (grey). Give the original with 3 channels (as in colour), or train a "
        "model with images of 1 channel (grey)."
    )


def test_only_images_in_the_wrong_number_of_channels(model, tmp_path, save_image):
    grey = save_image(tmp_path / "grey.png", np.zeros((40, 40), dtype=np.uint8))
    rows = list(predict_files(model, [grey, grey]))
    assert [row.probabilities for row in rows] == [None, None]


def test_images_are_read_as_they_are_needed(model, tmp_path, save_image, monkeypatch):
    image = save_image(tmp_path / "a.png")
    read = []
    monkeypatch.setattr(
        batches,
        "read_source",
        lambda source, stack, real=batches.read_source: read.append(source) or real(source, stack),
    )
    rows = predict_files(model, [image] * 300)
    assert read == []
    next(rows)
    # One batch of an extractor is 32 images.
    assert len(read) == 32
    rows.close()
    assert len(read) == 32


def test_alone_and_in_a_batch(model, tmp_path, save_image):
    paths = [save_image(tmp_path / f"{n}.png", seed=n) for n in range(5)]
    together = [row.probabilities for row in predict_files(model, paths)]
    alone = [next(predict_files(model, [path])).probabilities for path in paths]
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_a_file_of_planes_asks_for_no_configuration(model, tmp_path):
    path = tmp_path / "planes.tif"
    tifffile.imwrite(path, np.zeros((4, 40, 40), dtype=np.uint8), photometric="minisblack")
    (row,) = predict_files(model, [path])
    assert "Got 4 pages" in row.error
    assert "dataset.stack" not in row.error
    assert row.error.endswith("save the one that is meant as a file of its own.")
