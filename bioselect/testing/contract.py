"""Run every check of a kind over one component and say what each found."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.exceptions import BioselectError
from bioselect.execution import one_thread
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.networks.classifier import NetworkClassifier
from bioselect.registry import ComponentSpec, create, importable
from bioselect.segmenters.creation import create_segmenter
from bioselect.testing.violations import ContractViolation

#: kind -> module with a table `CHECKS`; imported only when asked for.
CHECK_MODULES = {
    "extractor": "bioselect.testing.extractor_checks",
    "classifier": "bioselect.testing.classifier_checks",
    "regressor": "bioselect.testing.regressor_checks",
    "metric": "bioselect.testing.metric_checks",
    "network": "bioselect.testing.network_checks",
    "segmenter": "bioselect.testing.segmenter_checks",
    "augmentation": "bioselect.testing.augmentation_checks",
    "bundle": "bioselect.testing.bundle_checks",
}

#: The classes that a metric under test is told of.
CLASS_NAMES = ("first", "second", "third", "fourth")

Make = Callable[[], Any]


@dataclass(frozen=True)
class CheckResult:
    """One check: its name, and what is wrong, or an empty text."""

    check: str
    problem: str


def checks_of(kind: str) -> Mapping[str, Callable[[Make], None]]:
    """Return the checks of a kind: name -> function of a factory of the component."""
    if kind not in CHECK_MODULES:
        return {}
    checks: Mapping[str, Callable[[Make], None]] = importlib.import_module(
        CHECK_MODULES[kind]
    ).CHECKS
    return checks


def run_contract(
    kind: str,
    name: str,
    base_dir: Path | None = None,
    params: Mapping[str, Any] | None = None,
    without: tuple[str, ...] = (),
    label_sets: bool = False,
) -> list[CheckResult]:
    """Run every check of a kind on one component.

    Parameters
    ----------
    kind : {"extractor", "classifier", "regressor", "metric", "network", "segmenter", \
"augmentation", "bundle"}
        What the component is.
    name : str
        A known name or ``"pkg.module:Name"``; of a bundle its path.
    base_dir : Path, optional
        A folder whose modules may be named.
    params : mapping, optional
        Parameters; the defaults otherwise.
    without : tuple of str
        Checks that this component is known not to hold (the dummy learns nothing).
    label_sets : bool
        A metric: in the form for images that may have several labels.

    Returns
    -------
    list of CheckResult
        One for each check; an empty `problem` means that it holds.
    """
    if kind == "bundle":
        return check_bundle(Path(name), base_dir)
    spec = ComponentSpec.of(name, params)
    make = _factory(kind, spec, base_dir, label_sets)

    # As in a study: one thread for each task, which is also what makes results repeatable.
    limits = one_thread() if kind in ("classifier", "regressor") else nullcontext()
    with importable(base_dir), limits:
        return [
            CheckResult(check, problem_of(function, make))
            for check, function in checks_of(kind).items()
            if check not in without
        ]


def _factory(
    kind: str, spec: ComponentSpec, base_dir: Path | None, label_sets: bool = False
) -> Make:
    """Return what makes the component, as a study does it."""
    if kind == "metric":
        return lambda: get_metric(ChosenMetric(spec, CLASS_NAMES, label_sets), base_dir)
    if kind == "classifier":
        return lambda: create_classifier(spec, 0, base_dir)
    if kind == "regressor":
        return lambda: create_regressor(spec, 0, base_dir)
    if kind == "network":
        return lambda: NetworkClassifier(spec, base_dir=base_dir)
    if kind == "segmenter":
        return lambda: create_segmenter(spec, base_dir=base_dir)
    return lambda: create(kind, spec, base_dir)


def check_bundle(path: Path, components_dir: Path | None = None) -> list[CheckResult]:
    """Run every check on a trained model: a bundle folder, its zip or a run folder.

    Parameters
    ----------
    path : Path
        The model; it is only read.
    components_dir : Path, optional
        The folder with the user's own components, if the model uses any; their code is run.

    Returns
    -------
    list of CheckResult
        One for each check; an empty `problem` means that it holds.
    """
    from bioselect.testing.bundle_checks import BundleUnderTest

    bundle = BundleUnderTest(Path(path), None if components_dir is None else Path(components_dir))
    return [
        CheckResult(check, problem_of(function, lambda: bundle))
        for check, function in checks_of("bundle").items()
    ]


def problem_of(check: Callable[[Make], None], make: Make) -> str:
    """Run one check; return what is wrong in one line, or an empty text."""
    try:
        check(make)
    except ContractViolation as violation:
        return str(violation)
    except BioselectError as error:
        return str(error)
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    return ""
