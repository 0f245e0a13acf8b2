"""Many people's sealed data put in one transaction, each judged against what stands there at that moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, bindparam, select

from streams.adapters import phone_index, registry_tables as tables
from streams.adapters.persons import Person, PersonKind, WorkerPerson
from streams.adapters.registry_engine import ROWS_AT_ONCE, upsert

if TYPE_CHECKING:
    from streams.adapters.registry import Registry

Told = TypeVar("Told")
_TABLES = {"recipient": tables.recipients, "worker": tables.workers}


class KeptRecipient(NamedTuple):
    person: Person
    home: tuple[str, str]  # (district, dong); ("", "") where it was not said


def put_recipients_as_judged(
    registry: Registry, ids: Iterable[str], judge: Callable[[Mapping[str, KeptRecipient]], tuple[Iterable[KeptRecipient], Told]]
) -> Told:
    """`judge` is given those of `ids` who are stored (not the erased) and answers whom to store, and what to tell of it; what it
    raises leaves all as it was. Nobody else writes these rows meanwhile, also where there is none yet."""
    with registry.engine.begin() as connection:
        plain = _held(connection, registry, "recipient", ids)
        homes = registry.homes_in(connection, plain)
        known = {id_: KeptRecipient(msgspec.json.decode(one, type=Person), homes[id_]) for id_, one in plain.items()}
        write, told = judge(known)
        changed = sorted(write, key=lambda one: one.person.recipient_id)
        people = [one.person for one in changed]
        rows = [(one.recipient_id, msgspec.json.encode(one)) for one in people]
        registry.put_people_in(connection, "recipient", rows, {one.person.recipient_id: one.home for one in changed})
        phone_index.index_people(connection, registry.vault, people)
    return told


def put_workers_as_judged(
    registry: Registry, ids: Iterable[str], judge: Callable[[Mapping[str, WorkerPerson]], tuple[Iterable[WorkerPerson], Told]]
) -> Told:
    """As above, of workers."""
    with registry.engine.begin() as connection:
        plain = _held(connection, registry, "worker", ids)
        write, told = judge({id_: msgspec.json.decode(one, type=WorkerPerson) for id_, one in plain.items()})
        rows = sorted((one.worker_id, msgspec.json.encode(one)) for one in write)
        registry.put_people_in(connection, "worker", rows)
    return told


def _held(connection: Connection, registry: Registry, kind: PersonKind, ids: Iterable[str]) -> dict[str, bytes]:
    """Who of these is stored, with their rows held until the transaction ends. Who is not there gets an empty row first (gone again
    if the transaction is taken back): on PostgreSQL a second first load has to wait for it. Always in the same order, so that no
    two batches wait for each other."""
    table, wanted = _TABLES[kind], sorted(set(ids))
    id_column = table.c[f"{kind}_id"]
    empty = [{id_column.name: id_, "sealed": None, "erased": False} for id_ in wanted]
    upsert(connection, table, (id_column.name,), empty, keep=True)
    query = (
        select(id_column, table.c.sealed, tables.vault_keys.c.wrapped)
        .outerjoin(tables.vault_keys, tables.vault_keys.c.subject == f"{kind}:" + id_column)
        .where(id_column.in_(bindparam("ids", expanding=True)))
        .order_by(id_column)
        .with_for_update(of=table)
    )
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        for id_, sealed, wrapped in connection.execute(query, {"ids": wanted[start : start + ROWS_AT_ONCE]}):
            if sealed is not None and wrapped is not None:
                found[id_] = registry.vault.unseal(wrapped, f"{kind}:{id_}", sealed)
    return found
