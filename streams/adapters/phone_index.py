"""Who calls (전화): recipients by a keyed digest of their own and their kin's telephone numbers.

No number lies in the clear, and without the master key no digest can be tried out. Recipients who were stored before
there was an index are taken up when somebody is looked for the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, update

from streams.adapters import registry_tables as tables
from streams.adapters.persons import Person
from streams.adapters.registry_engine import upsert
from streams.adapters.vault import Vault

OWN, KIN = "own", "kin"
AT_ONCE = 500
SHORTEST = 7  # digits of a number that is one


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
