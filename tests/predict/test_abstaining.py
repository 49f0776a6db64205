"""Images that are left to a person: in Python, in the table, and for which models."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

import bioselect
from bioselect.bundle.manifest import MANIFEST_FILE, LabelText, SetsText
from bioselect.bundle.reading import read_manifest
from bioselect.bundle.writing import write_bundle
from bioselect.exceptions import BundleError, ConfigurationError
from bioselect.predict.abstaining import check_can_abstain
from bioselect.predict.tables import PREDICTION_SET
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents
from bioselect.workflows.map_scans import map_scans
from bioselect.workflows.predict import predict
from tests.predict.conftest import CLASS_NAMES

MEASURED = {
    "coverage": 0.91,
    "mean_size": 1.3,
    "single": 0.7,
    "right_if_single": 0.98,
    "right": 0.9,
}


@pytest.fixture(scope="module")
def with_sets(tmp_path_factory):
    """Return a model whose third class is never ruled out, and whose first is, if not predicted."""
    folder = tmp_path_factory.mktemp("sets") / "model"
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"), CLASS_NAMES)
    sets = SetsText(level=0.9, borders=[1.0, 1.0, 0.0], measured=MEASURED)
    write_bundle(folder, replace(contents, sets=sets))
    return folder


@pytest.fixture
def images(tmp_path, save_image):
    pictures, places = draw_classes(CLASS_NAMES, seed=4)
    for number, (image, place) in enumerate(zip(pictures, places, strict=True)):
        save_image(tmp_path / "images" / f"{place}_{number:02d}.png", image)
    (tmp_path / "images" / "bad.png").write_bytes(b"")
    return tmp_path / "images"


def test_the_column_holds_the_set_the_most_probable_first(with_sets, images):
    table = bioselect.load(with_sets).predict(images)
    assert table.columns[-2:].tolist() == [PREDICTION_SET, "error"]
    third = CLASS_NAMES[2]
    for row in table.to_dict("records"):
        said = row["prediction"]
        alone = "" if row["error"] else third
        # Of the names one has quotes in it, which are doubled then, within quotes.
        quoted = '"so-called ""fine"""' if "so-called" in said else said
        assert row[PREDICTION_SET] == (alone if said in (third, "") else f"{quoted} | {third}")
    assert (table["prediction"] != third).sum() > 2


def test_abstaining_leaves_what_has_several_classes_and_counts_it(with_sets, images, tmp_path):
    plain = bioselect.load(with_sets).predict(images)
    summary = predict(with_sets, [images], tmp_path / "p.csv", jobs=1, abstain=True)
    table = pd.read_csv(tmp_path / "p.csv", keep_default_na=False)
    assert table.columns[-3:].tolist() == [PREDICTION_SET, "abstained_because", "error"]
    alone = plain["prediction"] == CLASS_NAMES[2]
    bad = plain["error"] != ""
    left = ~alone & ~bad
    assert table["prediction"].tolist() == [CLASS_NAMES[2] if one else "" for one in alone.tolist()]
    because = table["abstained_because"]
    assert set(because[left]) == {"2 classes cannot be ruled out"}
    assert set(because[~left]) == {""}
    # What the model said stays to be seen, to the last bit.
    probabilities = [name for name in table if name.startswith("probability_")]
    read = table.loc[~bad, probabilities].astype(float)
    pd.testing.assert_frame_equal(read, plain.loc[~bad, probabilities], check_exact=True)
    n_used = int((~bad).sum())
    lines = summary.splitlines()
    assert lines[0].startswith(f"{alone.sum()} images predicted: {CLASS_NAMES[0]} 0, ")
    assert f"more than one for {left.sum()} of {n_used} images" in lines[1]
    assert lines[2].startswith(f"{left.sum()} of {n_used} images left to a person: ")
    assert lines[2].endswith(
        "98 % of the images with one class in their set (70 %) were predicted right, of all 90 %"
    )
    again = bioselect.load(with_sets).predict(images, abstain=True)
    assert again["abstained_because"].tolist() == because.tolist()
    assert again["prediction"].tolist() == table["prediction"].tolist()


def test_a_model_without_sets_predicts_as_ever_and_cannot_abstain(bundle_path, images, tmp_path):
    assert read_manifest(bundle_path).format == 3
    assert '"sets"' not in (bundle_path / MANIFEST_FILE).read_text(encoding="utf-8")
    summary = predict(bundle_path, [images], tmp_path / "p.csv", jobs=1)
    assert PREDICTION_SET not in summary
    assert PREDICTION_SET not in pd.read_csv(tmp_path / "p.csv").columns
    with pytest.raises(BundleError, match=r"abstain: .*bundle\.coverage: null.*run its study"):
        predict(bundle_path, [images], tmp_path / "none.csv", jobs=1, abstain=True)
    assert not (tmp_path / "none.csv").exists()
    with pytest.raises(BundleError, match="must go with a model that has prediction sets"):
        bioselect.load(bundle_path).predict(images, abstain=True)


def test_a_map_has_no_empty_tiles(with_sets, images, tmp_path):
    with pytest.raises(ConfigurationError, match=r"--abstain: .*--map"):
        map_scans(with_sets, [images], tmp_path / "map", abstain=True)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"number": SimpleNamespace(in_words="age in years")}, "predicts age in years.*low and"),
        ({"labels": LabelText()}, "several labels an image"),
    ],
)
def test_other_models_are_told_why_not(facts, said):
    labels, number = facts.get("labels"), facts.get("number")
    manifest = SimpleNamespace(labels=labels, sets=None)
    with pytest.raises(BundleError, match=said):
        check_can_abstain(SimpleNamespace(sets=None, number=number, manifest=manifest))
