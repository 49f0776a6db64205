"""The pages of predictions: drop images, look at what came out, correct it, take the table."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from bioselect.app.answering import form_of, go_to, page, session_of
from bioselect.app.mask_archive import MASKS, packed_masks
from bioselect.app.multipart import check_announced, receive_files
from bioselect.app.places import named_place, shown_path
from bioselect.app.predictions import PredictJob
from bioselect.app.refusal import RefusedError
from bioselect.app.rendering import render, sendable
from bioselect.app.uploads import images_of

MANIFEST_FILE = "manifest.json"
#: So many images are on one page.
ON_A_PAGE = 60


async def predict_page(request: Request) -> Response:
    """Show where images go, what the model is, and earlier predictions."""
    session = session_of(request)
    predicting = session.predicting
    return page(
        request,
        "predict.html",
        model=predicting.model,
        facts=predicting.facts,
        opening=predicting.opening,
        limits=session.limits,
        jobs=list(reversed(predicting.jobs.values())),
    )


async def model_state(request: Request) -> Response:
    """Tell a script whether the model is open yet."""
    opening = session_of(request).predicting.opening
    return JSONResponse({"has_ended": opening.has_ended})


async def open_model(request: Request) -> Response:
    """Take another model."""
    session = session_of(request)
    form = await form_of(request)
    session.predicting.open(model_place(named_place(form.get("model", ""), session.root)))
    return go_to(request, "/predict")


def model_place(path: Path) -> Path:
    """Return a place that looks like a model, a run folder with one, or a zip of it.

    Raises
    ------
    RefusedError
        If it does not.
    """
    # As `holds_model` does, which would take a second to import.
    manifests = (path / MANIFEST_FILE, path / "model" / MANIFEST_FILE)
    if any(one.is_file() for one in manifests) or path.suffix.lower() == ".zip":
        return path
    raise RefusedError(
        "There is no model in this folder. Choose the folder that a run wrote, or the model in it."
    )


async def upload(request: Request) -> Response:
    """Take images or zips, and begin to predict them."""
    session = session_of(request)
    _check_model(request)
    check_announced(request.headers, session.limits)
    with session.uploads.place() as folder:
        received = await receive_files(request.headers, request.stream(), folder, session.limits)
        items = await run_in_threadpool(images_of, received, folder, session.limits)
        job = session.predicting.add_upload(items, folder)
    return go_to(request, f"/predict/{job.number}")


async def predict_folder(request: Request) -> Response:
    """Predict what lies in a folder of this machine."""
    session = session_of(request)
    _check_model(request)
    form = await form_of(request)
    place = named_place(form.get("folder", ""), session.root)
    return go_to(request, f"/predict/{session.predicting.add_place(place).number}")


def _check_model(request: Request) -> None:
    predicting = session_of(request).predicting
    if predicting.model is None:
        raise RefusedError("There is no model yet. Open one, or make one with a new study.", 409)
    if predicting.facts is None and predicting.opening.error:
        raise RefusedError(f"The model cannot be used. {predicting.opening.error}", 409)


def job_of(request: Request) -> PredictJob:
    """Return the job in the address.

    Raises
    ------
    RefusedError
        If there is none.
    """
    job = session_of(request).predicting.jobs.get(request.path_params["number"])
    if job is None:
        raise RefusedError("There is no such prediction; it may have been removed.", 404)
    return job


def _page_number(request: Request) -> int:
    text = request.query_params.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _n_pages(job: PredictJob) -> int:
    return max(1, -(-max(job.n_images, len(job.rows)) // ON_A_PAGE))


async def job_page(request: Request) -> Response:
    """Show the predictions of a job, those that are there already."""
    job, number = job_of(request), _page_number(request)
    first = (number - 1) * ON_A_PAGE
    return page(
        request,
        "predictions.html",
        job=job,
        facts=session_of(request).predicting.facts,
        rows=job.rows[first : first + ON_A_PAGE],
        number=number,
        n_pages=_n_pages(job),
    )


async def job_state(request: Request) -> Response:
    """Tell a script how far a job is, with the images that it does not show yet."""
    job, number = job_of(request), _page_number(request)
    text = request.query_params.get("shown", "0")
    n_shown = int(text) if text.isdecimal() and len(text) < 9 else 0
    first = (number - 1) * ON_A_PAGE
    has_ended = job.progress.has_ended
    rows = job.rows[first + n_shown : first + ON_A_PAGE]
    return JSONResponse(
        {
            "has_ended": has_ended,
            "progress": render("parts/progress_of_job.html", job=job),
            "pages": render("parts/pages.html", number=number, n_pages=_n_pages(job)),
            "rows": "".join(render("parts/row.html", job=job, row=row) for row in rows),
            "n_shown": n_shown + len(rows),
        }
    )


async def correct(request: Request) -> Response:
    """Keep a correction."""
    job, form = job_of(request), await form_of(request)
    place = form.get("place", "")
    job.correct(int(place) if place.isdecimal() and len(place) < 9 else -1, form.get("value", ""))
    return JSONResponse({"said": job.in_words()})


async def cancel(request: Request) -> Response:
    """Stop a job."""
    job = job_of(request)
    await run_in_threadpool(session_of(request).predicting.cancel, job)
    return go_to(request, f"/predict/{job.number}")


async def remove(request: Request) -> Response:
    """Remove a job with its images."""
    session, job = session_of(request), job_of(request)
    await run_in_threadpool(session.explaining.forget, job)
    await run_in_threadpool(session.predicting.remove, job)
    return go_to(request, "/predict")


async def table(request: Request) -> Response:
    """Give the table of predictions."""
    job = job_of(request)
    headers = {"content-disposition": 'attachment; filename="predictions.csv"'}
    return Response(sendable(job.table()), headers=headers, media_type="text/csv; charset=utf-8")


async def masks(request: Request) -> Response:
    """Give masks, overlays and tables in a zip."""
    session, job = session_of(request), job_of(request)
    folder = session.predicting.pictures_of(job)
    if not job.progress.has_ended or not (folder / MASKS).is_dir():
        raise RefusedError("There are no masks of this prediction.", 404)
    path = await run_in_threadpool(packed_masks, folder, job)
    headers = {"content-disposition": 'attachment; filename="masks.zip"'}
    return FileResponse(path, headers=headers, media_type="application/zip")


async def picture(request: Request) -> Response:
    """Give the picture of an image."""
    job, place = job_of(request), request.path_params["place"]
    path = job.rows[place].picture if place < len(job.rows) else None
    if path is None:
        raise RefusedError("There is no such picture.", 404)
    return FileResponse(path, media_type="image/jpeg")


async def folders(request: Request) -> Response:
    """Give what is in a folder, for choosing one."""
    from bioselect.app.places import listing

    session = session_of(request)
    text = request.query_params.get("path") or "."
    place = named_place(text, session.root)
    if not place.is_dir():
        place = place.parent
    found = await run_in_threadpool(listing, place, session.root)

    def shown(path: Path) -> str:
        return shown_path(path, session.root)

    wants_files = request.query_params.get("files") == "1"
    text = render(
        "parts/folders.html", found=found, shown=shown, root=session.root, wants_files=wants_files
    )
    return JSONResponse({"html": text})


ROUTES = [
    Route("/predict", predict_page),
    Route("/predict/model", open_model, methods=["POST"]),
    Route("/predict/model/state", model_state),
    Route("/predict/upload", upload, methods=["POST"]),
    Route("/predict/folder", predict_folder, methods=["POST"]),
    Route("/predict/{number}", job_page),
    Route("/predict/{number}/state", job_state),
    Route("/predict/{number}/correct", correct, methods=["POST"]),
    Route("/predict/{number}/cancel", cancel, methods=["POST"]),
    Route("/predict/{number}/remove", remove, methods=["POST"]),
    Route("/predict/{number}/predictions.csv", table),
    Route("/predict/{number}/masks.zip", masks),
    Route("/predict/{number}/pictures/{place:int}", picture),
    Route("/folders", folders),
]
