"""What is not installed is told before the work."""

import pytest

from bioselect.exceptions import UnavailableError
from bioselect.workflows.check import check
from bioselect.workflows.run import run
from bioselect.workflows.tracking import telling


@pytest.mark.parametrize(
    ("key", "written", "missing"),
    [
        ("mlflow", "{mlflow: runs}", "mlflow, sqlalchemy, alembic"),
        ("tensorboard", "{tensorboard: true}", "tensorboard"),
    ],
)
def test_what_is_not_installed_stops_before_the_work(
    write_config, monkeypatch, tmp_path, key, written, missing
):
    monkeypatch.setattr(telling, "find_spec", lambda name: None)
    path = write_config(rest=f"tracking: {written}")
    line = path.read_text().split("\n").index(f"tracking: {written}") + 1
    for command in (run, check):
        with pytest.raises(UnavailableError) as caught:
            command(path, jobs=1)
        assert str(caught.value) == (
            f"config.yaml:{line}: tracking.{key}: {missing} must be installed. Run `pip install "
            '"bioselect[tracking]"`, or leave it out.'
        )
    assert not (tmp_path / "run" / "scores.csv").exists()
