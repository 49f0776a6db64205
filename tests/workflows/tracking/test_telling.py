"""What is not installed is told before the work."""

import pytest

from bioselect.exceptions import UnavailableError
from bioselect.workflows.check import check
from bioselect.workflows.run import run


@pytest.mark.parametrize(
    ("key", "written", "missing"),
    [
        (
            "mlflow",
            "{mlflow: runs}",
            "packages mlflow, sqlalchemy and alembic, which are not installed. Install them",
        ),
        (
            "tensorboard",
            "{tensorboard: true}",
            "package tensorboard, which is not installed. Install it",
        ),
    ],
)
def test_what_is_not_installed_stops_before_the_work(
    write_config, monkeypatch, tmp_path, key, written, missing
):
    monkeypatch.setattr("bioselect.extras.find_spec", lambda name: None)
    path = write_config(rest=f"tracking: {written}")
    line = path.read_text().split("\n").index(f"tracking: {written}") + 1
    for command in (run, check):
        with pytest.raises(UnavailableError) as caught:
            command(path, jobs=1)
        assert str(caught.value) == (
            f"config.yaml:{line}: tracking.{key} needs the {missing} with `pip install "
            '"bioselect[tracking]"`, or leave it out.'
        )
    assert not (tmp_path / "run" / "scores.csv").exists()
