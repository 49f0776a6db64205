"""Near copies are in one fold, in a study of classes and in one of masks."""

import numpy as np
import pytest

from bioselect.config.loading import load_config
from bioselect.progress import SILENT
from bioselect.workflows.segmentation.examining import examine_pairs
from bioselect.workflows.study_inputs import read_study_inputs
from tests.checks.planting import cells, overwrite

N_IMAGES = 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder of two classes, and masks of all, in which one image is there mirrored."""
    root = tmp_path_factory.mktemp("near")
    random = np.random.default_rng(5)
    for name in ("images/a", "images/b", "pairs/images", "pairs/masks"):
        (root / name).mkdir(parents=True)
    for place in range(N_IMAGES):
        image, name = cells(random), f"{place:02d}.png"
        overwrite(root / "images" / "ab"[place % 2] / name, image)
        overwrite(root / "pairs" / "images" / name, image)
        overwrite(root / "pairs" / "masks" / name, (image[:, :, 0] > 90) * 255)
        if place == 6:
            overwrite(root / "images" / "b" / "99.png", image[::-1])
            overwrite(root / "pairs" / "images" / "99.png", image[::-1])
            overwrite(root / "pairs" / "masks" / "99.png", (image[::-1, :, 0] > 90) * 255)
    return root


def configured(folder, text):
    path = folder / "config.yaml"
    path.write_text(text)
    return load_config(path)


def places_of(dataset, *names):
    by_name = {record.image_id: place for place, record in enumerate(dataset.records)}
    return [by_name[name] for name in names]


def test_in_a_study_of_classes(folder):
    config = configured(
        folder,
        "dataset: {path: images}\nextractors: [intensity]\nclassifiers: [lda]\noutput: run\n",
    )
    inputs = read_study_inputs(config, folder / "cache", 1, SILENT)
    pair = places_of(inputs.dataset, "a/06.png", "b/99.png")
    units = inputs.units.tolist()
    assert units[pair[0]] == units[pair[1]]
    assert len(set(units)) == N_IMAGES
    for fold in inputs.plan.folds:
        assert np.isin(pair, fold.test).sum() in (0, 2)
    kinds = [finding.kind for finding in inputs.findings]
    assert kinds.count("conflicting near copy") == 1


def test_in_a_study_of_masks(folder):
    config = configured(
        folder,
        "task: segmentation\ndataset: {path: pairs/images, masks: pairs/masks}\n"
        "networks: [otsu]\noutput: run\n",
    )
    findings = []
    found = examine_pairs(config, folder / "cache", 1, SILENT, findings)
    pair = places_of(found.dataset, "06.png", "99.png")
    assert found.units[pair[0]] == found.units[pair[1]]
    assert len(set(found.units.tolist())) == N_IMAGES
    (finding,) = [one for one in findings if one.kind == "near copy"]
    assert (finding.image, finding.other) == ("99.png", "06.png")
    assert "mirrored" in finding.what
