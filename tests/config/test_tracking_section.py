"""`tracking`: addresses and folders."""

import pytest

from bioselect.config.writing import config_to_yaml


def test_nobody_is_told_unless_it_is_written(load, smallest) -> None:
    tracking = load(smallest).tracking
    assert (tracking.mlflow, tracking.tensorboard, tracking.is_asked_for) == (None, False, False)


def test_a_folder_is_relative_to_the_file_and_stays_so(load, smallest, tmp_path) -> None:
    config = load(smallest + "tracking: {mlflow: ../runs}\n")
    assert config.tracking.mlflow == str(tmp_path.parent / "runs")
    assert config.tracking.is_asked_for
    assert "  mlflow: ../../runs\n" in config_to_yaml(config, {}, tmp_path / "results")


def test_an_address_stays_as_it_is(load, smallest, tmp_path) -> None:
    for address in (
        "http://server:5000",
        "sqlite:///a@b/runs.db",
        "postgresql://db/x?user=me&sslmode=require",
        "databricks",
    ):
        config = load(smallest + f"tracking: {{mlflow: '{address}', tensorboard: true}}\n")
        assert config.tracking.mlflow == address
        assert f"  mlflow: {address}\n" in config_to_yaml(config, {})


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("mlflow: 3", "tracking.mlflow: must be the address of a server, a folder, or null. Got 3"),
        (
            "mlflow: 'https://me:secret@lab'",
            "tracking.mlflow: must not hold a user, a password or a key",
        ),
        *(
            (f"mlflow: '{address}'", "tracking.mlflow: must not hold a user, a password or a key")
            for address in (
                "http://secret@host:5000",
                "postgresql://db/x?user=me&password=secret",
                "postgresql://db/x?user=me&PassWd=secret",
                "postgresql://me:se/secret@db/x",
                "mssql+pyodbc:///?odbc_connect=UID%3Dme%3BPWD%3Dsecret",
                "http://host/?access_token=secret",
                "http://host/?api_key=secret",
                "http://host/?X-Amz-Signature=secret",
                "http://[secret@host",
            )
        ),
        ("mlflow: 'file:///runs'", "tracking.mlflow: must be a folder, written without file:"),
        ("mlflow: 'runs?'", "tracking.mlflow: must be a folder without a question mark"),
        ("experiment: ''", "tracking.experiment: must be a name. Got ''"),
        ("artefacts: 1", "tracking.artefacts: must be true or false"),
        ("mlfow: runs", "tracking.mlfow: unknown key. Did you mean 'mlflow'?"),
    ],
)
def test_what_is_wrong_is_said(problems_of, smallest, written, message) -> None:
    (problem,) = problems_of(smallest + f"tracking: {{{written}}}\n")
    assert message in problem
    assert "secret" not in problem
