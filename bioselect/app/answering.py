"""What all pages share: forms that are bounded, answers as HTML or JSON, refusals in one line."""

from __future__ import annotations

import errno
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bioselect.app.refusal import RefusedError
from bioselect.app.rendering import render, sendable
from bioselect.app.session import Session
from bioselect.exceptions import BioselectError


def session_of(request: Request) -> Session:
    """Return what this start of the page owns."""
    found: Session = request.app.state.session
    return found


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a whole page."""
    session = session_of(request)
    shown = {"path": request.url.path, "has_model": session.predicting.model is not None, **values}
    return HTMLResponse(render(template, **shown), status)


_log = logging.getLogger(__name__)


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a form without files, read up to a limit.

    Raises
    ------
    RefusedError
        If it is larger, or no form.
    """
    limit = session_of(request).limits.form_bytes
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise RefusedError("This form is too large.", 413)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind != "application/x-www-form-urlencoded":
        raise RefusedError("This must be a form.", 415)
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100))
    except ValueError as error:
        raise RefusedError("This form cannot be read.") from error


def go_to(request: Request, address: str) -> Response:
    """Send a browser to another page; tell a script where it is."""
    if wants_json(request):
        return JSONResponse({"go_to": address})
    return RedirectResponse(address, 303)


def wants_json(request: Request) -> bool:
    """Tell whether the script of the page asks."""
    return request.headers.get("accept", "").startswith("application/json")


async def refused(request: Request, error: Exception) -> Response:
    """Answer with one line why not."""
    status = error.status if isinstance(error, RefusedError) else 400
    if not isinstance(error, BioselectError):
        raise error
    message = sendable(str(error))
    if wants_json(request):
        return JSONResponse({"error": message}, status)
    return page(request, "refused.html", status, message=message, status_code=status)


async def not_found(request: Request, error: Exception) -> Response:
    """Answer that there is no such page."""
    return await refused(request, RefusedError("There is no such page.", 404))


async def system_refused(request: Request, error: Exception) -> Response:
    """Answer what the system said: a full disk, or a file that may not be read."""
    _log.error("the system refused something", exc_info=error)
    number = error.errno if isinstance(error, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT):
        words = "The disk is full. Remove earlier predictions or free some space, and try again."
        return await refused(request, RefusedError(words, 507))
    reason = (error.strerror if isinstance(error, OSError) else None) or "no reason given"
    words = f"The system refused it ({reason}). Check that you may read and write there."
    return await refused(request, RefusedError(words, 500))


async def unforeseen(request: Request, error: Exception) -> Response:
    """Answer what nobody has thought of; the terminal gets the rest."""
    words = (
        "Something went wrong that should not. Go back and try again; the window in which "
        "bioselect app was started shows what it was."
    )
    return await refused(request, RefusedError(words, 500))


async def gone(request: Request, error: Exception) -> Response:
    """Answer to nobody: who sent the request has broken it off."""
    return Response(status_code=400)
