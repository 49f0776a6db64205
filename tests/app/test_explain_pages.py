"""A click on a predicted image tells what the prediction rests on."""

import io
import json
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bioselect.data.reading import read_source
from bioselect.explain.explainer import open_explainer
from tests.app.conftest import CLASS_NAMES
from tests.app.test_predict_pages import drawn


def mixed():
    """Return an image that shows `coarse` above and `fine` below, which decides."""
    upper, lower = (np.asarray(Image.open(io.BytesIO(drawn(one)))) for one in CLASS_NAMES[:2])
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate([upper[:20], lower[20:]])).save(buffer, "png")
    return buffer.getvalue()


def noise():
    """Return an image of which the training had none."""
    buffer = io.BytesIO()
    values = np.random.default_rng(0).integers(0, 2, (40, 40, 3)) * 255
    Image.fromarray(values.astype(np.uint8)).save(buffer, "png")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def job(page):
    """Predict an image of each class, and one that is cut short; return where."""
    files = [(f"{name}.png", drawn(name)) for name in CLASS_NAMES]
    files += [("mixed.png", mixed()), ("noise.png", noise())]
    answer = page.upload([*files, ("broken.png", drawn("fine")[:700])])
    page.in_words(answer.headers["location"].rsplit("/", 1)[-1])
    return answer.headers["location"]


def address_of(page, job, name):
    (row,) = (row for row in page.session.predicting.jobs[job[9:]].rows if row.name == name)
    return f"{job}/explanations/{row.place}"


def ended(page, address):
    """Wait for an explanation, and return it as HTML."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        told = json.loads(page.get(address).text)
        if told["has_ended"]:
            return told["html"]
        time.sleep(0.05)
    raise AssertionError("it did not end")


@pytest.fixture(scope="module")
def told(page, job):
    """Explain one image; return its address and the HTML."""
    address = address_of(page, job, "mixed.png")
    assert page.post(address).status == 200
    return address, ended(page, address)


def test_its_heat_map_is_shown_in_words_too(page, told):
    address, html = told
    assert "What speaks for fine" in html
    about = "Heat map over the image: where covering the image changes the probability of fine most"
    assert f'src="{address}/map-0.png" alt="{about}"' in html
    assert "Hiding what is orange lowers the probability of fine" in html


def test_where_no_part_decides_this_is_said(page, job):
    address = address_of(page, job, "coarse.png")
    page.post(address)
    assert "No part alone decides" in ended(page, address)


def test_the_nearest_training_images_are_those_of_the_model(told, model_path, tmp_path):
    (tmp_path / "mixed.png").write_bytes(mixed())
    explainer = open_explainer(model_path)
    image = read_source(tmp_path / "mixed.png", explainer.model.reading.stack)
    near = explainer.explain(image, "mixed.png").neighbours
    expected = [
        (CLASS_NAMES[place // 8], pytest.approx(distance, abs=0.01))  # Eight of each class.
        for place, distance in zip(near.places, near.distances, strict=True)
    ]
    html = told[1]
    found = re.findall(r'"said-of-near">(\w+)</span> <span class="hint">distance ([\d.]+)<', html)
    assert [(said, float(distance)) for said, distance in found] == expected
    with_pictures = re.findall(r"near-(\d+)\.png", html)
    assert with_pictures == [str(place) for place in near.places if place < 9]
    assert 0 < len(with_pictures) < 5


def test_an_image_unlike_those_of_the_training_is_told(page, job):
    for name, is_unlike in (("noise.png", True), ("coarse.png", False)):
        address = address_of(page, job, name)
        page.post(address)
        assert ("Unlike the training images" in ended(page, address)) is is_unlike


def test_pictures_are_given_and_nothing_else_of_the_folder(page, told):
    address, html = told
    (name,) = re.findall(r"/(map-\d+\.png)", html)
    path = page.session.explaining.found(
        page.session.predicting.jobs[address.split("/")[2]], int(address.rsplit("/", 1)[-1])
    ).folder
    with Image.open(io.BytesIO((path / name).read_bytes())) as picture:
        colours = np.asarray(picture.convert("RGB")).astype(int)
    red, _, blue = np.moveaxis(colours, 2, 0)
    rows, _ = np.nonzero(red - blue > 60)  # Orange; the image below it is grey.
    assert (rows > colours.shape[0] / 2).mean() > 0.8
    (path / "other.png").write_bytes(b"")
    assert page.ask("HEAD", f"{address}/{name}").status == 200
    for other in ("other.png", "map-9.png", "..%2F0.jpg"):
        assert page.get(f"{address}/{other}").status == 404


def test_a_second_click_is_answered_at_once(page, told):
    address, html = told
    assert json.loads(page.post(address).text) == {"has_ended": True, "html": html}


def test_who_has_no_token_or_comes_from_elsewhere_is_refused(page, told):
    address = told[0]
    assert page.get(address, without=("Cookie",)).status == 403
    assert page.post(address, without=("Cookie",)).status == 403
    assert page.post(address, headers={"Origin": "http://evil.example"}).status == 403


def test_an_unknown_image_is_not_found(page, job):
    for address in (
        f"{job}/explanations/77",
        "/predict/999/explanations/0",
        address_of(page, job, "broken.png"),
    ):
        assert page.post(address).status == 404
        assert page.get(address).status == 404
    not_asked = address_of(page, job, "middle.png")
    assert page.get(not_asked).status == 404


def test_a_model_of_masks_says_that_it_has_no_heat_map(page, job, monkeypatch):
    known = page.session.predicting.jobs[job[9:]]
    monkeypatch.setattr(known, "facts", replace(known.facts, masks=True))
    answer = page.post(address_of(page, job, "coarse.png"))
    assert answer.status == 409
    assert "A model of masks has no heat map" in answer.message
    assert "data-explain" not in page.get(job).text


def test_an_image_that_is_gone_is_told_by_its_name_and_may_be_tried_again(page):
    content = drawn("middle")
    location = page.upload([("gone.png", content)]).headers["location"]
    predicted = page.in_words(location.rsplit("/", 1)[-1])
    (file,) = predicted.paths
    file.unlink()
    address = f"{location}/explanations/0"
    page.post(address)
    html = ended(page, address)
    assert "gone.png" in html
    assert str(page.session.work) not in html
    file.write_bytes(content)
    page.post(address)
    assert "What speaks for middle" in ended(page, address)
    page.post(f"{location}/remove")
    assert page.get(address).status == 404
