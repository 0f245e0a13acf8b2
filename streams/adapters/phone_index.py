"""Who calls (전화): recipients by a keyed digest of their own and their kin's telephone numbers.

No number lies in the clear, and without the master key no digest can be tried out. Recipients who were stored before
there was an index are taken up when somebody is looked for the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, delete, select, update

from streams.adapters import registry_tables as tables
from streams.adapters.registry_engine import upsert
from streams.adapters.vault import Vault

if TYPE_CHECKING:
    from streams.adapters.registry import Person, Registry

OWN, KIN = "own", "kin"
AT_ONCE = 500
SHORTEST = 7  # digits of a number that is one


class Caller(NamedTuple):
    """A recipient whose number this is (`whose`: own), or whose kin's."""

    recipient_id: str
    whose: str


def normal(number: str) -> str:
    """Digits as they are dialled in Korea; "" for what is no number.

    >>> normal("010-1234-5678"), normal("+82 10 1234 5678"), normal("119")
    ('01012345678', '01012345678', '')
    """
    digits = re.sub(r"\D", "", number)
    if number.strip().startswith("+82") or (digits.startswith("82") and len(digits) >= 11):
        digits = "0" + digits[2:].lstrip("0")
    return digits if len(digits) >= SHORTEST else ""


def index_people(connection: Connection, vault: Vault, people: Iterable[Person]) -> None:
    """Write these recipients' numbers anew, in the transaction that stores them."""
    rows, ids = [], []
    for person in people:
        ids.append(person.recipient_id)
        numbers = {normal(kin.phone): KIN for kin in person.kin} | {normal(person.phone): OWN}
        rows += [
            {"digest": vault.digest("telephone", number), "recipient_id": person.recipient_id, "whose": whose}
            for number, whose in numbers.items() if number
        ]  # fmt: skip
    forget(connection, ids)
    upsert(connection, tables.recipient_phones, ("digest", "recipient_id"), rows)
    if ids:
        mark = update(tables.recipients).where(tables.recipients.c.recipient_id == bindparam("id_")).values(phones_indexed=True)
        connection.execute(mark, [{"id_": id_} for id_ in ids])


def forget(connection: Connection, recipient_ids: list[str]) -> None:
    """Nobody finds them by a number any more."""
    at = tables.recipient_phones.c.recipient_id
    for start in range(0, len(recipient_ids), AT_ONCE):
        connection.execute(delete(tables.recipient_phones).where(at.in_(recipient_ids[start : start + AT_ONCE])))


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
    from streams.adapters.registry import Person

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
