"""A study as runs of MLflow: one for the study, inside it one for each combination."""

from __future__ import annotations

import logging
import math
import os
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from bioselect import __version__
from bioselect.config.tracking_section import TrackingSection, is_server_or_database
from bioselect.exceptions import UnavailableError
from bioselect.progress import Reporter
from bioselect.report.results import Row, RunResults
from bioselect.storage import digest_of, sha256_of_file

#: In a folder: the database with the figures, and what belongs to runs.
DATABASE, ARTEFACTS = "mlflow.db", "artefacts"
#: So that a study that is run again, with the same results, is not told of twice.
RESULTS_TAG = "bioselect.results"
#: Whether its files were sent, which `artefacts` may ask for later.
FILES_TAG, SENT = "bioselect.files", "sent"
#: MLflow takes so many numbers at once, and so long a text.
MOST_AT_ONCE = 1000
LONGEST_TAG, LONGEST_PARAMETER, LONGEST_METRIC = 5000, 500, 240
#: So pictures stand in a report (`report/page.py`).
EMBEDDED = b"data:image/"
#: What a program of ours asks of MLflow: nothing sent to its makers, and no minutes of waiting for
#: a server that is not there. What somebody has set stays.
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "ERROR",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def log_study(results: RunResults, section: TrackingSection, reporter: Reporter) -> str:
    """Log a study, unless the same results are logged already; return in words where it is.

    Parameters
    ----------
    results : RunResults
        A finished study.
    section : TrackingSection
        Where, and what.
    reporter : Reporter
        Shows the progress.
    """
    where = str(section.mlflow)
    with _quiet():
        from mlflow.tracking import MlflowClient

        client = MlflowClient(tracking_uri=tracking_uri(where))
        experiment = _experiment(client, section.experiment, where)
        digest = results_digest(results)
        known = client.search_runs(
            [experiment], f"tags.`{RESULTS_TAG}` = '{digest}'", max_results=1
        )
        place = f"the experiment {section.experiment} of {where}"
        if known:
            if not section.artefacts or known[0].data.tags.get(FILES_TAG) == SENT:
                return f"MLflow: known already, in {place}"
            _send_files(client, known[0].info.run_id, results)
            return f"MLflow: files added, in {place}{_left_out(results)}"
        study = client.create_run(experiment, tags=_tags_of_study(results)).info.run_id
        try:
            _log_study_itself(client, study, results)
            if section.artefacts:
                _send_files(client, study, results)
            scores = _scores_of(results)
            with reporter.task("telling MLflow", len(results.ranking)) as task:
                for row in results.ranking:
                    _log_combination(client, experiment, study, row, scores, results.metric)
                    task.advance()
            # At the end: what was broken off is logged anew the next time.
            client.set_tag(study, RESULTS_TAG, digest)
            client.set_terminated(study)
        except BaseException:
            # Where the server is gone, or Ctrl-C was pressed, that is what has to be told.
            with suppress(Exception):
                client.set_terminated(study, "FAILED")
            raise
    return f"MLflow: in {place}{_left_out(results) if section.artefacts else ''}"


def tracking_uri(where: str) -> str:
    """Return the address as MLflow takes it; of a folder, that of the database in it."""
    if is_server_or_database(where):
        return where
    Path(where).mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(Path(where) / DATABASE).as_posix()}"


def results_digest(results: RunResults) -> str:
    """Return what tells these results from others."""
    folder = results.folder
    tables = (folder.study, folder.ranking, folder.scores, folder.dataset)
    return digest_of([sha256_of_file(path) for path in tables])


def files_of(results: RunResults) -> list[Path]:
    """Return the files that are sent: tables and verdict; the report unless it shows images.

    No predictions and no picture of an image is among them, whatever the configuration says of
    pictures in the report.
    """
    folder = results.folder
    left_out = (folder.out_of_fold, folder.examples)
    listed = [path for path in folder.products() if path not in left_out]
    if not shows_images(folder.report):
        listed.append(folder.report)
    return [path for path in listed if path.is_file()]


def shows_images(report: Path) -> bool:
    """Tell whether pictures of images stand in a report; of masks the sheet of examples does."""
    return report.is_file() and EMBEDDED in report.read_bytes()


def _left_out(results: RunResults) -> str:
    report = results.folder.report
    return f", without {report.name}, which shows images" if shows_images(report) else ""


def metric_name(text: str) -> str:
    """Return a name that MLflow takes for a metric, letters of all languages kept.

    Examples
    --------
    >>> metric_name("balanced_accuracy"), metric_name("recall(positive=dots)")
    ('balanced_accuracy', 'recall_positive_dots_')
    """
    return re.sub(r"[^\w\-. /]", "_", text)[:LONGEST_METRIC]


def _experiment(client: Any, name: str, where: str) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage == "deleted":
        raise UnavailableError(
            f"the experiment {name} was deleted there. Restore it, or name another with tracking: "
            "{experiment: ...}"
        )
    if found is not None:
        return str(found.experiment_id)
    place = None if is_server_or_database(where) else (Path(where) / ARTEFACTS).resolve().as_uri()
    return str(client.create_experiment(name, artifact_location=place))


def _tags_of_study(results: RunResults) -> dict[str, str]:
    return {
        "mlflow.runName": results.folder.root.name,
        "mlflow.note.content": str(results.study["in_words"])[:LONGEST_TAG],
        "bioselect.version": __version__,
    }


def _log_study_itself(client: Any, run: str, results: RunResults) -> None:
    study, config = results.study, results.config
    validation = config["validation"]
    params = {
        "task": results.task,
        "metric": results.metric,
        "design": study.get("design", ""),
        "folds": validation.get("folds"),
        "repeats": validation.get("repeats"),
        "seed": validation.get("seed"),
        "n_images": len(results.images),
        "n_combinations": len(results.ranking),
        **{
            key: " + ".join(filter(None, (study[key]["extractor"], study[key]["estimator"])))
            for key in ("best", "recommended")
        },
    }
    score = study["honest_score"]
    named = {
        "expected": "value", "expected_low": "ci_low", "expected_high": "ci_high",
        "naive": "naive", "chance": "chance",
    }  # fmt: skip
    figures = [(name, score.get(key), 0) for name, key in named.items()]
    _log(client, run, params, figures)


def _send_files(client: Any, run: str, results: RunResults) -> None:
    for path in files_of(results):
        client.log_artifact(run, str(path))
    if results.folder.model.is_dir():
        client.log_artifacts(run, str(results.folder.model), "model")
    client.set_tag(run, FILES_TAG, SENT)


def _scores_of(results: RunResults) -> dict[tuple[str, str], list[Row]]:
    """Return the scores of each combination."""
    scores: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in results.table(results.folder.scores):
        scores[row["extractor"], row["estimator"]].append(row)
    return scores


def _log_combination(
    client: Any,
    experiment: str,
    study: str,
    row: Row,
    scores: dict[tuple[str, str], list[Row]],
    metric: str,
) -> None:
    pair = (row["extractor"], row["estimator"])
    tags = {
        "mlflow.runName": " + ".join(filter(None, pair))[:LONGEST_PARAMETER],
        "mlflow.parentRunId": study,
        "bioselect.role": row["role"],
        "bioselect.rank": row["rank"],
    }
    run = client.create_run(experiment, tags=tags).info.run_id
    figures: list[tuple[str, Any, int]] = [
        (key, row.get(key), 0) for key in ("mean", "ci_low", "ci_high", "cost")
    ]
    by_metric: dict[str, list[float]] = defaultdict(list)
    for one in scores[pair]:
        if not one["score"]:
            continue
        value = float(one["score"])
        step = len(by_metric[one["metric"]])
        by_metric[one["metric"]].append(value)
        if one["metric"] == metric:
            # One step a fold, in the order of repeats and folds.
            figures.append((f"fold_{metric_name(metric)}", value, step))
    figures += [
        (f"mean_{metric_name(name)}", math.fsum(values) / len(values), 0)
        for name, values in by_metric.items()
    ]
    _log(client, run, {"extractor": pair[0], "estimator": pair[1]}, figures)
    errors = sorted({one["error"] for one in scores[pair] if one["error"]})
    if errors:
        client.set_tag(run, "bioselect.error", errors[0][:LONGEST_TAG])
    client.set_terminated(run, "FAILED" if row["role"] == "failed" else "FINISHED")


def _log(
    client: Any, run: str, params: dict[str, Any], figures: Sequence[tuple[str, Any, int]]
) -> None:
    """Log parameters, and those figures that are numbers."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    given = [(name, value, step) for name, value, step in figures if value not in (None, "")]
    metrics = [Metric(name, float(value), now, step) for name, value, step in given]
    metrics = [metric for metric in metrics if math.isfinite(metric.value)]
    written = [
        Param(key, str(value)[:LONGEST_PARAMETER])
        for key, value in params.items()
        if value not in (None, "")
    ]
    client.log_batch(run, params=written)
    for first in range(0, len(metrics), MOST_AT_ONCE):
        client.log_batch(run, metrics=metrics[first : first + MOST_AT_ONCE])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep MLflow from telling its makers, from waiting for long, and from what it prints."""
    before = {name: os.environ.get(name) for name in SETTINGS}
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: F401 - its loggers get their levels from it

    levels = {name: logging.getLogger(name).level for name in ("mlflow", "alembic")}
    for name in levels:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        # On standard output the command line gives JSON.
        with redirect_stdout(sys.stderr):
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for name, earlier in before.items():
            if earlier is None:
                del os.environ[name]
