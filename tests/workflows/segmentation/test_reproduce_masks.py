"""A study of masks once more: its pairs are compared first, then everything else."""

import numpy as np
import pytest

from bioselect.exceptions import DataError
from bioselect.workflows.reproduce import reproduce
from bioselect.workflows.run import run
from tests.workflows.segmentation.conftest import Pairs

CODES = "  classes: {0: background, 255: cell}\n"


def test_masks_are_compared_before_the_study_is_made_again(tmp_path):
    pairs = Pairs(tmp_path)
    config = pairs.config(CODES, "validation: {folds: 2}\n", networks="[otsu]")
    run(config, jobs=1)
    again = reproduce(pairs.root / "results", jobs=1)
    assert again.comparison.answer == "same"
    assert again.comparison.n_scores > 0
    name = sorted((pairs.root / "masks").iterdir())[0].name
    pairs.save(f"masks/{name}", np.zeros((24, 20), np.uint8))
    with pytest.raises(DataError, match=rf"1 with a mask of other content \(.*{name}\)"):
        reproduce(pairs.root / "results", pairs.root / "other", jobs=1)
