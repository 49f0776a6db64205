"""A model trained in a second on drawn images, to try what comes after training.

`write_small_bundle` takes any extractor and any classifier, also somebody's own, as far as the
model file; `check_bundle` of :mod:`bioselect.testing` then says whether it survives there.
"""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bioselect.bundle.writing import BundleContents, write_bundle
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.execution import one_thread
from bioselect.features.base import parts_of
from bioselect.features.extraction import transform_prepared
from bioselect.features.learning import learning_of
from bioselect.registry import ComponentSpec, create
from bioselect.selection.fitting import TrainingRows, fit_after_learning
from bioselect.storage import digest_of

N_PER_CLASS = 8
SIDE = 40


def draw_classes(class_names: tuple[str, ...], seed: int = 0) -> tuple[list[np.ndarray], list[int]]:
    """Draw uint8 ``(40, 40, 3)`` images, stripes as many as the place of the class, under noise.

    Returns
    -------
    images : list of np.ndarray
        `N_PER_CLASS` for each class.
    places : list of int
        The class of each.
    """
    random = np.random.default_rng(seed)
    images, places = [], []
    across = np.linspace(0.0, 2.0 * np.pi, SIDE)
    for place in range(len(class_names)):
        for _ in range(N_PER_CLASS):
            stripes = 110 + 50 * np.sin((2 + 3 * place) * across + random.uniform(0, 6))
            grey = stripes + random.normal(scale=20 + 6 * place, size=(SIDE, SIDE))
            colours = np.stack([grey, 0.9 * grey, 0.8 * grey], axis=2)
            images.append(np.clip(colours, 0, 255).astype(np.uint8))
            places.append(place)
    return images, places


def small_contents(
    extractor: ComponentSpec,
    classifier: ComponentSpec,
    class_names: tuple[str, ...] = ("coarse", "fine", "middle"),
    base_dir: Path | None = None,
) -> BundleContents:
    """Train on drawn images and return what goes into the bundle.

    Parameters
    ----------
    extractor, classifier : ComponentSpec
        What the model is made of.
    class_names : tuple of str
        At least 2.
    base_dir : Path, optional
        Where the user's own components lie.
    """
    reading = Reading(Intensity("dtype"))
    images, places = draw_classes(class_names)
    made = create("extractor", extractor, base_dir)
    rows = transform_prepared(made, images, reading, [f"image {n}" for n in range(len(images))])
    widths = [
        transform_prepared(part, images[:1], reading, ["image 0"]).shape[1]
        for part in parts_of(made)
    ]
    learning = learning_of(extractor, made, widths, base_dir)
    with one_thread():  # as in a study
        fitted, _ = fit_after_learning(
            classifier,
            TrainingRows(rows, np.array(places), np.arange(len(places)), len(class_names)),
            0,
            "accuracy",
            base_dir,
            learning,
        )
    return BundleContents(
        class_names=class_names,
        extractor_spec=extractor,
        extractor=made,
        estimator_spec=classifier,
        estimator=fitted,
        reading=reading,
        n_features=rows.shape[1],
        image_shape=(SIDE, SIDE, 3),
        image_dtype="uint8",
        scores={"metric": "accuracy", "expected": 0.9, "ci_low": 0.8, "ci_high": 1.0},
        dataset={
            "name": "drawn",
            "fingerprint": digest_of([image.tolist() for image in images]),
            "n_images": len(images),
            "n_images_per_class": dict.fromkeys(class_names, N_PER_CLASS),
        },
        versions={
            "python": platform.python_version(),
            "numpy": version("numpy"),
            "scikit-learn": version("scikit-learn"),
        },
        card=f"# Drawn stripes\n\nClasses: {', '.join(class_names)}\n",
        base_dir=base_dir,
    )


def write_small_bundle(
    folder: Path,
    extractor: ComponentSpec,
    classifier: ComponentSpec,
    class_names: tuple[str, ...] = ("coarse", "fine", "middle"),
    base_dir: Path | None = None,
) -> Path:
    """Train on drawn images, write the bundle to `folder` and return it.

    Examples
    --------
    >>> import tempfile
    >>> from bioselect.testing import check_bundle
    >>> folder = Path(tempfile.mkdtemp()) / "model"
    >>> model = write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"))
    >>> [result for result in check_bundle(model) if result.problem]
    []
    """
    write_bundle(folder, small_contents(extractor, classifier, class_names, base_dir))
    return folder
