"""`bioselect export`: a model as a file that other programs open."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bioselect.cli.own_code import add_own_code
from bioselect.visible import visible


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "export",
        help="write a model for other programs: ONNX, bioimage.io, Keras",
        description="Writes a model for other programs, after comparing what the file says with "
        "what the model says, and tells what is in the file and what has to be done before it.",
    )
    parser.add_argument("model", type=Path, help="a model folder, its zip, or a run folder")
    parser.add_argument(
        "--to",
        choices=("onnx", "bioimageio", "keras"),
        required=True,
        help="onnx: one graph for ONNX Runtime and others; bioimageio: a package for the "
        "BioImage Model Zoo; keras: a network trained from pixels as a .keras file",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="PATH", help="the file to write"
    )
    parser.add_argument(
        "--images",
        type=Path,
        nargs="+",
        default=[],
        metavar="IMAGE",
        help="images or folders on which file and model are compared too",
    )
    add_own_code(parser)
    return parser


def main(options: argparse.Namespace) -> None:
    """Export, and say what is in the file."""
    from bioselect.progress import TerminalReporter
    from bioselect.workflows.interchange import export

    words = export(
        options.model,
        options.to,
        options.output,
        options.images,
        options.components,
        TerminalReporter(),
    )
    print(visible(words))
