"""`bioselect verify` and `bioselect sign`: is a model whole, and whose is it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.addresses import on_this_computer, shown_place
from bioselect.bundle.consent import check_consent
from bioselect.bundle.keys import Ask, fingerprint, raw_bytes, read_private_key, read_public_key
from bioselect.bundle.listed_files import check_files, is_left_behind, is_plain_folder
from bioselect.bundle.manifest import MANIFEST_FILE, AnyManifest, SegmentationManifest
from bioselect.bundle.mask_model import load_mask_bundle
from bioselect.bundle.opening import OpenBundle, explained, opened_bundle
from bioselect.bundle.reading import load_bundle, read_any_manifest
from bioselect.bundle.signature import SIGNATURE_FILE, signer, write_signature
from bioselect.exceptions import BundleError
from bioselect.own_modules import trusts_any
from bioselect.workflows.remote_places import with_addresses

_N_TOLD = 3


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
    left_behind : tuple of str
        Files in it that file managers have left there, which nobody signed and nothing reads.
    """

    n_files: int
    n_bytes: int
    gives: str
    made_with: str
    tried: bool
    signed_by: str | None
    is_known: bool
    left_behind: tuple[str, ...] = ()


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
    if key_file is not None:
        key_file = on_this_computer(key_file, "a key")
    key = None if key_file is None else read_public_key(key_file)
    with opened_bundle(path) as bundle, explained(bundle.path):
        folder = bundle.folder
        manifest, left = _whole(bundle)
        found = signer(folder, bundle.path)
        sizes = [(folder / name).stat().st_size for name in (*manifest.files, MANIFEST_FILE)]
        if key is not None and (found is None or raw_bytes(found) != raw_bytes(key)):
            got = "no signature" if found is None else f"the signature of {fingerprint(found)}"
            raise BundleError(
                f"{bundle}: must be signed by {fingerprint(key)} ({key_file}). Got {got}. Ask for "
                "a copy that they signed, or for the right key."
            )
        return Verified(
            len(sizes),
            sum(sizes),
            _gives(manifest),
            manifest.bioselect_version,
            _try(bundle, manifest, components_dir),
            None if found is None else fingerprint(found),
            key is not None,
            left,
        )


def signed_by(path: Path | str) -> str | None:
    """Return the fingerprint of the key that a model is signed by; None where no signature fits."""
    path = on_this_computer(path, "a model to be signed")
    with opened_bundle(path) as bundle:
        try:
            found = signer(bundle.folder, bundle.path)
        except BundleError:
            return None
    return None if found is None else fingerprint(found)


def sign(path: Path | str, key_file: Path, ask: Ask) -> str:
    """Sign a model that is whole, and return the fingerprint of the key.

    Raises
    ------
    BundleError
        If the model is not whole, or the key is none.
    ConfigurationError
        If one of them lies at an address.
    """
    path = on_this_computer(path, "a model to be signed")
    key = read_private_key(on_this_computer(key_file, "a private key"), ask)
    with opened_bundle(path) as bundle, explained(bundle.path):
        _, left = _whole(bundle)
        if left:
            raise BundleError(
                f"{bundle}: a signature must cover all that travels with it. Got {_first(left)}, "
                "which a file manager has left there. Remove it, and sign again."
            )
        write_signature(bundle.path, bundle.folder, key)
    return fingerprint(key.public_key())


def in_words(path: Path, verified: Verified) -> str:
    """Return what was found, for people."""
    megabytes = verified.n_bytes / 1e6
    lines = [
        f"{shown_place(path)}: whole. {verified.n_files} files, {megabytes:.1f} MB, each as it was "
        f"written by bioselect {verified.made_with}.",
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
    if verified.left_behind:
        lines.append(
            f"File managers have left more in it: {_first(verified.left_behind)}. Nobody signed "
            "that and nothing reads it; remove it before you pass the model on."
        )
    return "\n".join(lines)


def _whole(bundle: OpenBundle) -> tuple[AnyManifest, tuple[str, ...]]:
    """Refuse a bundle that is not whole, or holds more; tell what file managers have left in it.

    Files that are not of the model nobody has signed or checked.
    """
    folder, where = bundle.folder, bundle.path
    manifest = read_any_manifest(folder, where)
    check_files(folder, manifest, set(), where)
    expected = {*manifest.files, MANIFEST_FILE, SIGNATURE_FILE}
    files = {
        one.relative_to(folder).as_posix(): is_left_behind(one)
        for one in folder.rglob("*")
        if not is_plain_folder(one)
    }
    unknown = sorted(set(files) - expected)
    others = [name for name in unknown if not files[name]]
    if others:
        raise BundleError(
            f"{where}: must hold the files of the model only. Got {_first(others)}. Remove what "
            "you have put there, or use another copy of the model."
        )
    return manifest, tuple(unknown)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_N_TOLD]) + ", ..." * (len(names) > _N_TOLD)


def _gives(manifest: AnyManifest) -> str:
    if isinstance(manifest, SegmentationManifest):
        return "a class for every pixel"
    if manifest.number is not None:
        return f"a number: {manifest.number.in_words}"
    what = "labels" if manifest.labels is not None else "classes"
    return f"{what}: {', '.join(manifest.class_names)}"


def _try(bundle: OpenBundle, manifest: AnyManifest, components_dir: Path | None) -> bool:
    if isinstance(manifest, SegmentationManifest):
        load_mask_bundle(bundle)
        return True
    if components_dir is None and not trusts_any():
        try:
            check_consent(manifest, None, bundle.path)
        except BundleError:
            return False
    load_bundle(bundle, components_dir)
    return True
