from collections.abc import Callable
from pathlib import Path

import pytest

from bioselect.config.loading import load_config
from bioselect.config.sections import Config
from bioselect.exceptions import ConfigurationError

SMALLEST = """\
dataset: {path: images}
extractors: [hog]
classifiers: [svm]
output: results
"""


@pytest.fixture
def smallest() -> str:
    """The shortest configuration that is right; four lines."""
    return SMALLEST


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str | bytes], Config]:
    """A function that writes a text to `config.yaml` and loads it."""

    def load_text(text: str | bytes) -> Config:
        path = tmp_path / "config.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return load_config(path)

    return load_text


@pytest.fixture
def problems_of(
    load: Callable[[str | bytes], Config], tmp_path: Path
) -> Callable[[str | bytes], list[str]]:
    """A function that returns the lines of the error, without the folder."""

    def lines(text: str | bytes) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            load(text)
        return str(caught.value).replace(f"{tmp_path}/", "").split("\n")

    return lines
