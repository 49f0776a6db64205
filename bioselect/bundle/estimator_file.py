"""A fitted classifier or regressor as a file without pickle: written, looked through, then loaded.

What is in a file is looked at before objects are made from it (`estimators/files/`). There may be
what is on a closed list, and, where somebody's own classifier was trained or somebody's own
extractor learns, what the package that provides it brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.estimators.ensemble_spec import ENSEMBLE, classifier_names
from bioselect.exceptions import BundleError
from bioselect.features.columns import COLUMNS
from bioselect.registry import find_row, is_import_path
from bioselect.steady_archives import steady_skops
from bioselect.visible import visible_line

#: The built-in extractors that have others inside.
CONCAT, VIEWS = "concat", "views"


@dataclass(frozen=True)
class MadeOf:
    """The names or import paths of a model's components, whose types its file may hold.

    `classifier` is empty for what extractors learn, looked at alone; `kind` says whether it is a
    classifier or a regressor. `members` are the classifiers of an ensemble.
    """

    classifier: str
    extractors: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    kind: str = "classifier"

    def providers(self, base_dir: Path | None) -> set[str]:
        """Return the packages that provide them, bioselect left out."""
        classifiers = self.members or (self.classifier,)
        rows = [find_row(self.kind, name, base_dir) for name in classifiers if name]
        rows += [find_row("extractor", name, base_dir) for name in self.extractors]
        return {row.target.split(":")[0].split(".")[0] for row in rows} - {"bioselect"}


def made_of(
    extractor: str,
    extractor_params: Mapping[str, Any],
    classifier: str,
    classifier_params: Mapping[str, Any],
    kind: str = "classifier",
) -> MadeOf:
    """Return the names of a model's components, those inside a `concat` or an ensemble included.

    Examples
    --------
    >>> made_of("hog", {}, "lda", {})
    MadeOf(classifier='lda', extractors=('hog',), members=(), kind='classifier')
    """
    members = classifier_names(classifier, classifier_params) if classifier == ENSEMBLE else ()
    return MadeOf(classifier, extractor_names(extractor, extractor_params), members, kind)


def extractor_names(name: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of an extractor, and those of its parts; of views also somebody's own steps.

    Examples
    --------
    >>> extractor_names("concat", {"extractors": ["hog", {"name": "lbp"}]})
    ('concat', 'hog', 'lbp')
    >>> extractor_names("views", {"extractor": "hog", "steps": ["rotation", "lab:Stain"]})
    ('views', 'hog', 'lab:Stain')
    >>> extractor_names("columns", {})  # of a table, which needs none
    ()
    """
    if name == COLUMNS.name:
        return ()
    # Anybody's own extractor may have a parameter of that name, which means something else.
    parts = list(params.get("extractors") or []) if name == CONCAT else []
    steps: list[str] = []
    if name == VIEWS:
        parts = [params.get("extractor")]
        steps = list(filter(is_import_path, map(name_of, params.get("steps") or [])))
    inside: list[str] = []
    for part in parts:
        own = part.get("params") if isinstance(part, dict) else None
        inside += extractor_names(name_of(part), own if isinstance(own, dict) else {})
    return (name, *inside, *steps)


def name_of(part: Any) -> str:
    """Return the name in a component as it is written: a text, or a mapping with `name`."""
    return str(part.get("name") if isinstance(part, dict) else part)


def dump_estimator(estimator: Any, made_of: MadeOf, base_dir: Path | None) -> bytes:
    """Return a fitted classifier as bytes, the same for the same classifier.

    Parameters
    ----------
    estimator : object
        Fitted; what the extractor learnt is a step before it.
    made_of : MadeOf
        The names of classifier and extractors.
    base_dir : Path, optional
        Where the user's own modules lie.

    Raises
    ------
    BundleError
        If it holds what cannot be written without pickle, or what would be refused on loading.
    """
    import skops.io

    from bioselect.estimators.files.opening import RefusedTypesError, open_estimator

    what = f"{made_of.kind} {made_of.classifier!r}: once trained, it"
    if not made_of.classifier:
        what = f"extractor {made_of.extractors[0]!r}: what it has learnt"
    rule = (
        f"{what} must hold only numbers, arrays, objects of scikit-learn and of its own package, "
        "so that it can be kept without pickle."
    )
    try:
        data = skops.io.dumps(estimator)
        # Opened now: better than when somebody needs the model.
        open_estimator(data, made_of.providers(base_dir), base_dir)
    except RefusedTypesError as error:
        raise BundleError(f"{rule} Got {error}. Keep what is needed of it as arrays.") from error
    except Exception as error:  # Whatever somebody's own attributes cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{rule} Got {type(error).__name__}: {reason}. Remove what causes it after fitting."
        ) from error
    return steady_skops(data)


def load_estimator(path: Path, made_of: MadeOf, components_dir: Path | None, where: Path) -> Any:
    """Return the classifier that `dump_estimator` wrote.

    Parameters
    ----------
    path : Path
        The file.
    made_of : MadeOf
        The names of classifier and extractors.
    components_dir : Path or None
        Where the user's own modules lie; naming it is the consent to run them.
    where : Path
        What to call the bundle in errors.

    Raises
    ------
    BundleError
        If the file is damaged or holds anything that need not be in a model.
    """
    from bioselect.estimators.files.opening import RefusedTypesError, open_estimator

    data = path.read_bytes()
    try:
        return open_estimator(data, made_of.providers(components_dir), components_dir)
    except RefusedTypesError as error:
        told = visible_line(str(error).encode("utf-8", "backslashreplace").decode())
        raise BundleError(
            f"{where}: {path.name} must hold only what a model of bioselect contains. Got {told}. "
            "It is not loaded; use a copy from a source you trust."
        ) from error
    except Exception as error:  # Whatever the damage or another version happens to cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: {path.name} cannot be loaded ({type(error).__name__}: {reason}). Use "
            "another copy of the model, or the versions named in its manifest."
        ) from error
