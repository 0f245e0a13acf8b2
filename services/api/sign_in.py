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
FREE_CODES = 20  # of an account, from browsers that it does not know
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
        if account is None or not right or account.revoked_at is not None:
            raise Problem(Refusal.SIGN_IN_WRONG)
        if account.totp_on and not await self._code_fits(account, code, self._device_of(device, account.account_id)):
            raise Problem(Refusal.SIGN_IN_WRONG)
        await asyncio.to_thread(self._store.forgive, bucket)
        return account

    async def confirm(self, account: Account, password: str, proof: str) -> None:
        """The password again, of who is signed in: a page left open must not be enough to take an account over, so tries are
        slowed down as at the door, for this session (`proof`) alone. An account without a password has none to ask for."""
        if not account.password_hash:
            return
        bucket = await self._take(f"own {proof}")
        if not await self.fits(account.password_hash, password):
            raise Problem(Refusal.SIGN_IN_WRONG)
        await asyncio.to_thread(self._store.forgive, bucket)

    async def confirm_code(self, account: Account, code: str, proof: str) -> None:
        """A code of the second factor, or a recovery code, of who is signed in."""
        bucket = await self._take(f"own code {proof}")
        if not await self._code_fits(account, code, proof):
            raise Problem(Refusal.SIGN_IN_WRONG)
        await asyncio.to_thread(self._store.forgive, bucket)

    async def _take(self, what: str) -> str:
        bucket = self._vault.digest("bucket", what)
        left_s = await asyncio.to_thread(self._store.take_try, bucket, wait_after)
        if left_s > 0:
            raise Problem(Refusal.TOO_MANY_TRIES, headers={"Retry-After": str(int(left_s) + 1)})
        return bucket

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

    async def _code_fits(self, account: Account, code: str, known: str) -> bool:
        """`known`: the browser is the account's own. Elsewhere wrong codes count for the account as well, whatever address they
        come from: six digits can be guessed from many machines by whoever has the password. It is answered like a wrong code,
        so that nobody learns from it that the password is right; a recovery code still opens."""
        if not code.isdigit():
            return bool(code) and await asyncio.to_thread(self._store.factors.use_code, account.account_id, code)
        bucket = "" if known else self._vault.digest("bucket", f"codes {account.account_id}")
        if bucket and await asyncio.to_thread(self._store.take_try, bucket, wait_after_codes) > 0:
            return False
        secret = await asyncio.to_thread(self._store.find_totp, account.account_id)
        step = totp_step(secret, code) if secret else None
        if step is None or not await asyncio.to_thread(self._store.use_totp_step, account.account_id, step):
            return False
        if bucket:
            await asyncio.to_thread(self._store.forgive, bucket)
        return True

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


def wait_after_codes(failures: int) -> float:
    """The same for wrong codes of one account from everywhere that it does not know."""
    return wait_after(failures - FREE_CODES + FREE_TRIES)


def network_of(address: str) -> str:
    """An IPv6 customer has a whole /64: all of it is one place."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if found.version == 6 else address
