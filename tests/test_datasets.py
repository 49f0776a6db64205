import csv
import importlib.util
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DATASETS = Path(__file__).parents[1] / "datasets"
CELLS = DATASETS / "cells"
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def script():
    specification = importlib.util.spec_from_file_location("draw_cells", DATASETS / "draw_cells.py")
    module = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up by its name.
    import sys

    sys.modules["draw_cells"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["draw_cells"]


def labels():
    with (CELLS / "labels.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_drawing_again_gives_the_same_images(script) -> None:
    rows = {row["file"]: row for row in labels()}
    n_images = 0
    for file, kind, patient, pixels in script.drawn_images():
        with Image.open(CELLS / file) as image:
            stored = np.asarray(image)
        assert (rows[file]["class"], rows[file]["patient"]) == (kind, patient)
        assert stored.shape == pixels.shape
        # Other versions of NumPy and SciPy may round differently; another drawing would differ
        # by the noise alone by more than 1.
        difference = np.abs(stored.astype(int) - pixels.astype(int)).mean()
        assert difference < 0.1, file
        n_images += 1
    assert n_images == len(rows)


def test_another_seed_draws_other_images(script) -> None:
    first = next(script.drawn_images(script.SEED))[3].astype(int)
    second = next(script.drawn_images(script.SEED + 1))[3].astype(int)
    assert np.abs(first - second).mean() > 1


def test_the_whole_set_is_small() -> None:
    files = [path for path in DATASETS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 5 * MEGABYTE


def test_table_and_files_agree() -> None:
    rows = labels()
    on_disk = {path.relative_to(CELLS).as_posix() for path in CELLS.rglob("*.png")}
    assert {row["file"] for row in rows} == on_disk
    assert len(rows) == len(on_disk)
    assert 190 <= len(rows) <= 210
    for row in rows:
        folder, name = row["file"].split("/")
        assert (folder, name[:3]) == (row["class"], row["patient"])


def test_every_patient_has_every_class() -> None:
    counts = Counter((row["patient"], row["class"]) for row in labels())
    patients = {patient for patient, _ in counts}
    classes = {kind for _, kind in counts}
    assert (len(patients), len(classes)) == (10, 4)
    assert len(counts) == 40
    assert min(counts.values()) >= 4


def test_the_readme_counts_right() -> None:
    text = (DATASETS / "README.md").read_text(encoding="utf-8")
    counts = Counter(row["class"] for row in labels())
    for kind, n_images in counts.items():
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
        assert line.endswith(f"| {n_images} |")
    assert f"{len(labels())} images" in text


def test_images_are_as_stated() -> None:
    for row in labels():
        with Image.open(CELLS / row["file"]) as image:
            assert (image.size, image.mode, image.format) == ((96, 96), "RGB", "PNG")


@pytest.mark.slow
def test_no_combination_is_perfect_and_the_best_is_good() -> None:
    from skimage.feature import hog
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    rows = labels()
    classes = np.array([row["class"] for row in rows])
    patients = [row["patient"] for row in rows]
    features = []
    for row in rows:
        with Image.open(CELLS / row["file"]) as image:
            features.append(hog(np.asarray(image.convert("L")), pixels_per_cell=(16, 16)))
    predicted = cross_val_predict(
        make_pipeline(StandardScaler(), SVC(C=10)),
        np.array(features),
        classes,
        groups=patients,
        cv=StratifiedGroupKFold(5, shuffle=True, random_state=0),
    )
    assert 0.6 < balanced_accuracy_score(classes, predicted) < 0.95
