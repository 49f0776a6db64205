"""What stands for a model, and what does not; one name is no list of letters."""

import pytest

import bioselect
from bioselect.exceptions import BundleError, ComponentError, ConfigurationError


def test_something_that_is_no_place_is_told(study, drawn_images):
    with pytest.raises(BundleError, match=r"Got a Predictor.*path that `bioselect.load` was given"):
        bioselect.evaluate(study.model, drawn_images, progress=False)
    with pytest.raises(BundleError, match=r"Got a Study.*is `study.model`"):
        bioselect.load(study)


def test_one_name_is_one_name(study, drawn_images, tmp_path):
    with pytest.raises(ComponentError, match="--trust no-module:"):
        bioselect.load(study.folder, trust="no-module")
    with pytest.raises(ConfigurationError, match=r"classes in Python.*Got 'dotty'"):
        bioselect.explain_images(
            study, drawn_images, tmp_path / "e", classes="dotty", progress=False
        )
