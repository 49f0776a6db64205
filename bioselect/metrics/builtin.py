"""The table of built-in metrics: names and what they mean. Data only."""

from __future__ import annotations

from collections.abc import Mapping

from bioselect.component import ComponentRow, Parameter

_MODULE = "bioselect.metrics."
_LABELS, _PROBABILITIES = _MODULE + "classification:", _MODULE + "probabilities:"
_SETS, _MASKS = _MODULE + "label_sets:", _MODULE + "mask_metrics:"
_NUMBERS = _MODULE + "regression:"

#: What a metric judges: images of one class each, images that may have several labels, numbers,
#: masks.
CLASSES, LABEL_SETS, MASKS = "one class an image", "several labels an image", "masks"
VALUES = "a number an image"
_BOTH = (CLASSES, LABEL_SETS)

_POSITIVE = Parameter(
    "positive",
    None,
    ("str", "int"),
    summary="name of the class that is the positive one; all others are the negative ones",
    required=True,
)
_POSITIVE_OR_ALL = Parameter(
    "positive",
    None,
    ("str", "int", "null"),
    summary="name of the class that is the positive one; null: of two classes the second, of more "
    "the mean of each against the rest",
)
_SPECIFICITY = Parameter(
    "specificity",
    0.9,
    ("float",),
    minimum=0.0,
    maximum=1.0,
    summary="share of the negative images that must be called negative, at least",
)
_BINS = Parameter(
    "bins", 15, ("int",), minimum=1, maximum=1000, summary="equally wide bins over 0 to 1"
)


def _row(
    module: str,
    name: str,
    summary: str,
    parameters: tuple[Parameter, ...] = (),
    reference: str = "",
    takes: tuple[str, ...] = (CLASSES,),
) -> ComponentRow:
    return ComponentRow(name, module + name, summary, parameters, reference=reference, takes=takes)


_ROWS = (
    _row(_LABELS, "accuracy", "share of images classified rightly"),
    _row(
        _LABELS,
        "balanced_accuracy",
        "mean of the recalls of the classes: rare ones count as much",
    ),
    _row(
        _LABELS,
        "f1_macro",
        "mean over classes (or labels) of the harmonic mean of precision and recall",
        takes=_BOTH,
    ),
    _row(_LABELS, "f1_weighted", "as f1_macro, weighted by the images of each class"),
    _row(
        _LABELS,
        "precision_macro",
        "mean over classes (or labels): how often a prediction of the class is right",
        takes=_BOTH,
    ),
    _row(_LABELS, "precision_weighted", "as precision_macro, weighted by the images of each class"),
    _row(
        _LABELS,
        "recall_macro",
        "mean over classes (or labels): how much of the class is found (as balanced_accuracy)",
        takes=_BOTH,
    ),
    _row(
        _LABELS,
        "recall_weighted",
        "as recall_macro, weighted by the images of each class (as accuracy)",
    ),
    _row(
        _LABELS,
        "precision",
        "how often a prediction of one class or label is right (positive predictive value)",
        (_POSITIVE,),
        takes=_BOTH,
    ),
    _row(
        _LABELS,
        "recall",
        "how much of one class or label is found (its sensitivity)",
        (_POSITIVE,),
        takes=_BOTH,
    ),
    _row(
        _LABELS,
        "f1",
        "harmonic mean of precision and recall of one class or label",
        (_POSITIVE,),
        takes=_BOTH,
    ),
    _row(
        _LABELS,
        "matthews_corrcoef",
        "correlation of true and predicted classes, -1 to 1",
        reference="Gorodkin (2004), Computational Biology and Chemistry 28, 367-374",
    ),
    _row(
        _LABELS,
        "cohen_kappa",
        "agreement beyond chance, at most 1",
        reference="Cohen (1960), Educational and Psychological Measurement 20, 37-46",
    ),
    _row(
        _PROBABILITIES,
        "roc_auc",
        "chance that an image of a class gets a higher score than one of the others",
        reference="Hanley and McNeil (1982), Radiology 143, 29-36",
        takes=_BOTH,
    ),
    _row(
        _PROBABILITIES,
        "average_precision",
        "precision averaged over the recalls reached, ordered by score",
        (_POSITIVE_OR_ALL,),
        takes=_BOTH,
    ),
    _row(
        _PROBABILITIES,
        "sensitivity_at_specificity",
        "highest sensitivity for one class that leaves a given specificity",
        (_POSITIVE, _SPECIFICITY),
    ),
    _row(
        _PROBABILITIES,
        "log_loss",
        "mean surprise at the true class; punishes false certainty; lower is better",
    ),
    _row(
        _PROBABILITIES,
        "brier",
        "squared error of the probabilities over all classes, 0 to 2; lower is better",
        reference="Brier (1950), Monthly Weather Review 78, 1-3",
    ),
    _row(
        _PROBABILITIES,
        "expected_calibration_error",
        "distance between how sure and how often right, of the class predicted (top-label); lower "
        "is better",
        (_BINS,),
        reference="Guo, Pleiss, Sun and Weinberger (2017), Proceedings of Machine Learning "
        "Research 70, 1321-1330",
    ),
    _row(
        _SETS,
        "hamming_loss",
        "share of wrong answers, one for each image and label; lower is better",
        reference="Schapire and Singer (1999), Machine Learning 37, 297-336",
        takes=(LABEL_SETS,),
    ),
    _row(
        _SETS,
        "subset_accuracy",
        "share of images of which every label is right, none missing and none too many",
        takes=(LABEL_SETS,),
    ),
    _row(
        _SETS,
        "f1_micro",
        "F1 of the answers to all labels counted together: common labels weigh more",
        takes=(LABEL_SETS,),
    ),
    _row(
        _NUMBERS,
        "mae",
        "mean absolute error, in units of the target; lower is better",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "rmse",
        "root of the mean squared error, in units of the target; lower is better",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "r2",
        "share of the variance of the target that is predicted; 0 for its mean, may be below",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "mse",
        "mean squared error, in squared units of the target: far misses count most; lower is "
        "better",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "median_absolute_error",
        "half of the images are nearer to the truth than this, in units of the target; lower is "
        "better",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "mape",
        "mean error as a share of the true value (0.1: 10 %); images whose true value is 0 are "
        "left out; lower is better",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "pearson",
        "correlation of true and predicted numbers: how well they lie on some line, -1 to 1",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "spearman",
        "correlation of their ranks: whether larger ones are predicted larger, -1 to 1",
        reference="Spearman (1904), American Journal of Psychology 15, 72-101",
        takes=(VALUES,),
    ),
    _row(
        _NUMBERS,
        "concordance",
        "agreement: how well they lie on the line where predicted is true, -1 to 1",
        reference="Lin (1989), Biometrics 45, 255-268",
        takes=(VALUES,),
    ),
    _row(
        _MASKS,
        "dice",
        "twice the common area by the sum of both areas, mean over classes without the background",
        reference="Dice (1945), Ecology 26, 297-302",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "iou",
        "common area by the area that either covers, mean over classes without the background",
        reference="Jaccard (1912), New Phytologist 11, 37-50",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "pixel_accuracy",
        "share of pixels of the right class, the background counted as any other",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "boundary_f1",
        "how well contours fit, to within 2 pixels",
        reference="Csurka, Larlus and Perronnin (2013), British Machine Vision Conference",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "hausdorff_95",
        "95th percentile of the distance between contours, in pixels or units; lower is better",
        reference="Huttenlocher, Klanderman and Rucklidge (1993), IEEE Transactions on Pattern "
        "Analysis and Machine Intelligence 15, 850-863",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "object_f1",
        "F1 of objects, found where IoU is above 0.5",
        reference="Kirillov and others (2019), Conference on Computer Vision and Pattern "
        "Recognition, 9404-9413",
        takes=(MASKS,),
    ),
    _row(
        _MASKS,
        "object_ap50",
        "objects found at IoU above 0.5 by found, invented and missed ones (average precision)",
        reference="Caicedo and others (2019), Nature Methods 16, 1247-1253",
        takes=(MASKS,),
    ),
)

METRICS: Mapping[str, ComponentRow] = {row.name: row for row in _ROWS}

#: Those that nothing has to be said for, by what they judge; a study computes them all, whichever
#: decides.
OF_TARGETS: Mapping[str, tuple[str, ...]] = {
    targets: tuple(
        row.name
        for row in _ROWS
        if targets in row.takes and not any(parameter.required for parameter in row.parameters)
    )
    for targets in (CLASSES, LABEL_SETS, VALUES, MASKS)
}
ALWAYS_COMPUTED = OF_TARGETS[CLASSES]
