"""The public doors over HTTP: the API with a token, and signed webhooks. Every call may be made again without harm, so each
is repeated until it is answered: the other side may be killed at any moment."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import msgspec
from standardwebhooks import Webhook

from services.sample_day.coop_server import Mailbox
from services.sample_day.messages import Answer, Message, Received, Step, instant, written

if TYPE_CHECKING:
    from services.sample_day.day import Day

CALL_TIMEOUT_S = 30.0
STEP_TIMEOUT_S = 90.0  # a hop that was killed costs the door 20 s and a new token
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
PATIENCE_S = 300.0  # how long the system may be away
TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
PAGE = 500
CLOCK_EVERY_S = 0.2  # wall clock
CLOCK_AHEAD_S = 0.4  # wall clock: a clock reading older than this is not prolonged (the clock may be held)


class SystemAway(RuntimeError):
    """Nobody answered for longer than patience."""


class ApiDoors:
    """The doors of `conductor.SteppedDoors` and `conductor.LiveDoors` over HTTP. Safe to use from several threads."""

    def __init__(
        self, api_url: str, token: str, district: str, mailbox: Mailbox, *, patience_s: float = PATIENCE_S,
        transport: httpx.BaseTransport | None = None, pulse: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self.district = district
        self.mailbox = mailbox
        self._patience_s = patience_s
        self._pulse = pulse
        self._signers: dict[str, Webhook] = {}
        self._http = httpx.Client(
            base_url=api_url, headers={"Authorization": f"Bearer {token}"}, timeout=CALL_TIMEOUT_S, transport=transport,
            limits=httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=30),
        )  # fmt: skip
        self._clock: tuple[float, datetime, float] | None = None
        self.repeated_calls = 0

    def trust(self, secrets: Mapping[str, str]) -> None:
        """organisation -> the secret (whsec_...) with which it signs what it sends in."""
        self._signers = {organisation: Webhook(secret) for organisation, secret in secrets.items()}

    def wait_until_ready(self) -> None:
        """Returns when the API says that it is ready."""
        self._call("GET", "/readyz")

    def close(self) -> None:
        self._http.close()

    # --- lock-step ---

    def step(self, to_at: datetime | None) -> Step:
        body = {"to_at": written(to_at) if to_at is not None else None}
        said = self._json("POST", "/v1/lockstep/step", body, timeout_s=STEP_TIMEOUT_S)
        deadline = said.get("next_deadline_at")
        return Step(instant(said["now_at"]), instant(deadline) if deadline else None, tuple(self.mailbox.drain()))

    # --- live ---

    def clock(self) -> tuple[datetime, float]:
        """Service time and speed, from a reading that a thread takes every 0.2 s. Nobody answers: the clock soon stands."""
        if self._clock is None:
            self._read_clock()
            threading.Thread(target=self._follow_clock, daemon=True, name="clock").start()
        assert self._clock is not None
        read_at, now_at, speed = self._clock
        ahead_s = min(time.monotonic() - read_at, CLOCK_AHEAD_S) * speed
        return (now_at + timedelta(seconds=ahead_s)).replace(microsecond=0), speed

    def _read_clock(self) -> None:
        said = self._json("GET", "/v1/clock")
        speed = 0.0 if said.get("paused") else float(said["speed"])
        self._clock = (time.monotonic(), instant(said["now_at"]), speed)

    def _follow_clock(self) -> None:
        while not self._http.is_closed:
            with contextlib.suppress(SystemAway, RuntimeError):  # closed meanwhile, or away: the main loop will see
                self._read_clock()
            time.sleep(CLOCK_EVERY_S)

    def start_clock(self, at: datetime, speed: float | None = None) -> None:
        """Wish for the day's first moment (and a speed), and wait until the clock is there."""
        self._json("POST", "/v1/clock", {"start_at": written(at)} | ({"speed": speed} if speed else {}))
        give_up_at = time.monotonic() + self._patience_s
        while time.monotonic() < give_up_at:
            now_at = instant(self._json("GET", "/v1/clock")["now_at"])
            if at <= now_at < at + timedelta(hours=1):
                return
            time.sleep(0.1)
        raise SystemAway("the clock does not come to the day's start")

    def received(self) -> list[Received]:
        return self.mailbox.drain()

    def send_positions(self, organisation: str, at: datetime, positions: list[dict[str, Any]]) -> None:
        """Best effort: a position that is lost is soon replaced."""
        body = {"positions": [{**one, "at": written(at)} for one in positions]}
        raw = msgspec.json.encode({"type": "positions", "data": body})
        try:
            headers = self._signed(organisation, f"positions-{organisation}-{time.time_ns()}", raw)
            self._http.post(f"/v1/webhooks/{organisation}", content=raw, headers=headers, timeout=2.0)
        except httpx.HTTPError:
            return

    # --- both ---

    def send(self, message: Message) -> Answer:
        """One message through its door. The answer may be a refusal; it is an answer."""
        if message.kind in ("report", "kitchen", "provider"):
            data = {"reports": [message.body]} if message.kind == "report" else message.body
            type_ = "reports" if message.kind == "report" else message.kind
            raw = msgspec.json.encode({"type": type_, "data": data})
            path = f"/v1/webhooks/{message.organisation}"
            # Signed anew for each try: the timestamp must be fresh, the id and the body stay.
            return self._answer("POST", path, raw, lambda: self._signed(message.organisation, message.key, raw))
        path = {
            "file": "/v1/visits",
            "cancel": f"/v1/visits/{message.subject}/cancel",
            "settle": f"/v1/exceptions/{message.subject}/settle",
            "programme_on": f"/v1/programmes/{message.subject}/switch-on",
            "posting": "/v1/postings",
            "pause": "/v1/mode-pauses",
            "acknowledge": f"/v1/exceptions/{message.subject}/acknowledge",
            "concern": "/v1/concerns",
            "emergency_call": "/v1/emergency-calls",
            "assign": f"/v1/visits/{message.subject}/assign",
            "forbid": f"/v1/visits/{message.subject}/forbid",
            "call": f"/v1/visits/{message.subject}/call",
        }[message.kind]
        headers = {"X-Dolbom-Actor": message.actor, "Content-Type": "application/json"}
        if message.kind == "file":
            headers["Idempotency-Key"] = message.subject
        return self._answer("POST", path, msgspec.json.encode(message.body), lambda: headers)

    def exceptions(self) -> list[dict[str, Any]]:
        return self._list("/v1/exceptions", {"open": "true"})

    def close_day(self, day: Day) -> None:
        self._json("POST", "/v1/day/close", {"district": self.district, "service_date": day.config.service_date})

    def ledger(self) -> dict[str, Any]:
        return self._json("GET", "/v1/ledger", params={"district": self.district})

    def visits(self) -> list[dict[str, Any]]:
        return self._list("/v1/visits")

    def command(self, command_id: str) -> dict[str, Any]:
        response = self._call("GET", f"/v1/commands/{command_id}")
        return dict(msgspec.json.decode(response.content)) if response.status_code == 200 else {"outcome": "unknown"}

    # --- inside ---

    def _signed(self, organisation: str, webhook_id: str, raw: bytes) -> dict[str, str]:
        at = datetime.now(UTC)
        signature = self._signers[organisation].sign(webhook_id, at, raw.decode())
        return {
            "webhook-id": webhook_id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature,
            "Content-Type": "application/json",
        }  # fmt: skip

    def _answer(self, method: str, path: str, raw: bytes, headers: Callable[[], Mapping[str, str]]) -> Answer:
        response = self._call(method, path, content=raw, headers=headers)
        try:
            body = msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            body = {}
        return Answer(response.status_code, body if isinstance(body, dict) else {})

    def _json(
        self, method: str, path: str, body: object = None, *, params: dict[str, Any] | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> dict[str, Any]:  # fmt: skip
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        response = self._call(method, path, content=content, headers=lambda: headers, params=params, timeout_s=timeout_s)
        if response.status_code >= 300:
            raise RuntimeError(f"{method} {path} was answered {response.status_code}")
        return dict(msgspec.json.decode(response.content))

    def _list(self, path: str, filters: dict[str, str] | None = None) -> list[dict[str, Any]]:
        """All pages of a list."""
        rows: list[dict[str, Any]] = []
        cursor = ""
        while True:
            params = {"district": self.district, "limit": PAGE, **(filters or {})} | ({"cursor": cursor} if cursor else {})
            said = self._json("GET", path, params=params)
            rows += said["items"]
            cursor = said.get("next_cursor") or ""
            if not cursor:
                return rows

    def _call(
        self, method: str, path: str, *, content: bytes | None = None,
        headers: Callable[[], Mapping[str, str]] = dict, params: dict[str, Any] | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> httpx.Response:  # fmt: skip
        """Until somebody answers."""
        give_up_at = time.monotonic() + self._patience_s
        wait_s = FIRST_WAIT_S
        while True:
            self._pulse()
            try:
                response = self._http.request(
                    method, path, content=content, headers=dict(headers()), params=params, timeout=timeout_s
                )
                if response.status_code not in TRY_AGAIN:
                    return response
                why = str(response.status_code)
            except httpx.HTTPError as error:
                why = type(error).__name__
            self.repeated_calls += 1
            if time.monotonic() > give_up_at:
                raise SystemAway(f"{method} {path.split('?')[0]}: {why} for {self._patience_s:.0f} s")
            if wait_s == LONGEST_WAIT_S:
                print(f"waiting for the system: {why}", file=sys.stderr, flush=True)
            time.sleep(wait_s)
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)
