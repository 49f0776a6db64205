"""What a run keeps for its report: the same whatever the jobs, made once, unless unwanted."""

import csv
import io
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import bioselect.workflows.evidence as evidence
import bioselect.workflows.evidence_explanations as evidence_explanations
import bioselect.workflows.evidence_map as evidence_map
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.workflows.run import run

CLASS_NAMES = ("bars", "dots", "smooth")
N_EACH = 14
FLIPPED = "dots/07.png"
COPY = "smooth/copy.png"
CONFIG = """
dataset: {{path: images}}
extractors: [intensity, lbp]
classifiers: [lda, knn]
validation: {{folds: 3, repeats: 2}}
output: {output}
cache: cache
{rest}
"""


class Listening(Reporter):
    def __init__(self):
        self.tasks = []

    def task(self, description, n_steps):
        self.tasks.append(description)
        return super().task(description, n_steps)


def draw_image(name, random):
    rows, columns = np.mgrid[:40, :40]
    pattern = {"bars": np.sin(columns), "dots": np.sin(columns) * np.sin(rows), "smooth": 0 * rows}
    grey = 120 + 30 * pattern[name] + random.normal(scale=22, size=(40, 40))
    return np.clip(np.stack([grey, grey * 0.9, grey * 0.8], axis=2), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """Return the folder of two studies that differ in the jobs only."""
    folder = tmp_path_factory.mktemp("studies")
    random = np.random.default_rng(5)
    for name in CLASS_NAMES:
        (folder / "images" / name).mkdir(parents=True)
        for number in range(N_EACH):
            drawn = name if f"{name}/{number:02d}.png" != FLIPPED else "bars"
            image = Image.fromarray(draw_image(drawn, random))
            image.save(folder / "images" / name / f"{number:02d}.png")
    shutil.copy(folder / "images/smooth/03.png", folder / "images" / COPY)
    for jobs in (1, 2):
        (folder / "c.yaml").write_text(CONFIG.format(output=f"run{jobs}", rest=""))
        run(folder / "c.yaml", jobs=jobs)
    return folder


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_bytes_whatever_the_jobs(studies) -> None:
    one, two = (contents(studies / name / "evidence") for name in ("run1", "run2"))
    assert one == two
    assert {name for name in one if "/" not in name} == {
        "pictures.csv",
        "suspicion.csv",
        "explanations.csv",
        "explanations.json",
        "learning_curve.csv",
        "learning_curve.json",
        "map.csv",
        "map.json",
    }


def test_a_wrong_label_is_suspected(studies) -> None:
    rows = table(studies / "run1" / "evidence" / "suspicion.csv")
    assert len(rows) == 3 * N_EACH + 1
    place = [row["image_id"] for row in rows].index(FLIPPED)
    assert place < 5
    assert (rows[place]["given"], rows[place]["predicted"]) == ("dots", "bars")
    trust = [float(row["trust"]) for row in rows]
    assert trust == sorted(trust)


def test_pictures_are_small_and_those_of_copies_are_pairs(studies) -> None:
    folder = studies / "run1" / "evidence"
    rows = table(folder / "pictures.csv")
    pair = [row for row in rows if row["kind"] == "copy"]
    assert {row["image_id"] for row in pair} == {COPY, "smooth/03.png"}
    assert {row["place"] for row in pair} == {"1"}
    for row in rows:
        picture = Image.open(io.BytesIO((folder / "thumbnails" / row["thumbnail"]).read_bytes()))
        original = Image.open(studies / "images" / row["image_id"])
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(original))


def test_there_are_maps_of_sure_errors_and_of_right_ones_of_each_class(studies) -> None:
    folder = studies / "run1" / "evidence"
    rows = table(folder / "explanations.csv")
    errors = [row for row in rows if row["kind"] == "error"]
    listed = [row for row in table(folder / "pictures.csv") if row["kind"] == "error"][:2]
    assert [(row["image_id"], row["given"], row["predicted"]) for row in errors] == [
        (row["image_id"], row["given"], row["predicted"]) for row in listed
    ]
    right = [row for row in rows if row["kind"] == "right"]
    assert len({row["explained"] for row in right} & set(CLASS_NAMES)) == len(right) == 2
    assert all(row["given"] == row["predicted"] == row["explained"] for row in right)
    for row in rows:
        assert Image.open(folder / "heat" / row["file"]).size == (320, 320)  # 40 pixels, 8 times


def test_the_learning_curve_ends_in_the_scores_of_the_study(studies) -> None:
    folder = studies / "run1"
    rows = [row for row in table(folder / "evidence/learning_curve.csv") if row["share"] == "1.0"]
    told = json.loads((folder / "evidence/learning_curve.json").read_text())
    best = next(
        row
        for row in table(folder / "ranking.csv")
        if (row["extractor"], row["estimator"]) == (told["extractor"], told["estimator"])
    )
    np.testing.assert_allclose(
        np.mean([float(row["score"]) for row in rows]), float(best["mean"]), atol=1e-12
    )
    assert [one["n_more"] for one in told["forecasts"]] == [3 * N_EACH + 1]


def test_the_map_has_every_image_with_its_error(studies) -> None:
    rows = table(studies / "run1" / "evidence" / "map.csv")
    assert len(rows) == 3 * N_EACH + 1
    wrong = {row["image_id"] for row in rows if row["error"] == "1"}
    assert wrong == {row["image_id"] for row in rows if row["target"] != row["predicted"]}


def test_a_second_run_does_none_of_the_work_again(studies, monkeypatch) -> None:
    before = contents(studies / "run1" / "evidence")
    (studies / "c.yaml").write_text(CONFIG.format(output="run1", rest=""))
    monkeypatch.setattr(evidence, "features_of", _refused)
    monkeypatch.setattr(evidence_map, "image_map", _refused)
    monkeypatch.setattr(evidence_explanations, "open_explainer", _refused)
    listening = Listening()
    run(studies / "c.yaml", jobs=1, reporter=listening)
    assert contents(studies / "run1" / "evidence") == before
    assert not [one for one in listening.tasks if "learning curve" in one or "map" in one]


def _refused(*_):
    raise AssertionError("must not be done again")


def test_what_is_not_wanted_is_not_there(studies) -> None:
    rest = "report: {pictures: false, learning_curve: false, map: false}"
    (studies / "c.yaml").write_text(CONFIG.format(output="run2", rest=rest))
    run(studies / "c.yaml", jobs=1)
    names = set(contents(studies / "run2" / "evidence"))
    assert names == {"pictures.csv", "suspicion.csv"}  # what an earlier run kept is gone
    assert {row["thumbnail"] for row in table(studies / "run2/evidence/pictures.csv")} == {""}
    page = (studies / "run2" / "report.html").read_text(encoding="utf-8")
    assert "data:image/png" not in page
    assert FLIPPED in page.replace("<wbr>", "")


def judged_with(exported, others=(), ensemble=None):
    """Return as much of a judgement as the choice of a combination looks at."""
    candidates = (exported, *others)
    ranking = [
        SimpleNamespace(extractor=one.extractor.label, estimator=one.estimator.label, rank=rank)
        for rank, one in enumerate(candidates, start=1)
    ]
    return SimpleNamespace(
        exported=exported,
        candidates=candidates,
        verdict=SimpleNamespace(ranking=ranking),
        ensemble=None if ensemble is None else SimpleNamespace(candidate=ensemble),
    )


def named(extractor, estimator):
    return Candidate(ComponentSpec(extractor), ComponentSpec(estimator))


NETWORK = Candidate(IMAGES, ComponentSpec("small_cnn"))
INPUTS = SimpleNamespace(config=SimpleNamespace(budget=None))


def test_a_network_has_no_curve_and_the_map_of_the_best_other_combination() -> None:
    judged = judged_with(NETWORK, [named("hog", "dummy"), named("lbp", "lda"), named("hog", "lda")])
    assert evidence.plain_candidate(judged) == named("lbp", "lda")
    subject = evidence._subject(INPUTS, judged, named("lbp", "lda"))
    assert subject.candidate is None
    assert "is a network" in subject.why_not
    assert evidence.plain_candidate(judged_with(NETWORK)) is None


def test_of_an_ensemble_the_best_member_is_asked() -> None:
    both = named("ensemble", "mean")
    judged = judged_with(both, [named("lbp", "svm"), named("hog", "lda")], ensemble=both)
    plain = evidence.plain_candidate(judged)
    assert plain == named("lbp", "svm")
    assert evidence._subject(INPUTS, judged, plain).candidate == plain


def test_what_is_exported_comes_first() -> None:
    others = [named("lbp", "svm")]
    judged = judged_with(named("hog", "lda"), others)
    judged.verdict.ranking.reverse()
    assert evidence.plain_candidate(judged) == named("hog", "lda")
