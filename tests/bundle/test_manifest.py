"""The manifest: complete, signed, and with a reader for every format there was."""

import hashlib
import json

import pytest
from pydantic import ValidationError

from bioselect.bundle.manifest import FORMAT, MANIFEST_FILE, READERS, Manifest, signed
from bioselect.bundle.reading import read_manifest


def test_every_format_up_to_today_has_a_reader():
    assert sorted(READERS) == list(range(1, FORMAT + 1))


def test_checksum_is_the_sha256_of_the_sorted_fields():
    # What anybody gets with sha256sum from {"a":[1],"b":2}.
    expected = hashlib.sha256(b'{"a":[1],"b":2}').hexdigest()
    assert signed({"b": 2, "a": [1], "checksum": "old"})["checksum"] == expected


def test_manifest_that_was_written_is_read_unchanged(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    manifest = read_manifest(whole_bundle)
    assert manifest.model_dump(mode="json") == values == signed(values)
    assert manifest.format == 1
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


def test_unknown_fields_are_refused(whole_bundle):
    values = json.loads((whole_bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    with pytest.raises(ValidationError, match="colour"):
        Manifest(**values, colour="blue")
