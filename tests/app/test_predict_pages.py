import csv
import io
import json

import pytest
from PIL import Image

from bioselect.app import predict_pages
from bioselect.testing.small_bundle import draw_classes
from tests.app.conftest import CLASS_NAMES


def drawn(class_name, number=3):
    """Return a PNG of a class that the model was not trained with."""
    images, places = draw_classes(CLASS_NAMES, seed=5)
    of_class = [
        one for one, at in zip(images, places, strict=True) if CLASS_NAMES[at] == class_name
    ]
    buffer = io.BytesIO()
    Image.fromarray(of_class[number]).save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def job(page):
    """Send three images, and one that is cut short, and return where they are predicted."""
    files = [(f"{name}.png", drawn(name)) for name in CLASS_NAMES]
    name = "<img src=x onerror=alert(1)>.png"
    answer = page.upload([*files, (name, drawn("fine")[:700])])
    assert answer.status == 303
    page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    return answer.headers["location"]


def rows_of(page, job):
    text = page.get(f"{job}/predictions.csv").text
    return {row["path"]: row for row in csv.DictReader(io.StringIO(text))}


def test_images_get_their_classes_and_a_broken_one_its_reason(page, job):
    rows = rows_of(page, job)
    assert {name: rows[f"{name}.png"]["prediction"] for name in CLASS_NAMES} == {
        name: name for name in CLASS_NAMES
    }
    (broken,) = (row for name, row in rows.items() if "onerror" in name)
    assert "cut short" in broken["error"]
    assert not broken["prediction"]
    words = page.get(job).message
    assert "3 images predicted: 1 coarse, 1 fine, 1 middle; 1 could not be used." in words


def test_the_table_is_that_of_the_command_line_with_a_column_more(page, job, model_path, tmp_path):
    from bioselect.workflows.predict import predict

    for name in CLASS_NAMES:
        (tmp_path / f"{name}.png").write_bytes(drawn(name))
    predict(model_path, [tmp_path], output=tmp_path / "table.csv", jobs=1)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    rows = rows_of(page, job)
    for row in expected:
        row["path"] = row["path"].rsplit("/", 1)[-1]
        found = dict(rows[row["path"]])
        assert found.pop("correction") == ""
        assert found == row


def test_a_folder_without_images_has_no_table_to_download(page, job):
    (page.session.root / "nothing").mkdir()
    empty = page.post("/predict/folder", {"folder": "nothing"}).headers["location"]
    page.in_words(empty.rsplit("/", 1)[-1])
    shown = page.get(empty).text
    assert "must hold at least one image" in shown
    assert 'download="predictions.csv" hidden' in shown
    assert 'download="predictions.csv" hidden' not in page.get(job).text


def test_names_of_files_are_text_and_never_html(page, job):
    text = page.get(job).text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in text


def test_no_place_of_this_machine_is_told(page, job):
    shown = page.get(job).text + page.get(f"{job}/predictions.csv").text
    assert str(page.session.work) not in shown


def test_a_correction_is_kept_in_the_table_and_must_be_a_class(page, job):
    places = {row.name: row.place for row in page.session.predicting.jobs[job[9:]].rows}
    place = places["fine.png"]
    answer = page.post(f"{job}/correct", {"place": place, "value": "middle"})
    assert "1 corrected" in answer.text
    assert rows_of(page, job)["fine.png"]["correction"] == "middle"
    assert rows_of(page, job)["fine.png"]["prediction"] == "fine"
    wrong = page.post(f"{job}/correct", {"place": place, "value": "purple"})
    assert wrong.status == 400
    assert "must be one of coarse, fine, middle" in wrong.message
    assert page.get(f"{job}?page=%C2%B2").status == 200
    assert page.post(f"{job}/correct", {"place": "\u00b2", "value": "fine"}).status == 404
    page.post(f"{job}/correct", {"place": place, "value": ""})
    assert rows_of(page, job)["fine.png"]["correction"] == ""
    assert page.post(f"{job}/correct", {"place": "77", "value": "fine"}).status == 404


def test_each_used_image_has_a_picture(page, job):
    rows = page.session.predicting.jobs[job[9:]].rows
    assert [row.picture is not None for row in rows] == [not row.error for row in rows]
    place = next(row.place for row in rows if row.picture)
    (picture,) = (row.picture for row in rows if row.place == place)
    with Image.open(picture) as opened:
        assert opened.format == "JPEG"


def test_the_page_says_what_to_expect_of_the_model(page, job):
    words = page.get("/predict").message
    assert "Tells these classes apart: coarse fine middle" in words
    assert "Expect accuracy of about 0.90 on new images" in words
    assert "very likely between 0.80 and 1.00" in words


def test_many_images_are_on_several_pages_and_the_script_is_told(page, job, monkeypatch):
    monkeypatch.setattr(predict_pages, "ON_A_PAGE", 3)
    first, second = page.get(job), page.get(f"{job}?page=2")
    assert "Page 1 of 2" in first.message
    assert (first.text.count('<li class="image'), second.text.count('<li class="image')) == (3, 1)
    state = json.loads(page.get(f"{job}/state?page=1&shown=2").text)
    assert (state["n_shown"], state["rows"].count("<li"), state["has_ended"]) == (3, 1, True)
    assert "Page 1 of 2" in state["pages"]
    for odd in ("page=0", "page=x", "page=99999", "shown=-1"):
        assert page.get(f"{job}/state?{odd}").status == 200


def test_a_folder_of_the_root_is_predicted_in_place_and_no_other(page, tmp_path_factory):
    folder = page.session.root / "new"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.png").write_bytes(drawn("coarse"))
    answer = page.post("/predict/folder", {"folder": "new"})
    job = page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    assert [(row.name, row.said) for row in job.rows] == [("deep/a.png", "coarse")]
    (folder / "out").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    for outside in ("/", "..", "new/../..", "new/out", str(page.session.work)):
        refused = page.post("/predict/folder", {"folder": outside})
        assert refused.status == 400
        assert "outside of the folder that the page may look into" in refused.message
        assert outside == "/" or outside not in refused.message
    assert "no such file" in page.post("/predict/folder", {"folder": "missing"}).message


def test_folders_are_listed_inside_the_root_only(page):
    (page.session.root / "seen").mkdir(exist_ok=True)
    (page.session.root / "labels.csv").write_text("file,class\n")
    assert "seen" in page.get("/folders").text
    assert "labels.csv" not in page.get("/folders").text
    assert "labels.csv" in page.get("/folders?files=1").text
    assert page.get("/folders?path=..").status == 400


def test_a_removed_prediction_is_gone(page):
    answer = page.upload([("a.png", drawn("fine"))])
    number = answer.headers["location"].rsplit("/", 1)[-1]
    folder = page.in_words(number).folder
    assert folder.is_dir()
    assert page.post(f"/predict/{number}/remove").status == 303
    assert not folder.exists()
    assert page.get(f"/predict/{number}").status == 404


def test_what_is_no_model_is_not_opened(page):
    (page.session.root / "empty").mkdir(exist_ok=True)
    answer = page.post("/predict/model", {"model": "empty"})
    assert "There is no model in this folder." in answer.message
    assert page.session.predicting.facts is not None
