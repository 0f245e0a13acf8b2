"""A small stand-in for the API with the page's routes, for looking at the page and for its tests. Standard library only.

`python -m tests.browser.fake_api --visits 170 --speed 60` serves it on a free port until Ctrl-C.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import queue
import threading
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from services.api.roles import ROUTES, Role, Scope, may_here
from services.board import CONTENT_SECURITY_POLICY, PAGE, STATIC_DIR
from streams.contracts import board as b
from streams.contracts.codec import encode
from streams.contracts.queries import Answer, Candidate
from tests.browser.fake_day import FakeDay, ledger_class
from tests.browser.fake_district import DISTRICT, SEOUL

ROOT = Path(__file__).resolve().parents[2]
KEY = "open-sesame"
CSRF = "fake-csrf"
NOTICES: dict[str, Any] = {
    "recipient_id": "r-1", "channels": ["kakao", "sms", "voice"], "language": "ko", "quiet_from": "", "quiet_until": "",
    "kin": [{"name": "김*나", "phone": "010-9999-****", "notify": False, "channels": ["kakao", "sms", "voice"]}],
}  # fmt: skip
CONTACT: dict[str, Any] = {
    "visit_id": "v-1", "workers": [{"worker_id": "w-1", "name": "박기사", "phone": "010-7777-1234"}],
    "recipient": {"name": "김복용", "phone": "010-2222-1234", "address": "서교동 12-3", "kin": [{"name": "김나라", "phone": ""}]},
}  # fmt: skip
OPERATORS_OWN = ("POST /v1/clock", "GET /v1/accounts")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def leaflet_dir() -> Path:
    return Path(os.environ.get("DOLBOM_LEAFLET", ROOT / ".dolbom" / "web" / "leaflet"))


def why(row: b.VisitRow) -> Answer:
    """The visit's own worker, one other five minutes dearer, and two kinds of obstacles."""
    workers = (*row.worker_ids, "rider-other")
    return Answer(
        query_id="q", now_at=row.changed_at, visit_id=row.visit_id, state=row.state, worker_ids=row.worker_ids,
        candidates=tuple(
            Candidate(worker_id=w, price=100 + 300 * (w not in row.worker_ids), begin_at=row.due_at, area_id=row.area_id,
                      chosen=w in row.worker_ids, terms=(("travel", 100), *(() if w in row.worker_ids else (("help", 300),))))
            for w in workers
        ),
        obstacles=(("area", 9), ("kind", 14)),
        sentence_ko="12:00에 시작, 이동 2분. 다음 후보: 북권 +5분.", sentence_en="It begins at 12:00, travel 2 min. Next: North +5 min.",
    )  # fmt: skip


class FakeApi:
    """Start with `FakeApi(day)`, read `.url`, end with `.close()`. Faults: `silent`, `refused` (an HTTP status)."""

    def __init__(self, day: FakeDay, *, speed: float = 0, ping_s: float = 1.0) -> None:
        self.day = day
        self.speed = speed
        self.ping_s = ping_s
        self.silent = False  # lines stay open, nothing comes
        self.refused = 0  # every API call is answered with this status
        self.refuse_settling = False
        self.refuse_commands = False  # every other command is refused
        self.refused_rules = ["skill"]  # that stand in the way then
        self.role, self.scope = Role.OPERATOR, Scope()
        self.districts: list[dict[str, str]] = []  # that one may look at
        self.requests: list[str] = []
        self.posts: list[tuple[str, Any]] = []
        self.matches: list[tuple[str, str]] = []  # If-Match of each POST
        self.keys: list[tuple[str, str]] = []  # Idempotency-Key by path
        self.sent_bytes = 0
        self.lines: list[queue.Queue[tuple[str, bytes] | None]] = []
        self.lock = threading.RLock()
        self.offset = 100
        self.callers: dict[str, list[dict[str, Any]]] = {}  # number -> whose it is, with promises
        self.held: list[dict[str, Any]] = []  # credentials of whichever worker is asked about
        self.apart: list[dict[str, Any]] = []  # exclusions of whomever is asked about
        self.issued: list[dict[str, Any]] = []  # equipment of whichever programme is asked about
        self.people: dict[str, list[dict[str, Any]]] = {}  # end of a number, or name -> who is found
        self.preview: dict[str, Any] = {"outcome": "accepted", "code": "", "changes": [["new-1", "planned", "rider-01"]]}
        self.order_preview: dict[str, Any] = {}  # what each order about a visit would do; a `status` is a problem instead
        self.commands: dict[str, dict[str, Any]] = {}
        self.ended = threading.Event()
        handler = type("Handler", (_Handler,), {"api": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self.ended.set()
        for line in list(self.lines):
            line.put(None)
        self.server.shutdown()
        self.server.server_close()

    # ---- the live line

    def send(self, event: str, value: object) -> None:
        data = encode(value)
        for line in list(self.lines):
            line.put((event, data))

    def frame(self, visits: list[b.VisitRow] = (), workers: list[b.WorkerRow] = (), exceptions: list[b.ExceptionRow] = ()) -> None:  # type: ignore[assignment]
        """Send rows that changed, with the counters that follow."""
        self.offset += 1
        self.send(
            "board",
            b.Frame(
                id=str(self.offset),
                district=DISTRICT,
                now_at=self.day.now_at,
                visits=tuple(visits),
                workers=tuple(workers),
                exceptions=tuple(exceptions),
                counters=self.day.counters(),
                ledger=self.day.ledger(),
            ),
        )

    def change(self, visit_id: str, state: str, **fields: object) -> b.VisitRow:
        """Put one visit into a state and send the frame."""
        visit = self.day.rows[visit_id]
        visit.row = msgspec.structs.replace(
            visit.row,
            state=state,
            ledger_class=ledger_class(state),
            version=visit.row.version + 1,
            changed_at=self.day.now_at,
            **fields,
        )
        self.frame(visits=[visit.row])
        return visit.row

    def snapshot(self) -> dict[str, Any]:
        return {
            "id": str(self.offset),
            "now_at": self.day.now_at,
            "visits": [v.row for v in self.day.rows.values()],
            "workers": list(self.day.workers.values()),
            "exceptions": self.day.raised(),
            "offers": self.day.offers,
            "counters": self.day.counters(),
            "ledger": self.day.ledger(),
            "clock": self.clock(),
        }

    def me(self) -> dict[str, Any]:
        may = [f"{method.upper()} {path}" for method, path in ROUTES if may_here(self.role, self.scope, method, path)]
        return {
            "actor": f"{self.role}:1", "role": self.role, "scope": self.scope, "login": "hong@mapo.example", "name": "",
            "has_password": True, "totp": False, "csrf": CSRF,
            "may": may + list(OPERATORS_OWN if self.role == Role.OPERATOR else ()),
        }  # fmt: skip

    def clock(self) -> dict[str, Any]:
        return {"now_at": self.day.now_at, "speed": self.speed, "paused": self.speed == 0}

    def _run(self) -> None:
        last = time.monotonic()
        while not self.ended.wait(0.25):
            now = time.monotonic()
            elapsed, last = now - last, now
            if self.speed:
                with self.lock:
                    changed = self.day.advance(self.day.now_at + timedelta(seconds=elapsed * self.speed))
                    if any(changed):
                        self.frame(*changed)

    def settle(self, exception_id: str, outcome: str) -> None:
        row = msgspec.structs.replace(self.day.exceptions[exception_id], settled=outcome)
        self.day.exceptions[exception_id] = row
        self.frame(exceptions=[row])

    def acknowledge(self, exception_id: str) -> None:
        row = msgspec.structs.replace(self.day.exceptions[exception_id], acknowledged_by="coordinator")
        self.day.exceptions[exception_id] = row
        self.frame(exceptions=[row])


class _Handler(BaseHTTPRequestHandler):
    api: FakeApi
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        self.api.requests.append(self.path)
        url = urlsplit(self.path)
        path = url.path
        if path == "/":
            self._file(PAGE, {"Content-Security-Policy": CONTENT_SECURITY_POLICY})
        elif path.startswith("/static/board/"):
            self._file(STATIC_DIR / path.removeprefix("/static/board/"))
        elif path.startswith("/static/leaflet/"):
            self._file(leaflet_dir() / path.removeprefix("/static/leaflet/"))
        elif self._refused():
            return
        elif path == "/v1/me":
            self._json(200, self.api.me())
        elif path == "/v1/districts":
            self._json(200, {"items": self.api.districts, "next_cursor": None})
        elif path == "/v1/district":
            self._json(200, self.api.day.config)
        elif path == "/v1/live":
            self._live(parse_qs(url.query))
        elif path == "/v1/clock":
            self._json(200, self.api.clock())
        elif path.startswith("/v1/visits/") and path.endswith("/why"):
            visit_id = path.removeprefix("/v1/visits/").removesuffix("/why")
            with self.api.lock:
                self._json(200, why(self.api.day.rows[visit_id].row))
        elif path.startswith("/v1/workers/") and path.endswith("/contact"):
            self._json(200, CONTACT["workers"][0])
        elif path.startswith("/v1/workers/") and path.endswith("/credentials"):
            self._json(200, {"items": self.api.held, "next_cursor": None})
        elif path.endswith("/exclusions"):
            self._json(200, {"items": self.api.apart, "next_cursor": None})
        elif path.startswith("/v1/programmes/") and path.endswith("/equipment"):
            self._json(200, {"items": self.api.issued, "next_cursor": None})
        elif path.startswith("/v1/visits/") and path.endswith("/contact"):
            self._json(200, CONTACT)
        elif path.startswith("/v1/visits/"):
            visit_id = path.removeprefix("/v1/visits/")
            with self.api.lock:
                if visit_id in self.api.day.rows:
                    row = msgspec.to_builtins(self.api.day.rows[visit_id].row)
                    self._json(200, {**row, "story": self.api.day.story(visit_id)})
                else:
                    self._problem(404, "not_found", "제공 건을 확인하세요.", "Check the visit; there is none of that id.")
        elif path.endswith("/notices"):
            self._json(200, NOTICES)
        elif path.startswith("/v1/commands/"):
            self._json(200, self.api.commands[path.removeprefix("/v1/commands/")])
        else:
            self._problem(404, "not_found", "주소를 확인하세요.", "Check the address; there is nothing here.")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self.api.requests.append(self.path)
        self.api.posts.append((self.path, body))
        self.api.keys.append((self.path, self.headers.get("Idempotency-Key", "")))
        self.api.matches.append((self.path, self.headers.get("If-Match", "")))
        path = urlsplit(self.path).path
        if path == "/v1/session":
            if body.get("token") != KEY:
                self._problem(401, "token_wrong", "접속 토큰을 확인하세요.", "Check the token.")
                return
            self._json(200, {}, {"Set-Cookie": "dolbom_session=fake; HttpOnly; SameSite=Strict; Path=/"})
            return
        if self._refused():
            return
        if self.headers.get("X-Dolbom-CSRF") != CSRF:
            self._problem(403, "csrf_wrong", "화면을 새로 고치세요.", "Reload the page.")
            return
        if path == "/v1/people/names":
            names = self.api.day.names
            self._json(
                200,
                {kind: {i: names[i] for i in body.get(f"{kind[:-1]}_ids", ()) if i in names} for kind in ("recipients", "workers")},
            )
        elif path == "/v1/calls":
            self._json(200, {"recipients": self.api.callers.get(body["number"], [])})
        elif path == "/v1/people/search":
            self._json(200, {"recipients": self.api.people.get(body.get("ending") or body.get("name"), [])})
        elif path == "/v1/visits:preview":
            self._json(200, {"visit_id": "new-1", "preview": self.api.preview})
        elif path.endswith(":preview"):
            self._preview(path.split("/")[3])
        elif path == "/v1/visits":
            self._command("accepted", "new-1")
        elif path.endswith("/call"):
            self._command("accepted")
        elif path == "/v1/clock":
            self.api.speed = 0 if body.get("paused") else float(body.get("speed", self.api.speed))
            self._json(200, self.api.clock())
            self.api.send("clock", self.api.clock())
        elif path.endswith("/settle"):
            self._command("accepted" if not self.api.refuse_settling else "refused")
            if not self.api.refuse_settling:
                self.api.settle(path.split("/")[3], body["outcome"])
        elif path.endswith("/acknowledge"):
            self._command("accepted")
            if not self.api.refuse_commands:
                self.api.acknowledge(path.split("/")[3])
        elif path.endswith(("/assign", "/correct", "/forbid", "/lock", "/let-plan-decide", "/provider-failures", "/mode-pauses", "/end", "/switch-on", "/switch-off", "/swap", "/raise-fee", "/day/close", "/undo", "/postings", "/claims", "/credentials", "/withdraw", "/answer",
                             "/emergency-calls", "/concerns", "/exclusions", "/exclusions:lift", "/equipment")):
            self._command("accepted")
        elif path.endswith("/cancel"):
            self._command("accepted")
            self.api.change(path.split("/")[3], "cancelled", reason=body["reason"])
        else:
            self._problem(404, "not_found", "주소를 확인하세요.", "Check the address; there is nothing here.")

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        self.api.requests.append(self.path)
        self.api.posts.append((self.path, body))
        if not self._refused():
            kin = [{**one, **said} for one, said in zip(NOTICES["kin"], body["kin"], strict=True)]
            self._json(200, {**NOTICES, **body, "kin": kin})

    def do_DELETE(self) -> None:
        self.api.requests.append(self.path)
        if self.path == "/v1/session" and self.headers.get("X-Dolbom-CSRF") == CSRF:
            self._answer(204, b"", "text/plain", {"Set-Cookie": "dolbom_session=; Max-Age=0; Path=/"})
        else:
            self._problem(404, "not_found", "주소를 확인하세요.", "Check the address; there is nothing here.")

    def _preview(self, visit_id: str) -> None:
        if "status" in self.api.order_preview:
            self._problem(self.api.order_preview["status"], "version_conflict", "다른 사람이 먼저 바꿨습니다.", "Somebody changed it first.")
            return
        row = self.api.day.rows[visit_id].row
        told = {
            "outcome": "accepted", "code": "", "rules": [], "remedy": None, "state": row.state, "worker_ids": row.worker_ids,
            "begin_at": row.due_at, "moved": [], "changes": [], "hidden": 0,
        }  # fmt: skip
        self._json(200, {"visit_id": visit_id, "now_at": self.api.day.now_at, "preview": told | self.api.order_preview})

    def _command(self, outcome: str, visit_id: str = "") -> None:
        identity = f"command-{len(self.api.commands) + 1}"
        outcome = "refused" if self.api.refuse_commands else outcome
        self.api.commands[identity] = {"command_id": identity, "outcome": outcome, "visit_id": visit_id}
        if outcome == "refused":
            self.api.commands[identity] |= {
                "code": "already_closed",
                "rules": self.api.refused_rules,
                "remedy": {
                    "ko": "이미 끝난 제공 건입니다. 정정이 필요하면 통합창구에 알리세요.",
                    "en": "The visit is closed. Ask the integrated window.",
                },
            }
        self._json(202, {"command_id": identity})

    def _refused(self) -> bool:
        if self.api.refused:
            self._problem(
                self.api.refused,
                "refused",
                "현황판을 다시 만드는 중입니다. 잠시 뒤 다시 보세요.",
                "The board is being rebuilt. Try again shortly.",
            )
        elif "dolbom_session=fake" not in self.headers.get("Cookie", ""):
            self._problem(401, "token_missing", "접속 토큰을 보내세요.", "Send the token.")
        else:
            return False
        return True

    def _live(self, query: dict[str, list[str]]) -> None:
        if query.get("district", [""])[0] not in {DISTRICT, *(one["district"] for one in self.api.districts)}:
            self._problem(404, "unknown_district", "담당 자치구 코드를 확인하세요.", "Check the district code.")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        line: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        with self.api.lock:
            line.put(("snapshot", encode(self.api.snapshot())))
            self.api.lines.append(line)
        try:
            while not self.api.ended.is_set():
                try:
                    item = line.get(timeout=self.api.ping_s)
                except queue.Empty:
                    item = ("ping", b"{}")
                if item is None:
                    return
                if not self.api.silent:
                    self.wfile.write(b"event: %s\nid: %d\ndata: %s\n\n" % (item[0].encode(), self.api.offset, item[1]))
                    self.wfile.flush()
        except OSError:
            pass
        finally:
            self.api.lines.remove(line)

    def _json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        self._answer(status, encode(value), "application/json", headers)

    def _problem(self, status: int, code: str, ko: str, en: str) -> None:
        self._answer(
            status,
            encode({"title": code, "status": status, "code": code, "remedy": {"ko": ko, "en": en}}),
            "application/problem+json",
        )

    def _file(self, path: Path, headers: dict[str, str] | None = None) -> None:
        if not path.is_file():
            self._problem(404, "not_found", "주소를 확인하세요.", "Check the address; there is nothing here.")
            return
        self._answer(200, path.read_bytes(), TYPES.get(path.suffix, "application/octet-stream"), headers)

    def _answer(self, status: int, data: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        zipped = "gzip" in self.headers.get("Accept-Encoding", "") and len(data) > 800
        data = gzip.compress(data, 6) if zipped else data
        self.api.sent_bytes += len(data)
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(data)))
            if zipped:
                self.send_header("Content-Encoding", "gzip")
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except OSError:
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=170)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--at", default="11:52")
    parser.add_argument("--plane", action="store_true")
    asked = parser.parse_args()
    hour, minute = map(int, asked.at.split(":"))
    api = FakeApi(
        FakeDay(asked.visits, plane=asked.plane, now_at=datetime(2026, 11, 24, hour, minute, 10, tzinfo=SEOUL)), speed=asked.speed
    )
    print(f"{api.url}/#key={KEY}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        api.close()


if __name__ == "__main__":
    main()
