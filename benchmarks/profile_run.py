"""Where the processor time of a study goes.

    python benchmarks/profile_run.py configs/quickstart.yaml
    python benchmarks/profile_run.py                          # a drawn study of 900 images

Everything runs in one process: `--jobs 1`, and what would be read ahead in threads is read when it
is asked for. Every few milliseconds of processor time (of all threads, OpenVINO's included) the
Python code under way is looked at; the time since goes to the innermost of its files that the table
of parts knows. Sampling slows nothing down, so that code of many small calls is not blamed for it.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Executor, Future
from pathlib import Path
from types import FrameType
from typing import Any

from drawn_images import draw_folder
from figures import print_figure

SECONDS_BETWEEN_SAMPLES = 0.002
#: Parts of ours above this share are named, those that are the work itself are not.
LARGE_SHARE = 0.10
N_PLACES_SHOWN = 12

DECODERS = ("arrays", "combining", "dicom", "ifd_chain", "nifti", "npz_members", "opencv")
DECODERS += ("orientation", "pictures", "png", "reading", "stacks", "tiff", "unpacking", "volumes")
DESCRIPTORS = ("color_histogram", "edges", "gabor", "granularity", "haralick", "hog", "intensity")
DESCRIPTORS += ("hu_moments", "lbp", "zernike")
#: The part that a file belongs to, the first that fits; the ends of paths, or pieces of them.
IMPORTS = "imports"
PARTS = (
    ("importlib._bootstrap", IMPORTS),
    ("/sklearn/", "scikit-learn"),
    ("/bioselect/data/checksums.py", "hashing"),
    ("/bioselect/storage.py:sha256_of_file", "hashing"),
    ("/bioselect/data/fingerprint.py:pixel_facts", "hashing"),
    ("/bioselect/data/pixel_statistics.py", "facts for the checks"),
    ("/bioselect/checks/", "facts for the checks"),
    ("/bioselect/data/preparation.py", "intensity and resizing"),
    ("/bioselect/data/resizing.py", "intensity and resizing"),
    ("/bioselect/data/intensities.py", "intensity and resizing"),
    *((f"/bioselect/data/{name}", "decoding") for name in DECODERS),
    ("/bioselect/backbones/", "network"),
    *((f"/bioselect/features/descriptors/{name}.py", name) for name in DESCRIPTORS),
    ("/bioselect/features/descriptors/", "other descriptors"),
    ("/bioselect/features/visual_words/", "visual words"),
    ("/bioselect/features/", "features: batches and cache"),
    ("/bioselect/estimators/", "fits in code of ours"),
    ("/bioselect/selection/journal.py", "journal"),
    ("/bioselect/selection/fold_group.py", "folds and fits, around scikit-learn"),
    ("/bioselect/selection/fitting.py", "folds and fits, around scikit-learn"),
    ("/bioselect/selection/cross_validation.py", "folds and fits, around scikit-learn"),
    ("/bioselect/selection/learnt_folds.py", "folds and fits, around scikit-learn"),
    ("/bioselect/execution.py", "one thread a task"),
    ("/bioselect/selection/refit.py", "bundle"),
    ("/bioselect/metrics/", "scores of folds"),
    ("/bioselect/selection/scores.py", "scores of folds"),
    ("/bioselect/selection/", "statistics"),
    ("/bioselect/bundle/", "bundle"),
    ("/bioselect/workflows/export.py", "bundle"),
    ("/bioselect/workflows/products.py", "tables"),
    ("/bioselect/run_folder.py", "tables"),
    ("/bioselect/", "other code of ours"),
)
NOT_OURS = {"decoding", "network", "scikit-learn", IMPORTS, "elsewhere"}

CONFIGURATION = """\
dataset: {{path: {images}}}
extractors:
  - {{name: mobilenet_v2, params: {{weights: none}}}}
  - haralick
  - lbp
  - hog
classifiers: [logistic_regression, svm, random_forest, knn, lda]
validation: {{folds: 5, repeats: 2}}
output: unused
"""


def main() -> int:
    """Run the study, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", type=Path, help="a configuration (default: drawn)")
    parser.add_argument("--images", type=int, default=900, help="how many are drawn")
    parser.add_argument("--side", type=int, default=256, help="of the drawn images, in pixels")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-profile-") as name:
        folder = Path(name)
        # A first run, as a person sees it: nothing is compiled or known.
        os.environ["BIOSELECT_CACHE"] = str(folder / "cache")
        if options.config is None:
            draw_folder(folder / "images", options.images, options.side, seed=0)
            options.config = folder / "drawn.yaml"
            text = CONFIGURATION.format(images=folder / "images")
            options.config.write_text(text, encoding="utf-8")
        concurrent.futures.ThreadPoolExecutor = AtOnce  # type: ignore[assignment, misc]
        with Sampler() as sampler:
            from bioselect.cli.main import main as bioselect

            arguments = ["run", str(options.config), "--output", str(folder / "run")]
            code = bioselect([*arguments, "--jobs", "1"])
    print_profile(sampler, options.config.stem)
    return code


class AtOnce(Executor):
    """Stands for a pool of threads: does the work where it is handed out."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        """Return the finished work."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments, **named))
        except BaseException as error:
            future.set_exception(error)
        return future


class Sampler:
    """Looks at the main thread every so much processor time; the time since is of what it does."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.places: Counter[tuple[str, str]] = Counter()
        self.last = 0.0

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self.look)
        signal.siginterrupt(signal.SIGPROF, False)
        self.last = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SECONDS_BETWEEN_SAMPLES, SECONDS_BETWEEN_SAMPLES)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.0)

    def look(self, _: int, frame: FrameType | None) -> None:
        """Give the processor time since the last look to the part under way."""
        now = time.process_time()
        spent, self.last = now - self.last, now
        part, place = part_of(frame)
        self.seconds[part] += spent
        self.places[part, place] += spent


def part_of(frame: FrameType | None) -> tuple[str, str]:
    """Return the part of the innermost frame that belongs to one, and where in ours it is."""
    part = place = ""
    while frame is not None and not (part and place):
        code = frame.f_code
        file = code.co_filename.replace(os.sep, "/")
        # The top of a module runs while it is imported.
        if code.co_name != "<module>":
            part = part or _part_of_code(f"{file}:{code.co_name}")
            if not place and "/bioselect/" in file:
                place = f"{file.rsplit('/bioselect/', 1)[1]}:{code.co_name}"
        frame = frame.f_back
    return part or "elsewhere", place or "-"


def _part_of_code(where: str) -> str:
    return next((part for piece, part in PARTS if piece in where), "")


def print_profile(sampler: Sampler, name: str) -> None:
    """Print the table of parts, the largest places in code of ours, and what is large."""
    total = sum(sampler.seconds.values())
    print(f"\n{total:.1f} s of processor time\n\n| part | seconds | share |\n|---|---|---|")
    for part, seconds in sampler.seconds.most_common():
        print(f"| {part} | {seconds:.2f} | {seconds / total:.1%} |")
    print("\nwhere in bioselect (with what it calls of other packages):")
    places = {key: value for key, value in sampler.places.items() if key[0] not in NOT_OURS}
    for (part, place), seconds in Counter(places).most_common(N_PLACES_SHOWN):
        print(f"  {seconds / total:6.1%}  {part}: {place}")
    ours = {p: s / total for p, s in sampler.seconds.items() if p not in NOT_OURS}
    large = [f"{part}, {share:.1%}" for part, share in ours.items() if share > LARGE_SHARE]
    what = f"above {LARGE_SHARE:.0%}"
    print(f"\nof ours {what}: {'; '.join(large)}" if large else f"\nnothing of ours {what}")
    print_figure(f"{name}: largest share of ours", max(ours.values()))


if __name__ == "__main__":
    sys.exit(main())
