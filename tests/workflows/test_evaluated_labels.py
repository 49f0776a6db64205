"""What `evaluate` says about labels that the model does not know."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from bioselect.bundle.manifest import LabelText
from bioselect.exceptions import DataError
from bioselect.workflows.evaluated_labels import check_targets


def told(labels, *found):
    """Return what is said of a table with these labels, to a model of masses and nodules."""
    model = SimpleNamespace(
        manifest=SimpleNamespace(labels=labels), class_names=("mass", "nodule"), number=None
    )
    dataset = SimpleNamespace(class_names=found, is_multilabel=True, is_values=False)
    with pytest.raises(DataError) as caught:
        check_targets(model, dataset, Path("new.csv"))
    return str(caught.value)


def test_a_column_of_zeros_and_ones_is_no_column_of_labels():
    text = told(LabelText(), "0", "1")
    assert "the column of --target holds 0 and 1" in text
    assert "Leave --target out" in text
    assert "Leave --target out" not in told(LabelText(), "0", "cyst")


def test_an_image_without_labels_is_not_to_be_removed():
    # Without them, recall and precision are those of another kind of images.
    text = told(LabelText(), "No Finding", "mass")
    assert "does not know: No Finding. It knows mass, nodule." in text
    assert "Rename these labels, or take them out of the cells" in text
    assert "of an image with none of the labels is empty" in text
    assert "remove these images" not in text
    text = told(LabelText(none_label="normal"), "No Finding")
    assert "of an image with none of the labels holds 'normal'" in text
    assert "with none of the labels" not in told(LabelText(none_label=None), "No Finding")
