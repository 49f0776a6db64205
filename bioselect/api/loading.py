"""A trained model from its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bioselect.bundle.opening import opened_bundle
from bioselect.data.remote_files import brought
from bioselect.exceptions import BundleError
from bioselect.own_modules import trusting
from bioselect.predict.mask_predictor import MaskPredictor, gives_masks
from bioselect.predict.predictor import Predictor


def load(
    model: Path | str, components_dir: Path | str | None = None, trust: Iterable[str] = ()
) -> Predictor | MaskPredictor:
    """Open a trained model; see :func:`bioselect.load`."""
    place = brought(model_place(model), is_model=True)
    with trusting(listed(trust)), opened_bundle(place) as bundle:
        if gives_masks(bundle):
            return MaskPredictor.from_path(bundle)
        return Predictor.from_path(bundle, components_dir)


def model_place(model: Any) -> Path | str:
    """Return the place of a model as it was given; something else than a path is an error."""
    if isinstance(model, str | Path):
        return model
    raise BundleError(
        "model: must be the path of a model folder, its zip or a run folder; `evaluate` and "
        f"`explain_images` take a study too. Got a {type(model).__name__}. Give the path that "
        "`bioselect.load` was given; the model of a study is `study.model`."
    )


def listed(names: Iterable[str]) -> tuple[str, ...]:
    """Return names; one by itself is no list of letters.

    Examples
    --------
    >>> listed("mylab"), listed(["mylab", "yours"])
    (('mylab',), ('mylab', 'yours'))
    """
    return (names,) if isinstance(names, str) else tuple(names)
