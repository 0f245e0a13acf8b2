"""Tables of the registry. Everything about a person is sealed; what is left in the clear are ids and times."""

from __future__ import annotations

from sqlalchemy import DDL, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, event

metadata = MetaData()

recipients = Table(
    "recipients", metadata,
    Column("recipient_id", String, primary_key=True),
    Column("sealed", LargeBinary),  # NULL once erased
    Column("erased", Boolean, nullable=False, default=False),
)  # fmt: skip
workers = Table(
    "workers", metadata,
    Column("worker_id", String, primary_key=True),
    Column("sealed", LargeBinary),
    Column("erased", Boolean, nullable=False, default=False),
)  # fmt: skip
vault_keys = Table(
    "vault_keys", metadata,
    Column("subject", String, primary_key=True),  # "recipient:<id>", "worker:<id>", "organisation:<id>", ...
    Column("wrapped", LargeBinary, nullable=False),
)  # fmt: skip
endpoints = Table(
    "endpoints", metadata,
    Column("organisation", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("secret_out", LargeBinary, nullable=False),
    Column("secret_in", LargeBinary, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
)  # fmt: skip
access_log = Table(
    "access_log", metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),  # wall clock, epoch seconds
    Column("actor", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("fields", String, nullable=False),
    Column("why", String, nullable=False),
    Index("access_log_subject", "subject"),
)  # fmt: skip
seen_webhooks = Table(
    "seen_webhooks", metadata,
    Column("organisation", String, primary_key=True),
    Column("webhook_id", String, primary_key=True),
    Column("body_hash", String, nullable=False),
    Column("at", Float, nullable=False),
    Index("seen_webhooks_at", "at"),
)  # fmt: skip
dead_letters = Table(
    "dead_letters", metadata,
    Column("dead_letter_id", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
)  # fmt: skip
roster = Table(
    "roster", metadata,
    # which district's inbox a report belongs to, before any board is up: kind is organisation, worker or kitchen
    Column("kind", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("district", String, primary_key=True),
    Column("organisation", String, nullable=False, default=""),
)  # fmt: skip

ACCESS_LOG_KEPT_DAYS = 730  # reads of personal data are kept at least two years (design, section 7)

_NO_UPDATE = """CREATE TRIGGER IF NOT EXISTS access_log_no_update BEFORE UPDATE ON access_log
BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"""
_NO_DELETE = f"""CREATE TRIGGER IF NOT EXISTS access_log_no_delete BEFORE DELETE ON access_log
WHEN OLD.at > (julianday('now') - 2440587.5) * 86400 - {ACCESS_LOG_KEPT_DAYS * 86400}
BEGIN SELECT RAISE(ABORT, 'the access log is kept two years'); END"""
for _trigger in (_NO_UPDATE, _NO_DELETE):
    event.listen(access_log, "after_create", DDL(_trigger).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
