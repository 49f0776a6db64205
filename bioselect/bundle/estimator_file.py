"""A fitted classifier or regressor as a file without pickle: written, looked through, then loaded.

A file is read in three steps: what types does it hold, are they all harmless, and only then are
objects made from it. Harmless are what skops knows (NumPy, SciPy, scikit-learn), a few types of
numbers, and, where somebody's own classifier was trained or somebody's own extractor learns, the
package that provides it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.estimators.builtin import MODEL_FILE_TYPES
from bioselect.estimators.ensemble_spec import ENSEMBLE, classifier_names
from bioselect.exceptions import BundleError
from bioselect.features.columns import COLUMNS
from bioselect.registry import find_row, importable, is_import_path
from bioselect.steady_archives import steady_skops

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
    parts = list(params.get("extractors", [])) if name == CONCAT else []
    if name == VIEWS:
        own_steps = filter(is_import_path, map(_name_of, params.get("steps") or []))
        parts = [params.get("extractor"), *own_steps]
    return (name, *map(_name_of, parts))


def _name_of(part: Any) -> str:
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

    what = f"{made_of.kind} {made_of.classifier!r}: once trained, it"
    if not made_of.classifier:
        what = f"extractor {made_of.extractors[0]!r}: what it has learnt"
    rule = (
        f"{what} must hold only numbers, arrays, objects of scikit-learn and of its own package, "
        "so that it can be kept without pickle."
    )
    try:
        data = skops.io.dumps(estimator)
        refused = _refused_types(data, made_of, base_dir)
        if not refused:
            _loaded(data, base_dir)  # better now than when somebody needs the model
    except Exception as error:  # Whatever somebody's own attributes cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{rule} Got {type(error).__name__}: {reason}. Remove what causes it after fitting."
        ) from error
    if refused:
        raise BundleError(
            f"{rule} Got {', '.join(refused)}. Keep what is needed of it as arrays instead."
        )
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
    data = path.read_bytes()
    try:
        refused = _refused_types(data, made_of, components_dir)
        if not refused:
            return _loaded(data, components_dir)
    except Exception as error:  # Whatever the damage or another version happens to cause.
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{where}: {path.name} cannot be loaded ({type(error).__name__}: {reason}). Use "
            "another copy of the model, or the versions named in its manifest."
        ) from error
    raise BundleError(
        f"{where}: {path.name} must hold only what a model of bioselect contains. Got "
        f"{', '.join(refused)}. It is not loaded; use a copy from a source you trust."
    )


def _loaded(data: bytes, base_dir: Path | None) -> Any:
    """Make the objects; only for data in which `_refused_types` found nothing."""
    import skops.io

    with importable(base_dir), warnings.catch_warnings():
        # Another version of scikit-learn: the check sample tells whether it matters.
        warnings.filterwarnings("ignore", message="Trying to unpickle estimator")
        return skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))


def _refused_types(data: bytes, made_of: MadeOf, base_dir: Path | None) -> list[str]:
    """Return the types in a file that are neither harmless nor of a component's provider."""
    import skops.io

    providers = made_of.providers(base_dir)
    foreign = set(skops.io.get_untrusted_types(data=data)) - set(MODEL_FILE_TYPES)
    return sorted(kind for kind in foreign if kind.split(".")[0] not in providers)
