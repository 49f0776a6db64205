"""How many images there are of each class, in words."""

from pathlib import Path

from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.workflows.targets import counts_in_words


def dataset(*targets):
    records = [
        ImageRecord(f"{place}.png", Path(f"{place}.png"), target, None)
        for place, target in enumerate(targets)
    ]
    names = sorted({name for one in targets for name in ([one] if isinstance(one, str) else one)})
    return ImageDataset("drawn", Path(), tuple(records), tuple(names))


def test_each_class_with_its_count():
    assert counts_in_words(dataset("b", "a", "b")) == "a 1, b 2"


def test_a_flood_of_classes_is_cut_after_twenty():
    text = counts_in_words(dataset(*(f"class_{number:03d}" for number in range(345))))
    assert text.startswith("class_000 1, class_001 1, ")
    assert text.endswith("class_019 1 and 325 more classes")


def test_labels_are_counted_each_and_none():
    text = counts_in_words(dataset(("a", "b"), ("b",), (), ("b",)))
    assert text == "a 1, b 3, none of these 1; 1.00 labels an image"
