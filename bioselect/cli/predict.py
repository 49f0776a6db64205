"""`bioselect predict`: apply a model to images, folders or tables."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict",
        help="apply a model to images, folders or tables",
        description="Writes one row per image: path, prediction, a probability per class, and why "
        "a file could not be used. Folders are searched with all their sub-folders.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="images, folders, tables, .npz files"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("predictions.csv"),
        help="the table to write (default: predictions.csv)",
    )
    parser.add_argument(
        "--image-column", "--image", help="for a table: the column with the image paths"
    )
    parser.add_argument(
        "--components",
        type=Path,
        metavar="FOLDER",
        help="where your own components lie, if the model uses any; their code is run",
    )
    parser.add_argument("--jobs", type=int, help="processes at a time (default: all cores)")
    parser.add_argument(
        "--map",
        type=Path,
        metavar="FOLDER",
        help="with a model of tiles: write, instead of the table, the map of each large image, a "
        "table of its tiles and the shares of the classes into a new folder",
    )
    return parser


def main(options: argparse.Namespace) -> None:
    """Predict, and say where the table lies."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.predict import predict

    if options.map is not None:
        print(_mapped(options, TerminalReporter()))
        return
    print(
        predict(
            options.model,
            options.paths,
            options.output,
            image_column=options.image_column,
            components_dir=options.components,
            jobs=options.jobs,
            reporter=TerminalReporter(),
        )
    )


def _mapped(options: argparse.Namespace, reporter: Any) -> str:
    from bioselect.workflows.map_scans import map_scans, refuse_table

    refuse_table(options.output, Path("predictions.csv"))
    return map_scans(
        options.model,
        options.paths,
        options.map,
        image_column=options.image_column,
        components_dir=options.components,
        jobs=options.jobs,
        reporter=reporter,
    )
