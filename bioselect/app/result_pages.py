"""The pages of results: the verdict, the ranking, and the report where there is one."""

from __future__ import annotations

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bioselect.app.answering import form_of, go_to, page, session_of
from bioselect.app.places import named_place
from bioselect.app.refusal import RefusedError
from bioselect.app.results import REPORT_FILE, REPORT_FOLDER, results_of
from bioselect.app.security import REPORT_POLICY

_KINDS = {".svg": "image/svg+xml", ".csv": "text/csv; charset=utf-8", ".png": "image/png"}


async def results_page(request: Request) -> Response:
    """Show which results can be looked at."""
    session = session_of(request)
    names = {number: folder.name for number, folder in session.results.items()}
    return page(request, "all_results.html", names=names)


async def open_results(request: Request) -> Response:
    """Open a run folder."""
    session = session_of(request)
    form = await form_of(request)
    folder = named_place(form.get("folder", ""), session.root)
    results_of(folder)
    return go_to(request, f"/results/{session.show_results(folder)}")


def _folder_of(request: Request) -> Path:
    folder = session_of(request).results.get(request.path_params["number"])
    if folder is None:
        raise RefusedError("These results are not open. Open them by their folder.", 404)
    return folder


async def one_result(request: Request) -> Response:
    """Show the results of a run."""
    found = await run_in_threadpool(results_of, _folder_of(request))
    number = request.path_params["number"]
    return page(request, "results.html", found=found, number=number)


async def use_model(request: Request) -> Response:
    """Take the model of these results for predictions."""
    from bioselect.app.predict_pages import model_place

    session_of(request).predicting.open(model_place(_folder_of(request)))
    return go_to(request, "/predict")


async def report(request: Request) -> Response:
    """Give the report, which runs in an origin of its own."""
    folder = _folder_of(request).resolve()
    path = (folder / REPORT_FILE).resolve()
    if not path.is_file() or not path.is_relative_to(folder):  # A link may point anywhere.
        raise RefusedError("There is no report in this run folder.", 404)
    return FileResponse(
        path, headers={"content-security-policy": REPORT_POLICY}, media_type="text/html"
    )


async def part_of_report(request: Request) -> Response:
    """Give a figure or a table that lies beside the report."""
    folder = (_folder_of(request) / REPORT_FOLDER).resolve()
    path = (folder / request.path_params["name"]).resolve()
    if not path.is_relative_to(folder) or not path.is_file() or path.suffix not in _KINDS:
        raise RefusedError("There is no such file beside the report.", 404)
    return FileResponse(
        path,
        headers={"content-security-policy": REPORT_POLICY},
        media_type=_KINDS[path.suffix],
    )


ROUTES = [
    Route("/results", results_page),
    Route("/results", open_results, methods=["POST"]),
    Route("/results/{number}", one_result),
    Route("/results/{number}/use", use_model, methods=["POST"]),
    Route("/results/{number}/report.html", report),
    Route("/results/{number}/report/{name:path}", part_of_report),
]
