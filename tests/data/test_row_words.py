"""Sentences about images become ones about rows; names stay."""

from bioselect.data.row_words import of_rows, told_of_rows


def test_words():
    text = "An image counts once. 12 images; column 'image size'. Images: n_images, imagery."
    expected = "A row counts once. 12 rows; column 'image size'. Rows: n_images, imagery."
    assert of_rows(text) == expected


def test_paths_stay():
    text = "table: /data/images/cells.csv, images/a, C:\\images\\b, my-images, image.png, 3 images."
    expected = text.replace("3 images", "3 rows")
    assert of_rows(text) == expected


def test_only_sentences_of_results_change():
    results = {"best": {"estimator": "image"}, "tests": [{"decision": "of 3 images"}], "n": 1}
    assert told_of_rows(results) == {
        "best": {"estimator": "image"},
        "tests": [{"decision": "of 3 rows"}],
        "n": 1,
    }
