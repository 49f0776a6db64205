"""What a model of several combinations says of itself: data only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioselect.registry import ComponentSpec, identity

#: The name of the estimator of such a model in its manifest. It is in no table: it cannot be
#: listed among the classifiers, because it is made from what the study found.
ENSEMBLE = "ensemble"


def ensemble_spec(members: Sequence[tuple[ComponentSpec, ComponentSpec]]) -> ComponentSpec:
    """Return the estimator's spec from the extractor and the estimator of each member.

    Examples
    --------
    >>> spec = ensemble_spec([(ComponentSpec("hog"), ComponentSpec("lda"))])
    >>> spec.params_dict["members"][0]["estimator"]["name"]
    'lda'
    """
    written = [
        {"extractor": extractor.as_dict(), "estimator": estimator.as_dict()}
        for extractor, estimator in members
    ]
    return ComponentSpec.of(ENSEMBLE, {"members": written})


def classifier_names(name: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of a model's classifier, or those of the members of an ensemble.

    Examples
    --------
    >>> classifier_names("svm", {"C": 1})
    ('svm',)
    >>> members = [{"estimator": {"name": name}} for name in ("lda", "knn")]
    >>> classifier_names("ensemble", {"members": members})
    ('lda', 'knn')
    """
    if name != ENSEMBLE:
        return (name,)
    return tuple(dict.fromkeys(str(one["estimator"]["name"]) for one in params["members"]))


def estimator_identity(
    spec: ComponentSpec, base_dir: Path | None, kind: str = "classifier"
) -> dict[str, Any]:
    """Return what tells a model's estimator, or those of an ensemble, from other versions.

    `kind` is ``classifier`` or ``regressor``; ensembles are of classifiers.
    """
    if spec.name != ENSEMBLE:
        return identity(kind, spec.name, base_dir)
    names = classifier_names(spec.name, spec.params_dict)
    return {"members": [identity("classifier", name, base_dir) for name in names]}
