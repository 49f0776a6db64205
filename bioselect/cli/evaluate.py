"""`bioselect evaluate`: how good is a finished model on labelled images it never saw."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.cli.output import add_json, show
from bioselect.cli.own_code import add_own_code


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate",
        help="judge a finished model on labelled images it never saw",
        description="Applies a model to a labelled data set and writes all metrics with "
        "confidence intervals, the confusion matrix and a table per group. A model of masks is "
        "judged on images with masks: scores of every image and class, and a sheet of examples.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "dataset",
        type=Path,
        help="a folder with one folder per class, a table (CSV, TSV, Excel), or an .npz file; for "
        "a model of masks a folder of images, with --masks, or a table",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("evaluation"),
        help="a folder (default: evaluation); of masks new or empty",
    )
    parser.add_argument(
        "--image", "--image-column", help="for a table: the column with the image paths"
    )
    parser.add_argument(
        "--target",
        help="for a table: the column with the class, or with all labels of an image; without it a "
        "model of several labels looks for a column for each",
    )
    parser.add_argument("--group", help="for a table: the column with the patient or slide")
    parser.add_argument(
        "--splits", nargs="+", metavar="NAME", help="for an .npz file: its splits, such as test"
    )
    masks = parser.add_argument_group("with a model of masks")
    masks.add_argument(
        "--masks", type=Path, metavar="FOLDER", help="a mask for each image, of the same name"
    )
    masks.add_argument("--mask", help="for a table: the column with the paths of the masks")
    masks.add_argument(
        "--overlays",
        action="store_true",
        help="write each image with its predicted classes outlined",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (default 0)")
    add_own_code(parser)
    parser.add_argument("--jobs", type=int, help="processes at a time (default: all cores)")
    add_json(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Evaluate, and print the figures."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.evaluate import evaluate
    from bioselect.workflows.labelled_images import TableColumns
    from bioselect.workflows.segmentation.labelled_pairs import MaskPlaces

    words = evaluate(
        options.model,
        options.dataset,
        options.output,
        columns=TableColumns(
            options.image,
            options.target,
            options.group,
            None if options.splits is None else tuple(options.splits),
        ),
        seed=options.seed,
        components_dir=options.components,
        jobs=options.jobs,
        reporter=TerminalReporter(),
        masks=MaskPlaces(options.masks, mask=options.mask, overlays=options.overlays),
    )
    show(words, options.json, lambda: _as_data(options.output, words))


def _as_data(output: Path, words: str) -> dict[str, Any]:
    """Return the tables of metrics and of drift that were written."""
    from bioselect.addresses import shown_place
    from bioselect.data.plain_cells import read_plain
    from bioselect.data.remote_files import brought
    from bioselect.progress import SILENT

    folder = brought(output, SILENT)

    def rows_of(name: str) -> list[dict[str, str]]:
        if not (folder / name).is_file():
            return []
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return read_plain(file)

    found = {"metrics": rows_of("metrics.csv"), "drift": rows_of("drift.csv")}
    return {"folder": shown_place(output), "summary": words, **found}
