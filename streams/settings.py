"""Settings of every process, from the environment (`DOLBOM_*`). One place; defaults fit one machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

RECORDER = "recorder:"  # instead of a gateway's address: notices are as good as sent, and go nowhere


class SettingWrong(ValueError):
    """A variable of the environment that cannot be read; `like` is one that can."""

    def __init__(self, name: str, value: str, like: str) -> None:
        super().__init__(f"{name}: '{value}' cannot be used; write it like {like}.")
        self.name, self.value, self.like = name, value, like


def _districts(text: str) -> dict[str, int]:
    try:
        table = {code: int(partition) for code, _, partition in (item.partition(":") for item in text.split(",") if item)}
    except ValueError:
        table = {}
    if not table or min(table.values()) < 0:
        raise SettingWrong("DOLBOM_DISTRICTS", text, "11440:0,11410:1")
    return table


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "") or str(default)
    if not text.strip().isdecimal():
        raise SettingWrong(name, text, str(default))
    return int(text)


DELIVERIES_KEPT_AT_LEAST_DAYS = 7  # beyond all retries, and the five days after which an endpoint is switched off


@dataclass(frozen=True)
class Settings:
    """`districts` is the explicit table district code -> partition, the same for every topic."""

    state_dir: Path
    bootstrap: str = "127.0.0.1:9092"
    redis_url: str = "redis://127.0.0.1:6379/0"
    registry_url: str = ""
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    public_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    world_port: int = 8090
    districts: dict[str, int] = field(default_factory=lambda: {"11440": 0, "11410": 1})
    lockstep: bool = False
    solver_processes: int = 2
    session_timeout_s: int = 10
    snapshot_every: int = 500
    rate_by_key: int = 60_000  # requests a minute of one token, session or organisation
    rate_by_address: int = 120_000
    deliveries_kept_days: int = 30  # what was sent to organisations, and how it ended
    webhook_allow: tuple[str, ...] = ()  # hosts (or host:port) that webhooks may go to whatever their range, also over http
    notice_gateway_url: str = ""  # where notices to recipients and kin are posted; "" notes them down only
    notice_gateway_key: str = field(default="", repr=False)

    @property
    def partitions(self) -> int:
        return max(2, max(self.districts.values()) + 1)

    def partition_of(self, district: str) -> int | None:
        return self.districts.get(district)


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `DOLBOM_STATE_DIR`, `_BOOTSTRAP`, `_REDIS_URL`, `_REGISTRY_URL`, `_API_PORT`, `_PUBLIC_URL`, `_WORLD_PORT`,
    `_DISTRICTS` ("11440:0,11410:1"), `_LOCKSTEP` ("1"), `_SOLVER_PROCESSES`, `_SESSION_TIMEOUT_S`, `_SNAPSHOT_EVERY`, `_OIDC_*`,
    `_RATE_BY_KEY`, `_RATE_BY_ADDRESS`, `_DELIVERIES_KEPT_DAYS`,
    `_WEBHOOK_ALLOW` ("127.0.0.1:9000,hooks.example"), `_NOTICE_GATEWAY_URL`,
    `_NOTICE_GATEWAY_KEY`. Raises `SettingWrong`."""
    env = os.environ if environ is None else environ
    state_dir = Path(env.get("DOLBOM_STATE_DIR", ".dolbom/state")).resolve()
    defaults = Settings(state_dir=state_dir)
    return Settings(
        state_dir=state_dir,
        bootstrap=env.get("DOLBOM_BOOTSTRAP", defaults.bootstrap),
        redis_url=env.get("DOLBOM_REDIS_URL", defaults.redis_url),
        registry_url=env.get("DOLBOM_REGISTRY_URL", f"sqlite:///{state_dir / 'registry.db'}"),
        api_port=_whole(env, "DOLBOM_API_PORT", defaults.api_port),
        public_url=env.get("DOLBOM_PUBLIC_URL", defaults.public_url).rstrip("/"),
        oidc_issuer=env.get("DOLBOM_OIDC_ISSUER", defaults.oidc_issuer).rstrip("/"),
        oidc_client_id=env.get("DOLBOM_OIDC_CLIENT_ID", defaults.oidc_client_id),
        oidc_client_secret=env.get("DOLBOM_OIDC_CLIENT_SECRET", defaults.oidc_client_secret),
        world_port=_whole(env, "DOLBOM_WORLD_PORT", defaults.world_port),
        districts=_districts(env["DOLBOM_DISTRICTS"]) if env.get("DOLBOM_DISTRICTS") else defaults.districts,
        lockstep=env.get("DOLBOM_LOCKSTEP", "") == "1",
        solver_processes=_whole(env, "DOLBOM_SOLVER_PROCESSES", defaults.solver_processes),
        session_timeout_s=_whole(env, "DOLBOM_SESSION_TIMEOUT_S", defaults.session_timeout_s),
        snapshot_every=_whole(env, "DOLBOM_SNAPSHOT_EVERY", defaults.snapshot_every),
        rate_by_key=_whole(env, "DOLBOM_RATE_BY_KEY", defaults.rate_by_key),
        rate_by_address=_whole(env, "DOLBOM_RATE_BY_ADDRESS", defaults.rate_by_address),
        deliveries_kept_days=max(
            DELIVERIES_KEPT_AT_LEAST_DAYS, _whole(env, "DOLBOM_DELIVERIES_KEPT_DAYS", defaults.deliveries_kept_days)
        ),
        webhook_allow=tuple(one for one in env.get("DOLBOM_WEBHOOK_ALLOW", "").split(",") if one),
        notice_gateway_url=env.get("DOLBOM_NOTICE_GATEWAY_URL", ""),
        notice_gateway_key=env.get("DOLBOM_NOTICE_GATEWAY_KEY", ""),
    )
