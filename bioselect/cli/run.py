"""`bioselect run`: the main job."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "run",
        help="cross-validate every combination, choose, retrain, write the model",
        description="Cross-validates every extractor with every classifier on the same folds, "
        "chooses by statistics, retrains the choice on all images and writes the model. Started "
        "again, it continues where it stopped.",
    )
    parser.add_argument("config", type=Path, help="the configuration, a YAML file")
    parser.add_argument("--output", type=Path, help="the run folder, instead of `output:`")
    parser.add_argument("--jobs", type=int, help="processes at a time (default: all cores)")
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="repeat all fold results, and decide anew what a budget allows (features stay cached)",
    )
    parser.add_argument(
        "--budget",
        metavar="TIME",
        help="how long it may take (90s, 20min, 1h30min, 1:30 for h:min), instead of "
        "`budget:`; what does not fit is dropped, and the results say so",
    )
    parser.add_argument(
        "--backend",
        choices=("local", "dask"),
        help="compute on this machine, or on a Dask cluster, instead of `execution: backend:`",
    )
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Run the study and print the summary."""
    began = time.monotonic()  # imports and reading take their part of a budget
    from bioselect.config.loading import load_config

    # Before anything heavy is imported: a mistake in the configuration is told at once.
    config = load_config(options.config)
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.run import run

    result = run(
        config,
        output=options.output,
        jobs=options.jobs,
        fresh=options.fresh,
        budget=options.budget,
        backend=options.backend,
        reporter=TerminalReporter(),
        began=began,
    )
    show(result.summary, options.json, lambda: _as_data(result.folder, result.summary))


def _as_data(folder: Path, summary: str) -> dict[str, Any]:
    from bioselect.run_folder import RunFolder

    places = RunFolder(folder)
    return {
        "run_folder": str(folder),
        "model": str(places.model),
        "report": str(places.report),
        "summary": summary,
        "study": json.loads(places.study.read_text(encoding="utf-8")),
    }
