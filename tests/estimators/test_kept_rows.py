"""Models that hold rows of the training are those that are said to, found by looking into all."""

import numpy as np
import pytest

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.estimators.kept_rows import HOLD_ROWS
from bioselect.registry import ComponentSpec

N_ROWS, N_FEATURES = 40, 7
RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(N_ROWS, N_FEATURES))
TARGETS = ROWS[:, 0] + 0.5 * RANDOM.normal(size=N_ROWS)
SCALED = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)


def arrays_in(thing, seen):
    """Yield the arrays of an object and of what it holds."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        if thing.dtype != object:
            yield thing
        else:
            thing = thing.tolist()
    if isinstance(thing, dict):
        thing = list(thing.values())
    if isinstance(thing, list | tuple):
        for one in thing:
            yield from arrays_in(one, seen)
    elif hasattr(thing, "__dict__"):
        yield from arrays_in(vars(thing), seen)


def holds_rows(model):
    """Tell whether a row of the training, as it is or scaled, stands in an array of a model."""
    for array in arrays_in(model, set()):
        if array.ndim == 2 and array.shape[1] == N_FEATURES and array.dtype.kind == "f":
            for rows in (ROWS, SCALED):
                near = np.abs(array[:, None] - rows[None]).max(axis=2) < 1e-6
                if near.any():
                    return True
    return False


@pytest.mark.parametrize(
    ("create", "name"),
    [
        *((create_classifier, name) for name in CLASSIFIERS),
        *((create_regressor, name) for name in REGRESSORS if not name.endswith("_network")),
    ],
)
def test_who_holds_rows(create, name):
    model = create(ComponentSpec(name), 0, None)
    targets = (TARGETS > 0).astype(int) if create is create_classifier else TARGETS
    assert holds_rows(model.fit(ROWS, targets)) == (name in HOLD_ROWS)
