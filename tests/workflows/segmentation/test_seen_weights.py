"""A segmenter that begins with weights which saw images of the study would be tested on them."""

import pytest

from bioselect.config.loading import load_config
from bioselect.exceptions import ComponentError
from bioselect.progress import SILENT
from bioselect.workflows.seen_images import N_CHECKSUM_DIGITS, models_named
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from tests.predict.mask_models import squares, write_otsu_bundle
from tests.workflows.segmentation.conftest import Pairs


def inputs_of(root, weights):
    networks = f"[otsu, {{name: unet_pretrained, params: {{weights: {weights}}}}}]"
    path = Pairs(root).config(rest="validation: {folds: 2}\n", networks=networks)
    return read_segmentation_inputs(load_config(path), root / "cache", 1, SILENT)


def with_network(root, sha256):
    """Write a model of masks that was trained on images of these checksums, with a network."""
    folder = write_otsu_bundle(root / "model", [squares()], sha256=sha256)
    (folder / "segmenter" / "network.keras").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize("weights", ["model/segmenter/network.keras", "model/segmenter"])
def test_weights_of_another_model_of_masks_are_refused(tmp_path, weights):
    with_network(tmp_path, ["0" * N_CHECKSUM_DIGITS])
    message = "config.yaml:5: unet_pretrained.* must be those of a mobilenet_v2.* gives masks"
    with pytest.raises(ComponentError, match=message):
        inputs_of(tmp_path, weights)


def test_weights_without_a_manifest_are_doubted(tmp_path):
    (tmp_path / "network.keras").write_bytes(b"weights")
    inputs = inputs_of(tmp_path, "network.keras")
    assert sum("nobody can tell" in one.what for one in inputs.findings) == 1


def test_a_network_of_masks_named_by_an_extractor_is_found(tmp_path):
    file = with_network(tmp_path, []) / "segmenter" / "network.keras"
    assert models_named({"file": "model/segmenter/network.keras"}, tmp_path) == [file]
