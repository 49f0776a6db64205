"""What two machines must have in common so that they compute the same numbers."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from bioselect.own_modules import distribution_version

#: Packages of which another version may give other numbers, those that decode images among them.
PACKAGES = (
    "bioselect",
    "numpy",
    "scipy",
    "scikit-learn",
    "scikit-image",
    "opencv-python",
    "keras",
    "tensorflow",
    "openvino",
    "pillow",
    "tifffile",
    "imagecodecs",
    "h5py",
    "pydicom",
    "nibabel",
)
#: What must be the same, and how it is called.
_MUST = {"python": "Python", "code": "the code of bioselect (its digest)"}


def facts() -> dict[str, Any]:
    """Return what tells whether this machine computes what another one does.

    Examples
    --------
    >>> facts()["packages"]["numpy"] == distribution_version("numpy")
    True
    """
    return {
        "host": socket.gethostname(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "code": code_digest(),
        "packages": {name: _version(name) for name in PACKAGES},
        "arithmetic": _arithmetic(),
        "cores": n_cores(),
        "graphics": graphics_processors(),
    }


def why_refused(here: Mapping[str, Any], there: Mapping[str, Any]) -> str:
    """Say what differs that must not; empty if nothing does.

    Examples
    --------
    >>> one = {"python": "3.11", "code": "a", "packages": {"numpy": "2.1.0"}}
    >>> why_refused(one, {**one, "packages": {"numpy": None}})
    'numpy is missing where this machine has 2.1.0'
    """
    pairs = [(name, here[key], there.get(key)) for key, name in _MUST.items()]
    pairs += [(name, ours, there["packages"].get(name)) for name, ours in here["packages"].items()]
    return ", ".join(
        f"{name} {theirs or 'is missing'} where this machine has {ours or 'none'}"
        for name, ours, theirs in pairs
        if ours != theirs
    )


def what_may_differ(
    here: Mapping[str, Any], workers: Sequence[Mapping[str, Any]], trains: bool = False
) -> list[str]:
    """Return a line for each thing of which results may differ though versions are the same.

    Parameters
    ----------
    here : mapping
        The facts of this machine.
    workers : sequence of mapping
        Those of all workers that are used.
    trains : bool
        Whether networks are trained from pixels: their sums are divided among the cores.
    """
    lines = _of_training(here, workers) if trains else []
    other_kinds = {str(one["arithmetic"]) for one in workers} - {str(here["arithmetic"])}
    if other_kinds:
        lines.append(
            f"processors differ ({here['arithmetic']} here, {', '.join(sorted(other_kinds))} among "
            "the workers): the last digits of results may differ from those of this machine alone"
        )
    return lines


def _of_training(here: Mapping[str, Any], workers: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = []
    for key, name in (("cores", "numbers of cores"), ("graphics", "graphics processors")):
        there = sorted({one[key] for one in workers})
        if not there or there == [here[key]]:
            continue
        listed = ", ".join(map(str, there))
        told = f"{name} differ ({here[key]} here, {listed} among the workers): trained networks "
        if len(there) > 1:
            lines.append(
                f"{told}and their scores depend on which worker trains a fold, and may be others "
                "when the study is run again. Use workers of one kind for `networks`"
            )
        else:
            lines.append(f"{told}and their scores may differ from those of this machine alone")
    return lines


def n_cores() -> int:
    """Return how many cores this process may use; TensorFlow starts as many threads."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def graphics_processors() -> str:
    """Return the kinds of NVIDIA's graphics processors that are seen here, or "none".

    Their own tool is asked: to import TensorFlow for that would take seconds in every worker.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None or os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "none"
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "none"
    kinds = {line.strip() for line in asked.stdout.splitlines()}
    return " and ".join(sorted(filter(None, kinds))) or "none"


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Return the first digits of a SHA-256 of the files of bioselect."""
    folder = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _version(name: str) -> str | None:
    try:
        return distribution_version(name)
    except PackageNotFoundError:
        return None


def _arithmetic() -> str:
    """Return for which kind of processor matrix products are written that run here."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_info

    kinds = {
        f"{one['internal_api']} {one.get('architecture') or ''}".strip()
        for one in threadpool_info()
        if one["user_api"] == "blas"
    }
    return ", ".join(sorted(kinds)) or platform.machine()
