"""`execution`: what may be written, and that a run does not keep it."""

import pytest

from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml
from bioselect.exceptions import ConfigurationError


def test_this_machine_unless_it_is_written(write_config):
    assert load_config(write_config()).execution.backend == "local"


def test_a_scheduler_and_workers(write_config):
    text = "execution: {backend: dask, scheduler: 'tls://node7.lab:8786', workers: 3}"
    section = load_config(write_config(rest=text)).execution
    assert (section.scheduler, section.workers) == ("tls://node7.lab:8786", 3)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{backend: dask, scheduler: 'node7:8786'}", r"execution\.scheduler: must be an address"),
        (
            "{backend: dask, scheduler: 'tcp://node7'}",
            r"execution\.scheduler: .*Got 'tcp://node7'",
        ),
        ("{backend: dask, workers: 0}", r"execution\.workers: must be"),
        ("{backend: ray}", r"execution\.backend: must be one of local, dask"),
        ("{workers: 2}", r"execution: workers goes with backend: dask"),
    ],
)
def test_mistakes_are_told_with_their_line(write_config, text, told):
    with pytest.raises(ConfigurationError, match=rf"config\.yaml:\d+: {told}"):
        load_config(write_config(rest=f"execution: {text}"))


def test_results_do_not_hold_where_they_were_computed(write_config):
    here = load_config(write_config())
    there = load_config(write_config(rest="execution: {backend: dask, workers: 2}"))
    assert config_to_yaml(there, {}) == config_to_yaml(here, {})
