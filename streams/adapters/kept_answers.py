"""First answers of keyed requests, kept in the registry: the same request again is answered as it was the first time.

Answers may hold what is shown once (a secret): each is sealed under a key of its own, which goes with its row.
All calls block for about a millisecond: event loops call them in a thread.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from sqlalchemy import Engine, delete, insert, select, update

from streams.adapters import registry_tables as tables
from streams.adapters.vault import Vault

ANSWERS_KEPT_S = 5 * 86_400  # as long as webhook ids; a visit's key is known to the log for ever


class KeptAnswer(msgspec.Struct, frozen=True):
    """An answer as it went out. `headers`: those that say something of their own."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reserved(msgspec.Struct, frozen=True):
    """What is known of a key. `first`: it was never seen with anything. `body_hash` is of the request that has it;
    `answer` is None while that one is under way, or ended without telling."""

    first: bool
    body_hash: str
    answer: KeptAnswer | None = None


class KeptAnswers:
    """`owner` is who sent the key, for which door; keys of two owners have nothing to do with each other."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def digest_of(self, body: bytes) -> str:
        """What a body is known by; keyed, as it may hold a password or a telephone number, which no plain digest hides."""
        return self._vault.digest("body of a request", body.hex())

    def reserve(self, owner: str, key: str, body_hash: str) -> Reserved:
        """Take the key for a request, before it does anything; or tell who has it. Old keys go on the way."""
        kept, now = tables.kept_answers, time.time()
        with self._engine.begin() as connection:
            connection.execute(delete(kept).where(kept.c.at < now - ANSWERS_KEPT_S))
            row = connection.execute(select(kept).where(kept.c.owner == owner, kept.c.key == key)).one_or_none()
            if row is None:
                connection.execute(insert(kept).values(owner=owner, key=key, body_hash=body_hash, at=now))
                return Reserved(True, body_hash)
        if row.sealed is None:
            return Reserved(False, row.body_hash)
        plain = self._vault.unseal(row.wrapped, _subject(owner, key), row.sealed)
        return Reserved(False, row.body_hash, msgspec.json.decode(plain, type=KeptAnswer))

    def keep(self, owner: str, key: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """The first answer of a reserved key."""
        kept, subject = tables.kept_answers, _subject(owner, key)
        wrapped = self._vault.new_key(subject)
        sealed = self._vault.seal(wrapped, subject, msgspec.json.encode(KeptAnswer(status, dict(headers), body)))
        with self._engine.begin() as connection:
            connection.execute(
                update(kept)
                .where(kept.c.owner == owner, kept.c.key == key, kept.c.sealed.is_(None))
                .values(wrapped=wrapped, sealed=sealed)
            )

    def release(self, owner: str, key: str) -> None:
        """The request did nothing: its key is free for another try."""
        kept = tables.kept_answers
        with self._engine.begin() as connection:
            connection.execute(delete(kept).where(kept.c.owner == owner, kept.c.key == key, kept.c.sealed.is_(None)))


def _subject(owner: str, key: str) -> str:
    return f"answer:{owner}:{key}"
