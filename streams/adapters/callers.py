"""Who calls, and who is meant: recipients found by a telephone number, by its end, or by name (see `phone_index`)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import select

from streams.adapters import registry_tables as tables
from streams.adapters.persons import Person
from streams.adapters.phone_index import AT_ONCE, OWN, ending_digest, index_people, name_digest, normal
from streams.adapters.registry import Registry


class Caller(NamedTuple):
    """A recipient whose number this is (`whose`: own), or whose kin's."""

    recipient_id: str
    whose: str


def find_callers(registry: Registry, number: str) -> list[Caller]:
    """Whose number it is, the recipients' own first; none for what is no number."""
    dialled = normal(number)
    return _find(registry, registry.vault.digest("telephone", dialled) if dialled else "")


def find_by_ending(registry: Registry, ending: str) -> list[Caller]:
    """Whose number, or whose kin's, ends in these four digits."""
    return _find(registry, ending_digest(registry.vault, ending))


def find_by_name(registry: Registry, name: str) -> list[Caller]:
    """Who is called so: the whole name."""
    return _find(registry, name_digest(registry.vault, name))


def _find(registry: Registry, digest: str) -> list[Caller]:
    _take_up(registry)
    if not digest:
        return []
    at = tables.recipient_phones.c
    query = select(at.recipient_id, at.whose).where(at.digest == digest)
    with registry.engine.execution_options(dolbom_read=True).connect() as connection:
        found = [Caller(row.recipient_id, row.whose) for row in connection.execute(query)]
    return sorted(found, key=lambda one: (one.whose != OWN, one.recipient_id))


def _take_up(registry: Registry) -> None:
    at = tables.recipients.c
    waiting = select(at.recipient_id, at.sealed).where(at.phones_indexed.is_(False), at.erased.is_(False)).limit(AT_ONCE)
    while True:
        with registry.engine.execution_options(dolbom_read=True).connect() as connection:
            if connection.execute(waiting.limit(1)).first() is None:
                return
        with registry.engine.begin() as connection:
            rows = connection.execute(waiting).all()
            index_people(
                connection, registry.vault,
                [
                    msgspec.json.decode(registry.unseal(connection, f"recipient:{row.recipient_id}", row.sealed), type=Person)
                    for row in rows
                ],
            )  # fmt: skip
