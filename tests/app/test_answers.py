import pytest

from bioselect.app.answers import answered, questions
from bioselect.app.refusal import RefusedError
from bioselect.app.written_config import config_of
from bioselect.workflows.init import propose


@pytest.fixture(scope="module")
def proposed(drawn_images, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    return propose(drawn_images, folder / "images.yaml", jobs=1).text, folder / "images.yaml"


CLASSES = ("bars", "dots", "smooth")
GROUPED = (
    "dataset:\n  path: a\n  {}group: {{level: 2}}\nvalidation:\n  metric: accuracy\noutput: b\n"
)


def test_the_proposal_is_what_is_chosen_at_first(proposed):
    asked = {one.name: one for one in questions(proposed[0], "classes", CLASSES)}
    assert {name: one.chosen for name, one in asked.items()} == {
        "group": "alone",
        "metric": "balanced_accuracy",
        "budget": "",
    }
    labels = [option.label for option in asked["metric"].options]
    assert labels[-3:] == ["Not to miss bars", "Not to miss dots", "Not to miss smooth"]


def test_every_answer_makes_a_configuration_that_says_so(proposed):
    text, place = proposed
    asked = {one.name: one for one in questions(text, "classes", CLASSES)}
    for option in asked["metric"].options:
        config = config_of(answered(text, "metric", option.value), place)
        written = config.validation.metric
        name = written if isinstance(written, str) else written["name"]
        assert name == ("recall" if "recall" in option.value else option.value)
    for option in asked["budget"].options:
        config = config_of(answered(text, "budget", option.value), place)
        assert config.budget == (option.value or None)


def test_answers_can_be_taken_back(proposed):
    text, _ = proposed
    assert answered(answered(text, "budget", "20min"), "budget", "") == text
    assert answered(answered(text, "budget", "20min"), "budget", "1h").count("budget:") == 1
    other = answered(text, "metric", "accuracy")
    assert other != text
    assert answered(other, "metric", "balanced_accuracy") == text


def test_a_group_that_was_found_is_switched_on_and_off():
    off, on = GROUPED.format("#"), GROUPED.format("")
    assert answered(off, "group", "found") == on
    assert answered(on, "group", "alone") == off
    asked = questions(off, "classes", CLASSES)[0]
    assert (asked.chosen, [one.value for one in asked.options]) == ("alone", ["found", "alone"])
    assert questions(on, "classes", CLASSES)[0].chosen == "found"


def test_answers_that_were_not_offered_are_refused(proposed):
    with pytest.raises(RefusedError, match="must be a duration"):
        answered(proposed[0], "budget", "soon")
    with pytest.raises(RefusedError, match="choose one"):
        answered(proposed[0], "metric", "accuracy\nmodules: .")
    with pytest.raises(RefusedError, match="no such question"):
        answered(proposed[0], "modules", ".")


def test_masks_have_no_budget():
    text = "dataset:\n  path: a\nvalidation:\n  metric: dice\noutput: b\n"
    assert [one.name for one in questions(text, "masks", ())] == ["metric"]
