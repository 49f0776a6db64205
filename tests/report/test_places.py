import pytest

from bioselect.report.places import configuration_without_places, without_places


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("(OSError: /home/anna/a b.csv)", "(OSError: …/a b.csv)"),
        ("'/data/x/y'", "'…/y'"),
        (r"D:\lab\cells.csv is empty", "…/cells.csv is empty"),
        (r"\\server\lab\cells", "…/cells"),
        ("a/b.png, 1/2, and/or, km / h, [a/b] <b/>", "a/b.png, 1/2, and/or, km / h, [a/b] <b/>"),
        ("https://doi.org/10.1/x", "https://doi.org/10.1/x"),
    ],
)
def test_of_a_path_the_last_name_is_left(text, shown):
    assert without_places(text) == shown


def test_places_with_blanks_are_known_from_the_configuration():
    text = "# all\ndataset:\n  path: /home/Anna Lee/my cells/images # here\nseed: 1\n"
    values = {"dataset": {"path": "/home/Anna Lee/my cells/images"}, "seed": 1}
    shown = configuration_without_places(text, values)
    assert shown == "# all\ndataset:\n  path: …/images # here\nseed: 1\n"
