"""What the card of an exported model says of its own score."""

from types import SimpleNamespace

from bioselect.workflows.model_card import own_score


def judged(exported, ci_low=0.8, ci_high=0.9, place="in cross-validation"):
    rows = [
        SimpleNamespace(extractor="hog", estimator="svm", mean=0.91, ci_low=None, ci_high=None),
        SimpleNamespace(
            extractor="lbp", estimator="lda", mean=0.85, ci_low=ci_low, ci_high=ci_high
        ),
    ]
    verdict = SimpleNamespace(ranking=rows, honest_score=SimpleNamespace(of="hog + svm"))
    return SimpleNamespace(
        verdict=verdict, exported=SimpleNamespace(label=exported), place_of_scores=place
    )


def test_the_best_combination_needs_no_word_of_its_own():
    assert own_score(judged("hog + svm")) == ""


def test_another_model_has_its_own_score_and_not_that_of_the_best():
    text = own_score(judged("lbp + lda"))
    assert "This model is lbp + lda: 0.850 (95 % interval 0.800 to 0.900)" in text
    assert "is about hog + svm, the best combination" in text
    assert "0.91" not in text
    splits = own_score(judged("lbp + lda", place="over 8 random splits"))
    assert "0.850 (95 % interval 0.800 to 0.900) over 8 random splits. " in splits


def test_without_an_interval():
    text = own_score(judged("lbp + lda", ci_low=None, ci_high=None))
    assert "lbp + lda: 0.850 in cross-validation" in text
