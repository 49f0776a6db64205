"""What every combination said of images that it was not trained on, as a data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bioselect.exceptions import BioselectError
from bioselect.report.results import Predictions, RunResults

if TYPE_CHECKING:
    import pandas as pd


def out_of_fold(results: RunResults) -> pd.DataFrame:
    """Return a row for each combination, repeat and image that was tested in it.

    Raises
    ------
    BioselectError
        If there are none: of masks they are pictures.
    """
    import pandas as pd
    from pandas.api.types import is_numeric_dtype

    found = results.predictions
    if found is None:
        masks = results.folder.out_of_fold_masks
        other = (
            f"The masks for images not trained on are pictures, in {masks}; `per_image` has their "
            "scores."
            if masks.is_dir()
            else "`bioselect run` with the same configuration writes it again."
        )
        raise BioselectError(f"{results.folder.out_of_fold}: there is no such file. {other}")
    targets = {row["image_id"]: row["target"] for row in results.images}
    tables = []
    for (extractor, estimator), repeats in found.of_candidates.items():
        for repeat, said in enumerate(repeats):
            is_tested = ~np.isnan(said.reshape(len(said), -1)).any(axis=1)
            ids = [one for one, is_one in zip(found.image_ids, is_tested, strict=True) if is_one]
            columns: dict[str, Any] = {
                "extractor": extractor,
                "estimator": estimator,
                "repeat": repeat,
                "fold": found.folds[repeat][is_tested],
                "image_id": np.array(ids, dtype=object),
            }
            if found.class_names:
                columns["target"] = np.array([targets[one] for one in ids], dtype=object)
            else:
                columns["target"] = found.truth[is_tested]
            tables.append(pd.DataFrame({**columns, **_said(found, said[is_tested])}))
    made = pd.concat(tables, ignore_index=True)
    # As in the other tables, whatever pandas takes text for.
    return made.astype({key: object for key in made if not is_numeric_dtype(made[key])})


def _said(found: Predictions, said: np.ndarray) -> dict[str, np.ndarray]:
    """Return the columns with what is predicted: a number, or probabilities and the class."""
    if not found.class_names:
        return {"prediction": said}
    probabilities = {
        f"probability_{name}": said[:, place] for place, name in enumerate(found.class_names)
    }
    if found.truth.ndim == 2:  # several labels an image
        return probabilities
    classes = np.array(found.class_names, dtype=object)
    return {"prediction": classes[said.argmax(axis=1)], **probabilities}
