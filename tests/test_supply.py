"""What is installed with bioselect: its licences are known, and listed for readers."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LISTED = ROOT / "docs" / "licences.md"
#: Extras that people install; the others are for tests and development.
EXTRAS = ("medical", "hub", "imbalance", "app", "cloud")
#: Words of licences that allow use, change and passing on, also in a product that is sold.
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|MPL|Mozilla|ISC|Zlib|0BSD|CC0|Unlicense)\b",
    re.IGNORECASE,
)
STRICT = re.compile(r"\b(A|L)?GPL|General Public|SSPL|Proprietary|Commercial", re.IGNORECASE)
#: Whose metadata do not say it; read in the licence file that they install.
TOLD_ELSEWHERE = {"namex": "Apache-2.0", "skops": "MIT"}


def key_of(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(name):
    """Return what the metadata of an installed package say."""
    if name in TOLD_ELSEWHERE:
        return TOLD_ELSEWHERE[name]
    facts = distribution(name).metadata
    said = [line for line in facts.get_all("Classifier") or [] if line.startswith("License")]
    return facts.get("License-Expression") or "; ".join(said) or (facts.get("License") or "")[:200]


def installed_with(name, extras=()):
    """Return the packages that come with one, itself included, as far as they are installed."""
    found, to_do = set(), [(name, extras)]
    while to_do:
        name, extras = to_do.pop()
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found.add(key_of(name))
        for need in map(Requirement, needs):
            wanted = need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            )
            if wanted and key_of(need.name) not in found:
                to_do.append((need.name, tuple(need.extras)))
    return sorted(found - {"bioselect"})


def required():
    """Return what bioselect asks for itself."""
    needs = map(Requirement, distribution("bioselect").requires)
    return sorted(
        {
            key_of(need.name)
            for need in needs
            if need.marker is None
            or any(need.marker.evaluate({"extra": extra}) for extra in ("", *EXTRAS))
        }
    )


@pytest.mark.parametrize("name", installed_with("bioselect", EXTRAS))
def test_its_licence_allows_what_biologists_do(name):
    licence = licence_of(name)
    assert PERMISSIVE.search(licence), f"{name}: {licence!r}"
    assert not STRICT.search(licence), f"{name}: {licence!r}"


def test_many_packages_were_looked_at():
    assert len(installed_with("bioselect", EXTRAS)) > 50


@pytest.mark.parametrize("name", required())
def test_what_is_asked_for_is_listed(name):
    rows = re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|", LISTED.read_text(encoding="utf-8"), re.M)
    listed = {key_of(row[0]): row[1] for row in rows}
    assert name in listed
    try:
        installed = licence_of(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed: its licence cannot be compared")
    words, said = (
        set(map(str.lower, PERMISSIVE.findall(one))) for one in (listed[name], installed)
    )
    assert words & said, f"listed {listed[name]!r}, installed {installed!r}"
