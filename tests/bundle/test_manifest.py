"""The manifest: complete, signed, and with a reader for every format there was."""

import hashlib
import json

import numpy as np
import pytest
from pydantic import ValidationError

from bioselect.bundle.manifest import FORMAT, MANIFEST_FILE, READERS, Manifest, as_fields, signed
from bioselect.bundle.reading import load_bundle, read_manifest
from bioselect.estimators.calibration import Calibration
from bioselect.exceptions import BundleError


def test_every_format_up_to_today_has_a_reader():
    assert sorted(READERS) == list(range(1, FORMAT + 1))


def test_checksum_is_the_sha256_of_the_sorted_fields():
    # What anybody gets with sha256sum from {"a":[1],"b":2}.
    expected = hashlib.sha256(b'{"a":[1],"b":2}').hexdigest()
    assert signed({"b": 2, "a": [1], "checksum": "old"})["checksum"] == expected


def test_manifest_that_was_written_is_read_unchanged(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest = read_manifest(whole_bundle)
    assert as_fields(manifest) == values == signed(values)
    assert manifest.format == 3
    assert manifest.labels is None
    assert manifest.network is None
    assert manifest.class_names == ["coarse", "fine", "middle"]
    assert manifest.extractor.name == "intensity"
    assert manifest.estimator.name == "lda"
    assert manifest.image_shape == [40, 40, 3]
    assert manifest.image_dtype == "uint8"
    assert manifest.reading == {
        "intensity": "dtype",
        "channels": None,
        "repeat_grey": False,
        "join_series": True,
        "stack": None,
    }
    assert set(manifest.files) == {"estimator.skops", "check_sample.npz", "card.md"}


def test_a_model_of_format_1_is_opened_and_its_probabilities_stay_as_they_are(bundle):
    # Format 1 had no field `calibration`; everything else is the same.
    path = bundle / MANIFEST_FILE
    values = json.loads(path.read_text(encoding="utf-8"))
    del values["calibration"], values["labels"]
    path.write_text(json.dumps(signed({**values, "format": 1})), encoding="utf-8")
    model = load_bundle(bundle)
    assert model.manifest.format == 1
    assert model.calibration == Calibration()


def test_a_model_of_format_2_is_opened_and_has_one_class_an_image(bundle):
    # Format 2 had no fields `labels` and `network`; everything else is the same.
    path = bundle / MANIFEST_FILE
    values = json.loads(path.read_text(encoding="utf-8"))
    del values["labels"], values["network"]
    path.write_text(json.dumps(signed({**values, "format": 2})), encoding="utf-8")
    model = load_bundle(bundle)
    assert model.manifest.format == 2
    assert model.predicted(np.array([0.2, 0.7, 0.1])) == ("fine",)
    assert model.as_text(("fine",)) == "fine"


def test_a_model_of_labels_says_any_number_of_them(bundle, forge):
    forge(bundle, labels={"separator": "; ", "none_label": "nothing"})
    model = load_bundle(bundle)
    assert model.predicted(np.array([0.6, 0.2, 0.9])) == ("coarse", "middle")
    assert model.as_text(("coarse", "middle")) == "coarse; middle"
    assert model.predicted(np.array([0.5, 0.2, 0.1])) == ()
    assert model.as_text(()) == "nothing"
    forge(bundle, labels={"separator": ""})
    with pytest.raises(BundleError, match=r"damaged at labels\.separator"):
        load_bundle(bundle)


@pytest.mark.parametrize("size", [[16, 16], [16, 0, 3]])
def test_a_network_for_images_of_no_size_is_refused(whole_bundle, size):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    with pytest.raises(ValidationError, match="height, width and channels, all at least 1"):
        Manifest(**{**values, "network": {"input_size": size, "compiled": False}})


def test_a_calibration_that_cannot_be_applied_is_refused(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    changed = {**values["calibration"], "method": "magic"}
    with pytest.raises(ValidationError, match="method must be one of none, temperature"):
        Manifest(**{**values, "calibration": changed})
    changed.pop("slope")
    with pytest.raises(ValidationError, match="calibration"):
        Manifest(**{**values, "calibration": changed})


def test_unknown_fields_are_refused(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    with pytest.raises(ValidationError, match="colour"):
        Manifest(**values, colour="blue")
