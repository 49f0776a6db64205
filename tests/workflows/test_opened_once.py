"""A zip is unpacked once by each command; what was checked and what is used are the same files."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import bioselect
from bioselect.bundle import opening
from bioselect.bundle.familiar import read_familiar
from bioselect.bundle.opening import opened_bundle
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.reference import make_reference, read_reference
from bioselect.bundle.writing import write_bundle
from bioselect.exceptions import BioselectError, BundleError
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.explain import explain
from bioselect.workflows.map_scans import map_scans
from bioselect.workflows.predict import predict
from bioselect.workflows.verify import verify
from tests.predict.mask_models import squares, write_otsu_bundle

NAMES = ("coarse", "fine")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return a folder with zips of a model of classes and one of masks, and images by class."""
    folder = tmp_path_factory.mktemp("zips")
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"), NAMES)
    rows = np.random.default_rng(0).normal(size=(6, contents.n_features))
    reference = make_reference(rows, np.arange(6) % 2, np.arange(6))
    write_bundle(folder / "classes", replace(contents, reference=reference))
    drawn = squares(corners=[(3, 20)])
    write_otsu_bundle(folder / "masks", [drawn], pixel_size=0.5)
    Image.fromarray(drawn).save(folder / "nuclei.png")
    for name in ("classes", "masks"):
        shutil.make_archive(str(folder / name), "zip", folder / name)
    for number, (image, at) in enumerate(zip(*draw_classes(NAMES), strict=True)):
        (folder / "images" / NAMES[at]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / "images" / NAMES[at] / f"{number}.png")
    return folder


@pytest.fixture
def unpacked(monkeypatch):
    """Return the list of the zips that are unpacked."""
    found = []

    def noted(path, folder):
        found.append(path.name)
        unpack(path, folder)

    unpack = opening.unpack
    monkeypatch.setattr(opening, "unpack", noted)
    return found


def one_image(place):
    return min((place / "images").rglob("*.png"))


@pytest.mark.parametrize(
    "use",
    [
        lambda place, model, out: predict(model, [one_image(place)], out / "p.csv", jobs=1),
        lambda place, model, out: evaluate(model, place / "images", out / "e", jobs=1),
        lambda place, model, out: explain(model, [one_image(place)], out / "x"),
        lambda place, model, out: bioselect.load(model),
        lambda place, model, out: verify(model),
    ],
    ids=["predict", "evaluate", "explain", "load", "verify"],
)
def test_classes(place, unpacked, tmp_path, use):
    use(place, place / "classes.zip", tmp_path)
    assert unpacked == ["classes.zip"]


@pytest.mark.parametrize(
    "use",
    [
        lambda place, model, out: predict(model, [place / "nuclei.png"], out / "m"),
        lambda place, model, out: bioselect.load(str(model)),
        lambda place, model, out: verify(model),
    ],
    ids=["predict", "load", "verify"],
)
def test_masks(place, unpacked, tmp_path, use):
    use(place, place / "masks.zip", tmp_path)
    assert unpacked == ["masks.zip"]


def test_a_map_too(place, unpacked, tmp_path):
    with pytest.raises(BioselectError):  # Two classes of whole images.
        map_scans(place / "classes.zip", [tmp_path], tmp_path / "map")
    assert len(unpacked) == 1


def test_the_copy_that_was_checked_is_the_one_that_is_used(place, tmp_path):
    path = tmp_path / "model.zip"
    shutil.copy(place / "classes.zip", path)
    with opened_bundle(path) as bundle:
        assert load_bundle(bundle).class_names == NAMES
        path.write_bytes(b"another one")
        assert read_familiar(bundle).reference is not None
        assert str(bundle) == str(path)
        (bundle.folder / "reference.npz").write_bytes(b"")
        with pytest.raises(BundleError, match=r"model\.zip: reference\.npz is damaged"):
            read_reference(bundle)
