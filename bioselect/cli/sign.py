"""`bioselect sign`: put one's name to a model."""

from __future__ import annotations

import argparse
from getpass import getpass
from pathlib import Path
from typing import Any

from bioselect.exceptions import ConfigurationError


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the words of this command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "sign",
        help="sign a model, so that others know it is yours",
        description="Signs a model with a private Ed25519 key (OpenSSH or PEM). Others check it "
        "with `bioselect verify MODEL --key` and your public key.",
    )
    parser.add_argument(
        "model", type=Path, nargs="?", help="a model folder, its zip, or a run folder"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="your private key")
    parser.add_argument(
        "--new-key",
        type=Path,
        metavar="FILE",
        help="make a key first: FILE is the private half, FILE.pub the one to give to others",
    )
    return parser


def main(options: argparse.Namespace) -> None:
    """Make a key, or sign, or both, and say what was done."""
    if (options.key is None) == (options.new_key is None):
        raise ConfigurationError(
            "sign: must be told the private key with --key FILE, or make one with --new-key FILE. "
            "Give one of the two."
        )
    if options.model is None and options.key is not None:
        raise ConfigurationError("sign: must be told which model. Write: sign MODEL --key FILE.")
    from bioselect.bundle.keys import new_key, public_file
    from bioselect.workflows.verify import sign, signed_by

    key_file = options.key
    if options.new_key is not None:
        key_file = options.new_key
        print(f"New key: {new_key(key_file)}")
        print(f"  {key_file}: keep it to yourself; who has it can sign in your name.")
        print(f"  {public_file(key_file)}: give it to those who shall check your models.")
    if options.model is not None:
        before = signed_by(options.model)
        name = sign(options.model, key_file, lambda: getpass(f"Passphrase of {key_file}: "))
        print(
            f"{options.model}: signed by {name}. Others check it with `bioselect verify MODEL "
            f"--key {public_file(key_file).name}`."
        )
        if before not in (None, name):
            print(f"That takes the place of the signature of {before}.")
