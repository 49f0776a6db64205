"""Models made by one Python, opened and asked by others: they must say the same, to 1e-5.

    python benchmarks/other_python.py PYTHON [PYTHON ...]

Each PYTHON is the program of an environment with what bioselect needs in it. Each, or with
--makers N the first N of them, does the studies below; all of them open these models and predict
the same images. With --keep FOLDER images, models and answers are kept, and what is there already
is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TOLERANCE = 1e-5
N_PER_CLASS, SIDE = 6, 48

CLASSES = {
    "backbone": {
        "extractors": [
            {
                "name": "mobilenet_v2",
                "params": {"weights": "none", "alpha": 0.35, "input_size": 96},
            }
        ],
        "classifiers": ["logistic_regression"],
    },
    "hog and svm": {"extractors": ["hog"], "classifiers": ["svm"]},
    "random forest": {"extractors": ["intensity"], "classifiers": ["random_forest"]},
    "boosting": {"extractors": ["intensity"], "classifiers": ["gradient_boosting"]},
    "neighbours": {"extractors": ["color_histogram"], "classifiers": ["knn"]},
    "perceptron": {"extractors": ["intensity"], "classifiers": ["mlp"]},
    "visual words": {"extractors": ["sift_bow"], "classifiers": ["lda"]},
    "network": {"networks": [{"name": "small_cnn", "params": {"epochs": 2, "input_size": 32}}]},
}
NUMBERS = {
    "forest of numbers": {"extractors": ["intensity"], "regressors": ["random_forest"]},
    "boosting of numbers": {"extractors": ["intensity"], "regressors": ["gradient_boosting"]},
    "gaussian process": {"extractors": ["intensity"], "regressors": ["gaussian_process"]},
    "support vectors of numbers": {"extractors": ["intensity"], "regressors": ["svr"]},
}
MASKS = {
    "unet": {"networks": [{"name": "unet", "params": {"epochs": 1, "patch_size": 32}}]},
    "pixel forest": {"networks": [{"name": "pixel_forest", "params": {"trees": 5}}]},
}


def draw(folder: Path) -> None:
    """Write the images: of two classes, with numbers, and with masks."""
    from PIL import Image

    random = np.random.default_rng(0)
    rows = ["image,size"]
    for place, name in enumerate(("large", "small")):
        (folder / "classes" / name).mkdir(parents=True)
        for number in range(N_PER_CLASS):
            radius = (14 if place == 0 else 7) + random.uniform(-2, 2)
            distances = np.hypot(*(np.indices((SIDE, SIDE)) - SIDE / 2 + random.uniform(-4, 4)))
            mask = distances < radius
            grey = 60 + 120 * mask + random.normal(scale=15, size=mask.shape)
            pixels = np.clip(np.stack([grey, 0.8 * grey, 0.6 * grey], axis=2), 0, 255)
            image = Image.fromarray(pixels.astype(np.uint8))
            path = folder / "classes" / name / f"{name}{number}.png"
            image.save(path)
            rows.append(f"classes/{name}/{name}{number}.png,{radius:.3f}")
            for kind, made in (("images", image), ("masks", Image.fromarray(mask.astype("u1")))):
                (folder / "pairs" / kind).mkdir(parents=True, exist_ok=True)
                made.save(folder / "pairs" / kind / f"{name}{number}.png")
    (folder / "numbers.csv").write_text("\n".join(rows) + "\n")


def config_of(name: str, data: Path, output: Path) -> dict:
    """Return the configuration of a model."""
    base = {"output": str(output), "validation": {"folds": 2, "repeats": 1, "seed": 0}}
    if name in CLASSES:
        dataset = {"path": str(data / "classes")}
        return {"task": "classification", "dataset": dataset, **CLASSES[name], **base}
    if name in NUMBERS:
        table = {"table": str(data / "numbers.csv"), "image": "image", "target": "size"}
        return {"task": "regression", "dataset": table, **NUMBERS[name], **base}
    pairs = {"path": str(data / "pairs" / "images"), "masks": str(data / "pairs" / "masks")}
    return {"task": "segmentation", "dataset": pairs, **MASKS[name], **base}


def make(data: Path, models: Path) -> None:
    """Do a study for each model, in this Python; a model that is there is kept."""
    import bioselect

    for name in (*CLASSES, *NUMBERS, *MASKS):
        output = models / name.replace(" ", "_")
        if (output / "model" / "manifest.json").is_file():
            continue
        config = models / f"{output.name}.json"
        config.write_text(json.dumps(config_of(name, data, output)))
        try:
            bioselect.run(config.rename(config.with_suffix(".yaml")))
        except Exception as error:
            print(f"{name}: not made: {type(error).__name__}: {error}", flush=True)


def ask(data: Path, models: Path, answers: Path) -> None:
    """Open each model in this Python and keep what it says of the images."""
    from PIL import Image

    import bioselect

    images = sorted((data / "classes").rglob("*.png"))
    found: dict[str, np.ndarray] = {}
    problems: dict[str, str] = {}
    for manifest in sorted(models.glob("*/model/manifest.json")):
        name = manifest.parent.parent.name
        try:
            model = bioselect.load(manifest.parent)
            if hasattr(model, "mask"):
                from bioselect.bundle.mask_model import load_mask_bundle
                from bioselect.segmenters.base import whole

                opened = load_mask_bundle(manifest.parent)
                pixels = [np.array(Image.open(path)) for path in images]
                tables = [whole(opened.trained, opened.scene(one, "image")) for one in pixels]
                found[name] = np.stack(tables)
            else:
                table = model.predict(images)
                numbers = table.select_dtypes("number")
                found[name] = numbers.to_numpy(dtype=np.float64)
        except Exception as error:
            problems[name] = f"{type(error).__name__}: {error}"
    np.savez(answers, **found)
    answers.with_suffix(".json").write_text(json.dumps(problems))


def versions(python: str) -> str:
    """Return what there is in an environment, in words."""
    code = (
        "import platform; from importlib.metadata import version as v; print(platform."
        "python_version(), *(f'{n} {v(n)}' for n in ('numpy', 'scikit-learn', 'scipy', "
        "'tensorflow', 'keras', 'openvino', 'skops')))"
    )
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def _do(python: str, *arguments: str | Path) -> None:
    folder = str(Path(__file__).resolve().parent.parent)
    surroundings = {**os.environ, "PYTHONPATH": folder, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [python, __file__, *map(str, arguments)]
    subprocess.run(command, env=surroundings, check=True, stdout=sys.stderr)


def compare(pythons: list[str], n_makers: int, folder: Path) -> int:
    """Let each Python make models and all ask them; print the largest differences."""
    data = folder / "data"
    if not data.exists():
        draw(data)
    n_wrong = 0
    names = {python: versions(python).split()[0] for python in pythons}
    for python in pythons:
        print(f"{names[python]}: {versions(python)}", flush=True)
    for maker in pythons[:n_makers]:
        models = folder / f"made_by_{names[maker]}"
        models.mkdir(exist_ok=True)
        _do(maker, "--make", data, models)
        for python in pythons:
            _do(python, "--ask", data, models, models / f"{names[python]}.npz")
        own = np.load(models / f"{names[maker]}.npz")
        for python in pythons:
            others = np.load(models / f"{names[python]}.npz")
            problems = json.loads((models / f"{names[python]}.json").read_text())
            cells = []
            for name in sorted({*own.files, *problems}):
                if name in problems or name not in others.files or name not in own.files:
                    cells.append(f"{name} NOT OPENED ({problems.get(name, '')[:300]})")
                    n_wrong += 1
                    continue
                scale = max(1.0, float(np.abs(own[name]).max()))
                far = float(np.abs(own[name] - others[name]).max()) / scale
                n_wrong += not far <= TOLERANCE
                cells.append(f"{name} {far:.1e}")
            print(f"made on {names[maker]}, asked on {names[python]}: " + "; ".join(cells))
    print(f"{n_wrong} above {TOLERANCE:g} or not opened")
    return n_wrong


def main() -> int:
    """Compare, or do one part of it in the Python that runs this."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="*")
    parser.add_argument("--makers", type=int, default=99, help="how many of them make models")
    parser.add_argument("--keep", type=Path, help="a folder for images, models and answers")
    parser.add_argument("--make", nargs=2, type=Path)
    parser.add_argument("--ask", nargs=3, type=Path)
    options = parser.parse_args()
    if options.make:
        make(*options.make)
        return 0
    if options.ask:
        ask(*options.ask)
        return 0
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        return int(bool(compare(options.pythons, options.makers, options.keep)))
    with tempfile.TemporaryDirectory() as folder:
        return int(bool(compare(options.pythons, options.makers, Path(folder))))


if __name__ == "__main__":
    sys.exit(main())
