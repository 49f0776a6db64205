"""What a prediction rests on, below its picture: asked for by a click, told when it is known."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bioselect.app.answering import session_of
from bioselect.app.explain_jobs import ShownExplanation
from bioselect.app.predict_pages import job_of
from bioselect.app.refusal import RefusedError
from bioselect.app.rendering import render


async def ask(request: Request) -> Response:
    """Begin to explain an image, or tell what is known of it."""
    explaining = session_of(request).explaining
    return _told(explaining.ask(job_of(request), request.path_params["place"]))


async def state(request: Request) -> Response:
    """Tell a script how far an explanation is."""
    return _told(_found(request))


async def picture(request: Request) -> Response:
    """Give a heat map, or the picture of a training image."""
    one, name = _found(request), request.path_params["name"]
    if name not in one.pictures:
        raise RefusedError("There is no such picture.", 404)
    return FileResponse(one.folder / name, media_type="image/png")


def _found(request: Request) -> ShownExplanation:
    return session_of(request).explaining.found(job_of(request), request.path_params["place"])


def _told(one: ShownExplanation) -> Response:
    html = render("parts/explanation.html", one=one)
    return JSONResponse({"has_ended": one.progress.has_ended, "html": html})


_ADDRESS = "/predict/{number}/explanations/{place:int}"
ROUTES = [
    Route(_ADDRESS, ask, methods=["POST"]),
    Route(_ADDRESS, state),
    Route(_ADDRESS + "/{name}", picture),
]
