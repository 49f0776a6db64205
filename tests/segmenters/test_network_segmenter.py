"""Networks of masks: they learn, repeat themselves, go on, are kept."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioselect.augmentation.choice import Augmentation
from bioselect.component import ComponentSpec
from bioselect.data.pairs import ArrayScene
from bioselect.exceptions import (
    BundleError,
    ComponentError,
    UnavailableError,
    UnreadableImageError,
)
from bioselect.networks.masks import compiled
from bioselect.networks.masks.compiled import CompiledMaskNetwork
from bioselect.networks.masks.tiling import TilePlan, starts_of
from bioselect.networks.masks.trained import MaskNetwork
from bioselect.segmenters.base import most_probable, whole
from bioselect.segmenters.creation import create_segmenter, load_segmenter
from bioselect.segmenters.network_plan import planned_spec, take_fingerprint


def dice(mask, predicted):
    return 2 * ((mask == 1) & (predicted == 1)).sum() / ((mask == 1).sum() + (predicted == 1).sum())


def predicted(network, pairs, place):
    return whole(network, ArrayScene(pairs.images[place]))


def test_discs_are_found(trained):
    scores = [
        dice(
            trained.pairs.masks[place],
            most_probable(predicted(trained.network, trained.pairs, place)),
        )
        for place in trained.task.validation
    ]
    assert min(scores) > 0.8
    # What the history tells of the best epoch is what its weights do.
    best = trained.network.history[trained.network.best_epoch - 1]
    assert best.val_dice == pytest.approx(np.mean(scores), abs=1e-6)
    assert best.val_dice == max(record.val_dice for record in trained.network.history)


def test_a_network_that_was_saved_gives_the_same_masks(trained, tmp_path):
    facts = trained.network.save(tmp_path)
    in_openvino = load_segmenter(tmp_path, facts)
    in_keras = load_segmenter(tmp_path, {**facts, "compiled": False})
    assert isinstance(in_openvino, CompiledMaskNetwork)
    for place in (6, 7):
        one, same, other = (
            predicted(each, trained.pairs, place)
            for each in (trained.network, in_keras, in_openvino)
        )
        assert np.array_equal(one, same)
        assert np.abs(one - other).max() < 1e-4
        assert one.shape == (*trained.pairs.size(place), 2)
        assert one.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_a_saved_network_predicts_without_tensorflow(trained, tmp_path):
    facts = trained.network.save(tmp_path)
    code = (
        "import sys, json, pathlib, numpy as np\n"
        "from bioselect.data.pairs import ArrayScene\n"
        "from bioselect.segmenters.base import whole\n"
        "from bioselect.segmenters.creation import load_segmenter\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "opened = load_segmenter(folder, json.loads(sys.argv[2]))\n"
        "image = np.random.default_rng(0).random((70, 50, 1)).astype(np.float32)\n"
        "np.save(folder / 'found.npy', whole(opened, ArrayScene(image)))\n"
        "print('tensorflow' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path), json.dumps(facts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    image = np.random.default_rng(0).random((70, 50, 1)).astype(np.float32)
    here = whole(load_segmenter(tmp_path, facts), ArrayScene(image))
    assert np.array_equal(np.load(tmp_path / "found.npy"), here)


def test_without_openvino_keras_computes_it(trained, tmp_path, monkeypatch):
    facts = trained.network.save(tmp_path)
    monkeypatch.setattr(compiled, "check_openvino", raise_unavailable)
    with pytest.warns(UserWarning, match="openvino is not installed"):
        opened = load_segmenter(tmp_path, facts)
    assert isinstance(opened, MaskNetwork)
    monkeypatch.setattr(compiled, "installed_version", lambda name: "")
    assert opened.save(tmp_path)["why_not"] == "openvino was not installed"


def raise_unavailable(*given):
    raise UnavailableError("not there")


class StopError(Exception):
    pass


def assert_same(one, other, pairs):
    for place in range(3):
        assert np.array_equal(predicted(one, pairs, place), predicted(other, pairs, place))
    assert one.history == other.history
    assert one.best_epoch == other.best_epoch


def test_the_same_seed_gives_the_same_masks_and_a_kill_changes_nothing(discs, tmp_path):
    steps = (ComponentSpec.of("horizontal_flip"), ComponentSpec.of("brightness"))
    augmentation = Augmentation(steps, "combined")
    # With momentum to be kept, and a third less to be traced than with Adam in each of four
    # trainings; what Adam keeps is seen by the contract.
    params = {"dropout": 0.3, "epochs": 3, "class_weight": "balanced", "optimizer": "sgd"}
    pairs, task = discs.pairs(), discs.task()
    undisturbed = discs.unet(augmentation, **params).fit(pairs, task)

    def stop(record, n_epochs, seconds):
        if record.epoch == 2:
            raise StopError

    with pytest.raises(StopError):
        discs.unet(augmentation, **params).fit(pairs, task, tmp_path, stop)
    resumed = discs.unet(augmentation, **params).fit(pairs, task, tmp_path)
    assert_same(undisturbed, resumed, pairs)
    other = discs.unet(augmentation, **params).fit(pairs, discs.task(seed=1))
    assert other.history != undisturbed.history


def test_tiles_give_the_masks_of_the_whole_image_and_no_seam_can_be_seen(trained, discs):
    """The limits are those that are promised: 0.005 in Dice, and in right pixels along seams."""
    large = discs.pairs(3, sizes=((300, 260),), seed=5)
    plan = TilePlan((128, 128), 32)
    in_tiles = replace(trained.network, tiles=plan)
    at_once = replace(trained.network, tiles=TilePlan((304, 260), 0))
    scores, right, near = [], [], []
    for image, mask in zip(large.images, large.masks, strict=True):
        # Some rows are tiles' middles; the band of eight pixels around each border is looked at.
        whole_mask = most_probable(whole(at_once, ArrayScene(image)))
        tiled = most_probable(whole(in_tiles, ArrayScene(image)))
        scores.append((dice(mask, whole_mask), dice(mask, tiled)))
        right.append(tiled == mask)
        near.append(along_borders(mask.shape, plan))
    whole_dice, tiled_dice = np.mean(scores, axis=0)
    assert tiled_dice > 0.7
    assert abs(whole_dice - tiled_dice) <= 0.005
    right, near = np.array(right), np.array(near)
    assert 0.1 < near.mean() < 0.9
    assert right[near].mean() >= right[~near].mean() - 0.005


def along_borders(shape, plan):
    """Return bool ``shape``: within 4 px of the border of a tile inside the image."""
    near = np.zeros(shape, dtype=bool)
    for axis, length in enumerate(shape):
        tile = plan.size[axis]
        for start in starts_of(length, tile, plan.overlap):
            for border in (start, start + tile):
                if 0 < border < length:
                    band = slice(max(0, border - 4), border + 4)
                    near[(band, slice(None)) if axis == 0 else (slice(None), band)] = True
    return near


def test_memory_of_a_large_image_is_that_of_a_row_of_tiles(trained):
    """Whatever its height: what is held is a band of tiles, and no whole image."""

    class Endless:
        shape = (4000, 70, 1)

        def __init__(self):
            self.most = 0

        def window(self, rows, columns):
            self.most = max(self.most, rows.stop - rows.start)
            return np.zeros((rows.stop - rows.start, columns.stop - columns.start, 1), np.float32)

    scene = Endless()
    network = replace(trained.network, tiles=TilePlan((64, 64), 16))
    heights = [len(part) for _, part in network.bands(scene)]
    assert sum(heights) == 4000
    assert max(heights) <= 64
    assert scene.most <= 64


def test_another_number_of_channels_is_refused(trained):
    with pytest.raises(UnreadableImageError, match=r"accepts images with 1 channels\. Got 3"):
        whole(trained.network, ArrayScene(np.zeros((40, 40, 3))))


def own(name, **params):
    spec = ComponentSpec.of(
        f"mylab_maps:{name}", {"epochs": 1, "batch_size": 2, "patch_size": 32, **params}
    )
    return create_segmenter(spec, None, Path(__file__).parent)


def test_a_network_of_ones_own_is_trained_and_kept(discs, tmp_path):
    network = own("two_convolutions", filters=3)
    pairs = discs.pairs(4)
    learnt = network.fit(pairs, discs.task(2, 2))
    # It takes patches of one size only: images are tiles of it, filled up where they are smaller.
    assert learnt.model.input_shape == (None, 32, 32, 1)
    assert learnt.tiles == TilePlan((32, 32), 8)
    opened = load_segmenter(tmp_path, {**learnt.save(tmp_path), "compiled": False})
    for place in (0, 1):
        one, other = (predicted(each, pairs, place) for each in (learnt, opened))
        assert one.shape == (*pairs.size(place), 2)
        assert np.array_equal(one, other)
    # 5 * 5 * 1 * 3 and 3 * 3 * 3 * 3 and 3 * 2 of each of 1,024 pixels, twice; and 4 tiles.
    assert network.operations((50, 50, 1), 2) == 2 * 1024 * (75 + 81 + 6) * 4


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("half_as_large", "give a map of the same height and width"),
        ("own_layer", "must use Keras's own layers"),
    ],
)
def test_a_network_that_gives_no_map_of_the_image_is_refused(discs, name, message):
    with pytest.raises(ComponentError, match=message):
        own(name).fit(discs.pairs(4), discs.task(2, 2))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"patch_size": 30}, r"multiples of 4.*Write \[28, 28\]"),
        ({"class_weight": [1, 2, 3]}, "a number for each of the 2 classes"),
        ({"class_weight": "balanced", "loss": "dice"}, "class_weight needs loss"),
        ({"tversky_alpha": 0.5}, "tversky_alpha needs loss: tversky"),
        ({"loss": "entropy"}, "loss"),
        ({"depht": 3}, "depth"),
    ],
)
def test_what_does_not_fit_is_refused(discs, params, message):
    with pytest.raises(ComponentError, match=message):
        discs.unet(**params).fit(discs.pairs(4), discs.task(2, 2))


def test_mixing_images_of_a_batch_is_refused(discs):
    mixup = Augmentation((ComponentSpec.of("mixup"),), "augmented")
    with pytest.raises(ComponentError, match="mixes images of a batch"):
        discs.unet(mixup).check_available()


def test_a_plan_is_written_out_and_trained(discs):
    pairs, task = discs.pairs(4), discs.task(2, 2, epochs=1)
    params = {"plan": "auto", "width": 4, "depth": 2, "epochs": 2, "optimizer": "sgd"}
    spec = ComponentSpec.of("unet", params)
    chosen, steps = planned_spec(spec, take_fingerprint(pairs, 2, 0))
    assert [step.parameter for step in steps] == ["patch_size", "batch_size", "norm"]
    assert all(step.reason for step in steps)
    planned, written = (create_segmenter(one).fit(pairs, task) for one in (spec, chosen))
    assert planned.history == written.history
    assert planned_spec(chosen, take_fingerprint(pairs, 2, 0)) == (chosen, ())


def test_a_damaged_network_is_told(trained, tmp_path):
    facts = trained.network.save(tmp_path)
    with pytest.raises(BundleError, match="must say how images are divided"):
        load_segmenter(tmp_path, {"kind": "network"})
    (tmp_path / "network.keras").write_bytes(b"nothing")
    with pytest.raises(BundleError, match="cannot be loaded"):
        load_segmenter(tmp_path, {**facts, "compiled": False})
    (tmp_path / "network.bin").unlink()
    with pytest.raises(BundleError, match="the compiled network cannot be read"):
        load_segmenter(tmp_path, facts)
    with pytest.raises(BundleError, match="a kind that is known"):
        load_segmenter(tmp_path, {**facts, "kind": "other"})
