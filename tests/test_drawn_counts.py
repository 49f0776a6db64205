"""The drawn cells that are counted: as their script draws them, and no question of brightness."""

import csv
import importlib.util
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bioselect.config.loading import load_config
from bioselect.registry import ComponentSpec, create
from bioselect.workflows.check import CAN_BE_RUN, check

DATASETS = Path(__file__).parents[1] / "datasets"
SPOTS = DATASETS / "spots"


def script():
    place = DATASETS / "draw_spots.py"
    specification = importlib.util.spec_from_file_location("draw_spots", place)
    module = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up by its name.
    sys.modules["draw_spots"] = module
    specification.loader.exec_module(module)
    return module


def rows():
    with (SPOTS / "counts.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def pixels(row):
    with Image.open(SPOTS / row["file"]) as image:
        return np.asarray(image)


def r2_on_other_slides(X, model):
    counts = np.array([float(row["cells"]) for row in rows()])
    slides = [row["slide"] for row in rows()]
    folds = GroupKFold(6, shuffle=True, random_state=0)
    return r2_score(counts, cross_val_predict(model, X, counts, groups=slides, cv=folds))


def described(name):
    images = [pixels(row)[..., None].astype(np.float32) / 255 for row in rows()]
    return create("extractor", ComponentSpec(name)).transform(images)


def test_drawing_again_gives_the_same_images():
    # The first three slides; each field has its own random numbers.
    for row, (file, slide, n_cells, drawn) in zip(
        rows(), islice(script().drawn_fields(), 30), strict=False
    ):
        assert (row["file"], row["slide"], row["cells"]) == (file, slide, str(n_cells))
        # Other versions of NumPy and SciPy may round differently.
        assert np.abs(drawn.astype(int) - pixels(row).astype(int)).mean() < 0.1


def test_table_and_files_agree():
    listed = [row["file"] for row in rows()]
    on_disk = sorted(path.relative_to(SPOTS).as_posix() for path in SPOTS.rglob("*.png"))
    assert listed == on_disk
    assert len(listed) == 120
    for row in rows():
        assert Path(row["file"]).name.startswith(row["slide"])
        assert pixels(row).shape == (64, 64)
        assert pixels(row).dtype == np.uint8


def test_counts_reach_from_none_to_many():
    counts = [int(row["cells"]) for row in rows()]
    assert min(counts) == 0
    assert max(counts) == 24
    assert len(set(counts)) > 20
    assert len({row["slide"] for row in rows()}) == 12


def test_an_image_without_cells_has_nothing_sharp():
    # What is left when the surroundings of 5 x 5 pixels are taken off is noise: as large on both
    # sides. With a cell the bright side is the longer one.
    from scipy.ndimage import median_filter

    for row in rows():
        if int(row["cells"]) in (0, 24):
            image = pixels(row).astype(float)
            rest = image - median_filter(image, 15)
            assert (rest.max() > 2 * -rest.min()) == (row["cells"] == "24"), row["file"]


def test_brightness_alone_does_not_count():
    # -0.05 by the mean, 0.26 by all 14 numbers of `intensity`; in the statement at most 0.3.
    mean = np.array([[pixels(row).mean()] for row in rows()])
    assert r2_on_other_slides(mean, LinearRegression()) < 0.3
    assert r2_on_other_slides(mean, RandomForestRegressor(50, random_state=0)) < 0.3
    intensity = make_pipeline(StandardScaler(), Ridge(1.0))
    assert r2_on_other_slides(described("intensity"), intensity) < 0.3


def test_descriptors_of_texture_do():
    # 0.93 and 0.77.
    ridge = make_pipeline(StandardScaler(), Ridge(1.0))
    assert r2_on_other_slides(described("lbp"), ridge) > 0.8
    assert r2_on_other_slides(described("granularity"), ridge) > 0.6


def test_the_set_is_small():
    files = [path for path in SPOTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000


def test_the_readme_counts_right():
    text = (DATASETS / "README.md").read_text(encoding="utf-8")
    assert "| `spots/` | 120 | 12 | 0 to 24 |" in text


def test_the_configuration_that_counts_them_can_be_run():
    config = load_config(DATASETS.parent / "configs" / "regression_images.yaml")
    assert (config.task, config.bundle.interval) == ("regression", 0.9)
    words = check(config)
    assert words.endswith(CAN_BE_RUN)
    assert "16 combinations, 6 folds x 5 repeats" in words
