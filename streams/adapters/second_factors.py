"""Second factors beyond the code itself: recovery codes, kept as keyed digests, and the roles that must have a factor."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, text, update

from streams.adapters import registry_tables as tables
from streams.adapters.factor_tables import recovery_codes, totp_roles
from streams.adapters.registry import Registry

CODES = 10
CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
CODE_LENGTH = 12  # 59 bits: guessing one through the door takes longer than the account lives


def lacks_factor() -> ColumnElement[bool]:
    """Of a row of `accounts`: its role needs a second factor, and it has none. Who comes in by single sign-on only is that
    door's to ask."""
    at = tables.accounts.c
    needed = exists(select(totp_roles.c.role).where(totp_roles.c.role == at.role))
    return and_(needed, at.totp_on.is_(False), or_(at.sso_digest.is_(None), at.password_hash != ""))


def forget_codes(connection: Connection, account_id: str) -> None:
    connection.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))


class SecondFactors:
    """Tables on the registry's engine. All calls block for about a millisecond."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._engine = registry.engine
        self._reader = registry.engine.execution_options(dolbom_read=True)

    def new_codes(self, account_id: str) -> list[str]:
        """Fresh recovery codes, shown once; those of before count no more."""
        codes = ["".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
        with self._engine.begin() as connection:
            forget_codes(connection, account_id)
            rows = [{"digest": self._digest(account_id, code), "account_id": account_id} for code in codes]
            connection.execute(insert(recovery_codes), rows)
            self._note(connection, account_id, account_id, "recovery codes made")
        return ["-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4)) for code in codes]

    def use_code(self, account_id: str, code: str) -> bool:
        """Whether it was one that had not been used; from now on it has."""
        at = recovery_codes.c
        plain = "".join(letter for letter in code.casefold() if letter.isalnum())
        with self._engine.begin() as connection:
            used = connection.execute(
                update(recovery_codes)
                .where(at.digest == self._digest(account_id, plain), at.account_id == account_id, at.used_at.is_(None))
                .values(used_at=time.time())
            ).rowcount
            if used:
                self._note(connection, account_id, account_id, "recovery code used")
            return used > 0

    def codes_left(self, account_id: str) -> int:
        at = recovery_codes.c
        with self._reader.connect() as connection:
            query = select(func.count()).where(at.account_id == account_id, at.used_at.is_(None))
            return int(connection.execute(query).scalar_one())

    def roles(self) -> list[str]:
        """Roles in which nobody does anything without a second factor."""
        with self._reader.connect() as connection:
            return sorted(connection.execute(select(totp_roles.c.role)).scalars())

    def set_roles(self, roles: Iterable[str], by: str, check: Callable[[list[str]], None] | None = None) -> None:
        """`check` sees those of before, in the same transaction, and raises when they may not be replaced."""
        wanted = sorted(set(roles))
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
                connection.execute(text("LOCK TABLE totp_roles IN EXCLUSIVE MODE"))
            if check is not None:
                check(sorted(connection.execute(select(totp_roles.c.role)).scalars()))
            connection.execute(delete(totp_roles))
            if wanted:
                connection.execute(insert(totp_roles), [{"role": role} for role in wanted])
            self._note(connection, by, "sign-in rules", f"second factor needed: {', '.join(wanted) or 'nobody'}")

    def _digest(self, account_id: str, code: str) -> str:
        return self._registry.vault.digest("recovery", f"{account_id} {code}")

    @staticmethod
    def _note(connection: Connection, actor: str, subject: str, event: str) -> None:
        row: dict[str, Any] = {"at": time.time(), "actor": actor, "subject": subject, "event": event}
        connection.execute(insert(tables.account_events).values(row))
