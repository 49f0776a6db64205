"""A way down with the weights of ImageNet: they are there, and what must stay stays."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.networks.masks.assembling import assemble_masks
from bioselect.segmenters.network_segmenter import NetworkSegmenter

WEIGHTS = Path(__file__).parents[3] / "shared/data/weights/mobilenet_v2_alpha1.0_224_notop.h5"


def segmenter(**params):
    return NetworkSegmenter(
        ComponentSpec.of(
            "unet_pretrained",
            {"width": 4, "patch_size": 64, "epochs": 1, "batch_size": 2, **params},
        )
    )


def test_weights_that_are_not_there_are_told_before_any_work(tmp_path):
    with pytest.raises(UnavailableError, match=r"nowhere\.h5"):
        segmenter(weights=str(tmp_path / "nowhere.h5")).check_available()
    with pytest.raises(ComponentError, match="multiples of 32"):
        segmenter(weights="none", patch_size=50).check_available()


@pytest.mark.real_data
@pytest.mark.skipif(not WEIGHTS.exists(), reason="the weights lie beside the repository only")
def test_imagenet_weights_are_there_and_their_statistics_stay():
    network = segmenter(weights=str(WEIGHTS))
    built = assemble_masks(network.design((64, 64, 3), 2, 0))
    encoder = built.body.get_layer("encoder")
    with h5py.File(WEIGHTS) as file:
        kernel = file["Conv1/Conv1/kernel"][()]
    assert np.array_equal(encoder.get_layer("Conv1").kernel.numpy(), kernel)
    built.choose_trained("all", "unet_pretrained")
    for layer in encoder.layers:
        assert layer.trainable == (not hasattr(layer, "moving_mean")), layer.name
    assert built.body.get_layer("up1_1_norm").trainable
