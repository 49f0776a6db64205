"""The main job on parts of three real sets, with real weights; skipped where they are absent."""

import csv
import hashlib
import json
import shutil
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import bioselect
from bioselect.config.loading import load_config
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import iterate_features
from bioselect.features.keys import feature_key
from bioselect.progress import SILENT
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import read_study_inputs

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WEIGHTS = REAL_DATA / "weights" / "mobilenet_v2_alpha0.35_224_notop.h5"
PRETRAINED = f"{{name: mobilenet_v2, params: {{alpha: 0.35, weights: {WEIGHTS.as_posix()}}}}}"
RANDOM = "{name: mobilenet_v2, params: {alpha: 0.35, weights: none}}"
CLASSIFIERS = ("logistic_regression", "lda")
#: How far a prediction may lie from training: the shape of a batch decides the last bits.
TOLERANCE = 1e-5

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not WEIGHTS.is_file(), reason=f"no {WEIGHTS}"),
]


@dataclass(frozen=True)
class Finished:
    """A finished run, its tables and its model."""

    folder: Path
    n_extractors: int

    def table(self, name):
        return pd.read_csv(self.folder / name, keep_default_na=False, dtype=str)

    @property
    def n_repeats(self):
        return sum(name.startswith("fold_of_repeat_") for name in self.table("dataset.csv"))

    def folds_of(self, column):
        """Return value -> the set of (fold of repeat 0, fold of repeat 1, ...) of its images."""
        table = self.table("dataset.csv")
        folds = [f"fold_of_repeat_{repeat}" for repeat in range(self.n_repeats)]
        found = defaultdict(set)
        for value, *numbers in table[[column, *folds]].itertuples(index=False):
            found[value].add(tuple(numbers))
        return found


def study(folder, dataset, extractors):
    """Run one study in `folder` and return it."""
    config = folder / "config.yaml"
    config.write_text(
        f"dataset: {dataset}\nextractors: [{', '.join(extractors)}]\n"
        f"classifiers: [{', '.join(CLASSIFIERS)}]\n"
        "validation: {folds: 3, repeats: 2, seed: 0}\noutput: run\n",
        encoding="utf-8",
    )
    return Finished(run(config, jobs=1).folder, len(extractors))


def copied(folder, sources):
    """Copy images into one folder per class and return the folder of folders."""
    for source in sources:
        target = folder / "images" / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return "images"


@pytest.fixture(scope="module")
def cell_cycle(tmp_path_factory):
    """Return a run on 40 cells of each of three phases: 16 bit, three channels that are not RGB."""
    folder = tmp_path_factory.mktemp("cell_cycle")
    phases = ("G1", "Metaphase", "Prophase")
    cells = [sorted((REAL_DATA / "cell_cycle" / phase).iterdir())[:40] for phase in phases]
    path = copied(folder, [cell for phase in cells for cell in phase])
    return study(folder, f"{{path: {path}}}", [PRETRAINED, RANDOM, "intensity"])


@pytest.fixture(scope="module")
def blood_cells(tmp_path_factory):
    """Return a run on 30 cells of each of three types: a table, with the smear as the group."""
    folder = tmp_path_factory.mktemp("blood_cells")
    root = REAL_DATA / "blood_cells"
    with (root / "labels.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["smear"])
    taken = Counter()
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for row in rows:
            if taken[row["cell_type"]] < 30:
                taken[row["cell_type"]] += 1
                writer.writerow(row)
    columns = "image: file, target: cell_type, group: smear"
    dataset = f"{{table: labels.csv, root: {root.as_posix()}, {columns}}}"
    return study(folder, dataset, [PRETRAINED, "color_histogram"])


def digest_of_pixels(path):
    """Return a digest of what Pillow reads from a file, size and mode included."""
    with Image.open(path) as picture:
        facts = repr((picture.size, picture.mode)).encode()
        return hashlib.sha256(facts + picture.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def brain_mri(tmp_path_factory):
    """Return a run on 60 slices, exact copies among them, and one that cannot be used."""
    folder = tmp_path_factory.mktemp("brain_mri")
    sources = []
    for class_name in ("no_tumour", "tumour"):
        files = sorted((REAL_DATA / "brain_mri" / class_name).iterdir())
        of_digest = defaultdict(list)
        for file in files:
            of_digest[digest_of_pixels(file)].append(file)
        # Those that occur most often first, so that the copies are among the 30.
        by_copies = sorted(of_digest.values(), key=lambda found: (-len(found), found[0].name))
        sources += [file for found in by_copies for file in found][:30]
    transparent = REAL_DATA / "brain_mri" / "no_tumour" / "no.jpg"
    path = copied(folder, {*sources, transparent})
    return study(folder, f"{{path: {path}, on_bad_image: exclude}}", [PRETRAINED, "haralick"])


@pytest.fixture(params=["cell_cycle", "blood_cells", "brain_mri"])
def finished(request):
    return request.getfixturevalue(request.param)


def test_every_combination_is_scored_in_every_fold(finished):
    scores = finished.table("scores.csv")
    assert set(scores["error"]) == {""}
    per_combination = Counter(
        scores[scores["metric"] == "balanced_accuracy"][["extractor", "estimator"]].itertuples(
            index=False, name=None
        )
    )
    assert len(per_combination) == finished.n_extractors * (len(CLASSIFIERS) + 1)  # + the dummy
    assert set(per_combination.values()) == {3 * 2}  # folds x repeats


def test_best_combination_is_better_than_chance(finished):
    honest = json.loads((finished.folder / "study.json").read_text())["honest_score"]
    assert honest["ci_low"] > honest["chance"]


def test_features_at_prediction_are_those_of_training(finished):
    inputs = read_study_inputs(
        load_config(finished.folder / "config.yaml"), finished.folder / "features", 1, SILENT
    )
    predictor = bioselect.load(finished.folder / "model")
    model = predictor.model
    of_model = model.manifest.extractor
    (used,) = (
        u
        for u in inputs.extractors
        if u.spec.name == of_model.name
        and (u.spec.params_dict.get("weights") == "none")
        == (of_model.params.get("weights") == "none")
    )
    key = feature_key(used.spec, used.extractor, inputs.reading, inputs.config.base_dir)
    kept, have = FeatureCache(finished.folder / "features").load(
        used.spec.name, key, [mark.pixels_sha256 for mark in inputs.fingerprints]
    )
    assert have.all()  # Rows of the study itself, none computed for this test.
    paths = inputs.dataset.paths
    batches = list(iterate_features(model.extractor, paths, model.reading, 1))
    rows = np.concatenate([rows for _, rows, _ in batches])
    np.testing.assert_allclose(rows, kept, rtol=0, atol=TOLERANCE * np.abs(kept).max())
    table = predictor.predict(paths)
    expected = pd.DataFrame(model.probabilities_of_rows(kept), index=[str(path) for path in paths])
    got = table.set_index("path").filter(like="probability_").loc[expected.index]
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE)


def test_image_alone_is_predicted_as_in_its_folder(finished):
    predictor = bioselect.load(finished.folder / "model")
    paths = sorted(finished.table("dataset.csv")["path"])
    together = predictor.predict(paths).filter(like="probability_").to_numpy()
    for place in (0, len(paths) // 2, len(paths) - 1):
        alone = predictor.predict([paths[place]]).filter(like="probability_").to_numpy()
        np.testing.assert_allclose(alone[0], together[place], rtol=0, atol=TOLERANCE)


def test_pretrained_and_random_weights_are_candidates_of_their_own(cell_cycle):
    scores = cell_cycle.table("scores.csv")
    scores = scores[scores["metric"] == "balanced_accuracy"]
    means = scores["score"].astype(float).groupby([scores["extractor"], scores["estimator"]]).mean()
    best = means.groupby("extractor").max()
    (pretrained,) = (value for name, value in best.items() if WEIGHTS.name in name)
    (random,) = (value for name, value in best.items() if "weights=none" in name)
    # Which is ahead on 120 cells of 40 pixels depends on the folds: 0.86 and 0.86 in four repeats.
    assert pretrained != random
    assert min(pretrained, random) > 2 / 3  # guessing: a third


def test_sixteen_bits_are_kept_and_their_scaling_is_in_the_model(cell_cycle):
    manifest = json.loads((cell_cycle.folder / "model" / "manifest.json").read_text())
    assert manifest["reading"]["intensity"] == {"min": 0, "max": 4095}  # a 12-bit camera


def test_smears_are_never_on_both_sides_of_a_fold(blood_cells):
    folds = blood_cells.folds_of("group")
    assert max(Counter(blood_cells.table("dataset.csv")["group"]).values()) > 1
    assert {len(different) for different in folds.values()} == {1}


def test_copies_of_a_slice_are_never_on_both_sides_of_a_fold(brain_mri):
    table = brain_mri.table("dataset.csv")
    digests = [digest_of_pixels(path) for path in table["path"]]
    columns = [name for name in table if name.startswith("fold_of_repeat_")]
    folds = table[columns].apply(tuple, axis=1).groupby(digests)
    assert len(digests) - len(set(digests)) >= 20
    assert set(folds.nunique()) == {1}


def test_transparent_slice_is_left_out_and_named(brain_mri):
    assert "no_tumour/no.jpg" not in set(brain_mri.table("dataset.csv")["image_id"])
    findings = brain_mri.table("findings.csv")
    (row,) = findings[findings["image"] == "no_tumour/no.jpg"].to_dict("records")
    assert "transparent" in row["what"]
