"""Configurations, from the text of a YAML file to components: what cannot be used is said."""

import tempfile
from pathlib import Path

import yaml

from bioselect.config.loading import load_config
from tests.fuzzing.files import in_memory
from tests.fuzzing.trees import changed

CONFIGS = Path(__file__).parents[3] / "configs"
TRICKS = {
    "merge.yaml": (
        "a: &a {C: 1}\ntask: classification\ndataset: {path: .}\nextractors: [hog]\n"
        "classifiers:\n- name: svm\n  params: {<<: *a, kernel: rbf}\n  search: {C: [0.1, 1, 10]}\n"
    ),
    "laughs.yaml": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ndataset: *c\nextractors: *b\n",
    "tags.yaml": "dataset: !!map {path: !!str x}\nseed: !!int 3\nx: !!python/name:os.system x\n",
    "table.yaml": (
        "task: regression\ndataset: {table: a.csv, target: dose, group: {column: patient}}\n"
        "regressors: [ridge, {name: svr, search: {C: {low: 1.0e-3, high: 1000, n: 7}}}]\n"
        "validation: {folds: 5, repeats: 3, test: {share: 0.2}, seed: 1}\n"
        "statistics: {alpha: 0.05, rope: 0.01}\nreport: {pictures: false}\nmodules: .\n"
    ),
}


def seeds():
    shipped = {path.name: path.read_bytes() for path in sorted(CONFIGS.glob("*.yaml"))}
    return {**shipped, **{name: text.encode() for name, text in TRICKS.items()}}


def mutated(data, random):
    """Return the text of another tree, and sometimes one that is nested far too deeply."""
    flow = random.choice((None, None, True, False))
    plain = random.random() < 0.5
    try:
        tree = changed(yaml.safe_load(data), random)
        text = yaml.safe_dump(tree, allow_unicode=plain, default_flow_style=flow)
    except (yaml.YAMLError, ValueError, RecursionError):
        return data
    if random.random() < 0.003:  # Each takes as long as a hundred others.
        text = f"extractors: {'[' * 1100}{']' * 1100}\n{text}"
    return text.encode("utf-8", "replace")


def feed(name, data):
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        path = Path(folder) / "config.yaml"
        path.write_bytes(data)
        load_config(path)
