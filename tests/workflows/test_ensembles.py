"""`ensemble: tied` from the configuration to a model that predicts."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

import bioselect
from bioselect.bundle.reading import load_bundle, read_manifest
from bioselect.exceptions import BundleError, ConfigurationError
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.outcome import Entrant
from bioselect.workflows.check import check
from bioselect.workflows.ensembles import ensemble_in_words, tied_ensemble
from bioselect.workflows.run import run

WANTED = "ensemble: tied\nstatistics: {select: best}"
PIECE = "{name: 'own_for_ensembles:Piece', params: {number: %d}}"
BOTH = f"{{name: concat, params: {{extractors: [{PIECE % 3}, {PIECE % 0}]}}}}"
EXTRACTORS = f"[{PIECE % 0}, {PIECE % 1}, {PIECE % 2}, {BOTH}]"
OWN = '''
import numpy as np
from sklearn.naive_bayes import GaussianNB


class Piece:
    """Three numbers of a quarter of the image: each sees other noise."""

    def __init__(self, number=0):
        self.number = number

    def transform(self, images):
        return np.array([self.row(image.mean(axis=2)) for image in images], dtype=np.float32)

    def row(self, image):
        size = image.shape[0] // 2
        top, left = divmod(self.number, 2)
        piece = image[top * size : (top + 1) * size, left * size : (left + 1) * size]
        return [piece.mean(axis=0).std(), piece.mean(axis=1).std(), piece.std()]

    def operations(self):
        return 1000.0


class Mine(GaussianNB):
    pass
'''


@pytest.fixture(scope="module")
def study(tmp_path_factory, drawn_images):
    """Return the folder of a run whose best is an ensemble, and its configuration."""
    folder = tmp_path_factory.mktemp("ensemble")
    (folder / "own_for_ensembles.py").write_text(OWN)
    config = folder / "config.yaml"
    config.write_text(
        f"dataset: {{path: {drawn_images.as_posix()}}}\n"
        f"extractors: {EXTRACTORS}\n"
        "classifiers: ['own_for_ensembles:Mine', {name: svm, search: {C: [1, 10]}}]\n"
        f"validation: {{folds: 3, repeats: 2}}\noutput: run\n{WANTED}\n"
    )
    run(config, jobs=1)
    return folder


def told(folder):
    return json.loads((folder / "study.json").read_text())


def test_it_is_one_more_row_with_the_cost_of_its_members(study):
    result = told(study / "run")
    members = result["ensemble"]["members"]
    assert len(members) >= 2
    assert result["ensemble"]["extractor"] == f"ensemble of {len(members)} tied"
    import csv

    with (study / "run" / "ranking.csv").open(newline="") as file:
        rows = {f"{row['extractor']} + {row['estimator']}": row for row in csv.DictReader(file)}
    own = rows[f"ensemble of {len(members)} tied + mean probability"]
    costs = [float(rows[f"{one['extractor']} + {one['estimator']}"]["cost"]) for one in members]
    # A piece declares 1,000 operations, the concat of two 2,000: each extractor is counted once.
    extractors = [one["extractor"] for one in members]
    operations = {name: 2000.0 if name.startswith("concat") else 1000.0 for name in extractors}
    repeated = sum(operations[name] for name in extractors) - sum(operations.values())
    assert repeated > 0
    assert float(own["cost"]) == pytest.approx(sum(costs) - repeated)
    assert own["rank"]
    words = " ".join(result["in_words"].split())
    assert (
        f"The ensemble is the mean of the probabilities of the {len(members)} combinations" in words
    )


def test_scores_are_those_of_the_mean_of_out_of_fold_predictions(study):
    import h5py

    members = told(study / "run")["ensemble"]["members"]
    with h5py.File(study / "run" / "out_of_fold.h5") as file:
        tables = {
            (data.attrs["extractor"], data.attrs["estimator"]): data[:]
            for data in file["candidates"].values()
        }
    of_members = [tables[(one["extractor"], one["estimator"])] for one in members]
    own = tables[(f"ensemble of {len(members)} tied", "mean probability")]
    np.testing.assert_allclose(own, np.mean(of_members, axis=0), atol=1e-12)


def test_the_model_holds_all_members_and_predicts_their_mean(study, drawn_images):
    result = told(study / "run")
    assert result["exported"] == {
        key: result["ensemble"][key] for key in ("extractor", "estimator")
    }
    manifest = read_manifest(study / "run" / "model")
    assert manifest.estimator.name == "ensemble"
    assert len(manifest.estimator.params["members"]) == len(result["ensemble"]["members"])
    model = load_bundle(study / "run", study)
    # Four pieces of three numbers, each computed once though two extractors hold the first.
    assert manifest.n_features == 12
    assert {len(columns) for columns in model.estimator.columns} == {3, 6}
    table = bioselect.load(study / "run", study).predict(drawn_images)
    assert not table["error"].any()
    columns = [name for name in table if name.startswith("probability_")]
    np.testing.assert_allclose(table[columns].sum(axis=1), 1.0)
    truth = [path.split("/")[-2] for path in table["path"]]
    assert np.mean(table["prediction"] == truth) > 0.8


def test_its_own_code_needs_consent(study):
    with pytest.raises(BundleError, match=r"this model uses 'own_for_ensembles:Mine'"):
        load_bundle(study / "run")


def test_the_same_bytes_with_any_number_of_jobs(study):
    run(study / "config.yaml", output=study / "second", jobs=2)
    for name in ("study.json", "ranking.csv", "out_of_fold.h5", "model/estimator.skops"):
        assert (study / "second" / name).read_bytes() == (study / "run" / name).read_bytes(), name


def test_members_may_learn_from_their_rows(write_config, tmp_path):
    config = write_config(
        extractors="[{name: orb_bow, params: {words: 8}}, intensity]",
        classifiers="[lda, knn]",
        rest=WANTED,
    )
    result = run(config, output=tmp_path / "run", jobs=1)
    assert result.verdict.honest_score.value is not None
    load_bundle(tmp_path / "run")


@pytest.mark.parametrize(
    ("validation", "budget", "words"),
    [
        ("{folds: 3}", "5min", r"does not go with a budget \(5min\)"),
        ("{folds: 3, honest: nested}", None, "does not go with validation.honest: nested"),
        ("{split: [0.6, 0.2, 0.2]}", None, "does not go with validation.split"),
    ],
)
def test_what_it_does_not_go_with(write_config, validation, budget, words):
    config = write_config(validation=validation, rest="ensemble: tied")
    with pytest.raises(ConfigurationError, match=words) as raised:
        run(config, budget=budget)
    lines = config.read_text(encoding="utf-8").splitlines()
    line = lines.index("ensemble: tied") + 1
    assert str(raised.value).startswith(f"{config.name}:{line}: ensemble: tied does not go with")


def test_random_splits_have_one_too(write_config, tmp_path):
    config = write_config(
        extractors="[intensity]", validation="{splits: 6, test_size: 0.3}", rest="ensemble: tied"
    )
    result = run(config, output=tmp_path / "run", jobs=1)
    assert "ensemble" in result.summary
    assert result.verdict.honest_score.value is not None


def test_an_unknown_kind_is_refused(write_config):
    with pytest.raises(ConfigurationError, match=r"ensemble: must be tied or null. Got 'all'"):
        check(write_config(rest="ensemble: all"))


def test_where_nothing_is_tied_there_is_none():
    lda = Candidate(ComponentSpec("hog"), ComponentSpec("lda"))
    alone = SimpleNamespace(best=Entrant("hog", "lda"), tied_with_best=())
    assert tied_ensemble(alone, [lda]) is None
    assert "every other combination is clearly behind" in ensemble_in_words(None, 2)
    assert "nothing but one combination" in ensemble_in_words(None, 1)
