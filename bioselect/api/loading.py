"""A trained model from its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bioselect.bundle.opening import opened_bundle
from bioselect.data.remote_files import brought
from bioselect.own_modules import trusting
from bioselect.predict.mask_predictor import MaskPredictor, gives_masks
from bioselect.predict.predictor import Predictor


def load(
    model: Path | str, components_dir: Path | str | None = None, trust: Iterable[str] = ()
) -> Predictor | MaskPredictor:
    """Open a trained model; see :func:`bioselect.load`."""
    place = brought(model, is_model=True)
    with trusting(trust), opened_bundle(place) as bundle:
        if gives_masks(bundle):
            return MaskPredictor.from_path(bundle)
        return Predictor.from_path(bundle, components_dir)
