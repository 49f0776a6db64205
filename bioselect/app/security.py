"""Who may talk to the page: the browser that was given the token, from the page itself.

Everything on a machine, and every web site that is open in a browser on it, can send requests to
127.0.0.1. So each request must carry a cookie that only the address with the token sets; its Host
must be the one that the page is served at (a foreign name that points here is refused, DNS
rebinding); and what changes anything must come from a page of this origin.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TOKEN = "token"
SAFE_METHODS = ("GET", "HEAD")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: A report holds its own script and style. It runs in an origin of its own, without this page's
#: cookie, and may load nothing.
REPORT_POLICY = (
    "sandbox allow-scripts allow-downloads allow-popups; default-src 'none'; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_GOING = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>bioselect</title>'
    '<meta http-equiv="refresh" content="0;url={where}"><p><a href="{where}">Open the page</a></p>'
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Door:
    """Where the page is served, and the token that opens it.

    `names` are the hosts by which it may be called; with `by_any_number`, so may any IP address
    (which, other than a name, nobody can point elsewhere).
    """

    token: str
    port: int
    names: tuple[str, ...] = ("127.0.0.1", "localhost")
    by_any_number: bool = False

    @property
    def cookie(self) -> str:
        """Return the cookie's name: two pages on two ports share their cookies, and must not."""
        return f"bioselect_{hashlib.sha256(self.token.encode()).hexdigest()[:12]}"

    def is_host(self, host: str) -> bool:
        """Tell whether a Host header names this page.

        Examples
        --------
        >>> door = Door("t", 8000)
        >>> door.is_host("localhost:8000"), door.is_host("evil.example:8000")
        (True, False)
        """
        name, separator, port = host.rpartition(":")
        if not separator or port != str(self.port):
            return False
        if name.lower() in self.names:
            return True
        return self.by_any_number and _is_number(name)

    def is_token(self, given: str) -> bool:
        """Tell whether it is the token, in a time that does not depend on where it differs."""
        return hmac.compare_digest(given.encode(), self.token.encode())


class Guard:
    """Refuses what does not come from the page itself, and sets the headers of every answer.

    `once` opens like the token, but one time only: everybody on this machine can read with which
    address a browser was started.
    """

    def __init__(self, app: App, door: Door, once: str = "") -> None:
        self.app = app
        self.door = door
        self.once = once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(send)
        if scope["type"] != "http":
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        reason = self._wrong_place(scope["method"], headers)
        if reason:
            await _answer(guarded, 403, f"{reason}\n")
            return
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if TOKEN in query and scope["method"] in SAFE_METHODS:
            if not self._opens(query.pop(TOKEN)[0]):
                await _answer(guarded, 403, "The token in the address is not that of this page.\n")
                return
            rest = urlencode(query, doseq=True)
            where = quote(scope["path"]) if _is_plain(scope["path"]) else "/"
            where += "?" + rest if rest else ""
            cookie = f"{self.door.cookie}={self.door.token}; HttpOnly; SameSite=Strict; Path=/"
            if headers.get("sec-fetch-site", "none") == "none":
                await _answer(guarded, 303, "", {"location": where, "set-cookie": cookie})
                return
            # A redirect that began on another page is followed without a strict cookie.
            going = {"content-type": "text/html; charset=utf-8", "set-cookie": cookie}
            await _answer(guarded, 200, _GOING.format(where=escape(where)), going)
            return
        if not self.door.is_token(_cookies(headers.get("cookie", "")).get(self.door.cookie, "")):
            await _answer(
                guarded,
                403,
                "This page opens only with the address that `bioselect app` printed, the one with "
                "a token. Copy it from the terminal.\n",
            )
            return
        await self.app(scope, receive, guarded)

    def _opens(self, given: str) -> bool:
        if self.door.is_token(given):
            return True
        if self.once and hmac.compare_digest(given.encode(), self.once.encode()):
            self.once = ""
            return True
        return False

    def _wrong_place(self, method: str, headers: dict[str, str]) -> str:
        """Return why a request comes from elsewhere, or nothing."""
        host = headers.get("host", "")
        if not self.door.is_host(host):
            return "The address of this page must be the one that `bioselect app` printed."
        origin = headers.get("origin")
        if origin is not None:
            if origin != f"http://{host}":
                return "A request from another site is refused."
            return ""
        if method in SAFE_METHODS:
            is_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
            if is_elsewhere and headers.get("sec-fetch-mode") != "navigate":
                return "A request from another site is refused."
            return ""
        if headers.get("sec-fetch-site") != "same-origin":
            return "A request that does not say that it comes from this page is refused."
        return ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _is_plain(path: str) -> bool:
    """Tell whether a path stays on this page: `//name` would be another one."""
    return path.startswith("/") and not path.startswith(("//", "/\\"))


def _cookies(header: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in header.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _with_headers(send: Send) -> Send:
    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            names = {name.decode("latin-1").lower() for name, _ in given}
            added = [
                (name.encode(), value.encode())
                for name, value in HEADERS.items()
                if name not in names
            ]
            message = {**message, "headers": [*given, *added]}
        await send(message)

    return guarded


async def _answer(
    send: Send, status: int, text: str, headers: dict[str, str] | None = None
) -> None:
    body = text.encode()
    sent = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body))}
    sent.update(headers or {})
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
