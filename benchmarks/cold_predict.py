"""How long `bioselect predict` takes for one image from a cold start, and which imports cost most.

    python benchmarks/cold_predict.py [--weights FILE] [--repeats 3]

Trains mobilenet_v2 + logistic_regression on a few drawn images, then starts the command anew for
one image, byte-compiled, and prints the best wall-clock and processor time. Ends with 1 if
TensorFlow was imported.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from figures import print_figure
from PIL import Image

from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, write_small_bundle

GOAL_SECONDS = 2.5
N_IMPORTS_SHOWN = 14
#: The command, and the name of TensorFlow on the standard error if it was imported.
ASKING = """
import sys
from bioselect.cli.main import main
main()
sys.stderr.write(" ".join({"tensorflow", "keras"} & set(sys.modules)))
"""
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+([\w.]+)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", default="none", help="a Keras weights file, or none")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        network = ComponentSpec.of("mobilenet_v2", {"weights": options.weights})
        write_small_bundle(folder / "model", network, ComponentSpec("logistic_regression"))
        Image.fromarray(draw_classes(("one", "two"))[0][0]).save(folder / "one.png")
        start(folder)  # writes the byte code
        seconds = [start(folder) for _ in range(options.repeats)]
        imports = imports_of(start(folder, "-X", "importtime")[2])
        with_tensorflow = "tensorflow" in start(folder, "-c", ASKING)[2]
    wall, processor, _ = min(seconds)
    print(f"one image, best of {options.repeats}: {wall:.2f} s, of processor {processor:.2f} s")
    print(f"(goal: under {GOAL_SECONDS} s; starts: {', '.join(f'{s[0]:.2f}' for s in seconds)} s)")
    print("seconds to import, each package without those it imports (importing is timed slower):")
    for name, microseconds in imports.most_common(N_IMPORTS_SHOWN):
        print(f"  {microseconds / 1e6:6.3f}  {name}")
    # Not seen in the list: what TensorFlow says while it is imported is kept off the terminal.
    print(f"TensorFlow was {'imported' if with_tensorflow else 'not imported'}")
    print_figure("cold predict, seconds", wall)
    return int(with_tensorflow)


def start(folder: Path, *python_options: str) -> tuple[float, float, str]:
    """Predict in a new process; return wall-clock and processor seconds, and what it complained."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    paths = [str(folder / name) for name in ("model", "one.png", "table.csv")]
    program = [] if "-c" in python_options else ["-m", "bioselect"]
    command = [sys.executable, *python_options, *program, "predict", *paths[:2], "-o"]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*command, paths[2]], env=environment, capture_output=True, text=True, check=True
    )
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, processor, done.stderr


def imports_of(text: str) -> Counter[str]:
    """Return the microseconds that each package's own modules took to import."""
    spent: Counter[str] = Counter()
    for microseconds, module in _IMPORT.findall(text):
        spent[module.split(".")[0]] += int(microseconds)
    return spent


if __name__ == "__main__":
    sys.exit(main())
