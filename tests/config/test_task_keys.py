"""Keys of one task are refused in a configuration of another, each with its line and a remedy."""

import pytest

from bioselect.config.loading import load_config

SMALLEST = """task: segmentation
dataset:
  path: images
  masks: masks
networks: ["nets:Plain"]
output: results
"""
OWN = "class Plain:\n    def __init__(self, depth=1): pass\n"


@pytest.fixture
def load(tmp_path):
    (tmp_path / "nets.py").write_text(OWN)
    path = tmp_path / "config.yaml"

    def _load(text):
        path.write_text(text)
        return load_config(path)

    return _load


def test_the_smallest_configuration_of_masks(load, tmp_path) -> None:
    config = load(SMALLEST)
    assert config.dataset.masks == tmp_path / "masks"
    assert [spec.name for spec in config.segmenter_specs] == ["nets:Plain"]
    assert config.network_specs == []


def test_codes_are_written_as_numbers_and_read_as_text(load) -> None:
    text = SMALLEST.replace(
        "masks: masks",
        "masks: masks\n  classes: {0: background, 255: nucleus, '#FF0000': nucleus}\n"
        "  ignore: [128]\n  pixel_size: 0.65",
    )
    dataset = load(text).dataset
    assert dataset.classes == {"0": "background", "255": "nucleus", "#ff0000": "nucleus"}
    assert dataset.ignore == (128,)
    assert dataset.pixel_size == 0.65


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("networks", "extractors: [hog]\nnetworks", 5, "extractors: does not go with task: seg"),
        ("networks", "classifiers: [svm]\nnetworks", 5, "classifiers: does not go with"),
        ("networks", "budget: 5min\nnetworks", 5, "budget: does not go with task: segmentation"),
        ("networks", "ensemble: tied\nnetworks", 5, "ensemble: does not go with"),
        ("networks", "bundle: {calibration: none}\nnetworks", 5, "bundle: does not go with"),
        ("networks", "validation: {honest: nested}\nnetworks", 5, "validation.honest: does not"),
        ("networks", "validation: {splits: 9}\nnetworks", 5, "validation.splits: does not go"),
        ("path: images", "path: images\n  target: kind", 4, "dataset.target: does not go with"),
        (
            '["nets:Plain"]',
            '[{name: "nets:Plain", search: {depth: [1, 2]}}]',
            5,
            "networks, item 1: search: does not go with task: segmentation",
        ),
        ("networks", "# networks", 1, "networks: is missing. What learns the masks"),
        ('["nets:Plain"]', "[]", 5, "networks: must list at least one. Got []."),
        ("  masks: masks", "", 2, "dataset: masks is missing: the folder with a mask for each"),
        ("masks: masks", "masks: images", 2, "dataset: path and masks must be two folders."),
        ("masks: masks", "masks: masks\n  mask: m", 2, "dataset: mask goes with table only."),
        ("path: images", "path: pairs.csv", 2, "dataset: path must be a folder. Got a file (pai"),
        ("masks: masks", "masks: masks\n  group: who", 2, "dataset: group 'who' names a column"),
        ("masks: masks", "masks: masks\n  classes: {0: a}", 5, "must name at least 2 classes"),
        ("masks: masks", "masks: masks\n  classes: [0, 1]", 5, "must be null (codes are found"),
        ("masks: masks", "masks: masks\n  classes: {0: a, x: b}", 5, "each code must be a whole"),
        ("masks: masks", "masks: masks\n  classes: {0: a, '00': b}", 5, "each code once"),
        ("masks: masks", "masks: masks\n  classes: {0: a, 70000: b}", 5, "from 0 to 65535"),
        ("masks: masks", "masks: masks\n  classes: {0: 1, 1: b}", 5, "must be the name of a class"),
        ("masks: masks", "masks: masks\n  classes: {0: BackGround, 7: b}", 5, "Got 'BackGround'."),
        (
            "masks: masks",
            "masks: masks\n  classes: {instances: a, 0: b}",
            5,
            "instances are numbered objects of one class",
        ),
        (
            "masks: masks",
            "masks: masks\n  classes: {instances: background}",
            5,
            "instances: must be the name of the numbered objects",
        ),
        ("masks: masks", "masks: masks\n  ignore: 128", 5, "dataset.ignore: must be null or a li"),
        ("masks: masks", "masks: masks\n  ignore: [-1]", 5, "dataset.ignore: each code must be a"),
        ("masks: masks", "masks: masks\n  ignore: [7, 7]", 5, "dataset.ignore: must name each co"),
        (
            "masks: masks",
            "masks: masks\n  classes: {0: a, 7: b}\n  ignore: [7]",
            6,
            "dataset.ignore: 7 is also a code of dataset.classes",
        ),
        ("masks: masks", "masks: masks\n  pixel_size: 0", 5, "dataset.pixel_size: must be at lea"),
    ],
)
def test_what_does_not_go_with_masks(load, old, new, line, words) -> None:
    with pytest.raises(Exception, match=r"config\.yaml") as caught:
        load(SMALLEST.replace(old, new, 1))
    (told,) = str(caught.value).splitlines()
    assert f"config.yaml:{line}: " in told
    assert words in told


@pytest.mark.parametrize(
    "key", ["masks: m", "mask: m", "classes: instances", "ignore: [1]", "pixel_size: 1"]
)
def test_masks_do_not_go_with_classes(load, key) -> None:
    text = f"dataset:\n  path: images\n  {key}\nextractors: [hog]\nclassifiers: [svm]\noutput: o\n"
    with pytest.raises(Exception, match="does not go with task: classification") as caught:
        load(text)
    assert "config.yaml:3: dataset." in str(caught.value)


def test_an_unknown_key_is_told_with_those_of_the_task(load) -> None:
    with pytest.raises(Exception, match="unknown key") as caught:
        load(SMALLEST.replace("masks: masks", "masks: masks\n  clases: {}"))
    assert "Did you mean 'classes'?" in str(caught.value)
    assert "target" not in str(caught.value)


def test_a_table_needs_a_column_of_masks(load) -> None:
    table = SMALLEST.replace("path: images\n  masks: masks", "table: t.csv\n  image: file")
    with pytest.raises(Exception, match="a table needs mask: write the name of the column"):
        load(table)
    assert load(table.replace("file", "file\n  mask: drawn")).dataset.mask == "drawn"
