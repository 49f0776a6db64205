"""Models of real images in the formats of other programs; skipped where there are none."""

import json
from pathlib import Path

import pytest

from bioselect.cli.main import main
from bioselect.workflows.interchange import ENDINGS

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WEIGHTS = REAL_DATA / "weights" / "mobilenet_v2_alpha"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not REAL_DATA.is_dir(), reason=f"no {REAL_DATA}"),
]


def export(model, kind, path, *more):
    return main(["export", str(model), "--to", kind, "-o", str(path), *map(str, more)])


REAL = """\
dataset: {{table: cells.csv, image: file, target: cell_type, group: smear}}
{what}
validation: {{folds: 2, repeats: 1}}
output: run
report: {{pictures: false, explanations: false, learning_curve: false, map: false}}
"""
MOBILENET = "extractors: [{{name: mobilenet_v2, params: {{weights: {weights}1.0_224_notop.h5}}}}]"
WHAT = {
    "frozen": f"{MOBILENET}\nclassifiers: [logistic_regression]",
    "forest": f"{MOBILENET}\nclassifiers: [random_forest]",
    "hog": "extractors: [hog]\nclassifiers: [svm]",
    "trained": "networks: [{{name: mobilenet_v2, params: {{alpha: 0.35, weights: "
    "{weights}0.35_224_notop.h5, input_size: 96, trainable: head, epochs: 3}}}}]",
}
MASKS = """\
task: segmentation
dataset: {table: pairs.csv, image: file, mask: mask, classes: {0: background, 255: nucleus}}
networks: [{name: unet, params: {depth: 3, width: 8, epochs: 3, patch_size: 128}}]
validation: {folds: 2, repeats: 1}
output: run
"""


@pytest.mark.parametrize(
    ("what", "kinds"),
    [
        ("frozen", ["onnx", "bioimageio"]),
        ("forest", ["onnx"]),
        ("hog", ["onnx"]),
        ("trained", ["onnx", "bioimageio", "keras"]),
    ],
)
def test_real_cells(what, kinds, tmp_path):
    """Largest differences seen on 900 cells: see docs/export.md."""
    cells = REAL_DATA / "blood_cells"
    lines = (cells / "labels.csv").read_text(encoding="utf-8").splitlines()
    chosen = [f"{cells.as_posix()}/{line}" for line in lines[1::8]]
    (tmp_path / "cells.csv").write_text("\n".join([lines[0], *chosen]), encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(
        REAL.format(what=WHAT[what].format(weights=WEIGHTS.as_posix())), encoding="utf-8"
    )
    assert main(["run", str(config)]) == 0
    for kind in kinds:
        path = tmp_path / f"model{ENDINGS[kind]}"
        assert export(tmp_path / "run", kind, path, "--images", cells / "images" / "WBC") == 0
        if kind != "bioimageio":
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            assert facts["checked"]["n_images"] == 316
            assert facts["checked"]["largest"] <= 1e-4
            path.with_suffix(".json").unlink()


def test_real_nuclei(tmp_path):
    fields = sorted((REAL_DATA / "nuclei" / "images").iterdir())
    pairs = [f"{one.as_posix()},{one.parents[1].as_posix()}/masks/{one.name}" for one in fields]
    (tmp_path / "pairs.csv").write_text("\n".join(["file,mask", *pairs[:12]]), encoding="utf-8")
    (tmp_path / "config.yaml").write_text(MASKS, encoding="utf-8")
    assert main(["run", str(tmp_path / "config.yaml")]) == 0
    for kind in ENDINGS:
        path = tmp_path / f"{kind}{ENDINGS[kind]}"
        assert export(tmp_path / "run", kind, path, "--images", fields[0].parent) == 0
