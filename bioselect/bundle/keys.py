"""Keys that models are signed with: Ed25519, in the files of OpenSSH or as PEM.

References
----------
Josefsson, Liusvaara (2017), "Edwards-Curve Digital Signature Algorithm (EdDSA)", RFC 8032.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bioselect.exceptions import BundleError
from bioselect.storage import explained_storage_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

#: No file with a key is larger.
LARGEST_KEY_FILE = 100_000
#: Where a passphrase may stand, so that scripts need not be asked.
PASSPHRASE_VARIABLE = "BIOSELECT_KEY_PASSPHRASE"
_MUST_BE = "must be a file with an Ed25519 key (OpenSSH or PEM)"
_MAKE_ONE = "`bioselect sign --new-key FILE` makes one."
_ASK_FOR_IT = "Ask whoever signed for their public one."

#: Asked for the passphrase of a key that has one.
Ask = Callable[[], str]


def public_file(private_file: Path) -> Path:
    """Return where the public half of a key lies.

    Examples
    --------
    >>> public_file(Path("lab.key")).name
    'lab.key.pub'
    """
    return private_file.with_name(private_file.name + ".pub")


def new_key(path: Path) -> str:
    """Write a new private key, readable by its owner only, and its public half beside it.

    Returns
    -------
    str
        The fingerprint.

    Raises
    ------
    BundleError
        If one of the two files is there already.
    """
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    for place in (path, public_file(path)):
        if place.exists():
            raise BundleError(
                f"{place}: is there already, and a key that is written over is lost. Choose "
                "another name, or sign with it: `bioselect sign MODEL --key FILE`."
            )
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, s.NoEncryption())
    public = key.public_key().public_bytes(s.Encoding.OpenSSH, s.PublicFormat.OpenSSH)
    with explained_storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
        public_file(path).write_bytes(public + b"\n")
    return fingerprint(key.public_key())


def read_private_key(path: Path, ask: Ask) -> Ed25519PrivateKey:
    """Read a private key; `ask` is called where it is locked and no variable has the passphrase.

    Raises
    ------
    BundleError
        If it is no private Ed25519 key, or the passphrase is wrong.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    data = _content(path)
    try:
        key = _private(data, None)
    except TypeError:  # It is locked.
        passphrase = os.environ.get(PASSPHRASE_VARIABLE) or ask()
        try:
            key = _private(data, passphrase.encode())
        except (ValueError, TypeError) as error:
            raise BundleError(
                f"{path}: must be unlocked with its passphrase. Got a wrong one. Try again."
            ) from error
    except Exception as error:
        hint = (
            " This looks like a public one: sign with its other half." if _is_public(data) else ""
        )
        raise BundleError(f"{path}: {_MUST_BE}, a private one.{hint} {_MAKE_ONE}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError(f"{path}: {_MUST_BE}. Got one of another kind. {_MAKE_ONE}")
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key.

    Raises
    ------
    BundleError
        If it is no public Ed25519 key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import (
        load_pem_public_key,
        load_ssh_public_key,
    )

    data = _content(path, _ASK_FOR_IT)
    load = load_pem_public_key if data.startswith(b"-----") else load_ssh_public_key
    try:
        key = load(data)
    except Exception as error:
        hint = ""
        if b"PRIVATE KEY" in data:
            hint = " This is a private one: it proves nothing to others and must not travel."
        raise BundleError(
            f"{path}: {_MUST_BE}, the public one of whoever signed.{hint} Ask them for it."
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{path}: {_MUST_BE}. Got one of another kind. {_ASK_FOR_IT}")
    return key


def raw_bytes(key: Ed25519PublicKey) -> bytes:
    """Return the 32 bytes of a public key."""
    from cryptography.hazmat.primitives import serialization as s

    return key.public_bytes(s.Encoding.Raw, s.PublicFormat.Raw)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what a person can compare: the same text as `ssh-keygen -l` prints."""
    name, raw = b"ssh-ed25519", raw_bytes(key)
    blob = len(name).to_bytes(4, "big") + name + len(raw).to_bytes(4, "big") + raw
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _content(path: Path, remedy: str = _MAKE_ONE) -> bytes:
    if not path.is_file():
        raise BundleError(f"{path}: {_MUST_BE}. There is no such file. {remedy}")
    if path.stat().st_size > LARGEST_KEY_FILE:
        raise BundleError(f"{path}: {_MUST_BE}. Got a larger file. {remedy}")
    with explained_storage_errors(path, "read"):
        return path.read_bytes()


def _private(data: bytes, passphrase: bytes | None) -> object:
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
        load_ssh_private_key,
    )

    load = load_ssh_private_key if b"OPENSSH" in data else load_pem_private_key
    try:
        return load(data, passphrase)
    except ValueError as error:
        # OpenSSH's files say by a ValueError what others say by a TypeError.
        if passphrase is None and "password" in str(error).lower():
            raise TypeError(str(error)) from error
        raise


def _is_public(data: bytes) -> bool:
    return data.startswith(b"ssh-") or b"PUBLIC KEY" in data
