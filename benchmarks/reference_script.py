"""One combination of a finished run, computed again in plain Keras and scikit-learn.

    OMP_NUM_THREADS=1 python benchmarks/reference_script.py --run results/my_images --alpha 0.35

Nothing of bioselect is imported; the folds come from the run's dataset.csv. Ends with 1 if the
balanced accuracies are more than 0.01 apart. Resized as bioselect says it does (areas when an image
shrinks), they are equal; `--resize pillow` shows how much another filter moves them.
"""

import argparse
import sys
from pathlib import Path

import cv2
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

SIZE = 224


def read_pixels(path, intensity):
    """Return float32 (height, width, 3) in [0, 1]; `intensity` is the run's: dtype or min, max."""
    if path.suffix.lower() in (".tif", ".tiff"):
        pixels = tifffile.imread(path)
    else:
        pixels = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    ends = {"min": 0, "max": np.iinfo(pixels.dtype).max} if intensity == "dtype" else intensity
    scaled = (pixels - np.float32(ends["min"])) / np.float32(ends["max"] - ends["min"])
    return np.clip(scaled, 0, 1)


def resized(image, method):
    """Return the image at 224 x 224."""
    if method == "pillow":
        planes = [Image.fromarray(np.ascontiguousarray(image[..., c])) for c in range(3)]
        bilinear = Image.Resampling.BILINEAR
        return np.stack([plane.resize((SIZE, SIZE), bilinear) for plane in planes], axis=2)
    smaller = (min(SIZE, image.shape[1]), min(SIZE, image.shape[0]))
    image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    return cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--run", type=Path, required=True, help="the folder of a finished run")
parser.add_argument("--alpha", type=float, default=1.0, help="which of its mobilenet_v2")
parser.add_argument("--resize", choices=["area", "pillow"], default="area")
options = parser.parse_args()

config = yaml.safe_load((options.run / "config.yaml").read_text(encoding="utf-8"))
networks = [e["params"] for e in config["extractors"] if e["name"] == "mobilenet_v2"]
(weights,) = (
    options.run / params["weights"]
    for params in networks
    if params["alpha"] == options.alpha and params["weights"] != "none"
)
table = pd.read_csv(options.run / "dataset.csv", dtype={"target": str})
intensity = config["dataset"]["intensity"]
images = [read_pixels(options.run / path, intensity) for path in table["path"]]
pixels = np.stack([resized(image, options.resize) for image in images]) * 255

network = keras.applications.MobileNetV2(
    input_shape=(SIZE, SIZE, 3),
    alpha=options.alpha,
    include_top=False,
    weights=str(weights),
    pooling="avg",
)
X = network.predict(keras.applications.mobilenet_v2.preprocess_input(pixels), verbose=0)
X, y = X.astype(np.float64), table["target"].to_numpy()

plain = []
for column in [name for name in table if name.startswith("fold_of_repeat_")]:
    for fold in sorted(table[column].unique()):
        test = (table[column] == fold).to_numpy()
        # To the optimum: stopped at the default tolerance, it moves the score by 0.003.
        classifier = LogisticRegression(tol=1e-8, max_iter=10_000)
        model = make_pipeline(StandardScaler(), classifier).fit(X[~test], y[~test])
        plain.append(balanced_accuracy_score(y[test], model.predict(X[test])))

scores = pd.read_csv(options.run / "scores.csv").sort_values(["repeat", "fold"])
ours = scores[
    scores["extractor"].str.startswith("mobilenet_v2(")
    & scores["extractor"].str.contains(weights.name, regex=False)
    & (scores["estimator"] == "logistic_regression")
    & (scores["metric"] == "balanced_accuracy")
]["score"].to_numpy()
difference = ours.mean() - np.mean(plain)
combination = f"mobilenet_v2 alpha {options.alpha:g} ({options.resize}) + logistic_regression"
print(f"{options.run.name}: {combination}")
print(f"  balanced accuracy   bioselect {ours.mean():.4f}   plain script {np.mean(plain):.4f}")
print(f"  difference {difference:+.4f}; in one fold at most {np.abs(ours - plain).max():.4f}")
sys.exit(0 if abs(difference) <= 0.01 else 1)
