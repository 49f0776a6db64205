"""The jobs of a child: describe a model, predict, explain, look at a data set, check, run.

Each calls the same functions as the command line, and tells what comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bioselect.app.child import EventReporter, Events


def describe(request: dict[str, Any], events: Events) -> None:
    """Open the model and say what it is."""
    from bioselect.app.predicting import describe_model

    events.tell("model", **describe_model(Path(request["model"])))


def predict(request: dict[str, Any], events: Events) -> None:
    """Predict images, and tell of each as soon as it is known."""
    from bioselect.app.predicting import predicted

    for event, values in predicted(request, EventReporter(events)):
        events.tell(event, **values)


def explain(request: dict[str, Any], events: Events) -> None:
    """Say what the prediction for one image rests on, in pictures and words."""
    from bioselect.app.explaining import explained

    events.tell("explanation", **explained(request, EventReporter(events)))


def propose(request: dict[str, Any], events: Events) -> None:
    """Look at a data set, as `bioselect init` does; nothing is written."""
    from bioselect.data.remote_files import addresses_refused
    from bioselect.workflows.init import propose as proposal_for
    from bioselect.workflows.proposal.source import ColumnNames

    columns = ColumnNames(**request["columns"])
    reporter = EventReporter(events)
    with addresses_refused():
        found = proposal_for(request["path"], request["file"], columns, reporter=reporter)
        kind, classes = _learnt(Path(request["path"]), columns)
    events.tell("proposal", text=found.text, in_words=found.in_words, kind=kind, classes=classes)


def _learnt(path: Path, columns: Any) -> tuple[str, list[str]]:
    """Return what a study of a data set would learn, and the names of the classes."""
    from bioselect.workflows.proposal.mask_source import find_masks
    from bioselect.workflows.proposal.sources import find_source

    if not columns.given and find_masks(path):
        return "masks", []
    dataset = find_source(path, columns).dataset
    if dataset.is_values:
        return "values", []
    return "labels" if dataset.is_multilabel else "classes", list(dataset.class_names)


def check(request: dict[str, Any], events: Events) -> None:
    """Check a configuration that need not be written yet, as `bioselect check` does."""
    from bioselect.app.written_config import config_of
    from bioselect.data.remote_files import addresses_refused
    from bioselect.own_modules import own_code_refused
    from bioselect.workflows.check import check as check_config

    config = config_of(request["text"], Path(request["file"]))
    with own_code_refused(), addresses_refused():
        events.tell("checked", text=check_config(config, reporter=EventReporter(events)))


def run(request: dict[str, Any], events: Events) -> None:
    """Run a study, as `bioselect run` does; the file may have changed since it was written."""
    from bioselect.app.written_config import config_of
    from bioselect.config.loading import read_text
    from bioselect.data.remote_files import addresses_refused
    from bioselect.own_modules import own_code_refused
    from bioselect.workflows.run import run as run_study

    place = Path(request["config"])
    config = config_of(read_text(place), place)
    with own_code_refused(), addresses_refused():
        result = run_study(config, reporter=EventReporter(events))
    events.tell("result", folder=str(result.folder), summary=result.summary)


WORK: dict[str, Callable[[dict[str, Any], Events], None]] = {
    "describe": describe,
    "predict": predict,
    "explain": explain,
    "propose": propose,
    "check": check,
    "run": run,
}
