"""One pass fills the cache before the studies; who fails in it is told of by its own study."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from bioselect.exceptions import StorageError
from bioselect.features.cache import FeatureCache
from bioselect.progress import Reporter
from bioselect.storage import explained_storage_errors
from bioselect.workflows.cache import clear_cache
from bioselect.workflows.run import run

OWN = """
import os
import numpy as np

class Mean:
    def transform(self, images):
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

class Failing(Mean):
    def transform(self, images):
        raise RuntimeError("no nucleus")

class Nameless(Mean):
    def identity(self):
        raise RuntimeError("no name")

class Priceless(Mean):
    def operations(self):
        raise RuntimeError("nobody knows")

class Parted(Mean):
    parts = property(lambda self: [Mean(), Mean()])

class Learner(Mean):
    def learnt_step(self, seed):
        raise RuntimeError("no step")

class Crashing(Mean):
    def transform(self, images):
        os._exit(1)
"""


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    def warn(self, text):
        self.lines.append(f"warning: {text}")

    def task(self, description, n_steps):
        self.lines.append(f"{description} ({n_steps})")
        return super().task(description, n_steps)

    def about(self, *words):
        return [line for line in self.lines if any(word in line for word in words)]


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own_of_the_pass.py").write_text(OWN)


def reasons(folder):
    with (folder / "scores.csv").open(newline="") as file:
        return {row["extractor"]: row["error"] for row in csv.DictReader(file)}


def test_one_bar_names_all_and_a_second_run_has_none(write_config):
    heard, again = Heard(), Heard()
    config = write_config(
        extractors="[intensity, {name: concat, params: {extractors: [lbp, hog]}}]"
    )
    run(config, jobs=1, reporter=heard)
    (line,) = heard.about("features: ")
    # The parts of a concat are computed, and kept, by themselves.
    assert line == "features: intensity, lbp, hog (36)"
    assert heard.lines.index(line) < heard.lines.index(heard.about("testing estimators")[0])
    run(config, jobs=1, reporter=again)
    assert not again.about("features: ")
    assert not heard.about("kept from before")
    assert "the features of all 2 extractors are kept from before" in again.lines
    assert len(again.about("(all kept from before)")) == len(heard.about("testing estimators"))
    more = Heard()
    run(write_config(extractors="[intensity, lbp, color_histogram]"), jobs=1, reporter=more)
    assert "the features of 2 of 3 extractors are kept from before" in more.lines


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Failing", "RuntimeError: no nucleus"), ("Nameless", "RuntimeError: no name")],
)
def test_one_that_fails_is_told_of_by_its_study_and_the_others_are_there(
    write_config, own, name, reason
):
    heard = Heard()
    written = f'[intensity, "own_of_the_pass:{name}", lbp]'
    folder = run(write_config(extractors=written), jobs=1, reporter=heard).folder
    found = reasons(folder)
    assert found["intensity"] == found["lbp"] == ""
    assert reason in found[f"own_of_the_pass:{name}"]
    (warned,) = heard.about("cannot be computed")
    assert reason in warned
    # Between the studies of its neighbours, as they are listed.
    tested = heard.about("testing estimators")
    places = [heard.lines.index(line) for line in (tested[0], warned, tested[1])]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("name", "reason"), [("Priceless", ""), ("Parted", ""), ("Learner", "RuntimeError: no step")]
)
def test_odd_answers_of_ones_own_stop_nobody(write_config, own, name, reason):
    written = f'[intensity, "own_of_the_pass:{name}"]'
    found = reasons(run(write_config(extractors=written), jobs=1).folder)
    assert found["intensity"] == ""
    assert reason in found[f"own_of_the_pass:{name}"]
    assert bool(found[f"own_of_the_pass:{name}"]) == bool(reason)


def test_one_that_ends_its_process_does_not_end_the_others(write_config, own):
    heard = Heard()
    config = write_config(extractors='[intensity, "own_of_the_pass:Crashing", lbp]')
    found = reasons(run(config, jobs=2, reporter=heard).folder)
    assert found["intensity"] == found["lbp"] == ""
    assert "its process ended" in found["own_of_the_pass:Crashing"]
    (warned,) = heard.about("a process ended while the features")
    # Nobody is told to start again what goes on.
    assert warned.endswith("The extractors go on one by one.")
    assert "--jobs" not in warned


def test_a_full_disk_ends_the_run(write_config, monkeypatch):
    def full(cache, *arguments):
        with explained_storage_errors(cache.folder):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(FeatureCache, "add_part", full)
    heard = Heard()
    with pytest.raises(StorageError, match="disk is full"):
        run(write_config(), jobs=1, reporter=heard)
    assert not heard.about("testing estimators", "one by one")


def test_a_finished_study_needs_no_features_after_the_cache_was_cleared(write_config):
    config = write_config(
        extractors="[intensity, {name: concat, params: {extractors: [lbp, hog]}}]"
    )
    folder = run(config, jobs=1).folder
    before = {path: path.read_bytes() for path in folder.glob("*.csv")}
    study = (folder / "study.json").read_bytes()
    clear_cache(config)
    heard = Heard()
    run(config, jobs=1, reporter=heard)
    assert heard.about("all tests of 2 of 2 extractors are kept from before")
    assert not heard.about("features: ", "testing estimators")
    assert heard.about("is up to date")
    assert not list((folder / "features").glob("*.h5"))
    assert {path: path.read_bytes() for path in folder.glob("*.csv")} == before
    assert (folder / "study.json").read_bytes() == study
    # What is still to do needs them, and only of those that it is for.
    clear_cache(config)
    more = Heard()
    run(write_config(extractors="[intensity, color_histogram]"), jobs=1, reporter=more)
    assert more.about("features: ")[0] == "features: color_histogram (36)"


def test_a_changed_image_is_computed_after_the_cache_was_cleared(
    write_config, drawn_images, tmp_path
):
    folder = shutil.copytree(drawn_images, tmp_path / "copied")
    config = write_config(extractors="[intensity]")
    config.write_text(config.read_text().replace(str(drawn_images), str(folder)))
    run(config, jobs=1)
    clear_cache(config)
    path = min(folder.rglob("*.png"))
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    heard = Heard()
    run(config, jobs=1, reporter=heard)
    assert heard.about("features: ")
    assert not heard.about("are kept from before: their")
