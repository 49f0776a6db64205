"""Figures on their way from a script to the one command, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "openvino", "scikit-learn", "numpy", "h5py", "joblib")
_LINE = re.compile(r"^figure: (.+) = (\S+)$", re.MULTILINE)


def print_figure(name: str, value: float) -> None:
    """Print a number under the name by which `all.py` knows it."""
    print(f"figure: {name} = {value:.5g}", flush=True)


def figures_in(text: str) -> list[tuple[str, float]]:
    """Return name and value of the figures that scripts printed."""
    return [(name, float(value)) for name, value in _LINE.findall(text)]


def machine_in_words() -> str:
    """Return processor, cores, memory, load and versions; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory; load before "
        f"(1, 5 and 15 minutes): {load}. {platform.system()}, Python {platform.python_version()}, "
        f"{packages}."
    )


def _processor() -> str:
    """Return the name of the processor and the widest of its instructions that matter here."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or platform.machine()
    facts = dict(re.findall(r"^(model name|flags)\s*:\s*(.*)$", info.read_text(), re.MULTILINE))
    flags = facts.get("flags", "").split()
    notable = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    return ", ".join([facts.get("model name", platform.machine()), *notable])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
