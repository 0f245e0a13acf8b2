"""The live board: one static page, ES modules and one stylesheet; no build step.

The API serves `PAGE` at `/`, the files of `STATIC_DIR` under `/static/board/`, Leaflet under `/static/leaflet/`, and
sends `CONTENT_SECURITY_POLICY` with the page: nothing inline, nothing from elsewhere.
"""

from __future__ import annotations

from pathlib import Path

STATIC_DIR = Path(__file__).parent / "static"
PAGE = STATIC_DIR / "index.html"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
