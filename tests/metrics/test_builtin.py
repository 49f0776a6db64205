"""The table of metrics: the promised names, each with a summary and a target of its name."""

import importlib

from bioselect.metrics.builtin import ALWAYS_COMPUTED, MASKS, METRICS, OF_TARGETS, VALUES

NAMES = (
    "accuracy balanced_accuracy f1_macro f1_weighted precision_macro precision_weighted "
    "recall_macro recall_weighted precision recall f1 matthews_corrcoef cohen_kappa roc_auc "
    "average_precision sensitivity_at_specificity log_loss brier expected_calibration_error "
    "hamming_loss subset_accuracy f1_micro mae rmse r2 "
    "mse median_absolute_error mape pearson spearman concordance "
    "dice iou pixel_accuracy boundary_f1 hausdorff_95 "
    "object_f1 object_ap50"
)
OF_LABELS_ONLY = {"hamming_loss", "subset_accuracy", "f1_micro"}
ABOUT_ONE_CLASS = {"precision", "recall", "f1", "sensitivity_at_specificity"}


def test_the_promised_names():
    assert list(METRICS) == NAMES.split()


def test_rows_are_data():
    for name, row in METRICS.items():
        assert row.name == name
        assert row.summary
        module, function = row.target.split(":")
        assert function == name
        assert callable(getattr(importlib.import_module(module), function))


def test_the_positive_class_is_declared_and_never_guessed():
    required = {
        name for name, row in METRICS.items() if any(one.required for one in row.parameters)
    }
    assert required == ABOUT_ONE_CLASS
    others = ABOUT_ONE_CLASS | OF_LABELS_ONLY | {*OF_TARGETS[MASKS], *OF_TARGETS[VALUES]}
    assert set(ALWAYS_COMPUTED) == METRICS.keys() - others
