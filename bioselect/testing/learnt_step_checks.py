"""What the learnt step of every extractor must do: learn from rows, and survive the model file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bioselect.execution import one_thread
from bioselect.features.base import parts_of
from bioselect.features.learning import step_of
from bioselect.testing.violations import require

N_TRAIN = 8


def require_sound_step(make: Callable[[], Any], images: list[np.ndarray]) -> None:
    """Try the step, if there is one, on the rows of images; it is fitted on the first 8."""
    extractor = make()
    parts = parts_of(extractor)
    if step_of(extractor, [0] * len(parts), 0) is None:
        return
    widths = [part.transform(images[:1]).shape[1] for part in parts]
    rows = extractor.transform(images)
    train, before = rows[:N_TRAIN], rows.copy()

    def fitted(seed: int = 0) -> Any:
        step: Any = step_of(make(), widths, seed)
        require(
            callable(getattr(step, "fit", None)) and callable(getattr(step, "transform", None)),
            f"learnt_step must return an object with fit(X) and transform(X), or None. Got "
            f"{type(step).__name__}.",
        )
        _require_copies(step)
        with one_thread():
            step.fit(train)
        return step

    step = fitted()
    learnt = np.asarray(step.transform(rows))
    _require_rows(learnt, len(rows))
    require(np.array_equal(rows, before), "the learnt step must not write into the rows.")
    require(
        np.array_equal(learnt, np.asarray(fitted().transform(rows))),
        "the same seed must give the same learnt step. Got another one.",
    )
    fitted(2**31 - 1)  # the largest seed that a fold may have
    alone = np.concatenate([np.asarray(step.transform(row[None])) for row in rows])
    require(
        bool(np.allclose(learnt, alone, rtol=1e-6, atol=1e-9)),
        "what the learnt step makes of a row must not depend on the other rows. Got another row "
        "for an image alone.",
    )
    _require_same_from_file(step, rows, learnt)


def _require_copies(step: Any) -> None:
    """Make sure that it can be a part of `concat`, where scikit-learn makes copies of it."""
    from sklearn.base import clone

    try:
        clone(step)
    except Exception as error:  # Anybody's own parameters may raise anything.
        require(
            False,
            "learnt_step must return a transformer that scikit-learn can copy: derive it from "
            f"sklearn.base.BaseEstimator and keep what __init__ gets under the same names. Got "
            f"{' '.join(str(error).split())}",
        )


def _require_rows(learnt: np.ndarray, n_images: int) -> None:
    sound = learnt.ndim == 2 and len(learnt) == n_images and learnt.shape[1] > 0
    require(
        sound and learnt.dtype.kind == "f" and bool(np.isfinite(learnt).all()),
        "the learnt step must give a row of finite numbers for each image. Got shape "
        f"{learnt.shape} of {learnt.dtype} for {n_images} images.",
    )


def _require_same_from_file(step: Any, rows: np.ndarray, learnt: np.ndarray) -> None:
    import skops.io

    data = skops.io.dumps(step)
    read = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    require(
        np.array_equal(np.asarray(read.transform(rows)), learnt),
        "a learnt step read from its file must give the same rows. Got other ones.",
    )
