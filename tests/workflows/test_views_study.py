"""Views of training images in whole studies: folds, model, prediction, and what they go with."""

import json

import numpy as np
import pandas as pd
import pytest
import yaml

import bioselect
from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.data.reading import read_image
from bioselect.exceptions import BioselectError, ConfigurationError, DataError
from bioselect.features.extraction import transform_prepared
from bioselect.workflows.check import check
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.run import run

#: Patterns of light and dark stay when an image is turned, but not when it is blurred.
STEPS = "augmentation: [horizontal_flip, gaussian_blur]"
VIEWS = "[lbp, {name: views, params: {extractor: lbp, views: 3}}]"
AVERAGED = "[{name: views, params: {extractor: lbp, views: 3, at_prediction: true}}]"
LABEL = "views(extractor=lbp, steps=horizontal_flip+gaussian_blur, views=3)"
TABLES = ("ranking.csv", "scores.csv", "comparisons.csv", "study.json", "config.yaml")


def bytes_of(folder):
    names = [*TABLES, "model/manifest.json", "model/estimator.skops"]
    return {name: (folder / name).read_bytes() for name in names}


@pytest.fixture(scope="module")
def studied(tmp_path_factory, drawn_images):
    """Return a function that runs a study once for each choice of extractors."""
    folder = tmp_path_factory.mktemp("views")
    known = {}

    def study(extractors):
        if extractors not in known:
            place = folder / f"study{len(known)}"
            place.mkdir()
            config = place / "config.yaml"
            config.write_text(
                f"dataset: {{path: {drawn_images.as_posix()}}}\nextractors: {extractors}\n"
                "classifiers: [lda, naive_bayes]\nvalidation: {folds: 3, repeats: 2}\n"
                f"output: run\n{STEPS}\n"
            )
            run(config, jobs=1)
            known[extractors] = place / "run"
        return known[extractors]

    return study


def test_views_are_a_candidate_beside_the_plain_extractor(studied):
    ranking = pd.read_csv(studied(VIEWS) / "ranking.csv")
    assert set(ranking["extractor"]) == {"lbp", LABEL}
    assert ranking["role"].isin(["failed"]).sum() == 0
    scores = pd.read_csv(studied(VIEWS) / "scores.csv")
    means = scores[scores["metric"] == "balanced_accuracy"].groupby(["extractor", "estimator"])
    plain, with_views = (means["score"].mean()[name]["naive_bayes"] for name in ("lbp", LABEL))
    assert plain != with_views


def test_the_same_bytes_on_any_number_of_processes(studied, tmp_path):
    folder = studied(VIEWS)
    run(folder.parent / "config.yaml", output=tmp_path / "two", jobs=2)
    first, second = bytes_of(folder), bytes_of(tmp_path / "two")
    # The run folder's own configuration names the images relative to itself.
    first.pop("config.yaml"), second.pop("config.yaml")
    assert first == second


def test_a_model_trained_on_views_is_an_ordinary_one(studied, drawn_images, tmp_path):
    only_views = VIEWS.replace("lbp, {", "{")
    folder = studied(only_views)
    manifest = json.loads((folder / "model" / "manifest.json").read_text())
    assert manifest["extractor"]["name"] == "lbp"
    assert manifest["n_features"] == 162
    table = bioselect.load(folder / "model").predict([drawn_images])
    assert len(table) == 36
    assert (table["error"] == "").all()
    evaluate(folder / "model", drawn_images, output=tmp_path / "evaluation")
    assert (tmp_path / "evaluation").is_dir()


def test_a_model_that_averages_looks_at_views_of_new_images(studied, drawn_images):
    folder = studied(AVERAGED)
    manifest = json.loads((folder / "model" / "manifest.json").read_text())
    assert manifest["extractor"]["name"] == "views"
    assert manifest["extractor"]["params"]["steps"] == [
        {"name": "horizontal_flip", "params": {}},
        {"name": "gaussian_blur", "params": {}},
    ]
    assert manifest["n_features"] == 4 * 162
    model = load_bundle(folder / "model")
    images = [read_image(path) for path in sorted(drawn_images.rglob("*.png"))[:5]]
    rows = transform_prepared(model.extractor, images, model.reading, ["image"] * 5)
    looks = [model.estimator.model.predict_proba(look) for look in np.split(rows, 4, axis=1)]
    assert not np.allclose(rows[:, :162], rows[:, 162 : 2 * 162])
    expected = model.calibration.applied_to(np.mean(looks, axis=0))
    assert np.allclose(model.predict_images(images, ["image"] * 5), expected, atol=1e-6)
    table = bioselect.load(folder / "model").predict([drawn_images])
    assert (table["error"] == "").all()
    found = table[[f"probability_{name}" for name in model.class_names]].to_numpy()
    assert np.allclose(found[:5], expected, atol=1e-6)


def test_out_of_fold_probabilities_are_those_of_every_image_once(studied):
    import h5py

    with h5py.File(studied(AVERAGED) / "out_of_fold.h5") as file:
        tables = []
        file.visititems(
            lambda _, item: tables.append(item[()]) if isinstance(item, h5py.Dataset) else None
        )
    probabilities = [one for one in tables if one.ndim >= 2 and one.shape[-1] == 3]
    assert probabilities
    assert all(np.isfinite(one).all() for one in probabilities)


def test_the_configuration_of_the_run_means_the_same(studied):
    folder = studied(VIEWS)
    before, after = (
        load_config(path) for path in (folder.parent / "config.yaml", folder / "config.yaml")
    )
    assert after.extractor_specs == before.extractor_specs
    written = yaml.safe_load((folder / "config.yaml").read_text())
    assert written["augmentation_mix"] == "none"
    assert written["extractors"][1]["params"]["extractor"]["name"] == "lbp"
    assert written["extractors"][1]["params"]["steps"][0] == {
        "name": "horizontal_flip",
        "params": {"probability": 0.5},
    }
    check(after)


def test_a_finished_study_needs_no_features_again(studied, monkeypatch, capsys):
    folder = studied(AVERAGED)
    before = bytes_of(folder)
    config = folder.parent / "config.yaml"
    for file in (folder / "features").rglob("*.h5"):
        file.unlink()
    assert main(["run", str(config)]) == 0
    assert bytes_of(folder) == before
    assert "their features are not needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("validation", "rest"),
    [
        ("{folds: 3, repeats: 2, honest: nested}", ""),
        ("{split: [0.5, 0.25, 0.25]}", ""),
        ("{splits: 5, test_size: 0.3}", ""),
        ("{folds: 3, repeats: 2}", "budget: 10min"),
    ],
)
def test_every_design_takes_views(write_config, validation, rest):
    config = write_config(AVERAGED, "[lda]", rest=f"{STEPS}\n{rest}", validation=validation)
    result = run(config, jobs=1)
    assert "views" in result.summary
    assert (result.folder / "model" / "manifest.json").is_file()


def test_searches_resampling_and_thresholds_take_views(write_config, drawn_images, tmp_path):
    for name in ("bars", "dots"):
        (tmp_path / "two" / name).mkdir(parents=True)
        for path in (drawn_images / name).iterdir():
            (tmp_path / "two" / name / path.name).write_bytes(path.read_bytes())
    config = write_config(
        VIEWS,
        "[{name: knn, search: {n_neighbors: [1, 3]}}, {name: lda, params: {threshold: youden}}]",
        rest=STEPS,
        path=tmp_path / "two",
    )
    ranking = pd.read_csv(run(config, jobs=1).folder / "ranking.csv")
    assert "failed" not in set(ranking["role"])


@pytest.mark.parametrize(
    ("extractors", "rest", "message"),
    [
        (VIEWS, "", r"views: needs augmentation steps that change one image\. Got none"),
        (VIEWS, f"{STEPS}\nensemble: tied", "tied does not go with the extractor views"),
        (VIEWS, f"{STEPS}\naugmentation_mix: combined", "are about networks, and networks lists"),
        (VIEWS, f"{STEPS}\naugmentation_ratio: 0.5", "are about networks, and networks lists"),
        ("[lbp]", STEPS, "none of both is listed"),
    ],
)
def test_what_does_not_go_together_is_said(write_config, extractors, rest, message):
    with pytest.raises(BioselectError, match=message) as raised:
        check(write_config(extractors, rest=rest))
    assert "\n" not in str(raised.value)


def test_problems_inside_views_have_their_line(write_config):
    text = (
        "\n  - name: views\n    params:\n      extractor: {name: lbp, params: {radi: [1]}}\n"
        "      steps:\n        - rotation\n        - {name: hue, params: {degrees: [1]}}"
    )
    with pytest.raises(ConfigurationError) as raised:
        load_config(write_config(text))
    first, second = str(raised.value).splitlines()
    assert "config.yaml:7: " in first
    assert "unknown parameter. Did you mean 'radii'?" in first
    assert "config.yaml:10: " in second
    assert "must be two numbers from -180 to 180" in second


def test_steps_of_views_are_tried_against_the_images(write_config, tmp_path):
    from PIL import Image

    for name in ("a", "b"):
        (tmp_path / "grey" / name).mkdir(parents=True)
        for number in range(6):
            pixels = np.random.default_rng([number, ord(name)]).integers(0, 255, (30, 30))
            Image.fromarray(pixels.astype(np.uint8)).save(
                tmp_path / "grey" / name / f"{number}.png"
            )
    extractors = "[{name: views, params: {extractor: lbp, steps: [hue]}}]"
    with pytest.raises(DataError, match=r"hue: accepts images with 3 channels\. Got 1"):
        check(write_config(extractors, path=tmp_path / "grey"))


def test_views_cost_only_where_they_are_looked_at(studied):
    def cost(extractors, extractor):
        ranking = pd.read_csv(studied(extractors) / "ranking.csv")
        mine = (ranking["extractor"] == extractor) & (ranking["estimator"] == "naive_bayes")
        (value,) = ranking.loc[mine, "cost"]
        return value

    plain = cost(VIEWS, "lbp")
    assert cost(VIEWS, LABEL) == plain
    averaged = LABEL.replace("views(", "views(at_prediction=True, ")
    # The image and its three views, each described and classified.
    assert cost(AVERAGED, averaged) == pytest.approx(4 * plain)
