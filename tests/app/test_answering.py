"""Whatever goes wrong is answered with a next step."""

import errno

import pytest

from bioselect.app import predict_pages


def played(error):
    def raised(*_):
        raise error

    return raised


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507, "The disk is full. Remove"),
        (PermissionError(errno.EACCES, "Permission denied"), 500, "(Permission denied). Check"),
    ],
)
def test_what_the_system_refuses_is_told_with_a_next_step(page, monkeypatch, error, status, words):
    monkeypatch.setattr(predict_pages, "images_of", played(error))
    answer = page.upload([("a.png", b"x")])
    assert answer.status == status
    assert words in answer.message
    assert not [one for one in page.session.work.glob("upload-*") if not any(one.iterdir())]


def test_what_nobody_has_thought_of_is_a_page_with_the_strict_headers(page, monkeypatch):
    monkeypatch.setattr(predict_pages, "images_of", played(RuntimeError("secret")))
    answer = page.upload([("a.png", b"x")])
    assert answer.status == 500
    assert "Go back and try again" in answer.message
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.is_up()
