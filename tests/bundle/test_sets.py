"""Prediction sets in the manifest of a bundle."""

import json
from dataclasses import replace

import pytest
from pydantic import ValidationError

from bioselect.bundle.manifest import MANIFEST_FILE, READERS, Manifest, SetsText, as_fields
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.writing import write_bundle
from bioselect.estimators.prediction_set import PredictionSets
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import small_contents

#: Numbers that no short text holds exactly.
BORDERS = (1.0, 1 / 3, 0.1 + 0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets") / "model"
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    sets = SetsText(level=0.9, borders=list(BORDERS))
    write_bundle(folder, replace(contents, sets=sets))
    return folder


def values_of(folder):
    return json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))


def test_a_model_with_sets_is_of_format_7_and_has_them_to_the_last_bit(folder):
    assert values_of(folder)["format"] == 7
    model = load_bundle(folder)
    assert model.sets == PredictionSets(0.9, BORDERS)
    assert as_fields(model.manifest) == values_of(folder)


def test_a_file_of_an_older_format_has_none(folder):
    values = values_of(folder)
    del values["sets"]
    assert READERS[3]({**values, "format": 3}).sets is None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"level": 0.9, "borders": [0.5, 0.5]}, "a border for each class"),
        ({"level": 0.9, "borders": [0.5, 0.5, 1.5]}, "between 0 and 1"),
        ({"level": 1.0, "borders": [0.5, 0.5, 0.5]}, "level must be"),
        ({"level": 0.9, "borders": [0.5, 0.5, 0.5], "more": 1}, "Extra inputs"),
    ],
)
def test_sets_that_cannot_be_used_are_refused(folder, written, said):
    with pytest.raises(ValidationError, match=said):
        Manifest.model_validate({**values_of(folder), "sets": written})


def test_sets_that_were_changed_are_noticed(folder, tmp_path):
    values = values_of(folder)
    values["sets"]["borders"] = [1.0, 1.0, 1.0]
    (tmp_path / MANIFEST_FILE).write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(BundleError, match="its checksum differs"):
        load_bundle(tmp_path)
