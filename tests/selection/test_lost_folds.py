"""A fold without memory: the estimator that needs too much is recorded, the others are tested."""

import os
import signal

import numpy as np
import pytest

from bioselect.exceptions import WorkerDiedError
from bioselect.registry import ComponentSpec
from bioselect.selection.fitting import TrainingRows
from bioselect.selection.fold_group import FoldGroup, run_group
from bioselect.selection.lost_folds import one_by_one

MODULE = """
import os, signal
from sklearn.naive_bayes import GaussianNB
class Hungry(GaussianNB):
    def fit(self, X, y):
        os.kill(os.getpid(), signal.SIGKILL)
class Refused(GaussianNB):
    def fit(self, X, y):
        raise MemoryError("no room")
"""


@pytest.fixture
def group(tmp_path):
    (tmp_path / "hungrylab.py").write_text(MODULE)
    random = np.random.default_rng(0)
    classes = np.arange(24) % 2
    rows = TrainingRows(
        random.normal(size=(24, 3)) + classes[:, None], classes, np.arange(24), n_classes=2
    )
    estimators = tuple(
        ComponentSpec(name) for name in ("lda", "hungrylab:Hungry", "knn", "hungrylab:Refused")
    )
    return FoldGroup(
        rows=rows,
        metric_name="accuracy",
        seed=0,
        base_dir=tmp_path,
        estimators=estimators,
        train=np.arange(16),
        test=np.arange(16, 24),
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL") or os.name == "nt", reason="SIGKILL")
def test_one_estimator_is_at_fault_and_not_all(group):
    from dataclasses import replace

    lda, hungry, knn, refused = one_by_one(group, WorkerDiedError("lost"))
    assert "needs more memory than there is" in hungry.values["error"]
    assert "no room" in refused.values["error"]
    [expected] = run_group(replace(group, estimators=(group.estimators[0],)))
    assert np.array_equal(lda.array, expected.array)
    assert knn.values["error"] == ""


def test_what_was_alone_is_recorded(group):
    from dataclasses import replace

    alone = replace(group, estimators=group.estimators[:1])
    [entry] = one_by_one(alone, WorkerDiedError("lost, and why"))
    assert (entry.values["error"], entry.array) == ("lost, and why", None)
