"""What precision bf16 changes in the cross-validated score, on images and weights of your own.

    python benchmarks/bf16.py --weights FILE [--alpha 1.0] FOLDER_OR_TABLE ...

A folder holds one folder per class; the columns of a table (CSV) are image, class and, if there is
a third, group. The same folds judge `mobilenet_v2` with both precisions; the difference and its
interval are those of bioselect's own comparisons (corrected resampled t).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from figures import print_figure

from bioselect.config.loading import load_config
from bioselect.features.cache import FeatureCache
from bioselect.progress import SILENT
from bioselect.selection.significance import corrected_t, effective_folds
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import read_study_inputs

METRIC = "balanced_accuracy"
CONFIGURATION = """\
dataset: {dataset}
extractors:
  - {{name: mobilenet_v2, params: {{alpha: {alpha}, weights: {weights}, precision: f32}}}}
  - {{name: mobilenet_v2, params: {{alpha: {alpha}, weights: {weights}, precision: bf16}}}}
classifiers: [logistic_regression, lda, svm]
validation: {{folds: 5, repeats: {repeats}, metric: {metric}, seed: 0}}
output: run
"""


def main() -> int:
    """Run a study of each data set and print the differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="+", type=Path, metavar="FOLDER_OR_TABLE")
    parser.add_argument("--weights", type=Path, required=True, help="a Keras weights file")
    parser.add_argument("--alpha", type=float, default=1.0)
    parser.add_argument("--repeats", type=int, default=10)
    options = parser.parse_args()
    print("| images | classifier | f32 | bf16 | difference in points (95 %) | p | features |")
    print("|---|---|---|---|---|---|---|")
    for source in options.datasets:
        compare_precisions(source.resolve(), options)
    return 0


def compare_precisions(source: Path, options: argparse.Namespace) -> None:
    """Print one line for each classifier."""
    with tempfile.TemporaryDirectory(prefix="bioselect-bf16-") as folder:
        config = Path(folder) / "config.yaml"
        text = CONFIGURATION.format(
            dataset=_dataset(source),
            alpha=options.alpha,
            weights=options.weights.resolve(),
            repeats=options.repeats,
            metric=METRIC,
        )
        config.write_text(text, encoding="utf-8")
        result = run(config)
        scores = pd.read_csv(result.folder / "scores.csv")
        apart = _difference_of_rows(config, result.folder / "features")
    name = source.parent.name if source.suffix == ".csv" else source.name
    scores = scores[(scores["metric"] == METRIC) & (scores["estimator"] != "dummy")]
    n_eff = effective_folds(5, options.repeats)
    for classifier, of_one in scores.groupby("estimator", sort=False):
        # In the order of the configuration, which the tables of a run keep.
        f32, bf16 = (
            of_extractor.sort_values(["repeat", "fold"])["score"].to_numpy()
            for _, of_extractor in of_one.groupby("extractor", sort=False)
        )
        seen = corrected_t(bf16 - f32, n_eff)
        print(
            f"| {name} | {classifier} | {f32.mean():.3f} | {bf16.mean():.3f} | "
            f"{100 * seen.mean:+.2f} ({100 * seen.ci_low:+.2f} to {100 * seen.ci_high:+.2f}) | "
            f"{seen.p:.2f} | {apart:.2f} |",
            flush=True,
        )
        print_figure(f"bf16 less f32, points: {name}, {classifier}", 100 * seen.mean)


def _dataset(source: Path) -> str:
    if source.suffix != ".csv":
        return f"{{path: {source}, on_bad_image: exclude}}"
    names = list(pd.read_csv(source, nrows=0).columns)[:3]
    keys = zip(("image", "target", "group"), names, strict=False)
    return f"{{table: {source}, {', '.join(f'{key}: {name}' for key, name in keys)}}}"


def _difference_of_rows(config: Path, folder: Path) -> float:
    """Return how far the rows of the two precisions lie apart (relative L2); the run kept them."""
    inputs = read_study_inputs(load_config(config), folder, None, SILENT)
    cache = FeatureCache(folder)
    f32, bf16 = (features_of(one, inputs, cache, SILENT).rows for one in inputs.extractors)
    return float(np.linalg.norm(bf16 - f32) / np.linalg.norm(f32))


if __name__ == "__main__":
    sys.exit(main())
