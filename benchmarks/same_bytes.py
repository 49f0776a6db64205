"""The results do not depend on the number of processes, and nothing is computed twice.

    python benchmarks/same_bytes.py [FOLDER] [--weights mobilenet_v2_alpha0.35_224_notop.h5]

Runs one network, two descriptors and every classifier on a folder of images (or on drawn ones) with
--jobs 1 and with --jobs 2, each from an empty cache, and compares all products byte by byte. Then
starts the second once more, and again with another parameter of one extractor.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from comparing import print_comparison
from drawn_images import draw_folder

from bioselect.estimators.builtin import CLASSIFIERS

SIDE = 96
CONFIGURATION = """\
dataset: {{path: {images}}}
extractors:
  - name: mobilenet_v2
    params: {{alpha: 0.35, weights: {weights}}}
  - haralick
  - name: hog
    params: {{orientations: {orientations}}}
classifiers: [{classifiers}]
validation: {{repeats: 1}}
output: {output}
"""


def main() -> int:
    """Run, compare, print; return 1 if anything is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("images", nargs="?", type=Path, help="a folder with one folder per class")
    parser.add_argument("--drawn", type=int, default=150, help="how many images to draw, else")
    parser.add_argument("--weights", default="none", help="a file of Keras weights, or none")
    options = parser.parse_args()
    weights = options.weights if options.weights == "none" else Path(options.weights).resolve()
    with tempfile.TemporaryDirectory(prefix="bioselect-same-bytes-") as name:
        folder = Path(name)
        if options.images is None:
            draw_folder(folder / "images", options.drawn, SIDE, seed=0)
        images = options.images or folder / "images"
        given = {"images": images.resolve(), "weights": weights}
        config = _write_config(folder, "config.yaml", orientations=9, **given)
        one, two = folder / "jobs_1", folder / "jobs_2"
        for output, jobs in ((one, 1), (two, 2)):
            seconds, computed = run(config, output, jobs)
            print(f"--jobs {jobs}: {seconds:.0f} s; computed {computed}", flush=True)
        n_wrong = print_comparison(one, two)
        seconds, computed = run(config, two, 2)
        print(f"started again: {seconds:.1f} s; computed {computed}", flush=True)
        n_wrong += computed != "nothing"
        changed = _write_config(folder, "changed.yaml", orientations=8, **given)
        seconds, computed = run(changed, two, 2)
        print(f"another parameter of hog: {seconds:.1f} s; computed {computed}")
        n_wrong += computed != "hog(orientations=8)"
    print("all as it should be" if n_wrong == 0 else f"{n_wrong} things went wrong")
    return int(n_wrong > 0)


def _write_config(folder: Path, name: str, **values: object) -> Path:
    config = folder / name
    classifiers = ", ".join(CLASSIFIERS)
    text = CONFIGURATION.format(classifiers=classifiers, output=folder / "unused", **values)
    config.write_text(text, encoding="utf-8")
    return config


def run(config: Path, output: Path, jobs: int) -> tuple[float, str]:
    """Run a study; return the seconds it took and the extractors whose features it computed."""
    started = time.monotonic()
    words = ["run", str(config), "--output", str(output), "--jobs", str(jobs)]
    done = subprocess.run(
        [sys.executable, "-m", "bioselect", *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
        text=True,
    )
    seconds = time.monotonic() - started
    if done.returncode != 0:
        raise SystemExit(f"the run ended with {done.returncode}:\n{done.stderr}")
    begin = "features: "
    lines = [line.removeprefix(begin) for line in done.stderr.splitlines() if begin in line]
    # The first words of `hog(orientations=8): 712 of 712, done in 3 s`.
    computed = dict.fromkeys(line.rsplit(": ", 1)[0] for line in lines)
    return seconds, ", ".join(computed) or "nothing"


if __name__ == "__main__":
    raise SystemExit(main())
