"""Who calls (전화), and whom somebody means: recipients by a keyed digest of their own and their kin's telephone numbers, of
the last four digits of these, and of their name.

Neither numbers nor names lie in the clear, and without the master key no digest can be tried out. Recipients who were stored
before there was an index are taken up when somebody is looked for the first time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, update

from streams.adapters import registry_tables as tables
from streams.adapters.persons import Person
from streams.adapters.registry_engine import upsert
from streams.adapters.vault import Vault

OWN, KIN = "own", "kin"
AT_ONCE = 500
SHORTEST = 7  # digits of a number that is one
ENDING = 4  # digits that people say when they mean a number (뒷자리)


def normal(number: str) -> str:
    """Digits as they are dialled in Korea; "" for what is no number.

    >>> normal("010-1234-5678"), normal("+82 10 1234 5678"), normal("119")
    ('01012345678', '01012345678', '')
    """
    digits = re.sub(r"\D", "", number)
    if number.strip().startswith("+82") or (digits.startswith("82") and len(digits) >= 11):
        digits = "0" + digits[2:].lstrip("0")
    return digits if len(digits) >= SHORTEST else ""


def ending_digest(vault: Vault, ending: str) -> str:
    """By the last four digits of a number."""
    return vault.digest("telephone ending", ending)


def name_digest(vault: Vault, name: str) -> str:
    """By a whole name, however it is spaced and written."""
    return vault.digest("recipient name", plain_name(name))


def plain_name(name: str) -> str:
    """
    >>> plain_name(" 김 복용"), plain_name("Kim Bok-yong")
    ('김복용', 'kimbok-yong')
    """
    return "".join(unicodedata.normalize("NFC", name).split()).casefold()


def index_people(connection: Connection, vault: Vault, people: Iterable[Person]) -> None:
    """Write anew by what these recipients are found, in the transaction that stores them."""
    rows, ids = [], []
    for person in people:
        ids.append(person.recipient_id)
        rows += [
            {"digest": digest, "recipient_id": person.recipient_id, "whose": whose}
            for digest, whose in _digests(vault, person).items()
        ]
    forget(connection, ids)
    upsert(connection, tables.recipient_phones, ("digest", "recipient_id"), rows)
    if ids:
        mark = update(tables.recipients).where(tables.recipients.c.recipient_id == bindparam("id_")).values(phones_indexed=True)
        connection.execute(mark, [{"id_": id_} for id_ in ids])


def _digests(vault: Vault, person: Person) -> dict[str, str]:
    """Everything by which this person is found, and whose it is: where the kin have the same, it is the person's own."""
    found: dict[str, str] = {}
    for phone, whose in [*((kin.phone, KIN) for kin in person.kin), (person.phone, OWN)]:
        if number := normal(phone):
            found |= {vault.digest("telephone", number): whose, ending_digest(vault, number[-ENDING:]): whose}
    return found | {name_digest(vault, person.name): OWN}


def forget(connection: Connection, recipient_ids: list[str]) -> None:
    """Nobody finds them by a number or name any more."""
    at = tables.recipient_phones.c.recipient_id
    for start in range(0, len(recipient_ids), AT_ONCE):
        connection.execute(delete(tables.recipient_phones).where(at.in_(recipient_ids[start : start + AT_ONCE])))
