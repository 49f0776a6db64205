"""The application: its pages behind their guard, and the server that gives it a port."""

from __future__ import annotations

import ipaddress
import os
import secrets
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bioselect.addresses import on_this_computer
from bioselect.app import explain_pages, predict_pages, result_pages, study_pages
from bioselect.app.answering import (
    gone,
    not_found,
    refused,
    session_of,
    system_refused,
    unforeseen,
)
from bioselect.app.limits import Limits
from bioselect.app.predict_pages import model_place
from bioselect.app.rendering import HERE
from bioselect.app.security import TOKEN, Door, Guard
from bioselect.app.session import Session
from bioselect.exceptions import BioselectError, ConfigurationError, StorageError
from bioselect.run_folder import RunFolder

_TOKEN_BYTES = 32
USUAL_HOST = "127.0.0.1"


def make_app(door: Door, session: Session, once: str = "") -> Guard:
    """Return the application; it owns the session, and ends it when it ends.

    `once` opens it one time, as the token of the door does every time.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            session.end()

    app = Starlette(
        routes=[
            Route("/", _first_page),
            *predict_pages.ROUTES,
            *explain_pages.ROUTES,
            *study_pages.ROUTES,
            *result_pages.ROUTES,
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        exception_handlers={
            BioselectError: refused,
            HTTPException: not_found,
            ClientDisconnect: gone,
            OSError: system_refused,
            Exception: unforeseen,
        },
        lifespan=lifespan,
    )
    app.state.session = session
    return Guard(app, door, once)


async def _first_page(request: Request) -> Response:
    session = session_of(request)
    if session.predicting.model is None and session.results:
        return RedirectResponse(f"/results/{next(iter(session.results))}", 303)
    return RedirectResponse("/study" if session.predicting.model is None else "/predict", 303)


def serve(
    place: Path | None,
    port: int,
    host: str,
    root: Path | None,
    say: Callable[[str], None],
    open_browser: bool,
    limits: Limits | None = None,
) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    place : Path or None
        A model, or a run folder, to begin with.
    port : int
        0 takes one that is free.
    host : str
        The address to listen at.
    root : Path or None
        What may be looked into and written to; by default the home folder.
    say : callable
        Told the address, and what happens at the end.
    open_browser : bool
        Whether to open it in a browser.
    limits : Limits, optional
        How much is taken in.

    Raises
    ------
    BioselectError
        If the place holds neither a model nor results, or the port is taken.
    """
    import uvicorn

    root = Path.home() if root is None else root
    if not root.is_dir():
        raise ConfigurationError(f"--root {root}: must be a folder. Check the path.")
    listening = _listen(host, port)
    session = Session.begin(root, limits or Limits())
    try:
        door = door_for(host, listening.getsockname()[1])
        if place is not None:
            begin_with(session, place)
        address = _address(host, door)
        say(address)
        once = _opened_in_browser(address, door) if open_browser else ""
        config = uvicorn.Config(
            make_app(door, session, once),
            log_level="warning",
            access_log=False,  # It would hold the token.
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
        _end_with_the_window()
        with suppress(KeyboardInterrupt):  # It ends the page, and is no mistake.
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        session.end()
        listening.close()


def _address(host: str, door: Door) -> str:
    """Return what is typed into a browser; it holds the token."""
    # What listens at all addresses is called by the name of the machine.
    called = socket.gethostname() if _is_any(host) else _in_address(host)
    return f"http://{called}:{door.port}/?{TOKEN}={door.token}"


def _opened_in_browser(address: str, door: Door) -> str:
    """Open the page, and return the token that was given for it: it is good for once."""
    import webbrowser

    once = secrets.token_urlsafe(_TOKEN_BYTES)
    webbrowser.open(address.replace(door.token, once))
    return once


def door_for(host: str, port: int) -> Door:
    """Return a door with a new token."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    if host == USUAL_HOST:
        return Door(token, port)
    names = ("127.0.0.1", "localhost", _in_address(host).lower(), socket.gethostname().lower())
    return Door(token, port, names, by_any_number=_is_any(host))


def begin_with(session: Session, place: Path) -> None:
    """Open the model and the results of the place that was named on the command line."""
    place = on_this_computer(place, "a folder that the page opens").resolve()
    run = place.parent if place.name == "model" and not RunFolder(place).study.is_file() else place
    has_results = RunFolder(run).study.is_file()
    if has_results:
        session.show_results(run)
    if not place.exists():
        raise StorageError(f"{place}: there is no such folder. Check the spelling of the path.")
    try:
        session.predicting.open(model_place(place))
    except BioselectError as error:
        if not has_results:
            raise StorageError(
                f"{place}: must be a model, its zip, or the folder of a run that has finished. "
                "There is neither a model nor a study.json in it."
            ) from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # Elsewhere it would let two programs listen at one port.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # Who opens the address at once waits, and is not refused.
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"{host}:{port}: cannot be listened at ({error.strerror or error}). Choose another "
            "--port, or 0 for one that is free."
        ) from error
    return listening


def _end_with_the_window() -> None:
    """Clear up also when the window of the terminal is closed, as for Ctrl-C."""
    if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
