"""What searches chose, counted by hand."""

from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.chosen import ChosenValue, chosen_in_words, chosen_values
from bioselect.selection.cross_validation import FoldResult

HOG = ComponentSpec("hog")


def summed_up(name, search, values):
    """Return what is said of folds that chose these values of one parameter."""
    spec = ComponentSpec.of(name, search=search)
    [parameter] = search
    candidate = Candidate(HOG, spec)
    results = [FoldResult(candidate, 0, i, None, {parameter: v}) for i, v in enumerate(values)]
    return chosen_values([*results, FoldResult(candidate, 1, 0, None, error="failed")], spec)


def test_the_commonest_value_is_counted():
    found = summed_up("svm", {"C": [0.1, 1, 10]}, [1, 1, 10, 1, 0.1])
    assert found == (ChosenValue("C", 1, 3, 5, ""),)


def test_of_equally_common_values_the_first_listed_is_told():
    [found] = summed_up("svm", {"C": [10, 1]}, [1, 10])
    assert (found.value, found.n_folds) == (10, 1)


def test_the_end_of_the_range_in_most_folds_is_told():
    search = {"C": [0.1, 1, 10]}
    assert summed_up("svm", search, [10, 10, 1])[0].end == "largest"
    assert summed_up("svm", search, [0.1, 0.1, 1])[0].end == "smallest"
    # Half of the folds is not most of them.
    assert summed_up("svm", search, [10, 10, 1, 1])[0].end == ""


def test_beyond_a_limit_of_the_parameter_there_is_nothing():
    # One neighbour is the fewest that can vote.
    assert summed_up("knn", {"n_neighbors": [1, 3, 9]}, [1, 1, 1])[0].end == ""
    assert summed_up("knn", {"n_neighbors": [3, 9]}, [3, 3, 3])[0].end == "smallest"


def test_words_have_no_ends():
    search = {"kernel": ["rbf", "poly"]}
    assert summed_up("svm", search, ["poly"] * 3) == (ChosenValue("kernel", "poly", 3, 3, ""),)
    assert summed_up("svm", {"gamma": ["scale", 0.1]}, ["scale"] * 3)[0].end == ""
    assert summed_up("svm", {"gamma": ["scale", 0.1]}, [0.1] * 3)[0].end == ""


def test_nothing_is_said_without_a_fold():
    spec = ComponentSpec.of("svm", search={"C": [1, 10]})
    assert chosen_values([FoldResult(Candidate(HOG, spec), 0, 0, None, error="x")], spec) == ()
    assert chosen_in_words({Candidate(HOG, spec): ()}) == []
