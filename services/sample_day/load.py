"""Bring a day into a running system through its public API: district, people (sealed there), webhook endpoints.

A played day's visits are filed when their time comes, by whoever plays it; `file_visits` files them all now.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
from msgspec.structs import replace

from services.sample_day.day import Day
from streams.contracts.codec import to_builtins
from streams.contracts.district import DistrictConfig

BATCH = 500  # people in one call: about 150 kB, well below the API's limit for a body
PAUSES_S = (0.1, 0.2, 0.5, *(1.0,) * 40)  # wall clock, about 40 s in all: a worker or broker that is being restarted
REQUEST_TIMEOUT_S = 30.0
SETTLED = "wait=10"  # what the core refuses is told here, not found out when the visits are refused
IN_FORCE = ("if_match_missing", "version_conflict")  # of another configuration than the one in force


class LoadFailed(Exception):
    """The API refused (with `code`), or stayed away. The message has the status and the refusal's code, never the content."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def _code_of(response: httpx.Response) -> str:
    try:
        return str(response.json().get("code", ""))
    except (ValueError, AttributeError):
        return ""


def _call(
    client: httpx.Client, method: str, path: str, body: dict[str, Any] | None, sleep: Callable[[float], None], **headers: str
) -> dict[str, Any]:
    """One call, again on 503 and while nobody listens. All these calls may be repeated: they set, they do not add."""
    last, code = "no answer", ""
    for pause_s in (*PAUSES_S, None):
        try:
            response = client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as error:
            last = type(error).__name__
        else:
            if response.is_success:
                return dict(response.json()) if response.content else {}
            code = _code_of(response)
            last = f"{response.status_code} {code}".strip()
            if response.status_code != 503:
                break
        if pause_s is None:
            break
        sleep(pause_s)
    raise LoadFailed(f"{method} {path}: {last}", code)


def with_homes(day: Day) -> list[dict[str, Any]]:
    """The day's recipients with the district and dong of their first visit: whose they are to care for."""
    dongs: dict[str, str] = {}
    for visit in day.visits:
        dongs.setdefault(visit.body["recipient_id"], visit.body["dong"])
    return [
        one | {"district": day.config.district, "dong": dong}
        if (dong := dongs.get(one["recipient_id"], "")).startswith(day.config.district) else one
        for one in day.recipients
    ]  # fmt: skip


def _client(api_url: str, token: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", "X-Dolbom-Actor": "operator"}
    return httpx.Client(base_url=api_url, headers=headers, timeout=REQUEST_TIMEOUT_S, transport=transport)


def file_visits(
    day: Day, api_url: str, token: str, *, transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:  # fmt: skip
    """File every visit of the day now; returns how many were taken. Filing a visit again is the same visit.

    Raises `LoadFailed` at the first that the door refuses; those before it are filed."""
    with _client(api_url, token, transport) as client:
        for visit in day.visits:
            _call(client, "POST", "/v1/visits", visit.body, sleep)
    return len(day.visits)


def load_day(
    day: Day,
    api_url: str,
    token: str,
    world_url: str | None,
    *,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, dict[str, str]]:
    """Configure the district, seal the people, register `{world_url}/hooks/{organisation}` for every provider (unless
    `world_url` is None: then the organisations register their own).

    Returns {"secret_out", "secret_in"} by organisation. Raises `LoadFailed`. Loading the same day twice does no harm.
    """
    with _client(api_url, token, transport) as client:
        for path, name, people in (
            ("/v1/recipients:batch", "recipients", with_homes(day)),
            ("/v1/workers:batch", "workers", day.workers),
        ):
            for first in range(0, len(people), BATCH):
                # People of a played day: whoever another day has stored under these ids is replaced.
                _call(client, "POST", path, {name: people[first : first + BATCH]}, sleep, **{"If-Match": "*"})
        secrets = {}
        for provider in day.config.providers if world_url is not None else ():
            organisation = provider.provider_id
            url = f"{str(world_url).rstrip('/')}/hooks/{organisation}"
            # The simulated world's own, on whatever port it is today: what stands there is replaced.
            path = f"/v1/organisations/{organisation}/endpoint"
            answer = _call(client, "PUT", path, {"url": url}, sleep, **{"If-Match": "*"})
            secrets[organisation] = {"secret_out": answer["secret_out"], "secret_in": answer["secret_in"]}
        # Last: from here on the district works, and who is told of anything must be reachable.
        _configure(client, day.config, sleep)
    return secrets


def _configure(client: httpx.Client, config: DistrictConfig, sleep: Callable[[float], None]) -> None:
    """Put the day's configuration in force, after another one as the next version of it."""
    path = f"/v1/districts/{config.district}"
    try:
        _call(client, "PUT", path, to_builtins(config), sleep, Prefer=SETTLED)
    except LoadFailed as failed:
        if failed.code not in IN_FORCE:
            raise
        in_force = msgspec.convert(_call(client, "GET", f"/v1/district?district={config.district}", None, sleep), DistrictConfig)
        if in_force != replace(config, version=in_force.version):
            newer = replace(config, version=max(config.version, in_force.version + 1))
            _call(client, "PUT", path, to_builtins(newer), sleep, Prefer=SETTLED, **{"If-Match": f'"{in_force.version}"'})
