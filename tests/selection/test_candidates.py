from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate, pairings


def test_label_is_what_people_read():
    candidate = Candidate(ComponentSpec("hog"), ComponentSpec.of("svm", {"C": 1}))
    assert candidate.label == "hog + svm(C=1)"


def test_equal_candidates_are_one_key_of_a_mapping():
    first = Candidate(ComponentSpec.of("lbp", {"radii": [1, 2]}), ComponentSpec("lda"))
    second = Candidate(ComponentSpec.of("lbp", {"radii": [1, 2]}), ComponentSpec("lda"))
    assert {first: "x"}[second] == "x"


def test_pairings_keep_the_written_order():
    extractors = [ComponentSpec("lbp"), ComponentSpec("hog")]
    estimators = [ComponentSpec("svm"), ComponentSpec("lda")]
    labels = [candidate.label for candidate in pairings(extractors, estimators)]
    assert labels == ["lbp + svm", "lbp + lda", "hog + svm", "hog + lda"]
