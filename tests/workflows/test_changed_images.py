"""Images that change after they were read: the run stops with the list, or goes on without."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from bioselect.exceptions import ChangedImageError
from bioselect.features.cache import FeatureCache
from bioselect.progress import Reporter
from bioselect.workflows import run as workflow
from bioselect.workflows.changed_images import begun_anew_if_changed
from bioselect.workflows.run import run


class Heard(Reporter):
    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def study(tmp_path, drawn_images, monkeypatch):
    """A configuration, one of its images, and a function that lets something happen to it."""
    shutil.copytree(drawn_images, tmp_path / "images")
    victim = sorted((tmp_path / "images").rglob("*.png"))[3]

    def write(on_bad_image, harm):
        config = tmp_path / "c.yaml"
        config.write_text(
            f"task: classification\ndataset: {{path: images, on_bad_image: {on_bad_image}}}\n"
            "extractors: [intensity]\nclassifiers: [nearest_centroid]\n"
            "validation: {folds: 2, repeats: 1}\noutput: out\n"
            "report: {pictures: false, explanations: false, learning_curve: false, map: false}\n"
        )
        study_all, harmed = workflow._study_all, []

        def harming(*given):
            if not harmed:
                harmed.append(harm(victim))
            return study_all(*given)

        monkeypatch.setattr(workflow, "_study_all", harming)
        return config, victim

    return write


def _other(path):
    Image.fromarray(np.full((9, 8), 3, np.uint8)).save(path)


def test_other_pixels_stop_the_run_and_are_not_kept_as_the_old_ones(study, tmp_path, monkeypatch):
    config, victim = study("stop", _other)
    before = victim.read_bytes()
    kept = []
    add = FeatureCache.add_part
    monkeypatch.setattr(FeatureCache, "add_part", lambda *all: (kept.extend(all[3]), add(*all)))
    with pytest.raises(ChangedImageError, match=rf"{victim.name}: a file must not change while"):
        run(config, jobs=1)
    assert kept == []
    victim.write_bytes(before)
    run(config, jobs=1)
    assert len(kept) > 0


def test_a_file_that_is_gone_stops_the_run_with_the_list(study):
    config, victim = study("stop", lambda path: path.unlink())
    with pytest.raises(ChangedImageError, match=rf"1 of \d+ images are not .*\n  .*{victim.name}"):
        run(config, jobs=1)


def test_a_file_that_is_cut_is_left_out_and_recorded_where_that_is_asked_for(study):
    config, victim = study("exclude", lambda path: path.write_bytes(path.read_bytes()[:60]))
    heard = Heard()
    result = run(config, jobs=1, reporter=heard)
    assert any("The study begins anew, without" in line for line in heard.warnings)
    name = f"{victim.parent.name}/{victim.name}"
    with open(result.folder / "findings.csv", newline="") as file:
        assert [row["image"] for row in csv.DictReader(file) if row["severity"] == "warning"][
            :1
        ] == [name]
    with open(result.folder / "dataset.csv", newline="") as file:
        assert name not in {row["image_id"] for row in csv.DictReader(file)}


def test_a_study_begins_anew_once_and_only_where_images_may_be_left_out():
    begun = []

    def study():
        begun.append(1)
        raise ChangedImageError("a.png: gone.")

    for excluding, n_times in ((False, 1), (True, 2)):
        begun.clear()
        with pytest.raises(ChangedImageError):
            begun_anew_if_changed(study, excluding, Heard())
        assert len(begun) == n_times
