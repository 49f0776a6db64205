"""The table of metrics: the promised names, each with a summary and a target of its name."""

from bioselect.metrics.builtin import METRICS

NAMES = (
    "accuracy balanced_accuracy f1_macro f1_weighted precision_macro recall_macro "
    "matthews_corrcoef cohen_kappa roc_auc average_precision log_loss brier"
)


def test_the_promised_names():
    assert list(METRICS) == NAMES.split()


def test_rows_are_data():
    for name, row in METRICS.items():
        assert row.name == name
        assert row.summary
        assert row.target == f"bioselect.metrics.classification:{name}"
        assert not row.parameters
