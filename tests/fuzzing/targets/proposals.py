"""A table as somebody has it -> the configuration that is proposed for it, which can be loaded."""

import numpy as np
from PIL import Image

from bioselect.config.loading import load_config
from bioselect.workflows.init import propose
from tests.fuzzing.files import written

COVERED = ("workflows/proposal/*.py",)
N_ROWS = 24


def seeds():
    kinds = ("tumour", "=normal", "other")
    images = [f"{n % 6}.png,{kinds[n % 3]},p{n % 8},{n * 1.5}" for n in range(N_ROWS)]
    columns = [f"{n},{n % 5 + n / 7:.3f},{'x' if n % 2 else 'y'},{n % 3}" for n in range(N_ROWS)]
    labels = [f"{n % 6}.png;{'a|b' if n % 2 else 'c'};{n % 4},5" for n in range(N_ROWS)]
    return {
        "images.csv": "\n".join(["image,class,patient,age", *images]).encode(),
        "columns.csv": "\n".join(["id,area,sex,diagnosis", *columns]).encode(),
        "labels.csv": "\n".join(["file;findings;dose (mg)", *labels]).encode(),
    }


def feed(name, data):
    with written(name, data) as path:
        for number in range(6):
            grey = np.full((8, 8), 40 * number, dtype=np.uint8)
            Image.fromarray(grey).save(path.parent / f"{number}.png")
        config = path.parent / "config.yaml"
        config.write_text(propose(path, jobs=1).text, encoding="utf-8")
        load_config(config)
