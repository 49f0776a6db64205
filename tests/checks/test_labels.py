"""What is noticed about labels: names alike, a word for nothing, one label each."""

from pathlib import Path

from bioselect.checks.findings import WARNING
from bioselect.checks.labels import label_findings
from bioselect.data.records import ImageDataset, ImageRecord


def found(*targets, names=None):
    records = [ImageRecord(f"{i}.png", Path(f"{i}.png"), t) for i, t in enumerate(targets)]
    names = names or tuple(sorted({label for target in targets for label in target}))
    findings = label_findings(ImageDataset("chest", Path(), tuple(records), names))
    assert all((one.severity, one.image) == (WARNING, "") for one in findings)
    return [one.in_words() for one in findings]


def test_fine_labels_give_no_finding():
    assert found(("effusion", "mass"), ("mass",), (), ("nodule",)) == []


def test_names_that_differ_in_capitals_and_signs_only():
    (line,) = found(("Pleural effusion", "mass"), ("pleural_Effusion",), ())
    assert "the labels 'Pleural effusion', 'pleural_Effusion' differ only in capitals" in line


def test_names_that_differ_in_signs_with_a_meaning():
    assert found(("CD4+", "CD4-"), ("CD4-",), ()) == []


def test_a_word_for_nothing_that_never_stands_beside_a_label():
    (line,) = found(("effusion", "mass"), ("No Finding",), ("mass",))
    assert "the label 'No Finding' looks as if it meant none of the labels" in line
    assert "none_label" in line


def test_a_word_for_nothing_that_stands_beside_labels_is_a_label():
    assert found(("effusion", "normal"), ("normal",), ()) == []


def test_exactly_one_label_each_may_be_classes():
    (line,) = found(("effusion",), ("mass",), names=("effusion", "mass"))
    assert "every image has exactly one label" in line
    assert found(("effusion",), ("mass",), (), names=("effusion", "mass")) == []


def test_labels_at_the_very_same_images():
    both = ("effusion", "mass")
    others = [("nodule",), (), ("nodule",)]
    (line,) = found(both, both, (*both, "nodule"), *others)
    assert found(both, both, *others) == []  # Two images may be chance.
    assert "the labels 'effusion', 'mass' stand at exactly the same images" in line
    assert "leave out all but one" in line
    # Labels that no image has, or all have, are alike by necessity.
    assert found(("mass",), (), (), (), names=("effusion", "mass", "nodule")) == []
    assert found(both, both, both, (*both, "nodule")) == []
