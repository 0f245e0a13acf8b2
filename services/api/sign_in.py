"""Signing in: password and one-time code, a link, and how tries are slowed down without locking anybody out.

A failure counts against (login, where it came from), never against the login alone: whoever tries somebody else's login
slows down himself. Where it came from is the address, or, for a browser in which this account was signed in before, that
browser (a sealed cookie): a neighbour behind the same address cannot slow it down either.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time

import msgspec

from services.api.passwords import fits, totp_step
from services.api.problems import Problem
from streams.adapters.registry_accounts import Account, AccountStore, digest
from streams.adapters.vault import Vault, VaultError
from streams.contracts.refusals import Refusal

AT_ONCE = 2  # a hash takes 64 MiB and some 50 ms: a flood of sign-ins must not take the machine
FREE_TRIES = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 15.0, 900.0
DEVICE_S = 365 * 86_400


class _Device(msgspec.Struct):
    device: str
    account_id: str
    at: float


class SignIn:
    """Judges tries. Raises `sign_in_wrong` (one answer for every reason) or `too_many_tries`."""

    def __init__(self, store: AccountStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault
        self._busy = asyncio.Semaphore(AT_ONCE)

    async def fits(self, password_hash: str, password: str) -> bool:
        """In a thread, few at once."""
        async with self._busy:
            return await asyncio.to_thread(fits, password_hash, password)

    async def by_password(self, login: str, password: str, code: str, address: str, device: str) -> Account:
        account = await asyncio.to_thread(self._store.find_login, login)
        bucket = self._bucket(login, account, address, device)
        left_s = await asyncio.to_thread(self._store.take_try, bucket, wait_after)
        if left_s > 0:
            raise Problem(Refusal.TOO_MANY_TRIES, headers={"Retry-After": str(int(left_s) + 1)})
        right = await self.fits(account.password_hash if account else "", password)
        if account is None or not right or account.revoked_at is not None or not await self._code_fits(account, code):
            raise Problem(Refusal.SIGN_IN_WRONG)
        await asyncio.to_thread(self._store.forgive, bucket)
        return account

    async def by_link(self, secret: str) -> Account:
        account = await asyncio.to_thread(self._store.use_link, secret)
        if account is None:
            raise Problem(Refusal.SIGN_IN_WRONG)
        return account

    def device_cookie(self, account_id: str, known: str) -> str:
        """Says: this account was signed in here before. A value that says so already stays as it is."""
        if self._device_of(known, account_id):
            return known
        fresh = _Device(digest(f"{time.time_ns()} {account_id}")[:16], account_id, time.time())
        return self._vault.lock("device", msgspec.json.encode(fresh)).hex()

    async def _code_fits(self, account: Account, code: str) -> bool:
        if not account.totp_on:
            return True
        secret = await asyncio.to_thread(self._store.find_totp, account.account_id)
        step = totp_step(secret, code) if secret and code.isdigit() else None
        return step is not None and await asyncio.to_thread(self._store.use_totp_step, account.account_id, step)

    def _bucket(self, login: str, account: Account | None, address: str, device: str) -> str:
        known = self._device_of(device, account.account_id) if account is not None else ""
        return self._vault.digest("bucket", f"{login.strip().casefold()} {known or network_of(address)}")

    def _device_of(self, cookie: str, account_id: str) -> str:
        try:
            known = msgspec.json.decode(self._vault.unlock("device", bytes.fromhex(cookie)), type=_Device)
        except (ValueError, VaultError, msgspec.DecodeError):
            return ""
        return known.device if known.account_id == account_id and time.time() - known.at < DEVICE_S else ""


def wait_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row from one place."""
    return 0.0 if failures < FREE_TRIES else min(FIRST_WAIT_S * 2.0 ** (failures - FREE_TRIES), LONGEST_WAIT_S)


def network_of(address: str) -> str:
    """An IPv6 customer has a whole /64: all of it is one place."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if found.version == 6 else address
