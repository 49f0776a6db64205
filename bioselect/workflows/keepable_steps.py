"""Whether a model with what an extractor learns could be kept, found out before the study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.estimator_file import MadeOf, dump_estimator, extractor_names
from bioselect.checks.findings import WARNING, Finding
from bioselect.exceptions import BundleError
from bioselect.features.base import parts_of, traits
from bioselect.features.learning import step_of
from bioselect.registry import find_row
from bioselect.selection.fitting import collected_warnings, one_line
from bioselect.workflows.usable_extractors import UsableExtractor

N_TOY_IMAGES = 8
TOY_SIDE = 64


def check_keepable_steps(
    extractors: Sequence[UsableExtractor], n_channels: int, base_dir: Path | None
) -> list[Finding]:
    """Stop before the work when what an extractor has learnt could not be written into a model.

    The step of each that is not built in is fitted on the rows of a few toy images. Returns a
    warning for each that raises at that: it may need other images, and the study will tell.

    Parameters
    ----------
    extractors : sequence of UsableExtractor
        Those of the study.
    n_channels : int
        Of the toy images, where an extractor does not ask for a number of its own.
    base_dir : Path or None
        Where a user's own modules lie.

    Raises
    ------
    BundleError
        If one cannot be kept; a line for each says what is in the way.
    """
    findings, problems = [], []
    for one in extractors:
        names = extractor_names(one.spec.name, one.spec.params_dict)
        rows = [find_row("extractor", name, base_dir) for name in names]
        if all(row.provider == "bioselect" for row in rows):
            continue
        try:
            with collected_warnings([]):
                step = _fitted_on_toy_images(one.extractor, n_channels)
        except Exception as error:  # Anybody's own may raise anything.
            reason = one_line(f"{type(error).__name__}: {error}")
            what = (
                f"extractor {one.spec.label}: whether what it learns can be kept in a model is "
                f"not known, because it cannot be tried on {N_TOY_IMAGES} toy images ({reason})."
            )
            remedy = f"Try it with `bioselect components extractor --check {one.spec.name}`."
            findings.append(Finding(WARNING, "", what, remedy))
            continue
        if step is None:
            continue
        try:
            dump_estimator(step, MadeOf("", names), base_dir)
        except BundleError as error:
            problems.append(str(error))
    if problems:
        raise BundleError("\n".join(problems))
    return findings


def _fitted_on_toy_images(extractor: Any, n_channels: int) -> Any:
    parts = parts_of(extractor)
    if step_of(extractor, [1] * len(parts), 0) is None:
        return None
    random = np.random.default_rng(0)
    blocks = []
    for part in parts:
        wanted = traits(part)
        height, width = wanted.input_size or (TOY_SIDE, TOY_SIDE)
        shape = (height, width, wanted.n_channels or n_channels)
        images = [random.random(shape, dtype=np.float32) for _ in range(N_TOY_IMAGES)]
        blocks.append(np.asarray(part.transform(images), dtype=np.float32))
    step: Any = step_of(extractor, [block.shape[1] for block in blocks], 0)
    step.fit(np.hstack(blocks))
    return step
