import json
import shutil

import pytest

REPORT = "<!doctype html><script>1</script>"


@pytest.fixture(scope="module")
def run(page):
    """Write the products of a run that the page reads."""
    folder = page.session.root / "run"
    (folder / "report").mkdir(parents=True, exist_ok=True)
    study = {
        "exported": {"extractor": "hog", "estimator": "lda"},
        "honest_score": {
            "metric": "balanced_accuracy",
            "value": 0.8123456,
            "ci_low": 0.7,
            "ci_high": 0.9,
            "chance": 0.25,
        },
        "judged_by": {
            "metric": "balanced_accuracy",
            "in_words": "balanced accuracy",
            "direction": "higher",
            "bounds": [0, 1],
            "response": "labels",
            "unit": "",
        },
        "in_words": "In short:\n  Use hog + lda,\n    the best.\n\nLeft out: <b>nothing</b>.",
    }
    (folder / "study.json").write_text(json.dumps(study))
    (folder / "ranking.csv").write_text(
        "rank,extractor,estimator,mean,ci_low,ci_high,role\n"
        "1,hog,lda,0.8456789,0.75,0.95,best\n,hog,dummy,0.25,,,baseline\n"
    )
    (folder / "per_class.csv").write_text(
        "extractor,estimator,class,n_images,metric,mean,sd,n_repeats\n"
        "hog,lda,round,12,recall,0.51234,0.1,2\nhog,knn,round,12,recall,0.9,0.1,2\n"
    )
    (folder / "report.html").write_text(REPORT)
    (folder / "report" / "scores.svg").write_text("<svg/>")
    (folder / "secret.csv").write_text("a")
    return page.post("/results", {"folder": "run"}).headers["location"]


def test_the_verdict_the_score_and_the_tables_are_shown(page, run):
    words = page.get(run).message
    assert "0.81 balanced accuracy on new images like these" in words
    assert "very likely between 0.70 and 0.90; guessing: 0.25" in words
    assert "Use hog + lda, the best." in words
    assert "1 hog + lda 0.846 0.750 to 0.950 best" in words
    assert "round 12 0.512" in words
    assert "0.900" not in words
    assert "<b>nothing" not in page.get(run).text


def test_the_best_that_is_not_perfect_is_not_rounded_to_it(page, run):
    """What the report calls 0.997 must not be 1.00 here."""
    folder = page.session.root / "run"
    before = (folder / "study.json").read_text()
    (folder / "study.json").write_text(before.replace("0.8123456", "0.9971"))
    words = page.get(run).message
    (folder / "study.json").write_text(before)
    assert "0.997 balanced accuracy on new images like these" in words


def test_the_report_opens_in_an_origin_of_its_own(page, run):
    answer = page.get(f"{run}/report.html")
    assert answer.text == REPORT
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert page.get(f"{run}/report/scores.svg").status == 200


@pytest.mark.parametrize(
    "name", ["../secret.csv", "..%2Fsecret.csv", "%2e%2e/study.json", "no.svg"]
)
def test_nothing_beside_the_report_is_given(page, run, name):
    assert page.get(f"{run}/report/{name}").status == 404


def test_what_is_no_run_folder_is_refused(page):
    (page.session.root / "bare").mkdir(exist_ok=True)
    answer = page.post("/results", {"folder": "bare"})
    assert answer.status == 400
    assert "there is no study.json in it" in answer.message
    assert page.get("/results/99").status == 404


@pytest.mark.parametrize("study", ["[]", '"words"', '{"honest_score": 3, "in_words": 1}', "{"])
def test_results_that_are_damaged_are_told(page, study):
    folder = page.session.root / "damaged"
    folder.mkdir(exist_ok=True)
    (folder / "study.json").write_text(study)
    (folder / "per_class.csv").write_text("a,b\n1,2\n")
    answer = page.post("/results", {"folder": "damaged"})
    if answer.status == 303:
        answer = page.get(answer.headers["location"])
    assert answer.status == 400
    assert "The results in this folder are damaged" in answer.message


def test_a_report_that_is_a_link_out_of_the_folder_is_not_given(page, run):
    folder = page.session.root / "linked"
    folder.mkdir()
    shutil.copy(page.session.root / "run" / "study.json", folder)
    (page.session.root / "private.txt").write_text("private")
    (folder / "report.html").symlink_to(page.session.root / "private.txt")
    place = page.post("/results", {"folder": "linked"}).headers["location"]
    answer = page.get(f"{place}/report.html")
    assert answer.status == 404
    assert "private" not in answer.text
