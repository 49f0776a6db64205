"""The pages of a new study: choose images, look, answer, run, stop, go on."""

from __future__ import annotations

import os
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bioselect.app.answering import form_of, go_to, page, session_of
from bioselect.app.answers import answered, questions
from bioselect.app.places import named_place, shown_path
from bioselect.app.refusal import RefusedError
from bioselect.app.rendering import render
from bioselect.app.results import verdict_words
from bioselect.app.study_jobs import Phase, Study

#: So many of the last lines that were told are shown.
_N_LINES = 8


async def study_page(request: Request) -> Response:
    """Show where a study begins."""
    session = session_of(request)
    return page(
        request,
        "studies.html",
        studies=list(reversed(session.studying.studies.values())),
        shown=lambda path: shown_path(path, session.root),
    )


async def look(request: Request) -> Response:
    """Look at a data set."""
    session = session_of(request)
    form = await form_of(request)
    dataset = named_place(form.get("dataset", ""), session.root)
    text = form.get("folder", "").strip()
    folder = named_place(text, session.root) if text else _usual_folder(dataset, session.root)
    if not folder.is_dir():
        raise RefusedError("The results must go into a folder. This is a file; choose a folder.")
    if folder.is_relative_to(dataset):
        raise RefusedError(
            "The results must not go among the images. Choose another folder for them."
        )
    if not os.access(folder, os.W_OK):
        raise RefusedError(
            "You have no right to write into the folder for the results. Choose another."
        )
    names = ("image", "target", "group")
    columns = {name: form.get(name, "").strip() or None for name in names}
    study = session.studying.look(dataset, folder, columns)
    return go_to(request, f"/study/{study.number}")


def _usual_folder(dataset: Path, root: Path) -> Path:
    """Return the folder beside a data set, or the root where that may not be written to."""
    beside = dataset.parent
    return beside if beside.is_relative_to(root) and os.access(beside, os.W_OK) else root


def _study_of(request: Request) -> Study:
    study = session_of(request).studying.studies.get(request.path_params["number"])
    if study is None:
        raise RefusedError("There is no such study.", 404)
    return study


async def one_study(request: Request) -> Response:
    """Show a study in its phase."""
    session, study = session_of(request), _study_of(request)
    asked = []
    if study.phase == Phase.DRAFT and study.text:
        asked = questions(study.text, study.kind, study.classes)
    return page(
        request,
        "study.html",
        study=study,
        questions=asked,
        found=verdict_words(_as_pieces(study.found)),
        doctor=study.checked.splitlines(),
        shown=lambda path: shown_path(path, session.root),
        lines=study.progress.lines[-_N_LINES:],
        results=None if study.results is None else session.show_results(study.results),
    )


def _as_pieces(found: str) -> str:
    """Turn the list of what `init` says into that of a verdict: two blanks before each item."""
    return found.replace("\n  - ", "\n  ")


async def study_state(request: Request) -> Response:
    """Tell a script how far a study is."""
    study = _study_of(request)
    return JSONResponse(
        {
            "phase": f"{study.phase.value} {study.is_busy}",
            "progress": render(
                "parts/progress_of_study.html", study=study, lines=study.progress.lines[-_N_LINES:]
            ),
        }
    )


async def answer(request: Request) -> Response:
    """Change the configuration by an answer, and give it back."""
    study, form = _study_of(request), await form_of(request)
    text = form.get("text", study.text).replace("\r\n", "\n")
    for one in ("group", "metric", "budget"):
        if one in form:
            text = answered(text, one, form[one])
    if study.is_busy:
        raise RefusedError("It is at work. Stop it first.", 409)
    study.text = text
    return JSONResponse({"text": text})


async def check(request: Request) -> Response:
    """Let the doctor look again."""
    session, study, form = session_of(request), _study_of(request), await form_of(request)
    text = form.get("text", study.text).replace("\r\n", "\n")
    await run_in_threadpool(session.studying.check, study, text)
    return go_to(request, f"/study/{study.number}")


async def start(request: Request) -> Response:
    """Write the configuration, and run it."""
    session, study, form = session_of(request), _study_of(request), await form_of(request)
    text = form.get("text", study.text).replace("\r\n", "\n")
    await run_in_threadpool(session.studying.start, study, text)
    return go_to(request, f"/study/{study.number}")


async def stop(request: Request) -> Response:
    """Stop the run; what was finished is kept."""
    study = _study_of(request)
    session_of(request).studying.stop(study)
    return go_to(request, f"/study/{study.number}")


async def go_on(request: Request) -> Response:
    """Run it again."""
    study = _study_of(request)
    await run_in_threadpool(session_of(request).studying.go_on, study)
    return go_to(request, f"/study/{study.number}")


async def edit(request: Request) -> Response:
    """Go back to the configuration."""
    study = _study_of(request)
    session_of(request).studying.edit(study)
    return go_to(request, f"/study/{study.number}")


ROUTES = [
    Route("/study", study_page),
    Route("/study", look, methods=["POST"]),
    Route("/study/{number}", one_study),
    Route("/study/{number}/state", study_state),
    Route("/study/{number}/answer", answer, methods=["POST"]),
    Route("/study/{number}/check", check, methods=["POST"]),
    Route("/study/{number}/start", start, methods=["POST"]),
    Route("/study/{number}/stop", stop, methods=["POST"]),
    Route("/study/{number}/go-on", go_on, methods=["POST"]),
    Route("/study/{number}/edit", edit, methods=["POST"]),
]
