"""`bioselect predict`: apply a model to images, folders or tables."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from bioselect.cli.execution import add_execution, execution_of
from bioselect.cli.output import add_json, show
from bioselect.cli.own_code import add_own_code


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict",
        help="apply a model to images, folders or tables",
        description="A model of classes writes one row per image: path, prediction, a probability "
        "per class, the set of classes that cannot be ruled out, and why a file could not be used. "
        "A model of numbers writes low and high in "
        "place of probabilities: between them the true number lies, as often as the model says. A "
        "model of masks writes a mask per image, and tables of areas and objects. Folders are "
        "searched with all their sub-folders.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="images, folders, tables, .npz files"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the table to write (default: predictions.csv); of masks the folder, new or empty "
        "(default: predicted_masks)",
    )
    parser.add_argument(
        "--image-column", "--image", help="for a table: the column with the image paths"
    )
    add_own_code(parser)
    parser.add_argument(
        "--abstain",
        action="store_true",
        help="leave the prediction of images empty of which more than one class cannot be ruled "
        "out, or that are unlike the training images; the column abstained_because says why, and a "
        "person looks at them",
    )
    parser.add_argument("--jobs", type=int, help="processes at a time (default: all cores)")
    add_execution(parser)
    parser.add_argument(
        "--map",
        type=Path,
        metavar="FOLDER",
        help="with a model of tiles: write, instead of the table, the map of each large image, a "
        "table of its tiles and the shares of the classes into a new folder",
    )
    _add_mask_options(parser.add_argument_group("with a model of masks"))
    add_json(parser)
    return parser


def _add_mask_options(group: Any) -> None:
    group.add_argument(
        "--probabilities",
        action="store_true",
        help="write the probability of each class at every pixel (16-bit TIFF, 65535 is 1)",
    )
    group.add_argument(
        "--overlays", action="store_true", help="write each image with its classes outlined"
    )
    group.add_argument(
        "--crops", type=Path, metavar="FOLDER", help="write each object as an image into a folder"
    )
    group.add_argument(
        "--margin", type=int, metavar="PIXELS", help="with --crops: around each object (default 0)"
    )
    group.add_argument(
        "--separate", action="store_true", help="divide objects that touch, at their necks"
    )
    group.add_argument(
        "--min-area",
        type=int,
        default=1,
        metavar="PIXELS",
        help="smaller objects are not counted (default 1); masks keep their pixels, and areas "
        "count them, but where masks number objects, which leave them out",
    )
    group.add_argument(
        "--pixel-size",
        type=_micrometres,
        metavar="UM",
        help="micrometres a pixel of these images (default: as in training)",
    )


def _micrometres(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"must be a number of micrometres, without the unit, for example 0.65. Got {text!r}."
        ) from error


def main(options: argparse.Namespace) -> None:
    """Predict, and say where the results lie."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.execution_place import refuse_cluster
    from bioselect.workflows.map_scans import map_scans
    from bioselect.workflows.predict import predict
    from bioselect.workflows.segmentation.mask_options import MaskOptions

    masks = MaskOptions(
        probabilities=options.probabilities,
        overlays=options.overlays,
        crops=options.crops,
        margin=options.margin,
        separate=options.separate,
        min_area=options.min_area,
        pixel_size=options.pixel_size,
    )
    execution = execution_of(options)
    reporter = TerminalReporter()
    work = partial(predict, execution=execution)
    if options.map is not None:
        refuse_cluster(execution, "a map of scans")
        work = partial(map_scans, folder=options.map)
    words = work(
        options.model,
        options.paths,
        output=options.output,
        image_column=options.image_column,
        components_dir=options.components,
        jobs=options.jobs,
        reporter=reporter,
        masks=masks,
        abstain=options.abstain,
    )
    show(words, options.json, lambda: _as_data(options.output, words), reporter.warned)


def _as_data(output: Path | None, words: str) -> dict[str, Any]:
    """Return the rows of the table; of masks and maps, which are folders, the summary alone."""
    from bioselect.data.plain_cells import read_plain
    from bioselect.data.remote_files import brought
    from bioselect.progress import SILENT
    from bioselect.workflows.predict import DEFAULT_TABLE

    table = brought(output or DEFAULT_TABLE, SILENT)
    rows = []
    if table.is_file():
        with table.open(encoding="utf-8", newline="") as file:
            rows = read_plain(file)
    return {"summary": words, "predictions": rows}
