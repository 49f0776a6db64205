"""A test part that meets a second model says so, whichever task the study has."""

from bioselect.progress import Reporter
from bioselect.selection.journal import Journal
from bioselect.workflows.openings import tell_opening


class Warned(Reporter):
    def __init__(self):
        self.lines = []

    def warn(self, text):
        self.lines.append(text)


def test_the_second_model_on_a_test_part_is_told_of_the_first(tmp_path):
    heard = Warned()
    with Journal(tmp_path / "journal") as journal:
        for _ in range(2):  # Started again, it is the same model.
            assert tell_opening(journal, ["a", "b"], "otsu", heard) == ()
        assert tell_opening(journal, ["c"], "unet", heard) == ()  # Another test part.
    assert heard.lines == []
    with Journal(tmp_path / "journal") as journal:
        for _ in range(2):  # And again each time.
            assert tell_opening(journal, ["b", "a"], "unet", heard) == ("otsu",)
        assert tell_opening(journal, ["a", "b"], "otsu", heard) == ("unet",)
    assert len(heard.lines) == 3
    assert "Got unet, after otsu in this run folder" in heard.lines[0]
