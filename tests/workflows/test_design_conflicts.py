"""What does not go together is refused before any work."""

import pytest

from bioselect.config.loading import load_config
from bioselect.exceptions import ConfigurationError
from bioselect.workflows.design_conflicts import refuse_conflicts


@pytest.mark.parametrize(
    "dataset",
    [
        "{table: t.csv, target: y}\nclassifiers: [lda]",
        "{table: t.csv, image: f, target: y, columns: [age]}\n"
        "extractors: [lbp]\nclassifiers: [lda]",
    ],
)
def test_pictures_do_not_go_with_columns_of_a_table(dataset, tmp_path):
    (tmp_path / "t.csv").write_text("f,y,age\na.png,1,2\n")
    path = tmp_path / "config.yaml"
    path.write_text(f"dataset: {dataset}\nbundle: {{thumbnails: true}}\noutput: run\n")
    with pytest.raises(ConfigurationError, match=r"bundle\.thumbnails: .* Leave it out") as raised:
        refuse_conflicts(load_config(path))
    assert "\n" not in str(raised.value)
    path.write_text(f"dataset: {dataset}\noutput: run\n")
    refuse_conflicts(load_config(path))
