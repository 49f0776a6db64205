"""How much of the heat of explanations lies on what the class is known by.

    python benchmarks/explaining.py [--images 200] [--side 64] [--weights FILE] [--only NAME ...]

Draws textures of which half carry a small striped square at a random place (4.8 % of the area),
trains a study with each extractor and with a network, and explains new marked images, also with
grey patches in place of those that keep the local mean. `--weights` are those of mobilenet_v2
(alpha 0.35); without, it is left out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from figures import print_figure
from PIL import Image

from bioselect.data.resizing import resize
from bioselect.explain import occlusion as occlusion_module
from bioselect.explain.explainer import Explainer, open_explainer
from bioselect.explain.occlusion import parts_of_heat
from bioselect.workflows.run import run

N_NEW = 24
#: Of the side of an image: 4.8 % of the area of one of 64 pixels.
MARK_SHARE = 0.2125


def draw(n_images: int, side: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return images, and where their markers are; every second has none."""
    random, mark = np.random.default_rng(seed), round(side * MARK_SHARE)
    drawn = []
    for number in range(n_images):
        coarse = random.normal(size=(side // 4, side // 4, 1)).astype(np.float32)
        smooth = resize((coarse + 4.0) / 8.0, (side, side))[:, :, 0] * 8.0 - 4.0
        image = 128 + 30 * smooth + 8 * random.normal(size=(side, side))
        where = np.zeros((side, side), dtype=bool)
        if number % 2 == 0:
            top, left = random.integers(0, side - mark + 1, 2)
            where[top : top + mark, left : left + mark] = True
            image = np.where(where, np.where(np.arange(side) // 2 % 2, 230, 30)[:, None], image)
        drawn.append((np.clip(np.rint(image), 0, 255).astype(np.uint8), where))
    return drawn


def write_images(folder: Path, drawn: list[tuple[np.ndarray, np.ndarray]]) -> None:
    for number, (image, where) in enumerate(drawn):
        path = folder / ("marked" if where.any() else "plain") / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


def measure(name: str, explainer: Explainer, new: list[tuple[np.ndarray, np.ndarray]]) -> None:
    place = explainer.places_of(["marked"])[0]
    shares, of_cam, n_right, seconds = [], [], 0, 0.0
    for image, where in new:
        if not where.any():
            continue
        started = time.perf_counter()
        found = explainer.explain(image[:, :, np.newaxis], name)
        seconds += time.perf_counter() - started
        if found.occlusion.places != (place,):
            continue
        n_right += 1
        shares.append(parts_of_heat(found.occlusion.of(place), where))
        if found.grad_cam is not None:
            of_cam.append(parts_of_heat(found.grad_cam[:, :, 0], where))
    n_marked = sum(where.any() for _, where in new)
    print(f"{name}: {n_right} of {n_marked} marked images found, {seconds / n_marked:.2f} s each")
    print(f"  occlusion: on the marker {in_words(shares)}")
    print_figure(f"{name}: heat on the marker", float(np.median(np.nan_to_num(shares))))
    if of_cam:
        print(f"  Grad-CAM:  on the marker {in_words(of_cam)}")


def in_words(shares: list[float]) -> str:
    n_without = int(np.isnan(shares).sum())
    low, middle, high = np.percentile(np.nan_to_num(shares), (0, 50, 100))
    if n_without:
        return f"median {middle:.2f}, from {low:.2f} to {high:.2f}; {n_without} without any heat"
    return f"median {middle:.2f}, from {low:.2f} to {high:.2f}"


def mean_patch(image: np.ndarray, scale: int) -> np.ndarray:
    """Return what a grey patch shows: the mean of the whole image."""
    mean = image.astype(np.float32).mean(axis=(0, 1))
    return np.broadcast_to(mean, image.shape)


def study(folder: Path, name: str, components: str) -> Explainer:
    config = folder / f"{name}.yaml"
    config.write_text(
        f"dataset: {{path: images}}\n{components}\nvalidation: {{folds: 2, repeats: 1}}\n"
        f"output: {name}\n",
        encoding="utf-8",
    )
    run(config)
    return open_explainer(folder / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    extractors = {name: name for name in ("haralick", "lbp", "hog", "gabor")}
    if options.weights is not None:
        params = f"{{alpha: 0.35, input_size: 96, weights: {options.weights.resolve()}}}"
        extractors["mobilenet_v2"] = f"{{name: mobilenet_v2, params: {params}}}"
    network = (
        "networks: [{name: small_cnn, params: {input_size: "
        f"{options.side}, epochs: {options.epochs}, batch_size: 8, filters: 16, n_blocks: 3}}}}]"
    )
    studies = {
        name: f"extractors: [{written}]\nclassifiers: [logistic_regression]"
        for name, written in extractors.items()
    }
    studies["small_cnn"] = network
    new = draw(N_NEW, options.side, seed=1)
    print(f"marker: {100 * new[0][1].mean():.1f} % of the area")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_images(folder / "images", draw(options.images, options.side, seed=0))
        for name, components in studies.items():
            if options.only and name not in options.only:
                continue
            explainer = study(folder, name, components)
            measure(name, explainer, new)
            own, occlusion_module._smoothed = occlusion_module._smoothed, mean_patch
            measure(f"{name}, grey patches", explainer, new)
            occlusion_module._smoothed = own


if __name__ == "__main__":
    main()
