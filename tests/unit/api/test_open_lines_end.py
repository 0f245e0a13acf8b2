"""An open live line does not outlive the right to it: whatever ends a session or key ends the lines it opened."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from services.api import live
from services.api.auth import IDLE_S, TOKEN_SESSION, valid_proofs
from services.api.callers import Caller
from services.api.live import LiveHub
from services.api.roles import Role, Scope
from streams.adapters.registry_accounts import AccountStore, digest
from tests.unit.api.fake_doors import Api
from tests.unit.api.scoped_world import MAPO, make_world

SCOPE = '{"districts":["11440"]}'
Ending = Callable[[AccountStore, str, str], object]

ENDINGS: dict[str, Ending] = {
    "signed out here": lambda store, account, key: [store.close_session(one) for one in _digests(store)],
    "signed out everywhere": lambda store, account, key: store.close_all(account),
    "signed out by the operator": lambda store, account, key: store.sign_out(account, "test"),
    "revoked": lambda store, account, key: store.revoke(account, "test"),
    "another role": lambda store, account, key: store.change(account, "auditor", SCOPE, "", "test"),
    "a new password": lambda store, account, key: store.set_password(account, "hash", "test"),
    "a second factor is needed": lambda store, account, key: store.factors.set_roles(["coordinator"], "test"),
    "nobody used it for four hours": lambda store, account, key: _left_alone(store, IDLE_S + 1),
    "a key revoked": lambda store, account, key: store.revoke_key(key, "test"),
    "after a theft": lambda store, account, key: store.revoke_everything("test"),
}
LINES = {  # which of the lines each of them ends
    "a key revoked": {"key"}, "after a theft": {"session", "key", "token"}, "revoked": {"session", "key"},
    "another role": {"session", "key"}, "signed out by the operator": {"session", "key"},
}  # fmt: skip


def _digests(store: AccountStore) -> list[str]:
    with store._registry.engine.connect() as connection:
        return [row.digest for row in connection.exec_driver_sql("SELECT digest FROM sessions")]


def _left_alone(store: AccountStore, for_s: float) -> None:
    with store._registry.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE sessions SET seen_at = seen_at - {for_s}")


@pytest.mark.parametrize("ending", list(ENDINGS))
def test_a_line_ends_with_what_opened_it(api: Api, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CALLERS_EVERY_S", 0.02)
    make_world(api)
    doors = api.doors
    store = doors.accounts
    account = store.create("kim@mapo", "", "coordinator", SCOPE, "test")
    session = store.open_session(account.account_id, 3600)
    key, _ = store.make_key("city", "service_key", SCOPE, f"account:{account.account_id}")
    proofs = {"session": digest(session), "key": key.key_id, "token": f"{TOKEN_SESSION}{time.time()}", "bearer": ""}

    async def follow(hub: LiveHub, proof: str, heard: asyncio.Event) -> None:
        async for chunk in hub.stream(MAPO, "", Caller("x", Role.COORDINATOR, Scope(districts=(MAPO,)), "x", proof)):
            if b"event: snapshot" in chunk:
                heard.set()

    async def run() -> set[str]:
        hub = LiveHub(doors.redis, doors.blocking_redis, doors.board, doors.clock, doors.metrics)

        async def find_valid(asked: set[str]) -> set[str]:
            return await asyncio.to_thread(valid_proofs, store, asked)

        hub.find_valid = find_valid
        checking = asyncio.create_task(hub._follow_callers())
        heard = {name: asyncio.Event() for name in proofs}
        lines = {name: asyncio.create_task(follow(hub, proof, heard[name])) for name, proof in proofs.items()}
        async with asyncio.timeout(20):
            for one in heard.values():
                await one.wait()
            ENDINGS[ending](store, account.account_id, key.key_id)
            expected = LINES.get(ending, {"session"})
            await asyncio.wait([lines[name] for name in expected])
            valid = await find_valid({proof for proof in proofs.values() if proof})
            assert valid == {proofs[name] for name in ("session", "key", "token") if name not in expected}
            ended = {name for name, line in lines.items() if line.done()}
        hub.end()
        checking.cancel()
        await asyncio.gather(checking, *lines.values(), return_exceptions=True)
        return ended

    assert asyncio.run(run()) == LINES.get(ending, {"session"})
