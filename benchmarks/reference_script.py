"""One combination of a finished run, computed again in plain Keras and scikit-learn.

    python benchmarks/reference_script.py --run results/my_images --alpha 0.35

Nothing of bioselect is imported. The folds come from the run's dataset.csv; files are read with
Pillow and tifffile, resized with Pillow, and a MobileNetV2 with the run's weights, a StandardScaler
and a LogisticRegression do the rest. Fails if the balanced accuracies are more than 0.01 apart.
"""

import argparse
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tifffile
import yaml
from PIL import Image, ImageOps
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

TOLERANCE = 0.01
SIZE = 224


def read_pixels(path, intensity):
    """Return float32 (224, 224, 3), 0 to 255; `intensity` is the run's, dtype or {min, max}."""
    if path.suffix.lower() in (".tif", ".tiff"):
        pixels = np.atleast_3d(tifffile.imread(path))
    else:
        pixels = np.atleast_3d(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    ends = {"min": 0, "max": np.iinfo(pixels.dtype).max} if intensity == "dtype" else intensity
    scaled = np.clip((pixels - ends["min"]) / (ends["max"] - ends["min"]), 0, 1).astype(np.float32)
    planes = [Image.fromarray(scaled[..., c]) for c in range(scaled.shape[2])]
    resized = [p.resize((SIZE, SIZE), Image.Resampling.BILINEAR) for p in planes]
    return np.stack(resized * (3 if len(resized) == 1 else 1), axis=2) * 255


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
    parser.add_argument("--alpha", type=float, default=1.0, help="which of its mobilenet_v2")
    options = parser.parse_args()
    config = yaml.safe_load((options.run / "config.yaml").read_text(encoding="utf-8"))
    (params,) = (
        e["params"]
        for e in config["extractors"]
        if e["name"] == "mobilenet_v2"
        and e["params"]["alpha"] == options.alpha
        and e["params"]["weights"] not in ("none", "imagenet")
    )
    table = pd.read_csv(options.run / "dataset.csv", dtype={"target": str})
    intensity = config["dataset"]["intensity"]
    images = np.stack([read_pixels(options.run / path, intensity) for path in table["path"]])

    network = keras.applications.MobileNetV2(
        input_shape=(SIZE, SIZE, 3),
        alpha=options.alpha,
        include_top=False,
        weights=str(options.run / params["weights"]),
        pooling="avg",
    )
    X = network.predict(keras.applications.mobilenet_v2.preprocess_input(images), verbose=0)
    y = table["target"].to_numpy()

    plain = []
    for folds in (table[c] for c in table.columns if c.startswith("fold_of_repeat_")):
        for fold in sorted(folds.unique()):
            train, test = (folds != fold).to_numpy(), (folds == fold).to_numpy()
            model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000))
            model.fit(X[train], y[train])
            plain.append(balanced_accuracy_score(y[test], model.predict(X[test])))

    scores = pd.read_csv(options.run / "scores.csv")
    weights = Path(params["weights"]).name
    ours = scores[
        scores["extractor"].str.startswith("mobilenet_v2(")
        & scores["extractor"].str.contains(f"weights={weights}", regex=False)
        & (scores["estimator"] == "logistic_regression")
        & (scores["metric"] == "balanced_accuracy")
    ]["score"]
    if len(ours) != len(plain):
        sys.exit(f"{options.run}: {len(ours)} scores for {len(plain)} folds")
    difference = ours.mean() - np.mean(plain)
    print(f"{options.run.name}: mobilenet_v2 alpha {options.alpha:g} + logistic_regression")
    print(f"  balanced accuracy of bioselect      {ours.mean():.4f}")
    print(f"  balanced accuracy of plain scripts  {np.mean(plain):.4f}")
    largest = np.abs(ours.to_numpy() - plain).max()
    print(f"  difference {difference:+.4f}, in one fold at most {largest:.4f}")
    sys.exit(0 if abs(difference) <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
