"""What an extractor learns from its own rows: made anew in every fold, in any process.

A vocabulary learnt from all images would know the test images. So an extractor's rows hold only
what each image says by itself, and the rest is a step that is fitted on training images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bioselect import registry
from bioselect.features.base import FeatureExtractor, parts_of
from bioselect.features.keys import specified_parts, step_key
from bioselect.features.looks import ONE_LOOK, Looks
from bioselect.registry import ComponentSpec
from bioselect.storage import digest_of


@dataclass(frozen=True)
class Learning:
    """How the learnt step of an extractor is made.

    `widths` are the lengths of the rows of its parts; `key` tells one way of learning from another,
    for equal rows; `base_dir` is where a user's own modules lie.
    """

    spec: ComponentSpec
    widths: tuple[int, ...]
    key: str
    base_dir: Path | None = None

    def step(self, seed: int) -> Any:
        """Return the step, not fitted."""
        with registry.importable(self.base_dir):
            extractor = registry.create("extractor", self.spec, self.base_dir)
            return step_of(extractor, self.widths, seed)


@dataclass(frozen=True, eq=False)
class Features:
    """What the candidates of one extractor are tried on.

    `rows` is float32 ``(n_images, n_features)``; `learning` is None where nothing is learnt;
    `looks` says whether a row holds views of the image as well.
    """

    spec: ComponentSpec
    rows: np.ndarray
    learning: Learning | None = None
    looks: Looks = ONE_LOOK


def learning_of(
    spec: ComponentSpec,
    extractor: FeatureExtractor,
    widths: Sequence[int],
    base_dir: Path | None = None,
) -> Learning | None:
    """Return how the learnt step of an extractor is made; None where it learns nothing.

    Parameters
    ----------
    spec : ComponentSpec
        Name and parameters of the extractor.
    extractor : FeatureExtractor
        The component made from `spec`.
    widths : sequence of int
        How long the rows of its parts are; one number, but for a `concat`.
    base_dir : Path, optional
        The configuration's folder.
    """
    if step_of(extractor, widths, 0) is None:
        return None
    parts = specified_parts(extractor) or [(spec, extractor)]
    keys = [step_key(one, part, base_dir) for one, part in parts if _step(part, 0) is not None]
    return Learning(spec, tuple(widths), digest_of([keys, list(widths)]), base_dir)


def step_of(extractor: FeatureExtractor, widths: Sequence[int], seed: int) -> Any | None:
    """Return the learnt step of an extractor, not fitted, or None.

    Of a `concat`, each part that learns does so from its own columns; the others stay.

    Examples
    --------
    >>> from bioselect.features.concat import Concat
    >>> step_of(Concat(["intensity", "hu_moments"]), [42, 28], seed=0)
    >>> both = step_of(Concat(["intensity", "orb_bow"]), [42, 2817], seed=0)
    >>> [(type(step).__name__, columns) for _, step, columns in both.transformers]
    [('str', slice(0, 42, None)), ('VisualWords', slice(42, 2859, None))]
    """
    steps = [_step(part, seed) for part in parts_of(extractor)]
    if len(steps) == 1:
        return steps[0]
    if all(step is None for step in steps):
        return None
    from sklearn.compose import ColumnTransformer

    edges = np.cumsum([0, *widths]).tolist()
    return ColumnTransformer(
        [
            (f"part{place}", "passthrough" if step is None else step, slice(first, last))
            for place, (step, (first, last)) in enumerate(zip(steps, pairwise(edges), strict=True))
        ]
    )


def _step(extractor: FeatureExtractor, seed: int) -> Any | None:
    return getattr(extractor, "learnt_step", _nothing)(seed)


def _nothing(seed: int) -> None:
    """Stand in for `learnt_step` of somebody's own extractor that has none."""
