"""Bags of visual words in a whole study: cached, learnt in folds, kept in the model."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import bioselect
from bioselect.bundle.estimator_file import extractor_names
from bioselect.bundle.reading import load_bundle
from bioselect.exceptions import BundleError
from bioselect.workflows.check import check
from bioselect.workflows.run import run

#: Of the images of these tests.
SHAPE = (24, 24, 3)
IDENTICAL = ("scores.csv", "ranking.csv", "study.json", "out_of_fold.h5")
EXTRACTORS = "[{name: sift_bow, params: {words: 20}}, {name: orb_bow, params: {words: 15}}]"

OWN_MODULE = '''
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

class Pixels:
    """A thumbnail; what is common to all is learnt and taken away."""
    def transform(self, images):
        with open(Path(__file__).parent / "calls.txt", "a") as file:
            file.write("x" * len(images))
        return np.array([image[::4, ::4].ravel()[:60] for image in images], dtype=np.float32)
    def learnt_step(self, seed):
        return LessMean()

class LessMean(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0, dtype=np.float64)
        return self
    def transform(self, X):
        return X - self.mean_
'''


def read(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def products(folder):
    paths = [folder / name for name in IDENTICAL]
    paths += sorted(path for path in (folder / "model").rglob("*") if path.is_file())
    paths += sorted((folder / "features").glob("*.h5"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def row_files(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "features").glob("*.h5")}


def test_one_and_two_jobs_give_the_same_bytes(write_config, tmp_path, several_threads):
    forest = "{name: random_forest, params: {n_estimators: 20}}"
    config = write_config(extractors=EXTRACTORS, classifiers=f"[lda, knn, {forest}]")
    one, two = (
        products(run(config, output=tmp_path / str(jobs), jobs=jobs).folder) for jobs in (1, 2)
    )
    assert one.keys() == two.keys()
    assert [name for name, data in one.items() if two[name] != data] == []


def test_a_journal_that_was_cut_short_is_completed_with_the_same_bytes(write_config, tmp_path):
    config = write_config(extractors=EXTRACTORS, classifiers="[lda, knn]")
    folder = run(config, jobs=1).folder
    before = products(folder)
    journal = (folder / ".journal").read_bytes()
    for share in (0.2, 0.9):
        (folder / ".journal").write_bytes(journal[: int(share * len(journal))])
        shutil.rmtree(folder / "model")
        assert products(run(config, jobs=2).folder) == before


def test_words_are_useful_and_failures_none(write_config, tmp_path):
    folder = run(write_config(extractors=EXTRACTORS, classifiers="[lda]"), jobs=1).folder
    ranking = read(folder / "ranking.csv")
    assert {row["role"] for row in ranking} <= {"best", "recommended", "tied", "behind", "baseline"}
    best = next(row for row in ranking if row["extractor"].startswith("sift_bow"))
    assert float(best["mean"]) > 0.6  # by chance 1/3


def test_another_number_of_words_uses_the_same_rows(write_config, tmp_path):
    def folder_of(words, keypoints=256):
        params = f"{{words: {words}, keypoints: {keypoints}}}"
        config = write_config(extractors=f"[{{name: sift_bow, params: {params}}}]")
        return run(config, jobs=1).folder

    folder = folder_of(20)
    files, first = row_files(folder), read(folder / "scores.csv")
    assert len(files) == 1
    folder = folder_of(9)
    assert row_files(folder) == files
    assert [row["score"] for row in read(folder / "scores.csv")] != [row["score"] for row in first]
    folder = folder_of(20)
    assert read(folder / "scores.csv") == first
    assert len(row_files(folder_of(20, keypoints=50))) == 2


def test_the_vocabulary_decides_what_is_cheap_and_not_the_descriptors(write_config, tmp_path):
    folder = run(write_config(extractors=EXTRACTORS, classifiers="[lda]"), jobs=1).folder
    costs = {
        row["extractor"]: float(row["cost"])
        for row in read(folder / "ranking.csv")
        if row["estimator"] == "lda"
    }
    from bioselect.features.visual_words.sift_bow import SiftBow

    # lda on 20 words and 3 classes: 2 x 20 to scale, 2 x 20 x 3.
    assert costs["sift_bow(words=20)"] == SiftBow(words=20).operations(SHAPE) + 160


@pytest.mark.parametrize(
    "extractor",
    [
        "{name: sift_bow, params: {words: 20}}",
        "{name: orb_bow, params: {words: 20, channels: each}}",
        "{name: concat, params: {extractors: [intensity, {name: sift_bow, params: {words: 9}}]}}",
    ],
)
def test_the_model_predicts_without_the_training_images(
    write_config, tmp_path, drawn_images, extractor
):
    folder = run(write_config(extractors=f"[{extractor}]", classifiers="[lda]"), jobs=1).folder
    model = load_bundle(folder / "model")
    moved = shutil.move(folder / "model", tmp_path / "elsewhere")
    paths = sorted(drawn_images.rglob("*.png"))
    table = bioselect.load(moved).predict(paths)
    images = [np.asarray(Image.open(path)) for path in paths]
    expected = model.predict_images(images, [str(path) for path in paths])
    found = table[[f"probability_{name}" for name in model.class_names]].to_numpy()
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.mean(table["prediction"] == [path.parent.name for path in paths]) > 0.8
    one_by_one = [bioselect.load(moved).predict(path) for path in paths[::12]]
    for alone, place in zip(one_by_one, range(0, len(paths), 12), strict=True):
        np.testing.assert_allclose(
            alone.filter(like="probability_").to_numpy()[0], found[place], atol=1e-5
        )


def test_images_without_anything_to_see(write_config, tmp_path, drawn_images):
    images = tmp_path / "images"
    shutil.copytree(drawn_images, images)
    for number, class_name in enumerate(("bars", "dots", "smooth")):
        flat = np.full((24, 24, 3), 60 * number, dtype=np.uint8)
        Image.fromarray(flat).save(images / class_name / "flat.png")
        Image.fromarray(flat[:2, :3]).save(images / class_name / "tiny.png")
    folder = run(
        write_config(path=images, extractors=EXTRACTORS, classifiers="[lda, knn]"), jobs=1
    ).folder
    assert {row["error"] for row in read(folder / "scores.csv")} == {""}
    table = bioselect.load(folder).predict(images)
    assert (table["error"] == "").all()
    assert np.isfinite(table.filter(like="probability_").to_numpy()).all()


def test_a_study_without_a_single_corner_says_so(write_config, tmp_path):
    images = tmp_path / "images"
    random = np.random.default_rng(0)
    for class_name in ("light", "dark"):
        (images / class_name).mkdir(parents=True)
        for number in range(8):
            flat = np.full((20, 20), random.integers(0, 256), dtype=np.uint8)
            flat[number, number] ^= 1
            Image.fromarray(np.tile(flat[:5, :5], 1)).save(images / class_name / f"{number}.png")
    folder = run(
        write_config(path=images, extractors="[orb_bow, intensity]", classifiers="[lda]"), jobs=1
    ).folder
    errors = {row["error"] for row in read(folder / "scores.csv") if row["extractor"] == "orb_bow"}
    assert all("orb_bow: at least one of the" in error for error in errors)
    assert all("take sift_bow instead" in error for error in errors)
    assert {row["role"] for row in read(folder / "ranking.csv")} >= {"best", "failed"}


def test_somebodys_own_step_is_learnt_and_kept(write_config, tmp_path, drawn_images):
    (tmp_path / "lab_of_steps.py").write_text(OWN_MODULE)
    config = write_config(extractors='["lab_of_steps:Pixels"]', classifiers="[lda]")
    folder = run(config, jobs=2).folder
    assert {row["error"] for row in read(folder / "scores.csv")} == {""}
    table = bioselect.load(folder, tmp_path).predict(drawn_images)
    assert np.mean(table["prediction"] == [Path(p).parent.name for p in table["path"]]) > 0.8
    (tmp_path / "lab_of_steps.py").write_text(OWN_MODULE + "\n# edited\n")
    run(config, jobs=1)
    assert len((tmp_path / "calls.txt").read_text()) > 2 * 36


def test_a_step_that_no_model_could_hold_is_found_before_the_study(write_config, tmp_path):
    (tmp_path / "other_steps.py").write_text(OWN_MODULE)
    (tmp_path / "lab_of_others.py").write_text(
        "from other_steps import LessMean, Pixels\n\nclass Learns(Pixels):\n    pass\n"
    )
    config = write_config(extractors='["lab_of_others:Learns"]', classifiers="[lda]")
    with pytest.raises(BundleError, match=r"what it has learnt must hold only .*other_steps"):
        check(config)


def test_a_parameter_called_extractors_of_somebodys_own_is_no_list_of_extractors():
    assert extractor_names("lab:Bag", {"extractors": ["a", "b"]}) == ("lab:Bag",)
