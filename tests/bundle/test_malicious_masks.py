"""Models of masks that were made to do harm are refused in one clear line."""

import io
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier

from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.bundle.mask_model import MaskBundleContents, load_mask_bundle, write_mask_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.preparation import Reading
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.segmenters.filter_bank import FilterBank
from bioselect.segmenters.pixel_forest import TrainedPixelForest
from bioselect.steady_archives import bounded_zip, zip_bytes
from bioselect.storage import sha256_of_file


class TouchesAFile:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a bundle of a small pixel forest."""
    bank = FilterBank((1.0,))
    random = np.random.default_rng(0)
    rows = random.random((60, bank.n_responses(1))).astype(np.float32)
    forest = RandomForestClassifier(2, random_state=0).fit(rows, np.arange(60) % 2)
    folder = tmp_path_factory.mktemp("masks") / "model"
    write_mask_bundle(
        folder,
        MaskBundleContents(
            spec=ComponentSpec("pixel_forest"),
            identity={},
            trained=TrainedPixelForest(forest, bank, 1, 2),
            codes=MaskCodes(("background", "nucleus"), ((0, 0), (255, 1))),
            reading=Reading(Intensity("dtype")),
            n_channels=1,
            pixel_size=None,
            image_shape=(40, 30, 1),
            image_dtype="uint8",
        ),
    )
    return folder


@pytest.fixture
def bundle(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "model")


def forge(bundle, **fields):
    path = bundle / MANIFEST_FILE
    values = json.loads(path.read_text(encoding="utf-8"))
    files = {name: sha256_of_file(bundle / name) for name in values["files"]}
    path.write_text(json.dumps(signed({**values, "files": files, **fields})), encoding="utf-8")


def refused(bundle):
    with pytest.raises(BundleError) as raised:
        load_mask_bundle(bundle)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"{bundle}: ")
    return message


def test_as_it_was_written_it_opens(bundle):
    assert load_mask_bundle(bundle).class_names == ("background", "nucleus")


def _with_nodes(data, field, value):
    entries = bounded_zip(data)
    for name, one in entries.items():
        if b"left_child" in one[:1000] and name.endswith(".npy"):
            nodes = np.load(io.BytesIO(one)).copy()
            nodes[field][0] = value
            buffer = io.BytesIO()
            np.save(buffer, nodes)
            entries[name] = buffer.getvalue()
            break
    return zip_bytes(entries)


@pytest.mark.parametrize(
    ("field", "value"), [("feature", 10**9), ("left_child", 10**9), ("right_child", 0)]
)
def test_forests_that_lead_elsewhere_in_memory(bundle, field, value):
    path = bundle / "segmenter" / "forest.skops"
    path.write_bytes(_with_nodes(path.read_bytes(), field, value))
    forge(bundle)
    assert "a tree must" in refused(bundle)


def test_pickles_and_other_types(bundle, tmp_path):
    path = bundle / "segmenter" / "forest.skops"
    mark = tmp_path / "was_run"
    for data in (pickle.dumps(TouchesAFile(mark)), skops.io.dumps({"model": np.exp})):
        path.write_bytes(data)
        forge(bundle)
        assert "forest.skops" in refused(bundle)
    assert not mark.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"kind": "os:system"},
        {"kind": ["pixel_forest"]},
        {"kind": "otsu"},
        {"kind": "network", "tile": [10**6, 10**6], "overlap": 0, "n_channels": 1},
        {"kind": "network", "tile": [64, 64], "overlap": 16, "n_channels": 10**9},
        {"kind": "network", "tile": "ab", "overlap": 0, "n_channels": 1},
        {"kind": "network", "tile": [64, 64], "overlap": 16, "n_channels": 1},
        {"kind": "pixel_forest", "scales": [1e9], "n_channels": 1, "n_classes": 2},
        {"kind": "pixel_forest", "scales": [1.0], "n_channels": 10**9, "n_classes": 2},
        {"kind": "pixel_forest", "scales": [[1.0]], "n_channels": 1, "n_classes": 2},
        {"kind": "pixel_forest", "scales": [1.0], "n_channels": 1, "n_classes": 10**12},
    ],
    ids=str,
)
def test_facts_of_another_segmenter(bundle, facts):
    forge(bundle, facts=facts)
    refused(bundle)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("codes", {}),
        ("codes", {"class_names": [["a"]], "codes": []}),
        ("pixel_size", "big"),
        ("n_channels", 0),
        ("image_dtype", "object"),
        ("image_shape", [1]),
        ("segmenter", {"name": 5}),
    ],
)
def test_fields_of_another_kind(bundle, name, value):
    forge(bundle, **{name: value})
    assert "manifest.json is damaged at" in refused(bundle)


def test_a_file_of_its_segmenter_that_is_not_listed(bundle):
    (bundle / "segmenter" / "network.keras").write_bytes(b"x")
    assert "segmenter/network.keras must stand in manifest.json" in refused(bundle)
