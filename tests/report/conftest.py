"""Finished runs, for what a report says of them."""

import shutil

import pytest

from bioselect.report.results import RunResults
from bioselect.workflows.run import run


@pytest.fixture(scope="session")
def run_of_classes(tmp_path_factory, drawn_images):
    """Return the folder of a finished run: three classes, two extractors, two classifiers."""
    place = tmp_path_factory.mktemp("report")
    config = place / "config.yaml"
    config.write_text(
        f"""\
dataset:
  path: {drawn_images.as_posix()}
extractors: [intensity, lbp]
classifiers: [lda, {{name: knn, params: {{n_neighbors: 3}}}}]
validation: {{folds: 3, repeats: 2}}
output: run
""",
        encoding="utf-8",
    )
    run(config, jobs=1)
    return place / "run"


@pytest.fixture
def results(run_of_classes, tmp_path):
    """Return what a copy of that run folder holds, alone: it may be changed."""
    shutil.copytree(run_of_classes, tmp_path / "alone")
    return RunResults(tmp_path / "alone")
