"""Accounts, sessions, API keys and sign-in links in the registry. Secrets are kept as digests; logins and names sealed.

Nothing here judges passwords or roles: it keeps what `services.api.accounts` decides. All calls block for about a
millisecond. Whatever is revoked is refused by the next look-up: nobody keeps a copy.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from streams.adapters import registry_tables as tables
from streams.adapters.registry import Registry
from streams.adapters.registry_engine import upsert
from streams.adapters.second_factors import SecondFactors, forget_codes, lacks_factor

LINK_PREFIX = "dl_"
EVERYBODY = "*"  # the subject of what concerns all accounts
USED_AGAIN_S = 60.0  # a key's or session's last use is written at most so often
FAILURES_KEPT_S = 86_400.0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """`scope` is JSON. `login` and `name` are personal data: never into logs, topics or Redis."""

    account_id: str
    login: str
    name: str
    role: str
    scope: str
    password_hash: str = ""
    totp_on: bool = False
    totp_step: int = 0
    created_at: float = 0.0
    revoked_at: float | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`lacks_factor`: the role needs a second factor, which is not set up yet."""

    account: Account
    digest: str
    expires_at: float
    lacks_factor: bool = False


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    key_id: str
    label: str
    role: str
    scope: str
    created_by: str
    created_at: float
    expires_at: float | None = None
    used_at: float | None = None
    revoked_at: float | None = None


class _Sealed(msgspec.Struct):
    login: str
    name: str


class LoginTaken(Exception):
    """Another account has this login."""


def digest(secret: str) -> str:
    """Of a secret of 256 random bits: nothing slower is needed, as it cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(account_id: str) -> str:
    return f"account:{account_id}"


class AccountStore:
    """Tables on the registry's engine; see the module."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._engine = registry.engine
        self._reader = registry.engine.execution_options(dolbom_read=True)
        self.factors = SecondFactors(registry)

    # Accounts ---------------------------------------------------------------------------------------------------------

    def create(self, login: str, name: str, role: str, scope: str, by: str) -> Account:
        """Raises LoginTaken."""
        account_id = secrets.token_hex(6)
        now = time.time()
        with self._engine.begin() as connection:
            row = {
                "account_id": account_id, "login_digest": self._login(login), "role": role, "scope": scope,
                "sealed": self._registry.seal(connection, _subject(account_id), msgspec.json.encode(_Sealed(login, name))),
                "password_hash": "", "totp_on": False, "totp_step": 0, "created_at": now,
            }  # fmt: skip
            if upsert(connection, tables.accounts, ("login_digest",), [row], keep=True) == 0:
                raise LoginTaken
            self._note(connection, by, account_id, f"created as {role}")
        return Account(account_id=account_id, login=login, name=name, role=role, scope=scope, created_at=now)

    def list_accounts(self) -> list[Account]:
        with self._reader.connect() as connection:
            rows = connection.execute(select(tables.accounts).order_by(tables.accounts.c.created_at)).all()
            return [self._account(connection, row) for row in rows]

    def count(self) -> int:
        with self._reader.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(tables.accounts)).scalar_one())

    def find(self, account_id: str) -> Account | None:
        with self._reader.connect() as connection:
            row = connection.execute(select(tables.accounts).where(tables.accounts.c.account_id == account_id)).one_or_none()
            return None if row is None else self._account(connection, row)

    def find_login(self, login: str) -> Account | None:
        with self._reader.connect() as connection:
            at = tables.accounts.c
            row = connection.execute(select(tables.accounts).where(at.login_digest == self._login(login))).one_or_none()
            return None if row is None else self._account(connection, row)

    def find_sso(self, issuer: str, subject: str) -> Account | None:
        with self._reader.connect() as connection:
            wanted = self._registry.vault.digest("sso", f"{issuer} {subject}")
            row = connection.execute(select(tables.accounts).where(tables.accounts.c.sso_digest == wanted)).one_or_none()
            return None if row is None else self._account(connection, row)

    def bind_sso(self, account_id: str, issuer: str, subject: str) -> bool:
        """The account is this person of the single sign-on from now on; False when it is another one's already."""
        wanted, at = self._registry.vault.digest("sso", f"{issuer} {subject}"), tables.accounts.c
        with self._engine.begin() as connection:
            bound = connection.execute(
                update(tables.accounts)
                .where(at.account_id == account_id, at.sso_digest.is_(None))
                .values(sso_digest=wanted)
            ).rowcount  # fmt: skip
            if bound:
                self._note(connection, account_id, account_id, "bound to the single sign-on")
            return bound > 0

    def set_password(self, account_id: str, password_hash: str, by: str) -> None:
        """Every session of the account ends."""
        with self._engine.begin() as connection:
            self._set(connection, account_id, password_hash=password_hash)
            connection.execute(delete(tables.sessions).where(tables.sessions.c.account_id == account_id))
            self._note(connection, by, account_id, "password set")

    def revoke(self, account_id: str, by: str, check: Callable[[Account], None] | None = None) -> bool:
        """Account, sessions and links at once; API keys that it made too. False when there is no such account. `check` sees
        what it was, in the same transaction, and raises when it is not to be revoked."""
        now = time.time()
        with self._engine.begin() as connection:
            at = tables.accounts.c
            row = connection.execute(select(tables.accounts).where(at.account_id == account_id).with_for_update()).one_or_none()
            if row is not None and check is not None:
                check(self._account(connection, row))
            found = connection.execute(
                update(tables.accounts).where(at.account_id == account_id, at.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            self._end_everything(connection, account_id)
            self._end_keys(connection, account_id)
            if found:
                self._note(connection, by, account_id, "revoked")
            return row is not None

    def reset(self, account_id: str, by: str) -> bool:
        """No password, no second factor, no session: only a new link lets the person in. False: no such account."""
        with self._engine.begin() as connection:
            found = self._set(connection, account_id, password_hash="", totp_sealed=None, totp_on=False, revoked_at=None)
            self._end_everything(connection, account_id)
            forget_codes(connection, account_id)
            if found:
                self._note(connection, by, account_id, "reset")
            return found

    def change(
        self, account_id: str, role: str, scope: str, name: str, by: str, check: Callable[[Account], None] | None = None
    ) -> Account | None:
        """Another role, scope or name. What was open or made under another role or scope ends. None: no such account.
        `check` sees what it was, in the same transaction, and raises when the edit is of something older."""
        with self._engine.begin() as connection:
            mine = tables.accounts.c.account_id == account_id
            row = connection.execute(select(tables.accounts).where(mine).with_for_update()).one_or_none()
            if row is None:
                return None
            before = self._account(connection, row)
            if check is not None:
                check(before)
            plain = msgspec.json.encode(_Sealed(before.login, name))
            sealed = self._registry.seal(connection, _subject(account_id), plain)
            self._set(connection, account_id, role=role, scope=scope, sealed=sealed)
            if (role, scope) != (before.role, before.scope):
                self._end_everything(connection, account_id)
                self._end_keys(connection, account_id)
                self._note(connection, by, account_id, f"changed from {before.role} to {role}")
        return msgspec.structs.replace(before, role=role, scope=scope, name=name)

    def sign_out(self, account_id: str, by: str) -> bool:
        """Its sessions, links and the keys that it made end; the account stays. False: no such account."""
        if self.find(account_id) is None:
            return False
        with self._engine.begin() as connection:
            self._end_everything(connection, account_id)
            self._end_keys(connection, account_id)
            self._note(connection, by, account_id, "signed out by the operator")
        return True

    # The second factor ------------------------------------------------------------------------------------------------

    def put_totp(self, account_id: str, secret: str) -> None:
        """Kept, but asked for only once `confirm_totp` has seen a code of it."""
        with self._engine.begin() as connection:
            sealed = self._registry.seal(connection, _subject(account_id), secret.encode())
            self._set(connection, account_id, totp_sealed=sealed, totp_on=False)

    def find_totp(self, account_id: str) -> str | None:
        with self._reader.connect() as connection:
            at = tables.accounts.c
            sealed = connection.execute(select(at.totp_sealed).where(at.account_id == account_id)).scalar_one_or_none()
            return self._registry.unseal(connection, _subject(account_id), sealed).decode() if sealed else None

    def use_totp_step(self, account_id: str, step: int) -> bool:
        """False when a code of this step (or a later one) was used before: nobody uses an overheard code."""
        with self._engine.begin() as connection:
            at = tables.accounts.c
            return connection.execute(
                update(tables.accounts).where(at.account_id == account_id, at.totp_step < step).values(totp_step=step)
            ).rowcount > 0

    def switch_totp(self, account_id: str, on: bool) -> None:
        changes: dict[str, Any] = {"totp_on": on} if on else {"totp_on": False, "totp_sealed": None}
        with self._engine.begin() as connection:
            self._set(connection, account_id, **changes)
            if not on:
                forget_codes(connection, account_id)
            self._note(connection, account_id, account_id, f"second factor {'on' if on else 'off'}")

    # Sessions ---------------------------------------------------------------------------------------------------------

    def open_session(self, account_id: str, lasts_s: float) -> str:
        """The session's secret, for the cookie; kept as a digest."""
        secret, now = secrets.token_urlsafe(32), time.time()
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.expires_at < now))
            connection.execute(
                insert(tables.sessions).values(
                    digest=digest(secret), account_id=account_id, created_at=now, seen_at=now, expires_at=now + lasts_s
                )
            )
            self._note(connection, account_id, account_id, "signed in")
        return secret

    def find_session(self, secret: str, idle_s: float) -> Session | None:
        """None: never opened, over, idle for too long, or of an account that was revoked."""
        now, at = time.time(), tables.sessions.c
        with self._reader.connect() as connection:
            row = connection.execute(
                select(tables.accounts, at.digest, at.seen_at, at.expires_at, lacks_factor().label("lacks_factor"))
                .join(tables.sessions, at.account_id == tables.accounts.c.account_id)
                .where(at.digest == digest(secret), tables.accounts.c.revoked_at.is_(None))
            ).one_or_none()
            if row is None or row.expires_at < now or row.seen_at < now - idle_s:
                return None
            account = self._account(connection, row)
        if now - row.seen_at > USED_AGAIN_S:
            with self._engine.begin() as connection:
                connection.execute(update(tables.sessions).where(at.digest == row.digest).values(seen_at=now))
        return Session(account=account, digest=row.digest, expires_at=row.expires_at, lacks_factor=bool(row.lacks_factor))

    def valid(self, session_digests: list[str], key_ids: list[str], idle_s: float) -> set[str]:
        """Which of these still count; for lines that stay open. An open line alone is no use of a session."""
        now, at, keys = time.time(), tables.sessions.c, tables.api_keys.c
        with self._reader.connect() as connection:
            sessions = connection.execute(
                select(at.digest)
                .join(tables.accounts, at.account_id == tables.accounts.c.account_id)
                .where(at.digest.in_(session_digests), at.expires_at >= now, tables.accounts.c.revoked_at.is_(None))
                .where(at.seen_at >= now - idle_s, ~lacks_factor())
            ).scalars().all()  # fmt: skip
            alive = connection.execute(
                select(keys.key_id).where(
                    keys.key_id.in_(key_ids), keys.revoked_at.is_(None), (keys.expires_at.is_(None)) | (keys.expires_at >= now)
                )
            ).scalars().all()  # fmt: skip
            return {*sessions, *alive}

    def close_session(self, session_digest: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == session_digest))

    def close_all(self, account_id: str, but: str = "") -> None:
        """All sessions of the account, `but` the one of this digest."""
        at = tables.sessions.c
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions).where(at.account_id == account_id, at.digest != but))
            self._note(connection, account_id, account_id, "signed out everywhere else" if but else "signed out everywhere")

    # Links and keys ---------------------------------------------------------------------------------------------------

    def make_link(self, account_id: str, lasts_s: float, by: str, uses: int = 1) -> str:
        """A secret that opens a session; shown once."""
        secret, now = LINK_PREFIX + secrets.token_urlsafe(32), time.time()
        with self._engine.begin() as connection:
            links = tables.sign_in_links
            connection.execute(delete(links).where(links.c.expires_at < now))
            row = {"digest": digest(secret), "account_id": account_id, "expires_at": now + lasts_s, "uses_left": uses}
            connection.execute(insert(links).values(row))
            self._note(connection, by, account_id, "sign-in link made")
        return secret

    def use_link(self, secret: str) -> Account | None:
        """None: unknown, used up, over, or its account was revoked."""
        now, at = time.time(), tables.sign_in_links.c
        with self._engine.begin() as connection:
            used = connection.execute(
                update(tables.sign_in_links)
                .where(at.digest == digest(secret), at.expires_at >= now, at.uses_left > 0)
                .values(uses_left=at.uses_left - 1, used_at=now)
            ).rowcount
            if not used:
                return None
            account_id = connection.execute(select(at.account_id).where(at.digest == digest(secret))).scalar_one()
        account = self.find(account_id)
        return account if account is not None and account.revoked_at is None else None

    def make_key(self, label: str, role: str, scope: str, by: str, expires_at: float | None = None) -> tuple[ApiKey, str]:
        """The key's row, and the key itself: shown once, kept as a digest."""
        key_id, now = secrets.token_hex(6), time.time()
        secret = f"dk_{key_id}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            key_id=key_id, label=label, role=role, scope=scope, created_by=by, created_at=now, expires_at=expires_at
        )
        with self._engine.begin() as connection:
            connection.execute(insert(tables.api_keys).values(msgspec.structs.asdict(key) | {"digest": digest(secret)}))
            self._note(connection, by, f"key:{key_id}", f"key made as {role}")
        return key, secret

    def find_key(self, secret: str) -> ApiKey | None:
        """None: unknown, revoked or over."""
        now, at = time.time(), tables.api_keys.c
        with self._reader.connect() as connection:
            row = connection.execute(
                select(tables.api_keys).where(at.digest == digest(secret), at.revoked_at.is_(None))
            ).one_or_none()
        if row is None or (row.expires_at is not None and row.expires_at < now):
            return None
        if row.used_at is None or now - row.used_at > USED_AGAIN_S:
            with self._engine.begin() as connection:
                connection.execute(update(tables.api_keys).where(at.key_id == row.key_id).values(used_at=now))
        return _key(row)

    def list_keys(self) -> list[ApiKey]:
        with self._reader.connect() as connection:
            return [_key(row) for row in connection.execute(select(tables.api_keys).order_by(tables.api_keys.c.created_at))]

    def revoke_key(self, key_id: str, by: str) -> bool:
        with self._engine.begin() as connection:
            at = tables.api_keys.c
            known = connection.execute(select(at.key_id).where(at.key_id == key_id)).one_or_none()
            connection.execute(
                update(tables.api_keys).where(at.key_id == key_id, at.revoked_at.is_(None)).values(revoked_at=time.time())
            )
            if known is not None:
                self._note(connection, by, f"key:{key_id}", "key revoked")
            return known is not None

    def revoke_everything(self, by: str) -> None:
        """Every session, link and key of everybody: after a theft. Accounts stay; their passwords open new sessions."""
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sessions))
            connection.execute(delete(tables.sign_in_links))
            keys = tables.api_keys
            connection.execute(update(keys).where(keys.c.revoked_at.is_(None)).values(revoked_at=time.time()))
            self._note(connection, by, EVERYBODY, "all sessions, links and keys revoked")

    def revoked_everything_at(self) -> float:
        """When that was last done (epoch seconds; 0: never). Sessions that are kept nowhere count only from then on."""
        at = tables.account_events.c
        with self._reader.connect() as connection:
            found = connection.execute(select(func.max(at.at)).where(at.subject == EVERYBODY)).scalar_one_or_none()
        return float(found or 0.0)

    # Failures ---------------------------------------------------------------------------------------------------------

    def take_try(self, bucket: str, wait_after: Callable[[int], float]) -> float:
        """0 when a try may be made now (it is counted as a failure until it is forgiven), else the seconds to wait. One
        transaction: tries made at the same time count one after the other."""
        now, at = time.time(), tables.sign_in_failures.c
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sign_in_failures).where(at.at < now - FAILURES_KEPT_S))
            row = {"bucket": bucket, "failures": 0, "at": now}
            upsert(connection, tables.sign_in_failures, ("bucket",), [row], keep=True)
            found = connection.execute(
                select(at.failures, at.at).where(at.bucket == bucket).with_for_update()
            ).one()  # fmt: skip
            left_s = found.at + wait_after(found.failures) - now
            if left_s > 0:
                return left_s
            connection.execute(
                update(tables.sign_in_failures).where(at.bucket == bucket).values(failures=found.failures + 1, at=now)
            )
            return 0.0

    def forgive(self, bucket: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(tables.sign_in_failures).where(tables.sign_in_failures.c.bucket == bucket))

    def events(self, subject: str) -> list[tuple[float, str, str]]:
        """(at, actor, event) of an account or key."""
        at = tables.account_events.c
        with self._reader.connect() as connection:
            query = select(at.at, at.actor, at.event).where(at.subject == subject).order_by(at.row)
            return [(row.at, row.actor, row.event) for row in connection.execute(query)]

    # Inside -----------------------------------------------------------------------------------------------------------

    def _login(self, login: str) -> str:
        return self._registry.vault.digest("login", login.strip().casefold())

    def _account(self, connection: Connection, row: Row[Any]) -> Account:
        plain = msgspec.json.decode(self._registry.unseal(connection, _subject(row.account_id), row.sealed), type=_Sealed)
        return Account(
            account_id=row.account_id, login=plain.login, name=plain.name, role=row.role, scope=row.scope,
            password_hash=row.password_hash, totp_on=row.totp_on, totp_step=row.totp_step, created_at=row.created_at,
            revoked_at=row.revoked_at,
        )  # fmt: skip

    @staticmethod
    def _set(connection: Connection, account_id: str, **values: Any) -> bool:
        at = tables.accounts.c
        return connection.execute(update(tables.accounts).where(at.account_id == account_id).values(values)).rowcount > 0

    @staticmethod
    def _end_everything(connection: Connection, account_id: str) -> None:
        connection.execute(delete(tables.sessions).where(tables.sessions.c.account_id == account_id))
        connection.execute(delete(tables.sign_in_links).where(tables.sign_in_links.c.account_id == account_id))

    @staticmethod
    def _end_keys(connection: Connection, account_id: str) -> None:
        keys = tables.api_keys.c
        made = (keys.created_by == _subject(account_id)) & keys.revoked_at.is_(None)
        connection.execute(update(tables.api_keys).where(made).values(revoked_at=time.time()))

    @staticmethod
    def _note(connection: Connection, actor: str, subject: str, event: str) -> None:
        row = {"at": time.time(), "actor": actor, "subject": subject, "event": event}
        connection.execute(insert(tables.account_events).values(row))


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        key_id=row.key_id, label=row.label, role=row.role, scope=row.scope, created_by=row.created_by,
        created_at=row.created_at, expires_at=row.expires_at, used_at=row.used_at, revoked_at=row.revoked_at,
    )  # fmt: skip
