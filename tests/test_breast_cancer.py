"""The table that ships is the one that scikit-learn carries, and its configuration runs."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from bioselect.config.loading import load_config
from bioselect.workflows.check import check

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "datasets" / "breast_cancer.csv"


def script():
    """Import the script that writes the table."""
    spec = spec_from_file_location("write_breast_cancer", TABLE.parent / "write_breast_cancer.py")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_table_is_that_of_scikit_learn():
    table, known = pd.read_csv(TABLE), load_breast_cancer(as_frame=True)
    assert np.array_equal(table[list(known.feature_names)], known.data)
    assert table["diagnosis"].tolist() == known.target_names[known.target].tolist()
    assert table["id"].is_unique


def test_writing_it_again_gives_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["write", "--to", str(tmp_path)])
    script().main()
    assert (tmp_path / TABLE.name).read_bytes() == TABLE.read_bytes()


@pytest.mark.parametrize("name", ["classification_table", "regression_table"])
def test_the_configurations_can_be_run(name):
    words = check(ROOT / "configs" / f"{name}.yaml")
    assert "569 independent rows" in words
    assert "The configuration can be run." in words


def test_the_configuration_writes_out_what_is_about_columns():
    text = (ROOT / "configs" / "classification_table.yaml").read_text(encoding="utf-8")
    section = load_config(ROOT / "configs" / "classification_table.yaml").dataset
    for key in ("features", "exclude", "id", "drop", "categorical", "decimal", "group"):
        assert f"\n  {key}: " in text
    assert section.column_choice.features is None
