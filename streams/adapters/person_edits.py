"""One person's sealed data changed in place, in one transaction: what another process writes meanwhile is not lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select, update

from streams.adapters import registry_tables as tables
from streams.adapters.persons import Person

if TYPE_CHECKING:
    from streams.adapters.registry import Registry


def change_person(
    registry: Registry, recipient_id: str, change: Callable[[Person], Person], home: tuple[str, str] | None = None
) -> Person | None:
    """The person as changed, or None: never known, or erased. `home`: another (district, dong)."""
    table, subject = tables.recipients, f"recipient:{recipient_id}"
    with registry.engine.begin() as connection:
        mine = table.c.recipient_id == recipient_id
        sealed = connection.execute(select(table.c.sealed).where(mine).with_for_update()).scalar_one_or_none()
        if sealed is None:
            return None
        person = change(msgspec.json.decode(registry.unseal(connection, subject, sealed), type=Person))
        sealed = registry.seal(connection, subject, msgspec.json.encode(person))
        values = {"sealed": sealed} | ({"district": home[0], "dong": home[1]} if home is not None else {})
        connection.execute(update(table).where(mine).values(**values))
    return person
