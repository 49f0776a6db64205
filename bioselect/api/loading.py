"""A trained model from its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bioselect.own_modules import trusting
from bioselect.predict.mask_predictor import MaskPredictor, gives_masks
from bioselect.predict.predictor import Predictor


def load(
    model: Path | str, components_dir: Path | str | None = None, trust: Iterable[str] = ()
) -> Predictor | MaskPredictor:
    """Open a trained model; see :func:`bioselect.load`."""
    with trusting(trust):
        if gives_masks(model):
            return MaskPredictor.from_path(model)
        return Predictor.from_path(model, components_dir)
