"""docs/python.md: what stands there runs, from top to bottom."""

import re
import shutil
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


@pytest.mark.filterwarnings("error")
def test_the_examples_run_one_after_the_other(drawn_images, tmp_path, monkeypatch):
    shutil.copytree(drawn_images, tmp_path / "my_images")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert len(blocks) == 5
    assert names["study"].folder == Path("results/my_images")
    assert names["wide"].shape == (6, 6)
    assert len(names["maps"].pictures) == 2
    assert names["rows"].shape[0] == len(names["table"]) == 36
    assert set(names["search"].best_params_) == {"features__n_jobs", "features__radii"}
