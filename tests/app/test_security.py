import pytest

from bioselect.app.security import Door, Guard


def test_the_address_with_the_token_opens_the_page_and_leaves_no_token_in_it(page):
    answer = page.get(f"/predict?page=2&token={page.door.token}", without=("Cookie",))
    assert answer.status == 303
    assert answer.headers["location"] == "/predict?page=2"
    (cookie,) = answer.cookies
    assert cookie.startswith(f"{page.door.cookie}={page.door.token};")
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}


@pytest.mark.parametrize("path", ["/", "/predict", "/static/script.js", "/folders", "/nothing"])
def test_without_token_nothing_is_answered(page, path):
    answer = page.get(path, without=("Cookie",))
    assert answer.status == 403
    assert "the address that `bioselect app` printed" in answer.text
    assert page.is_up()


def test_a_wrong_token_is_refused(page):
    assert page.get("/predict?token=guessed", without=("Cookie",)).status == 403
    wrong = {"Cookie": f"{page.door.cookie}=guessed"}
    assert page.get("/predict", headers=wrong).status == 403


def test_a_redirect_never_leaves_the_page(page):
    answer = page.get(f"//evil.example/?token={page.door.token}", without=("Cookie",))
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    ("path", "where"), [("/%C3%A4", "/%C3%A4"), ("/%0d%0aX:1", "/%0D%0AX%3A1")]
)
def test_the_path_of_the_address_is_written_as_it_came(page, path, where):
    answer = page.get(f"{path}?token={page.door.token}", without=("Cookie",))
    assert (answer.status, answer.headers["location"]) == (303, where)
    assert "X" not in answer.headers


def test_a_link_on_another_page_opens_this_one_with_its_cookie(page):
    """A browser sends no strict cookie after a redirect that another page began."""
    other = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    address = f"/predict?page=2&token={page.door.token}&a=%22%3Cb%3E"
    answer = page.get(address, headers=other, without=("Cookie", "Origin"))
    assert answer.status == 200
    assert 'content="0;url=/predict?page=2&amp;a=%22%3Cb%3E"' in answer.text
    assert page.door.token not in answer.text
    assert answer.cookies


def test_what_a_browser_is_started_with_opens_once():
    guard = Guard(None, Door("token", 80), "once")
    assert [guard._opens(one) for one in ("guess", "once", "once", "token", "token", "")] == [
        False, True, False, True, True, False,
    ]  # fmt: skip


def test_only_a_person_comes_from_another_page_to_look(page):
    other = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}
    assert page.get("/predict", headers=other, without=("Origin",)).status == 403
    opened = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}
    assert page.get("/predict", headers=opened, without=("Origin",)).status == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil:80"])
def test_another_host_is_refused_even_with_the_cookie(page, host):
    answer = page.get("/predict", headers={"Host": host})
    assert answer.status == 403
    assert "address of this page" in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_a_post_from_another_site_is_refused(page, origin):
    answer = page.post("/predict/folder", {"folder": "."}, headers={"Origin": origin})
    assert answer.status == 403
    assert "another site" in answer.text
    assert page.is_up()


def test_a_post_must_say_that_it_comes_from_the_page(page):
    assert page.post("/study/1/stop", without=("Origin",)).status == 403
    same = {"Sec-Fetch-Site": "same-origin"}
    assert page.post("/study/1/stop", without=("Origin",), headers=same).status == 404
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert page.post("/study/1/stop", without=("Origin",), headers=cross).status == 403


@pytest.mark.parametrize("path", ["/predict", "/static/style.css", "/nothing"])
def test_every_answer_has_the_strict_headers(page, path):
    headers = page.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_pages_hold_no_inline_script_or_style(page):
    for path in ("/predict", "/study", "/results"):
        text = page.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script") == text.count('<script src="/static/')
        assert "http://" not in text.replace("http://www.w3.org", "")
        assert "https://" not in text


def test_a_page_for_a_network_may_be_called_by_numbers_and_by_no_foreign_name():
    door = Door("t", 80, ("127.0.0.1",), by_any_number=True)
    assert door.is_host("192.168.1.7:80")
    assert door.is_host("[::1]:80")
    assert not door.is_host("evil.example:80")
    assert not door.is_host("192.168.1.7:81")
    assert not Door("t", 80).is_host("192.168.1.7:80")


def test_two_pages_have_cookies_of_their_own():
    assert Door("one", 80).cookie != Door("two", 81).cookie
