"""A study told to MLflow: in a folder, once, with the numbers of its tables; and a server gone."""

import csv
import io
import json
import shutil

import pytest
from PIL import Image

from bioselect.config.loading import load_config
from bioselect.exceptions import UnavailableError
from bioselect.progress import Reporter
from bioselect.report.blocks import Section, Sheet
from bioselect.report.page import page
from bioselect.report.results import RunResults
from bioselect.run_folder import RunFolder
from bioselect.workflows.reproduce import _stored_config as stored_config
from bioselect.workflows.run import run
from bioselect.workflows.tracking import mlflow_runs

CONFIG = """\
dataset: {{path: {images}}}
extractors: [intensity]
classifiers: [lda, knn]
validation: {{folds: 3, repeats: 2}}
report: {{pictures: false, explanations: false, learning_curve: false, map: false}}
tracking: {{mlflow: {place}, experiment: {experiment}, artefacts: {artefacts}}}
output: run
"""


def write(folder, images, place="mlruns", experiment="my cells", artefacts="true"):
    path = folder / "config.yaml"
    path.write_text(
        CONFIG.format(
            images=images.as_posix(), place=place, experiment=experiment, artefacts=artefacts
        )
    )
    return path


class Telling(Reporter):
    def __init__(self):
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


def runs_of(folder, name="my cells"):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{folder}/mlruns/mlflow.db")
    experiment = client.get_experiment_by_name(name)
    found = client.search_runs([experiment.experiment_id])
    studies = [one for one in found if "mlflow.parentRunId" not in one.data.tags]
    others = [one for one in found if "mlflow.parentRunId" in one.data.tags]
    return client, studies, others


@pytest.fixture(scope="module")
def logged(drawn_images, tmp_path_factory):
    """A study that was run twice, with the words of both ends."""
    folder = tmp_path_factory.mktemp("tracked")
    path = write(folder, drawn_images)
    patch = pytest.MonkeyPatch()
    patch.chdir(tmp_path_factory.mktemp("elsewhere"))
    first = run(path, jobs=1).summary
    second = run(path, jobs=1).summary
    patch.undo()
    return folder, first.splitlines()[-1], second.splitlines()[-1]


def test_it_is_told_of_once_and_said_where(logged):
    folder, first, second = logged
    assert first == f"MLflow: in the experiment my cells of {folder / 'mlruns'}"
    assert second.startswith("MLflow: known already")
    _, studies, others = runs_of(folder)
    assert (len(studies), len(others)) == (1, 3)
    assert {path.name for path in (folder / "mlruns").iterdir()} == {"mlflow.db", "artefacts"}


def test_the_study_has_its_verdict_and_its_files(logged):
    folder, _, _ = logged
    client, (study,), _ = runs_of(folder)
    told = json.loads((folder / "run" / "study.json").read_text())
    assert study.info.status == "FINISHED"
    assert study.info.run_name == "run"
    assert study.data.metrics["expected"] == told["honest_score"]["value"]
    assert study.data.metrics["naive"] == told["honest_score"]["naive"]
    assert study.data.params["recommended"] == "intensity + " + told["recommended"]["estimator"]
    assert (study.data.params["folds"], study.data.params["n_images"]) == ("3", "36")
    assert study.data.tags["mlflow.note.content"].startswith("In short:")
    files = {one.path for one in client.list_artifacts(study.info.run_id)}
    assert {"scores.csv", "ranking.csv", "report.html", "model", "config.yaml"} <= files
    assert "out_of_fold.h5" not in files
    sent = {one.path for one in client.list_artifacts(study.info.run_id, "model")}
    assert "model/manifest.json" in sent


def test_each_combination_has_its_folds_as_steps(logged):
    folder, _, _ = logged
    client, (study,), others = runs_of(folder)
    with (folder / "run" / "scores.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["estimator"] == "knn"]
    knn = next(one for one in others if one.data.params["estimator"] == "knn")
    assert knn.data.tags["mlflow.parentRunId"] == study.info.run_id
    history = client.get_metric_history(knn.info.run_id, "fold_balanced_accuracy")
    expected = [float(row["score"]) for row in rows if row["metric"] == "balanced_accuracy"]
    assert [(one.step, one.value) for one in history] == list(enumerate(expected))
    assert len(expected) == 6
    losses = [float(row["score"]) for row in rows if row["metric"] == "log_loss"]
    assert knn.data.metrics["mean_log_loss"] == pytest.approx(sum(losses) / 6, rel=1e-12)


def test_without_artefacts_no_file_is_sent(logged, drawn_images):
    folder, _, _ = logged
    run(write(folder, drawn_images, experiment="numbers only", artefacts="false"), jobs=1)
    client, (study,), _ = runs_of(folder, "numbers only")
    assert client.list_artifacts(study.info.run_id) == []
    assert study.data.metrics["expected"] > 0.5


def test_a_report_that_shows_images_is_not_sent(logged, tmp_path):
    folder, _, _ = logged
    shutil.copytree(folder / "run", tmp_path / "run")
    results = RunResults(tmp_path / "run")
    picture = io.BytesIO()
    Image.new("L", (4, 4)).save(picture, "PNG")
    results.folder.examples.write_bytes(picture.getvalue())
    block = Sheet(picture.getvalue(), "Examples", "Rows of images.")
    written = page("A study", "", [Section("masks", "Masks", [block])])
    results.folder.report.write_text(written, encoding="utf-8")
    section = load_config(results.folder.config).tracking
    # A new store takes a second, in which it goes through all versions of its tables.
    (tmp_path / "mlruns").mkdir()
    shutil.copy(folder / "mlruns" / "mlflow.db", tmp_path / "mlruns")
    changes = {"mlflow": str(tmp_path / "mlruns"), "experiment": "masks", "artefacts": True}
    section = section.model_copy(update=changes)
    said = mlflow_runs.log_study(results, section, Reporter())
    assert said.endswith("mlruns, without report.html, which shows images")
    sent = [path for path in (tmp_path / "mlruns" / "artefacts").rglob("*") if path.is_file()]
    assert {"scores.csv", "manifest.json"} <= {path.name for path in sent}
    for path in sent:
        data = path.read_bytes()
        assert b"\x89PNG" not in data, path
        assert b"data:image" not in data, path


def test_a_server_that_is_not_there_harms_nothing(logged, drawn_images, monkeypatch):
    folder, _, _ = logged
    monkeypatch.setitem(mlflow_runs.SETTINGS, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    told = Telling()
    before = (folder / "run" / "scores.csv").read_bytes()
    run(write(folder, drawn_images, "http://127.0.0.1:9"), jobs=1, reporter=told)
    (warning,) = told.warnings
    assert warning.startswith("MLflow http://127.0.0.1:9: the study is done, and was not told of")
    assert warning.endswith("Run the same command again to do so: nothing is computed again.")
    assert (folder / "run" / "scores.csv").read_bytes() == before
    assert "warning: MLflow http://127.0.0.1:9" in (folder / "run" / "run.log").read_text()


def test_what_was_broken_off_is_failed_and_told_of_anew(logged, drawn_images, monkeypatch):
    folder, _, _ = logged
    path = write(folder, drawn_images, experiment="broken")
    with monkeypatch.context() as patch:
        patch.setattr(mlflow_runs, "_log_combination", lambda *_: 1 / 0)
        told = Telling()
        run(path, jobs=1, reporter=told)
    assert "division by zero" in told.warnings[0]
    run(path, jobs=1)
    _, studies, others = runs_of(folder, "broken")
    assert sorted(one.info.status for one in studies) == ["FAILED", "FINISHED"]
    assert len(others) == 3


def test_a_repetition_of_the_study_tells_nobody(logged, tmp_path):
    folder, _, _ = logged
    then = RunResults(folder / "run")
    assert load_config(then.folder.config).tracking.mlflow == str(folder / "mlruns")
    assert not stored_config(then, RunFolder(tmp_path)).tracking.is_asked_for


def section_of(folder, **changed):
    section = load_config(folder / "run" / "config.yaml").tracking
    return section.model_copy(update={"mlflow": str(folder / "mlruns"), **changed})


def test_files_follow_where_they_were_not_asked_for_before(logged):
    folder, _, _ = logged
    results = RunResults(folder / "run")
    for artefacts, said in ((False, "in the"), (True, "files added"), (True, "known already")):
        section = section_of(folder, experiment="files later", artefacts=artefacts)
        assert mlflow_runs.log_study(results, section, Reporter()).startswith(f"MLflow: {said}")
    client, (study,), others = runs_of(folder, "files later")
    assert "model" in {one.path for one in client.list_artifacts(study.info.run_id)}
    assert len(others) == 3


def test_ctrl_c_is_heard_where_the_server_is_gone_too(logged, monkeypatch):
    from mlflow.tracking import MlflowClient

    def interrupted(*_):
        raise KeyboardInterrupt

    def gone(*_):
        raise OSError("gone")

    folder, _, _ = logged
    monkeypatch.setattr(mlflow_runs, "_log_study_itself", interrupted)
    monkeypatch.setattr(MlflowClient, "set_terminated", gone)
    section = section_of(folder, experiment="interrupted")
    with pytest.raises(KeyboardInterrupt):
        mlflow_runs.log_study(RunResults(folder / "run"), section, Reporter())


def test_a_deleted_experiment_is_named(logged):
    folder, _, _ = logged
    client, _, _ = runs_of(folder)
    client.delete_experiment(client.create_experiment("old"))
    section = section_of(folder, experiment="old")
    with pytest.raises(UnavailableError, match=r"^the experiment old was deleted there\. Restore"):
        mlflow_runs.log_study(RunResults(folder / "run"), section, Reporter())


def test_names_of_metrics_are_such_as_mlflow_takes():
    from mlflow.utils.validation import _validate_metric_name

    names = [f"recall(positive={name})" for name in ("ä", "ö", "x" * 300)]
    written = [f"mean_{mlflow_runs.metric_name(name)}" for name in names]
    for name in written:
        _validate_metric_name(name)
    assert written[0] != written[1]
