"""Where the work is done, and what is said where that cannot be."""

import socket

import pytest

from bioselect.cluster import connecting
from bioselect.config.execution_section import ExecutionSection
from bioselect.exceptions import ClusterError, ConfigurationError, UnavailableError
from bioselect.progress import SILENT
from bioselect.run_folder import RunFolder
from bioselect.workflows.check import check
from bioselect.workflows.execution_place import executed, refuse_cluster
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import as_config


def test_without_dask_its_installation_is_named(write_config, monkeypatch):
    monkeypatch.setattr("bioselect.extras.find_spec", lambda name: None)
    config = write_config(rest="execution: {backend: dask}")
    for work in (check, run):
        with pytest.raises(UnavailableError, match=r'pip install "bioselect\[cluster\]"'):
            work(config)


def test_nobody_at_the_address_is_one_line(monkeypatch):
    monkeypatch.setattr(connecting, "SECONDS_TO_CONNECT", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    section = ExecutionSection(backend="dask", scheduler=address)
    with (
        pytest.raises(ClusterError, match=r"no Dask scheduler answers there") as raised,
        executed(section, None, SILENT),
    ):
        pass
    assert str(raised.value).startswith(address)
    assert "\n" not in str(raised.value)
    assert "--backend local" in str(raised.value)


def test_masks_are_refused_there(tmp_path, write_config):
    with pytest.raises(ConfigurationError, match="a model of masks predicts on this machine"):
        refuse_cluster(ExecutionSection(backend="dask"), "a model of masks")


def test_a_fresh_run_without_a_scheduler_forgets_nothing(tmp_path, write_config, monkeypatch):
    """Hours of folds lie there; the command that comes next goes on from them."""
    monkeypatch.setattr(connecting, "SECONDS_TO_CONNECT", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setattr("bioselect.workflows.run.check_output_places", lambda *given: None)
    folder = RunFolder(tmp_path / "kept")
    folder.training.mkdir(parents=True)
    for path in (folder.journal, folder.budget, folder.training / "history.csv"):
        path.write_text("kept")
    kept = {"rest": f"execution: {{backend: dask, scheduler: '{address}'}}", "output": "kept"}
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        run(write_config(**kept), fresh=True)
    for path in (folder.journal, folder.budget, folder.training / "history.csv"):
        assert path.read_text() == "kept"


def test_masks_are_refused_before_anything_is_touched(tmp_path, write_config):
    section = ExecutionSection(backend="dask")
    config = as_config(write_config(output="untouched"))
    config = config.model_copy(update={"task": "segmentation", "execution": section})
    with pytest.raises(ConfigurationError, match="dask does not go with task: segmentation"):
        run(config, fresh=True)
    assert not (tmp_path / "untouched").exists()
