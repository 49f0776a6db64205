import json
import os
import sys

import pytest

from bioselect.app import places
from bioselect.app.places import named_place
from bioselect.app.refusal import RefusedError


def test_a_name_longer_than_any_is_told_like_one_that_is_not_there(tmp_path):
    with pytest.raises(RefusedError, match="There is no such file or folder"):
        named_place("a" * 5000, tmp_path)


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path, monkeypatch):
    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(places.Path, "exists", refused)
    with pytest.raises(RefusedError, match="You have no right to look into this folder"):
        named_place("closed/inner", tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")
def test_a_folder_whose_name_is_no_text_does_not_hide_the_others(page):
    odd = os.fsencode(page.session.root) + b"/M\xfcller"
    os.mkdir(odd)
    (page.session.root / "plain").mkdir()
    try:
        answer = page.get("/folders")
    finally:
        os.rmdir(odd)
        (page.session.root / "plain").rmdir()
    assert answer.status == 200
    assert "plain" in json.loads(answer.text)["html"]
    assert "1 folder has a name that cannot be shown. Rename it" in json.loads(answer.text)["html"]
