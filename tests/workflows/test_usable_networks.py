"""What is wrong with a network is said in a second, with its line, before any work."""

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

from bioselect.bundle.manifest import signed
from bioselect.component import ComponentSpec
from bioselect.data.splitting import Fold
from bioselect.exceptions import BioselectError
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.storage import sha256_of_file
from bioselect.testing.small_bundle import write_small_bundle
from bioselect.workflows.check import check
from bioselect.workflows.usable_networks import check_validation_parts


def written(write_config, row, **more):
    more = {"extractors": "[]", "classifiers": "[]", "validation": "{folds: 2}", **more}
    return write_config(**{**more, "rest": f"networks: [{row}]\n{more.get('rest', '')}"})


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("resnet81", r"networks, item 1: unknown network 'resnet81'. Did you mean 'resnet18'"),
        ("hog", "unknown network 'hog'. This name belongs under extractors"),
        ("{name: resnet18, params: {epochs: 0}}", "epochs: must be at least 1. Got 0."),
        ("{name: resnet18, params: {epoch: 3}}", "Did you mean 'epochs'"),
        ("{name: resnet18, params: {weights: imagenet}}", "imagenet is for networks of keras"),
        ("{name: resnet18, params: {weights: nowhere/model}}", "nowhere/model, which is not there"),
        (
            "{name: vgg16, params: {weights: imagnet}}",
            r"networks, item 1: params.weights: must be .* Got 'imagnet'. Did you mean 'imagenet'",
        ),
        (
            "{name: vgg16, params: {on_unavailable: skip}}",
            "on_unavailable: unknown parameter. It stands beside name, or at the top level",
        ),
        (
            "{name: small_cnn, params: {normalization: {mean: 127, std: 127}}}",
            r"normalization: must be of pixels from 0 to 1, .* Got mean 127. Divide both by",
        ),
        ("{name: resnet18, params: {trainable: head}}", "needs weights to begin with"),
        (
            "{name: small_cnn, search: {input_size: [16, 32]}}",
            "search.input_size: images are resized once",
        ),
        ("{name: small_cnn, search: {epochs: [0]}}", "each value must be at least 1. Got 0."),
        ("small_cnn, small_cnn", "small_cnn is listed twice"),
        ("5", "must be a name, or a mapping with name and params. Got 5."),
    ],
)
def test_mistakes(write_config, row, words):
    with pytest.raises(BioselectError, match=r"config\.yaml:\d+: ") as raised:
        check(written(write_config, row), jobs=1)
    line, *rest = str(raised.value).splitlines()
    assert re.search(words, line), line
    assert rest == []  # Nothing would be left to run without it.


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rest": "budget: 20min"}, "networks: they do not go together with a budget (20min)"),
        ({"rest": "ensemble: tied"}, "networks: they do not go together with ensemble: tied"),
        ({"validation": "{honest: nested}"}, "do not go together with validation.honest: nested"),
        ({"extractors": "[hog]"}, "classifiers: must list at least one. Got []."),
        ({"classifiers": "[lda]"}, "extractors: must list at least one. Got []."),
    ],
)
def test_what_does_not_go_together(write_config, more, words):
    with pytest.raises(BioselectError) as raised:
        check(written(write_config, "small_cnn", **more), jobs=1)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_neither_networks_nor_extractors(write_config):
    with pytest.raises(BioselectError, match=r"extractors: must list at least one") as raised:
        check(write_config(extractors="[]", classifiers="[]"), jobs=1)
    assert "classifiers: must list at least one" in str(raised.value)


@pytest.fixture
def five_channels(tmp_path):
    """Return a folder of images with five channels in two classes."""
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        folder = tmp_path / "five" / name
        folder.mkdir(parents=True)
        for number in range(8):
            pixels = random.integers(0, 255, (20, 20, 5), dtype=np.uint8)
            tifffile.imwrite(
                folder / f"{number}.tif", pixels, photometric="minisblack", planarconfig="contig"
            )
    return tmp_path / "five"


def test_channels(write_config, five_channels, tmp_path):
    config = written(write_config, "small_cnn", path=five_channels)
    assert "1 network and the dummy" in check(config, jobs=1)
    tifffile.imwrite(
        five_channels / "a" / "odd.tif",
        np.ones((20, 20, 4), np.uint8),
        photometric="minisblack",
        planarconfig="contig",
    )
    with pytest.raises(BioselectError, match=r"equally many channels. Got 4 \(a/odd.tif\), 5 \("):
        check(config, jobs=1)
    chosen = written(write_config, "small_cnn", path=five_channels, dataset="channels: [0, 4]")
    with pytest.raises(BioselectError, match=r"networks: dataset.channels .*a/odd.tif"):
        check(chosen, jobs=1)


def test_weights_for_other_channels(write_config, five_channels, tmp_path, monkeypatch):
    weights = tmp_path / "w.weights.h5"
    weights.write_bytes(b"as if it were one")
    monkeypatch.setattr("bioselect.networks.initial_weights.find_weights", lambda *given: weights)
    row = "{name: mobilenet_v2, params: {weights: w.weights.h5}}"
    config = written(write_config, row, path=five_channels)
    with pytest.raises(BioselectError, match=r"for images with 3 channels. Got 5."):
        check(config, jobs=1)


@pytest.mark.parametrize(
    ("beside", "rest"), [("", "on_unavailable: skip"), (", on_unavailable: skip", "")]
)
def test_weights_that_may_be_skipped_are_left_out(write_config, beside, rest):
    row = f"small_cnn, {{name: resnet18, params: {{weights: nowhere/model}}{beside}}}"
    config = written(write_config, row, rest=rest)
    words = check(config, jobs=1)
    assert "plan: 1 network and the dummy" in words
    assert "is left out: params.weights must be" in words


def test_what_is_left_can_be_run_without_it(write_config):
    row = "small_cnn, {name: resnet18, params: {weights: nowhere/model}}"
    with pytest.raises(BioselectError, match=r"not there.*\n.*write `on_unavailable: skip`.$"):
        check(written(write_config, row), jobs=1)


def dataset_of(targets, *names):
    return SimpleNamespace(
        targets=lambda: targets,
        class_names=names,
        is_multilabel=targets.ndim == 2,
        is_values=False,
    )


def test_patients_of_which_none_could_be_kept_for_validation():
    dataset = dataset_of(np.repeat([0, 1], 10), "sick", "well")
    units = np.repeat([0, 1, 2, 3], 5)
    folds = [Fold(0, 0, np.arange(5, 20), np.arange(5))]
    with pytest.raises(BioselectError, match=r"Got 1 independent images or groups of class 'sick'"):
        check_validation_parts(folds, dataset, units, 0)


def test_two_patients_a_class_are_too_few(write_config, tmp_path):
    random = np.random.default_rng(0)
    for name in ("sick", "well"):
        for patient in "pq":
            folder = tmp_path / "patients" / name / f"{name}_{patient}"
            folder.mkdir(parents=True)
            for number in range(6):
                pixels = random.integers(0, 255, (20, 20, 3), dtype=np.uint8)
                tifffile.imwrite(folder / f"{number}.tif", pixels, photometric="rgb")
    config = written(
        write_config, "small_cnn", path=tmp_path / "patients", dataset="group: {level: 2}"
    )
    with pytest.raises(BioselectError, match=r"too few: class 'sick' has 2, class 'well' has 2"):
        check(config, jobs=1)


def test_a_search_needs_a_metric_that_has_a_value_on_every_validation_part():
    # Two patients with 20 images each: 15 % of them cannot be kept, so none is.
    dataset = dataset_of(np.repeat([0, 1], [40, 30]), "sick", "well")
    units = np.concatenate([np.repeat([0, 1], 20), np.arange(2, 32)])
    folds = [Fold(0, 0, np.arange(70), np.arange(0))]
    [warning] = check_validation_parts(folds, dataset, units, 0, get_metric("accuracy"))
    assert "kept for validation: 'sick' (1 of 1 trainings). Their images come" in warning
    assert check_validation_parts(folds, dataset, np.arange(70), 0) == []
    with pytest.raises(BioselectError, match=r"chooses by roc_auc on .* has no value") as raised:
        check_validation_parts(folds, dataset, units, 0, get_metric("roc_auc"))
    assert "\n" not in str(raised.value)


def test_patients_that_alone_have_a_label_or_lack_it():
    """Both patients are trained on: one cannot be trained on and be kept as well."""
    units = np.repeat(np.arange(2), 10)
    folds = [Fold(0, 0, np.arange(20), np.arange(0))]
    nodule = np.arange(20) % 2
    some = (units == 1) & (nodule == 1)
    for mass, word in ((some, "with"), (~some, "without")):
        dataset = dataset_of(np.stack([nodule, mass], axis=1).astype(np.int8), "nodule", "mass")
        with pytest.raises(BioselectError, match=rf"Got 1 independent .* {word} label 'mass' in"):
            check_validation_parts(folds, dataset, units, 0)


def test_labels_that_do_not_differ_among_the_images_kept_for_validation():
    # Whoever is kept for validation, a patient of 20 or some of the 30 single images, has no mass
    # or nothing but masses; nodules are everywhere.
    some = np.arange(70) < 40
    units = np.concatenate([np.repeat([0, 1], 20), np.arange(2, 32)])
    folds = [Fold(0, 0, np.arange(70), np.arange(0))]
    for mass in (some, ~some):
        labels = np.stack([np.arange(70) % 3 == 0, mass], axis=1).astype(np.int8)
        dataset = dataset_of(labels, "nodule", "mass")
        [warning] = check_validation_parts(folds, dataset, units, 0, get_metric("f1_micro"))
        assert "have a label, or none has: 'mass' (1 of 1 trainings). Images with or" in warning
        assert check_validation_parts(folds, dataset, np.arange(70), 0) == []
    only_masses = get_metric(
        ChosenMetric(
            ComponentSpec.of("average_precision", {"positive": "mass"}), ("nodule", "mass"), True
        )
    )
    with pytest.raises(BioselectError, match=r"chooses by average_precision.* has no value"):
        check_validation_parts(folds, dataset, units, 0, only_masses)


@pytest.fixture
def old_model(tmp_path):
    """Return a function that writes a model folder which says that it was trained on some files."""

    def write(trained_on, network="small_cnn", n_channels=3, **params):
        folder = write_small_bundle(
            tmp_path / "old" / "model", ComponentSpec("intensity"), ComponentSpec("lda")
        )
        size = [24, 24, n_channels]
        layer = {"class_name": "InputLayer", "config": {"batch_shape": [None, *size]}}
        with zipfile.ZipFile(folder / "network.keras", "w") as archive:
            archive.writestr("config.json", json.dumps({"config": {"layers": [layer]}}))
        path = folder / "manifest.json"
        values = json.loads(path.read_text(encoding="utf-8"))
        values["estimator"] = {"name": network, "params": params}
        values["network"] = {"input_size": size, "compiled": False}
        values["dataset"]["sha256"] = [sha256_of_file(file)[:16] for file in trained_on]
        path.write_text(json.dumps(signed(values)), encoding="utf-8")
        return folder

    return write


def begun_with(path):
    return f"{{name: small_cnn, params: {{weights: {path.as_posix()}}}}}"


def test_weights_that_know_the_images_are_refused(write_config, drawn_images, old_model, tmp_path):
    model = old_model(sorted(drawn_images.rglob("*.png"))[:5])
    with zipfile.ZipFile(tmp_path / "old.zip", "w") as archive:
        for file in model.rglob("*"):
            archive.write(file, Path("model") / file.relative_to(model))
    for named in (model, model.parent, model / "network.keras", tmp_path / "old.zip"):
        with pytest.raises(BioselectError, match=r"trained on 5 of 36 \(bars/00.png, ") as raised:
            check(written(write_config, begun_with(named)), jobs=1)
        assert str(raised.value).startswith("config.yaml:"), named
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("inside", ["{}", "{{name: views, params: {{extractor: {}, views: 1}}}}"])
def test_frozen_features_of_a_model_that_knows_the_images_are_refused(
    write_config, drawn_images, old_model, inside, monkeypatch
):
    model = old_model(sorted(drawn_images.rglob("*.png"))[:5])
    # That the file of the test is no whole network is found out before.
    monkeypatch.setattr(
        "bioselect.workflows.study_inputs.usable_extractors", lambda config: ([], {})
    )
    path = (model / "network.keras").as_posix()
    listed = inside.format(f"{{name: model_file, params: {{path: {path}}}}}")
    rest = "augmentation: [horizontal_flip]" if "views" in inside else ""
    config = write_config(extractors=f"[{listed}]", rest=rest)
    with pytest.raises(BioselectError, match=r"config.yaml:\d+: .*trained on 5 of 36 \(bars/00"):
        check(config, jobs=1)


def test_weights_that_saw_others_are_begun_with(write_config, old_model, tmp_path):
    other = tmp_path / "other.png"
    other.write_bytes(b"another image")
    model = old_model([other])
    assert "nobody can tell" not in check(written(write_config, begun_with(model)), jobs=1)
    shutil.copy(model / "network.keras", tmp_path / "alone.keras")
    words = check(written(write_config, begun_with(tmp_path / "alone.keras")), jobs=1)
    assert "nobody can tell on which images the weights in alone.keras were trained" in words


@pytest.mark.parametrize(
    ("old", "row", "words"),
    [
        (
            {},
            "{{name: resnet18, params: {{weights: {}, trainable: head}}}}",
            r"the same network, resnet18. Got \S+, which is a small_cnn. Write small_cnn in place",
        ),
        (
            {"filters": 16, "epochs": 3},
            "{{name: small_cnn, params: {{weights: {}}}}}",
            r"a small_cnn with filters: 16; here it has filters: 32. Write filters: 16 in its",
        ),
        (
            {"network": "resnet18"},
            "{{name: resnet18, params: {{weights: {}, input_size: 96}}}}",
            "a resnet18 with stem: small; here it has stem: large.",
        ),
        (
            {"n_channels": 1},
            "{{name: small_cnn, params: {{weights: {}}}}}",
            "for images with 1 channel. Got 3. Weights of grey images fit no colours",
        ),
    ],
)
def test_weights_of_another_network_are_told_before_any_work(
    write_config, old_model, old, row, words
):
    model = old_model([], **old)
    with pytest.raises(BioselectError, match=words) as raised:
        check(written(write_config, row.format(model.as_posix())), jobs=1)
    assert str(raised.value).startswith("config.yaml:")
    assert "\n" not in str(raised.value)


def test_nothing_heavy_is_imported_to_check(write_config):
    config = written(write_config, "small_cnn, {name: resnet18, params: {epochs: 3}}")
    code = (
        "import sys\nfrom bioselect.workflows.check import check\n"
        f"print(check({str(config)!r}, jobs=1))\n"
        "assert 'tensorflow' not in sys.modules and 'keras' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "2 networks and the dummy = 3 combinations" in done.stdout
