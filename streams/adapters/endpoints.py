"""Organisations' app servers: where webhooks go and which, the secrets of both directions, and their rotation.

A rotated secret goes on for a while: what we send is signed with both, what comes in is accepted with either. Rotated again
meanwhile (the answer was lost, two people did it), each goes on until its own time.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, Table, delete, insert, select, update

from streams.adapters.endpoint_tables import organisation_secrets, webhook_endpoints
from streams.adapters.vault import Vault

MAIN = "main"
OVERLAP_S = 86_400.0  # an organisation has a day to take a new secret over
EARLIER_KEPT = 3  # secrets that go on beside the present one; each is one more signature on what we send
GONE, FAILING, BY_HAND = "gone", "failing", "by_hand"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One address of an organisation. `secret_out` signs what we send there, `secret_in` what the organisation sends
    (both "whsec_..."); `secrets_out_before` are those rotated a while ago, the newest first. `types` empty: all."""

    organisation: str
    url: str
    secret_out: str
    secret_in: str
    name: str = MAIN
    types: tuple[str, ...] = ()
    secrets_out_before: tuple[str, ...] = ()
    disabled: bool = False
    disabled_reason: str = ""
    disabled_at: float = 0.0  # wall clock, epoch seconds, as the next
    failing_since: float = 0.0

    @property
    def secrets_out(self) -> tuple[str, ...]:
        return self.secret_out, *self.secrets_out_before

    def takes(self, type_: str) -> bool:
        return not self.types or type_ in self.types


class Known(NamedTuple):
    """An endpoint, and the row it was read from."""

    row: tuple[Any, ...]
    endpoint: Endpoint


def new_secret() -> str:
    """A signing secret in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


class EndpointStore:
    """Endpoints in the registry. `key_of(connection, subject)` gives (and makes) the wrapped key of a subject."""

    def __init__(self, engine: Engine, vault: Vault, key_of: Callable[[Connection, str], bytes]) -> None:
        self._engine = engine
        self._reader = engine.execution_options(dolbom_read=True)
        self._vault = vault
        self._key_of = key_of

    def put(
        self, organisation: str, url: str, name: str = MAIN, types: Iterable[str] = (),
        check: Callable[[Endpoint], None] | None = None,
    ) -> Endpoint:  # fmt: skip
        """Set an address and enable it. Secrets are made the first time and stay. `check` sees what stood there, in the same
        transaction, and raises when it may not be replaced."""
        with self._engine.begin() as connection:
            held = self._held(connection, organisation, name) if check is not None else None
            if check is not None and held is not None:
                check(held)
            self._secret_in(connection, organisation)
            values = {
                "url": url, "types": " ".join(types), "disabled": False, "disabled_reason": "", "disabled_at": 0.0,
                "failing_since": 0.0,
            }  # fmt: skip
            done = connection.execute(update(webhook_endpoints).where(*_is(organisation, name)).values(values))
            if done.rowcount == 0:
                sealed = self._seal(connection, organisation, new_secret())
                row = {"organisation": organisation, "name": name, "secret": sealed, "secret_before_until": 0.0} | values
                connection.execute(insert(webhook_endpoints).values(row))
        return self.get(organisation, name)

    def find(self, organisation: str, name: str = MAIN) -> Endpoint | None:
        return next((one for one in self.all_of(organisation) if one.name == name), None)

    def get(self, organisation: str, name: str = MAIN) -> Endpoint:
        """Raises KeyError when the organisation has none of that name."""
        endpoint = self.find(organisation, name)
        if endpoint is None:
            raise KeyError(organisation)
        return endpoint

    def all_of(self, organisation: str) -> list[Endpoint]:
        """An organisation's endpoints by name."""
        query = select(webhook_endpoints).where(webhook_endpoints.c.organisation == organisation)
        with self._reader.connect() as connection:
            rows = connection.execute(query.order_by(webhook_endpoints.c.name)).all()
            if not rows:
                return []
            incoming = self._secrets_in(connection, organisation)
            key = self._key_of(connection, _subject(organisation))
        return [self._endpoint(row, key, incoming) for row in rows]

    def read_all(self, known: Mapping[tuple[str, str], Known]) -> dict[tuple[str, str], Known]:
        """Every endpoint by organisation and name, in one look-up. What stands in `known` as it is in the table is taken from
        there: secrets are unsealed once, not with every look."""
        query = (
            select(webhook_endpoints, organisation_secrets.c.secret.label("incoming"))
            .outerjoin(organisation_secrets, organisation_secrets.c.organisation == webhook_endpoints.c.organisation)
        )  # fmt: skip
        found: dict[tuple[str, str], Known] = {}
        with self._reader.connect() as connection:
            for row in connection.execute(query).all():
                one = known.get((row.organisation, row.name))
                if one is None or one.row != tuple(row) or one.endpoint.secrets_out_before:  # those end by their time
                    one = Known(tuple(row), self._endpoint_of(connection, row))
                found[row.organisation, row.name] = one
        return found

    def _held(self, connection: Connection, organisation: str, name: str) -> Endpoint | None:
        """What stands there, until the transaction is over: whoever writes there too waits."""
        query = select(webhook_endpoints).where(*_is(organisation, name)).with_for_update()
        row = connection.execute(query).one_or_none()
        return None if row is None else self._endpoint_of(connection, row)

    def _endpoint_of(self, connection: Connection, row: Any) -> Endpoint:
        incoming = self._secrets_in(connection, row.organisation)
        return self._endpoint(row, self._key_of(connection, _subject(row.organisation)), incoming)

    def names(self) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """Organisation -> its endpoints' names and types; what the outbox needs to address a delivery."""
        found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        columns = webhook_endpoints.c
        query = select(columns.organisation, columns.name, columns.types).order_by(columns.organisation, columns.name)
        with self._reader.connect() as connection:
            for organisation, name, types in connection.execute(query):
                found.setdefault(organisation, []).append((name, tuple(types.split())))
        return found

    def remove(self, organisation: str, name: str, check: Callable[[Endpoint], None] | None = None) -> bool:
        """False when there is none. `check` sees what stands there, in the same transaction, and raises when it may not go."""
        with self._engine.begin() as connection:
            held = self._held(connection, organisation, name) if check is not None else None
            if check is not None and held is not None:
                check(held)
            return connection.execute(delete(webhook_endpoints).where(*_is(organisation, name))).rowcount > 0

    def disable(self, organisation: str, name: str = MAIN, reason: str = BY_HAND) -> bool:
        """Nothing more is sent there until it is set again. False when it was disabled before, or is not known."""
        values = {"disabled": True, "disabled_reason": reason, "disabled_at": time.time()}
        with self._engine.begin() as connection:
            where = (*_is(organisation, name), webhook_endpoints.c.disabled.is_(False))
            return connection.execute(update(webhook_endpoints).where(*where).values(values)).rowcount > 0

    def note_failing(self, organisation: str, name: str, since: float) -> None:
        """Since when every attempt there has failed (epoch seconds); 0 when one was answered."""
        with self._engine.begin() as connection:
            connection.execute(update(webhook_endpoints).where(*_is(organisation, name)).values(failing_since=since))

    def rotate(self, organisation: str, name: str, overlap_s: float = OVERLAP_S) -> Endpoint:
        """A new secret for what we send there. Raises KeyError when there is no such endpoint."""
        self._rotate(webhook_endpoints, organisation, _is(organisation, name), overlap_s)
        return self.get(organisation, name)

    def rotate_in(self, organisation: str, overlap_s: float = OVERLAP_S) -> tuple[str, ...]:
        """A new secret for what the organisation sends; 0 s of overlap revokes the old one at once. Returns those that
        hold now, the new one first. Raises KeyError when it has none."""
        where = (organisation_secrets.c.organisation == organisation,)
        self._rotate(organisation_secrets, organisation, where, overlap_s)
        return self.secrets_in(organisation)

    def secrets_in(self, organisation: str) -> tuple[str, ...]:
        """With what an organisation may sign now, the newest first; () for an unknown one."""
        with self._reader.connect() as connection:
            return self._secrets_in(connection, organisation)

    def seal_answer(self, organisation: str, answer: bytes) -> bytes:
        """What an endpoint answered, sealed: it may quote what we sent."""
        with self._reader.connect() as connection:
            return self._vault.seal(self._key_of(connection, _subject(organisation)), _subject(organisation), answer)

    def open_answer(self, organisation: str, sealed: bytes) -> bytes:
        with self._reader.connect() as connection:
            return self._vault.unseal(self._key_of(connection, _subject(organisation)), _subject(organisation), sealed)

    def _rotate(self, table: Table, organisation: str, where: Any, overlap_s: float) -> None:
        with self._engine.begin() as connection:
            row = connection.execute(select(table).where(*where).with_for_update()).one_or_none()
            if row is None:
                raise KeyError(organisation)
            key = self._key_of(connection, _subject(organisation))
            held = (self._unseal(key, organisation, row.secret), time.time() + overlap_s)
            earlier = [held, *self._earlier(row, key, organisation)][:EARLIER_KEPT] if overlap_s > 0 else []
            text = "\n".join(f"{secret} {until}" for secret, until in earlier)
            values = {
                "secret": self._seal(connection, organisation, new_secret()),
                "secret_before": self._seal(connection, organisation, text) if earlier else None,
                "secret_before_until": max((until for _, until in earlier), default=0.0),
            }  # fmt: skip
            connection.execute(update(table).where(*where).values(values))

    def _secret_in(self, connection: Connection, organisation: str) -> None:
        where = organisation_secrets.c.organisation == organisation
        if connection.execute(select(organisation_secrets.c.organisation).where(where)).first() is None:
            sealed = self._seal(connection, organisation, new_secret())
            connection.execute(insert(organisation_secrets).values(organisation=organisation, secret=sealed))

    def _secrets_in(self, connection: Connection, organisation: str) -> tuple[str, ...]:
        where = organisation_secrets.c.organisation == organisation
        row = connection.execute(select(organisation_secrets).where(where)).one_or_none()
        if row is None:
            return ()
        key = self._key_of(connection, _subject(organisation))
        return self._unseal(key, organisation, row.secret), *(secret for secret, _ in self._earlier(row, key, organisation))

    def _endpoint(self, row: Any, key: bytes, incoming: tuple[str, ...]) -> Endpoint:
        organisation = row.organisation
        return Endpoint(
            organisation=organisation, url=row.url, name=row.name, types=tuple(row.types.split()),
            secret_out=self._unseal(key, organisation, row.secret),
            secrets_out_before=tuple(secret for secret, _ in self._earlier(row, key, organisation)),
            secret_in=incoming[0] if incoming else "",
            disabled=row.disabled, disabled_reason=row.disabled_reason, disabled_at=row.disabled_at,
            failing_since=row.failing_since,
        )  # fmt: skip

    def _earlier(self, row: Any, key: bytes, organisation: str) -> list[tuple[str, float]]:
        """The secrets before, each until when, that still hold; the newest first. A line each; one that an older version wrote
        has no time of its own."""
        now = time.time()
        if row.secret_before is None or row.secret_before_until <= now:
            return []
        lines = (line.partition(" ") for line in self._unseal(key, organisation, row.secret_before).split("\n"))
        found = [(secret, float(until or row.secret_before_until)) for secret, _, until in lines]
        return [(secret, until) for secret, until in found if until > now]

    def _seal(self, connection: Connection, organisation: str, secret: str) -> bytes:
        subject = _subject(organisation)
        return self._vault.seal(self._key_of(connection, subject), subject, secret.encode())

    def _unseal(self, key: bytes, organisation: str, sealed: bytes) -> str:
        return self._vault.unseal(key, _subject(organisation), sealed).decode()


def _subject(organisation: str) -> str:
    return f"organisation:{organisation}"


def _is(organisation: str, name: str) -> tuple[Any, Any]:
    return webhook_endpoints.c.organisation == organisation, webhook_endpoints.c.name == name
