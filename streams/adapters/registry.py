"""The relational registry: people's data (sealed), webhook endpoints, the access log, what was seen, dead letters.

SQLite in WAL mode for one machine (several processes share the file: short transactions, a busy timeout), PostgreSQL by
URL for more. All calls block for about a millisecond: event loops call them in a thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, Table, bindparam, delete, insert, select, tuple_, update

from streams.adapters import phone_index, registry_tables as tables
from streams.adapters.endpoints import Endpoint, EndpointStore
from streams.adapters.kept_answers import KeptAnswers
from streams.adapters.masks import ERASED, mask_name
from streams.adapters.persons import Person, PersonKind, WorkerPerson
from streams.adapters.registry_engine import ROWS_AT_ONCE, insert_new, make_engine, upsert
from streams.adapters.registry_schema import bring_up
from streams.adapters.vault import Vault, open_vault

SWEEP_EVERY_S = 60.0
WEBHOOKS_KEPT_S = 5 * 86_400  # senders repeat for up to 28 h; Standard Webhooks asks for 4 days or more

class Read(msgspec.Struct, frozen=True):
    """A line of the access log. `at`: wall clock, epoch seconds."""

    row: int
    at: float
    actor: str
    subject: str
    fields: str
    why: str


class Home(msgspec.Struct, frozen=True):
    """The district (and organisation) that a worker, kitchen or organisation belongs to."""

    district: str
    organisation: str


class Registry:
    """See the module. `engine` is for neighbours that keep tables of their own in the same file: `engine.begin()`
    starts an immediate (writing) transaction on SQLite."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self._reader = engine.execution_options(dolbom_read=True)
        self.vault = vault
        self.answers = KeptAnswers(engine, vault)
        self._swept_at = 0.0
        self.endpoints = EndpointStore(engine, vault, self._key)

    # People -----------------------------------------------------------------------------------------------------------

    def put_recipients(self, people: Iterable[Person], homes: Mapping[str, tuple[str, str]] | None = None) -> int:
        """Seal and store (or replace) recipients; returns how many. One transaction: all or none. `homes`: the (district,
        dong) of each; what was said before stays where nothing is said."""
        people = list(people)
        rows = [(person.recipient_id, msgspec.json.encode(person)) for person in people]
        with self.engine.begin() as connection:
            self.put_people_in(connection, "recipient", rows, homes)
            phone_index.index_people(connection, self.vault, people)
        return len(people)

    def homes(self, recipient_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """(district, dong) of the recipients who are known; ("", "") of those for whom it was not said."""
        with self._reader.connect() as connection:
            return self.homes_in(connection, recipient_ids)

    def put_workers(self, people: Iterable[WorkerPerson]) -> int:
        rows = [(person.worker_id, msgspec.json.encode(person)) for person in people]
        with self.engine.begin() as connection:
            self.put_people_in(connection, "worker", rows)
        return len(rows)

    def find_person(self, recipient_id: str) -> Person | None:
        """None: never known. An erased person comes back with `erased` set."""
        plain = self._find_people(tables.recipients, "recipient", [recipient_id]).get(recipient_id)
        if plain is None:
            return None
        if plain == b"":
            return Person(
                recipient_id=recipient_id, name=ERASED, phone=ERASED, address=ERASED, door_code=ERASED, note=ERASED,
                erased=True,
            )  # fmt: skip
        return msgspec.json.decode(plain, type=Person)

    def find_people(self, recipient_ids: Iterable[str]) -> dict[str, Person]:
        """Those who are known and not erased, by id."""
        found = self._find_people(tables.recipients, "recipient", list(recipient_ids))
        return {id_: msgspec.json.decode(plain, type=Person) for id_, plain in found.items() if plain}

    def find_worker(self, worker_id: str) -> WorkerPerson | None:
        plain = self._find_people(tables.workers, "worker", [worker_id]).get(worker_id)
        if plain is None:
            return None
        if plain == b"":
            return WorkerPerson(worker_id=worker_id, name=ERASED, phone=ERASED, erased=True)
        return msgspec.json.decode(plain, type=WorkerPerson)

    def masked_names(self, ids: Iterable[str], kind: PersonKind = "recipient") -> dict[str, str]:
        """Id -> masked name, for the ids that are known. Log the read (`log_read`)."""
        table = tables.recipients if kind == "recipient" else tables.workers
        found = self._find_people(table, kind, list(ids))
        return {id_: mask_name(_name_of(plain)) if plain else ERASED for id_, plain in found.items()}

    def erase_recipient(self, recipient_id: str) -> bool:
        """Destroy the person's key and row content. False when never known."""
        with self.engine.begin() as connection:
            done = connection.execute(
                update(tables.recipients).where(tables.recipients.c.recipient_id == recipient_id).values(sealed=None, erased=True)
            )
            connection.execute(delete(tables.vault_keys).where(tables.vault_keys.c.subject == f"recipient:{recipient_id}"))
            phone_index.forget(connection, [recipient_id])
        if self.engine.dialect.name == "sqlite":
            # secure_delete zeroes the pages; the write-ahead log still holds the old ones until it is truncated.
            with self._reader.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return done.rowcount > 0

    def log_read(self, actor: str, subject: str | Iterable[str], fields: str | Iterable[str], why: str) -> None:
        """Append to the access log: who read which fields of whom, and why. Before the data is handed out."""
        subjects = [subject] if isinstance(subject, str) else list(subject)
        names = fields if isinstance(fields, str) else ",".join(fields)
        at = time.time()
        if subjects:
            with self.engine.begin() as connection:
                connection.execute(
                    insert(tables.access_log),
                    [{"at": at, "actor": actor, "subject": one, "fields": names, "why": why} for one in subjects],
                )

    def list_reads(self, recipient_id: str | None, after_row: int = 0, limit: int = 1000) -> list[Read]:
        """Reads of a recipient's data (None: of everybody's), oldest first."""
        at = tables.access_log.c
        query = select(tables.access_log).where(at.row > after_row).order_by(at.row).limit(limit)
        if recipient_id is not None:
            query = query.where(at.subject.in_([recipient_id, f"recipient:{recipient_id}"]))
        with self._reader.connect() as connection:
            return [Read(row.row, row.at, row.actor, row.subject, row.fields, row.why) for row in connection.execute(query)]

    # Organisations ----------------------------------------------------------------------------------------------------

    def set_endpoint(self, organisation: str, url: str) -> Endpoint:
        """Set an organisation's main address and enable it. Its secrets are made the first time and stay."""
        return self.endpoints.put(organisation, url)

    def find_endpoint(self, organisation: str) -> Endpoint | None:
        return self.endpoints.find(organisation)

    def get_endpoint(self, organisation: str) -> Endpoint:
        """Raises KeyError when the organisation has none."""
        return self.endpoints.get(organisation)

    def put_roster(
        self, district: str, organisations: Iterable[str], workers: Mapping[str, str], kitchens: Mapping[str, str],
        keep: bool = False,
    ) -> None:  # fmt: skip
        """Remember whose reports go to `district`'s inbox; workers and kitchens with their organisation. `keep`: who was there
        stays as they were, else they go."""
        named = [
            *(("organisation", one, one) for one in organisations),
            *(("worker", worker, organisation) for worker, organisation in workers.items()),
            *(("kitchen", kitchen, organisation) for kitchen, organisation in kitchens.items()),
        ]
        rows = [{"kind": k, "subject": s, "district": district, "organisation": o} for k, s, o in named]
        with self.engine.begin() as connection:
            if not keep:
                connection.execute(delete(tables.roster).where(tables.roster.c.district == district))
            upsert(connection, tables.roster, ("kind", "subject", "district"), rows, keep)

    def list_roster(self) -> dict[tuple[str, str], list[Home]]:
        """(kind, subject) -> homes; one for most, several for an organisation that serves several districts."""
        homes: dict[tuple[str, str], list[Home]] = {}
        with self._reader.connect() as connection:
            for row in connection.execute(select(tables.roster).order_by(tables.roster.c.district)):
                homes.setdefault((row.kind, row.subject), []).append(Home(row.district, row.organisation))
        return homes

    # What was seen ----------------------------------------------------------------------------------------------------

    def find_webhook(self, organisation: str, webhook_id: str) -> str | None:
        """Body hash under which this webhook-id was recorded, or None."""
        return self.find_webhooks([(organisation, webhook_id)])[0]

    def find_webhooks(self, asked: Sequence[tuple[str, str]]) -> list[str | None]:
        """Of each (organisation, webhook-id) the body hash under which it was recorded, or None."""
        seen = tables.seen_webhooks.c
        found: dict[tuple[str, str], str] = {}
        with self._reader.connect() as connection:
            for start in range(0, len(asked), ROWS_AT_ONCE):
                some = asked[start : start + ROWS_AT_ONCE]
                query = select(seen.organisation, seen.webhook_id, seen.body_hash).where(
                    tuple_(seen.organisation, seen.webhook_id).in_(some)
                )
                found |= {(row.organisation, row.webhook_id): row.body_hash for row in connection.execute(query)}
        return [found.get(one) for one in asked]

    def remember_webhook(self, organisation: str, webhook_id: str, body_hash: str) -> bool:
        """Record a webhook-id; False when it is already there (with whatever hash)."""
        known = self.find_webhook(organisation, webhook_id)
        self.remember_webhooks([(organisation, webhook_id, body_hash)])
        return known is None

    def remember_webhooks(self, told: Sequence[tuple[str, str, str]]) -> None:
        """Record (organisation, webhook-id, body hash) in one transaction; what is there stays. Old ones go now and then on
        the way."""
        now = time.time()
        rows = [
            {"organisation": organisation, "webhook_id": webhook_id, "body_hash": body_hash, "at": now}
            for organisation, webhook_id, body_hash in told
        ]
        with self.engine.begin() as connection:
            if now - self._swept_at > SWEEP_EVERY_S:
                connection.execute(delete(tables.seen_webhooks).where(tables.seen_webhooks.c.at < now - WEBHOOKS_KEPT_S))
                self._swept_at = now
            insert_new(connection, tables.seen_webhooks, rows)

    def store_dead_letter(self, dead_letter_id: str, raw: bytes) -> None:
        """Seal and keep the bytes of a dead letter; the same id again changes nothing."""
        with self.engine.begin() as connection:
            subject = f"dead_letter:{dead_letter_id}"
            sealed = self.vault.seal(self._key(connection, subject), subject, raw)
            row = {"dead_letter_id": dead_letter_id, "sealed": sealed, "at": time.time()}
            upsert(connection, tables.dead_letters, ("dead_letter_id",), [row], keep=True)

    def load_dead_letter(self, dead_letter_id: str) -> bytes:
        """Raises KeyError when there is none of this id (or its key was destroyed)."""
        keys = tables.vault_keys
        with self._reader.connect() as connection:
            row = connection.execute(
                select(tables.dead_letters.c.sealed, keys.c.wrapped)
                .join(keys, keys.c.subject == "dead_letter:" + tables.dead_letters.c.dead_letter_id)
                .where(tables.dead_letters.c.dead_letter_id == dead_letter_id)
            ).one_or_none()
        if row is None:
            raise KeyError(dead_letter_id)
        return self.vault.unseal(row.wrapped, f"dead_letter:{dead_letter_id}", row.sealed)

    def close(self) -> None:
        self.engine.dispose()

    # For neighbours ---------------------------------------------------------------------------------------------------

    def seal(self, connection: Connection, subject: str, plain: bytes) -> bytes:
        """Under the subject's key, made where missing (inside the caller's transaction)."""
        return self.vault.seal(self._key(connection, subject), subject, plain)

    def unseal(self, connection: Connection, subject: str, sealed: bytes) -> bytes:
        """Raises KeyError when the subject's key was destroyed."""
        column = tables.vault_keys.c
        wrapped = connection.execute(select(column.wrapped).where(column.subject == subject)).scalar_one_or_none()
        if wrapped is None:
            raise KeyError(subject)
        return self.vault.unseal(wrapped, subject, sealed)

    def homes_in(self, connection: Connection, recipient_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """As `homes`, inside the caller's transaction."""
        ids, at = list(recipient_ids), tables.recipients.c
        found: dict[str, tuple[str, str]] = {}
        for start in range(0, len(ids), ROWS_AT_ONCE):
            query = select(at.recipient_id, at.district, at.dong).where(at.recipient_id.in_(ids[start : start + ROWS_AT_ONCE]))
            found |= {row.recipient_id: (row.district, row.dong) for row in connection.execute(query)}
        return found

    def put_people_in(
        self, connection: Connection, kind: PersonKind, people: list[tuple[str, bytes]],
        homes: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:  # fmt: skip
        """Seal and store (or replace) people by id, inside the caller's transaction."""
        keys = self._keys(connection, [f"{kind}:{id_}" for id_, _ in people])
        rows = []
        for id_, plain in people:
            subject = f"{kind}:{id_}"
            rows.append({f"{kind}_id": id_, "sealed": self.vault.seal(keys[subject], subject, plain), "erased": False})
        upsert(connection, tables.recipients if kind == "recipient" else tables.workers, (f"{kind}_id",), rows)
        said = [{"id_": id_, "to_district": home[0], "to_dong": home[1]} for id_, home in (homes or {}).items() if home[0]]
        if said:
            connection.execute(
                update(tables.recipients)
                .where(tables.recipients.c.recipient_id == bindparam("id_"))
                .values(district=bindparam("to_district"), dong=bindparam("to_dong")),
                said,
            )

    # Inside -----------------------------------------------------------------------------------------------------------

    def _find_people(self, table: Table, kind: PersonKind, ids: list[str]) -> dict[str, bytes]:
        """Plain bytes by id; b"" for the erased."""
        id_column = table.c[f"{kind}_id"]
        query = (
            select(id_column, table.c.sealed, tables.vault_keys.c.wrapped)
            .outerjoin(tables.vault_keys, tables.vault_keys.c.subject == f"{kind}:" + id_column)
            .where(id_column.in_(bindparam("ids", expanding=True)))
        )
        found: dict[str, bytes] = {}
        with self._reader.connect() as connection:
            for start in range(0, len(ids), 500):
                for id_, sealed, wrapped in connection.execute(query, {"ids": ids[start : start + 500]}):
                    known = sealed is not None and wrapped is not None
                    found[id_] = self.vault.unseal(wrapped, f"{kind}:{id_}", sealed) if known else b""
        return found

    def _key(self, connection: Connection, subject: str) -> bytes:
        return self._keys(connection, [subject])[subject]

    def _keys(self, connection: Connection, subjects: list[str]) -> dict[str, bytes]:
        """Wrapped keys of the subjects, made where missing."""
        column = tables.vault_keys.c
        keys: dict[str, bytes] = {}
        for start in range(0, len(subjects), 500):
            query = select(column.subject, column.wrapped).where(column.subject.in_(subjects[start : start + 500]))
            keys |= {row.subject: row.wrapped for row in connection.execute(query)}
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in keys]
        if missing:
            fresh = [{"subject": subject, "wrapped": self.vault.new_key(subject)} for subject in missing]
            # Where several write at once (PostgreSQL), another may have made one meanwhile: that one counts.
            if upsert(connection, tables.vault_keys, ("subject",), fresh, keep=True) == len(fresh):
                return keys | {row["subject"]: row["wrapped"] for row in fresh}
            return self._keys(connection, subjects)
        return keys


def open_registry(url: str, state_dir: Path, environ: Mapping[str, str] | None = None) -> Registry:
    """Open (and make or migrate) the registry. `url` empty: a SQLite file in `state_dir`."""
    state_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url, state_dir)
    bring_up(engine, state_dir)
    return Registry(engine, open_vault(state_dir, environ))


def _name_of(plain: bytes) -> str:
    return str(msgspec.json.decode(plain)["name"])
