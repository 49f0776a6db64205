"""Whose a model is: `signature.json` in a bundle.

Signed is `manifest.json`, byte for byte, and with it every file, as it holds their checksums. A
signature says that whoever has the private key signed this very model. Whether a public key is
whose it is said to be, no program can know: get it from its owner.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bioselect.bundle.keys import fingerprint, raw_bytes
from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.bundle.strict_json import read_strict
from bioselect.exceptions import BundleError
from bioselect.storage import atomic_path, atomic_write_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

SIGNATURE_FILE = "signature.json"
SIGNATURE_FORMAT = 1
#: Signed before the checksum, so that no signature made for something else can be used here.
CONTEXT = b"bioselect model signature 1\n"


def write_signature(path: Path, folder: Path, key: Ed25519PrivateKey) -> None:
    """Sign a bundle; an earlier signature is replaced.

    Parameters
    ----------
    path : Path
        The bundle: a folder with the manifest in it, or a zip.
    folder : Path
        The folder that holds the manifest; of a zip, where it is unpacked.
    key : Ed25519PrivateKey
        The private key.
    """
    _check_is_file(folder / SIGNATURE_FILE, path)
    public = key.public_key()
    text = json.dumps(
        {
            "format": SIGNATURE_FORMAT,
            "algorithm": "ed25519",
            "public_key": _text(raw_bytes(public)),
            "signature": _text(key.sign(_message(folder))),
        },
        indent=2,
    )
    if path.is_file():
        _add_to_zip(path, text + "\n")
    else:
        atomic_write_text(folder / SIGNATURE_FILE, text + "\n")


def signer(folder: Path, where: Path) -> Ed25519PublicKey | None:
    """Return the public key by which a bundle is signed; None without a signature.

    Raises
    ------
    BundleError
        If there is a signature and it does not fit the manifest, or cannot be read.
    """
    path = folder / SIGNATURE_FILE
    _check_is_file(path, where)
    if not path.is_file():
        return None
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    damaged = f"{where}: {SIGNATURE_FILE} is damaged"
    try:
        values: dict[str, Any] = read_strict(path)
        number = int(values["format"])
        if number != SIGNATURE_FORMAT:
            raise BundleError(
                f"{where}: {SIGNATURE_FILE} is of format {number}; this version of bioselect reads "
                f"{SIGNATURE_FORMAT}. Upgrade bioselect."
            )
        key = Ed25519PublicKey.from_public_bytes(_bytes(values["public_key"]))
        signature = _bytes(values["signature"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(f"{damaged} ({reason}). Use another copy of the model.") from error
    try:
        key.verify(signature, _message(folder))
    except InvalidSignature as error:
        raise BundleError(
            f"{where}: the signature must be that of this model. It belongs to another one, or the "
            f"model was changed after {fingerprint(key)} signed it. Do not use it; ask for "
            "another copy."
        ) from error
    return key


def _check_is_file(path: Path, where: Path) -> None:
    if os.path.lexists(path) and not path.is_file():
        raise BundleError(
            f"{where}: {SIGNATURE_FILE} must be a file, the signature of the model. Got a folder "
            "or a link that leads nowhere. Remove it, or use another copy of the model."
        )


def _message(folder: Path) -> bytes:
    return CONTEXT + hashlib.sha256((folder / MANIFEST_FILE).read_bytes()).digest()


def _add_to_zip(path: Path, text: str) -> None:
    """Put a signature beside the manifest of a zip: written anew, then put in its place."""
    # The old one is closed first: Windows replaces no file that is open.
    with atomic_path(path) as unfinished, zipfile.ZipFile(path) as old:
        paths = map(PurePosixPath, old.namelist())
        manifests = [found for found in paths if found.name == MANIFEST_FILE]
        beside = min(manifests, key=lambda found: (len(found.parts), found)).parent
        name = (beside / SIGNATURE_FILE).as_posix()
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                if info.filename != name:
                    with old.open(info) as source, new.open(info, "w") as target:
                        shutil.copyfileobj(source, target)
            new.writestr(name, text)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {error}") from error
