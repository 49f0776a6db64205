"""What every model bundle must do: open anywhere, notice damage, hold no pickle and no secrets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.bundle.manifest import (
    CARD_FILE,
    CHECK_SAMPLE_FILE,
    MANIFEST_FILE,
    SegmentationManifest,
)
from bioselect.bundle.mask_model import MaskModel, gives_masks, load_mask_bundle
from bioselect.bundle.opening import bundle_folder
from bioselect.bundle.reading import Model, load_bundle, read_any_manifest
from bioselect.data.mask_codes import MaskCodes
from bioselect.exceptions import BundleError
from bioselect.segmenters.base import whole
from bioselect.testing.file_contents import absolute_paths, contents_of, pickle_in
from bioselect.testing.violations import require

TOLERANCE = 1e-5
NEEDED_VERSIONS = ("python", "numpy", "scikit-learn")
NEEDED_SCORES = ("metric", "expected", "ci_low", "ci_high")
NEEDED_OF_DATASET = ("fingerprint", "n_images")
#: Of classes, how many images of each there were.
PER_CLASS = "n_images_per_class"


@dataclass(frozen=True)
class BundleUnderTest:
    """Where a bundle (folder, zip or run folder) lies, and the user's own components it needs."""

    path: Path
    components_dir: Path | None = None

    def load(self, path: Path | None = None) -> Model | MaskModel:
        """Open it, or a copy of it that lies elsewhere."""
        if gives_masks(self.path):
            return load_mask_bundle(path or self.path)
        return load_bundle(path or self.path, self.components_dir)


Make = Callable[[], BundleUnderTest]


@contextmanager
def _copied(bundle: BundleUnderTest, name: str = "copy") -> Iterator[Path]:
    """Give a copy of the bundle's folder that may be changed."""
    with tempfile.TemporaryDirectory() as temporary, bundle_folder(bundle.path) as folder:
        yield Path(shutil.copytree(folder, Path(temporary) / name))


def _sample(path: Path) -> tuple[list[np.ndarray], np.ndarray]:
    with (
        bundle_folder(path) as folder,
        np.load(folder / CHECK_SAMPLE_FILE, allow_pickle=False) as sample,
    ):
        return list(sample["images"]), sample["probabilities"]


def _predicted(model: Model | MaskModel, images: list[np.ndarray]) -> np.ndarray:
    """Return the probabilities of each image, or of each of its pixels; classes stand last."""
    if isinstance(model, MaskModel):
        return np.stack([whole(model.trained, model.scene(one, "check image")) for one in images])
    return model.predict_images(images, ["check image"] * len(images))


def check_opens(make: Make) -> None:
    """The bundle is opened and has a class for each column of probabilities."""
    bundle = make()
    model = bundle.load()
    images, _ = _sample(bundle.path)
    shape = _predicted(model, images).shape
    each = images[0].shape[:2] if isinstance(model, MaskModel) else ()
    wanted = (len(images), *each, len(model.class_names))
    what = "(n_images, height, width, n_classes)" if each else "(n_images, n_classes)"
    require(shape == wanted, f"probabilities must be {what}. Got {shape}.")


def check_whole(make: Make) -> None:
    """A file that is changed or missing, whichever it is, is noticed."""
    bundle = make()
    with _copied(bundle) as copy:
        for path in sorted(p for p in copy.rglob("*") if p.is_file()):
            name = path.relative_to(copy).as_posix()
            data = path.read_bytes()
            changed = data[:-2] + bytes([data[-2] ^ 1]) + data[-1:] if len(data) > 1 else b"?"
            path.write_bytes(changed)
            _require_refused(bundle, copy, f"a changed {name}")
            path.unlink()
            _require_refused(bundle, copy, f"a missing {name}")
            path.write_bytes(data)


def _require_refused(bundle: BundleUnderTest, copy: Path, what: str) -> None:
    try:
        bundle.load(copy)
    except BundleError:
        return
    require(False, f"every changed or missing file must be noticed. Got no error for {what}.")


def check_no_pickle(make: Make) -> None:
    """No file, also inside archives, is a pickle or holds one."""
    with bundle_folder(make().path) as folder:
        for name, data in contents_of(folder):
            found = pickle_in(name, data)
            require(not found, f"nothing may be pickled, since opening it runs code. Got {found}.")


def check_no_folders(make: Make) -> None:
    """No absolute path of the machine on which it was made is in it."""
    path = make().path
    with bundle_folder(path) as folder:
        places = {str(path.resolve().parent), str(Path.home()), str(Path.cwd())}
        for name, data in contents_of(folder):
            found = absolute_paths(data, places)
            require(
                not found,
                f"nothing may tell of the folders where it was made. Got {found[:1]} in {name}.",
            )


def check_reproduces(make: Make) -> None:
    """The check sample is not trivial, and its probabilities are reproduced."""
    bundle = make()
    images, expected = _sample(bundle.path)
    require(
        len(images) >= 2 and not np.array_equal(images[0], images[1]),
        f"the check sample must hold at least 2 different images. Got {len(images)}.",
    )
    got = _predicted(bundle.load(), images)
    difference = float(np.abs(got - expected).max())
    require(
        difference <= TOLERANCE,
        f"the check sample must be reproduced to {TOLERANCE:g}. Got a difference of "
        f"{difference:.2g}.",
    )


def check_moved(make: Make) -> None:
    """A copy in another place, with blanks and accents in its path, predicts the same bits."""
    bundle = make()
    images, _ = _sample(bundle.path)
    expected = _predicted(bundle.load(), images)
    with _copied(bundle, "été in the lab") as copy:
        got = _predicted(bundle.load(copy), images)
    require(
        np.array_equal(got, expected),
        "a moved bundle must predict the same. Got other probabilities.",
    )


def check_zipped(make: Make) -> None:
    """A zip of it predicts the same bits, also after what was unpacked is gone."""
    bundle = make()
    images, _ = _sample(bundle.path)
    expected = _predicted(bundle.load(), images)
    with _copied(bundle) as copy:
        archive = Path(shutil.make_archive(str(copy), "zip", copy))
        got = _predicted(bundle.load(archive), images)
    require(
        np.array_equal(got, expected),
        "a zipped bundle must predict the same. Got other probabilities.",
    )


def check_image_alone(make: Make) -> None:
    """The prediction of an image does not depend on the others of its batch."""
    bundle = make()
    model = bundle.load()
    images, _ = _sample(bundle.path)
    together = _predicted(model, images)
    alone = np.concatenate([_predicted(model, [image]) for image in images])
    difference = float(np.abs(together - alone).max())
    require(
        difference <= TOLERANCE,
        f"an image alone must be predicted as in a batch, to {TOLERANCE:g}. Got a difference of "
        f"{difference:.2g}.",
    )


def check_manifest(make: Make) -> None:
    """Versions, scores, data set, classes and every file are told of."""
    with bundle_folder(make().path) as folder:
        manifest = read_any_manifest(folder)
        files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        card = (folder / CARD_FILE).read_text(encoding="utf-8")
    of_masks = isinstance(manifest, SegmentationManifest)
    needed_of_dataset = NEEDED_OF_DATASET if of_masks else (*NEEDED_OF_DATASET, PER_CLASS)
    for part, values, needed in (
        ("versions", manifest.versions, NEEDED_VERSIONS),
        ("scores", manifest.scores, NEEDED_SCORES),
        ("dataset", manifest.dataset, needed_of_dataset),
    ):
        missing = [name for name in needed if name not in values]
        require(not missing, f"manifest: {part} must hold {', '.join(needed)}. Missing: {missing}.")
    names = list(
        MaskCodes.from_dict(manifest.codes).class_names
        if isinstance(manifest, SegmentationManifest)
        else manifest.class_names
    )
    require(
        len(names) >= 2 and len(set(names)) == len(names) and all(names),
        f"manifest: class_names must be at least 2 different names. Got {names}.",
    )
    counted = set(names if of_masks else manifest.dataset[PER_CLASS])
    require(counted == set(names), f"manifest: every class must be counted. Got {sorted(counted)}.")
    unlisted = sorted(files - set(manifest.files) - {MANIFEST_FILE})
    require(not unlisted, f"manifest: every file must be listed. Missing: {unlisted}.")
    unnamed = [name for name in names if name not in card]
    require(not unnamed, f"{CARD_FILE}: must name every class. Missing: {unnamed}.")


CHECKS: Mapping[str, Callable[[Make], None]] = {
    "opens": check_opens,
    "whole": check_whole,
    "no pickle": check_no_pickle,
    "no folders": check_no_folders,
    "reproduces": check_reproduces,
    "moved": check_moved,
    "zipped": check_zipped,
    "image alone": check_image_alone,
    "manifest": check_manifest,
}
