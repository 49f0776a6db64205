"""`bioselect verify` and `bioselect sign`: is a model whole, and whose is it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bioselect.addresses import is_address, place_of
from bioselect.bundle.consent import check_consent
from bioselect.bundle.keys import Ask, fingerprint, raw_bytes, read_private_key, read_public_key
from bioselect.bundle.listed_files import check_files, is_left_behind, is_plain_folder
from bioselect.bundle.manifest import MANIFEST_FILE, AnyManifest, SegmentationManifest
from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.bundle.reading import (
    bundle_folder,
    explained,
    load_bundle,
    read_any_manifest,
)
from bioselect.bundle.signature import SIGNATURE_FILE, signer, write_signature
from bioselect.exceptions import BundleError
from bioselect.own_modules import trusts_any
from bioselect.workflows.remote_places import with_addresses


@dataclass(frozen=True)
class Verified:
    """What is known of a model that is whole.

    Attributes
    ----------
    n_files, n_bytes : int
        Of the bundle, the manifest included.
    gives : str
        What it predicts.
    made_with : str
        The version of bioselect that wrote it.
    tried : bool
        Whether it was opened and predicted its check sample; not where it needs somebody's own
        code that was not named.
    signed_by : str or None
        The fingerprint of the key that signed it.
    is_known : bool
        Whether that is the key that was given.
    """

    n_files: int
    n_bytes: int
    gives: str
    made_with: str
    tried: bool
    signed_by: str | None
    is_known: bool


@with_addresses(reads=("path",))
def verify(
    path: Path | str, key_file: Path | None = None, components_dir: Path | None = None
) -> Verified:
    """Make sure that a model is whole and, with a key, that its owner signed it.

    Parameters
    ----------
    path : path
        A bundle folder, its zip, or a run folder.
    key_file : Path, optional
        The public key that must have signed it.
    components_dir : Path, optional
        The folder with your own components, if the model uses any; their code is run.

    Raises
    ------
    BundleError
        If a file is missing, changed or not of the model, it does not predict what it did when it
        was made, its signature does not fit, or it is not signed by the key.
    """
    path = Path(path)
    key = None if key_file is None else read_public_key(key_file)
    with explained(path), bundle_folder(path) as folder:
        manifest = read_any_manifest(folder, path)
        check_files(folder, manifest, set(), path)
        _check_no_others(folder, manifest, path)
        found = signer(folder, path)
        sizes = [(folder / name).stat().st_size for name in (*manifest.files, MANIFEST_FILE)]
    if key is not None and (found is None or raw_bytes(found) != raw_bytes(key)):
        got = "no signature" if found is None else f"the signature of {fingerprint(found)}"
        raise BundleError(
            f"{path}: must be signed by {fingerprint(key)} ({key_file}). Got {got}. Ask for a copy "
            "that they signed, or for the right key."
        )
    return Verified(
        len(sizes),
        sum(sizes),
        _gives(manifest),
        manifest.bioselect_version,
        _try(path, manifest, components_dir),
        None if found is None else fingerprint(found),
        key is not None,
    )


def sign(path: Path | str, key_file: Path, ask: Ask) -> str:
    """Sign a model that is whole, and return the fingerprint of the key.

    Raises
    ------
    BundleError
        If the model is not whole, or the key is none.
    """
    if is_address(path):
        raise BundleError(
            f"{place_of(path)}: only a model on this computer can be signed. Copy it here, sign "
            "it, and copy it back."
        )
    path = Path(path)
    key = read_private_key(key_file, ask)
    with explained(path), bundle_folder(path) as folder:
        manifest = read_any_manifest(folder, path)
        check_files(folder, manifest, set(), path)
        _check_no_others(folder, manifest, path)
        write_signature(path, folder, key)
    return fingerprint(key.public_key())


def in_words(path: Path, verified: Verified) -> str:
    """Return what was found, for people."""
    megabytes = verified.n_bytes / 1e6
    lines = [
        f"{path}: whole. {verified.n_files} files, {megabytes:.1f} MB, each as it was written by "
        f"bioselect {verified.made_with}.",
        f"It gives {verified.gives}.",
    ]
    if verified.tried:
        lines.append("It predicts its check sample as it did when it was made.")
    else:
        lines.append(
            "Its check sample was not tried: it uses code that is not part of bioselect. Name that "
            "with --components or --trust, if you trust it."
        )
    if verified.signed_by is None:
        lines.append("It is not signed: these files are whole, whoever made them.")
    elif verified.is_known:
        lines.append(f"It is signed by {verified.signed_by}, the key that you gave.")
    else:
        lines.append(
            f"It is signed by {verified.signed_by}. Whose key that is, its owner can tell you: get "
            "their public key and try again with --key FILE."
        )
    return "\n".join(lines)


def _check_no_others(folder: Path, manifest: AnyManifest, where: Path) -> None:
    """Refuse files that are not of the model: nobody has signed or checked them."""
    expected = {*manifest.files, MANIFEST_FILE, SIGNATURE_FILE}
    files = (one for one in folder.rglob("*") if not (is_left_behind(one) or is_plain_folder(one)))
    found = {one.relative_to(folder).as_posix() for one in files}
    if others := sorted(found - expected):
        raise BundleError(
            f"{where}: must hold the files of the model only. Got {', '.join(others[:3])}"
            f"{', ...' if len(others) > 3 else ''}. Remove what you have put there, or use another "
            "copy of the model."
        )


def _gives(manifest: AnyManifest) -> str:
    if isinstance(manifest, SegmentationManifest):
        return "a class for every pixel"
    if manifest.number is not None:
        return f"a number: {manifest.number.in_words}"
    what = "labels" if manifest.labels is not None else "classes"
    return f"{what}: {', '.join(manifest.class_names)}"


def _try(path: Path, manifest: AnyManifest, components_dir: Path | None) -> bool:
    if isinstance(manifest, SegmentationManifest):
        load_mask_bundle(path)
        return True
    if components_dir is None and not trusts_any():
        try:
            check_consent(manifest, None, path)
        except BundleError:
            return False
    load_bundle(path, components_dir)
    return True
