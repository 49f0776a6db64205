"""Images for the checks: records beside fingerprints, without files."""

from pathlib import Path

import pytest

from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset, ImageRecord

FACTS = {
    "height": 64,
    "width": 64,
    "n_channels": 3,
    "dtype": "uint8",
    "minimum": 0.0,
    "maximum": 250.0,
    "spread": 200.0,
    "share_at_maximum": 0.001,
    "look": "0f" * 32,
}


@pytest.fixture
def image():
    """Return a function that makes one image as checks see it: (record, fingerprint)."""

    def make(name, target="cell", group=None, part="", pixels=None, **facts):
        record = ImageRecord(name, Path(name.split("#")[0]), target, group, part)
        digest = name if pixels is None else pixels
        return record, ImageFingerprint(name, "f" * 64, digest, digest, **{**FACTS, **facts})

    return make


@pytest.fixture
def dataset():
    """Return a function that makes a data set of images named (class, name) or (.., group)."""

    def make(*rows, root="images"):
        records = [
            ImageRecord(name, Path(root) / name, target, *group) for target, name, *group in rows
        ]
        names = {str(record.target) for record in records}
        records.sort(key=lambda record: record.image_id)
        return ImageDataset("demo", Path(root), tuple(records), tuple(sorted(names)))

    return make
