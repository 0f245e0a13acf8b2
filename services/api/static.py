"""The page and its files. No token: they hold no data; what they show comes through the API."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from services.api.problems import Problem
from services.board import CONTENT_SECURITY_POLICY, PAGE, STATIC_DIR
from streams.contracts.refusals import Refusal

LEAFLET_DIR = Path(__file__).parents[2] / ".dolbom" / "web" / "leaflet"  # laid there by the set-up
SIGN_IN = STATIC_DIR / "sign_in.html"
ACCOUNT, ACCOUNTS = STATIC_DIR / "account.html", STATIC_DIR / "accounts.html"
SMALLEST_WORTH_IT = 800  # bytes; below that the header costs what packing saves
PAGE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-cache",
}

router = APIRouter(include_in_schema=False)


@router.get("/")
async def get_page() -> Response:
    if not PAGE.exists():
        raise Problem(Refusal.NOT_FOUND)
    return FileResponse(PAGE, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


@router.get("/sign-in")
async def get_sign_in() -> Response:
    return FileResponse(SIGN_IN, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


@router.get("/account")
async def get_account_page() -> Response:
    return FileResponse(ACCOUNT, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


@router.get("/accounts")
async def get_accounts_page() -> Response:
    return FileResponse(ACCOUNTS, media_type="text/html; charset=utf-8", headers=PAGE_HEADERS)


@router.get("/sign-in/ways")
async def get_ways(request: Request) -> dict[str, bool]:
    """Which buttons the sign-in page shows."""
    return {"sso": request.app.state.doors.sso.is_on}


class _Fresh(StaticFiles):
    """Files that are asked for again with their ETag: a new version is seen at the next load."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount(app: FastAPI) -> None:
    for name, directory in (("board", STATIC_DIR), ("leaflet", LEAFLET_DIR)):
        files = _Fresh(directory=directory, check_dir=False)
        app.mount(f"/static/{name}", GZipMiddleware(files, minimum_size=SMALLEST_WORTH_IT), name=name)
