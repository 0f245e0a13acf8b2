"""Who calls: recipients found by a telephone number, their own or their kin's (see `phone_index`)."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from sqlalchemy import select

from streams.adapters import registry_tables as tables
from streams.adapters.persons import Person
from streams.adapters.phone_index import AT_ONCE, OWN, index_people, normal
from streams.adapters.registry import Registry


class Caller(NamedTuple):
    """A recipient whose number this is (`whose`: own), or whose kin's."""

    recipient_id: str
    whose: str


def find_callers(registry: Registry, number: str) -> list[Caller]:
    """Whose number it is, the recipients' own first; none for what is no number."""
    _take_up(registry)
    dialled = normal(number)
    if not dialled:
        return []
    at = tables.recipient_phones.c
    query = select(at.recipient_id, at.whose).where(at.digest == registry.vault.digest("telephone", dialled))
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
