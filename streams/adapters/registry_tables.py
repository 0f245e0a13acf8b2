"""Tables of the registry. Everything about a person is sealed; what is left in the clear are ids and times."""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    event,
    false,
)  # fmt: skip

metadata = MetaData()
Row = BigInteger().with_variant(Integer, "sqlite")

recipients = Table(
    "recipients", metadata,
    Column("recipient_id", String, primary_key=True),
    Column("sealed", LargeBinary),  # NULL once erased
    Column("erased", Boolean, nullable=False, default=False),
    Column("district", String, nullable=False, default="", server_default=""),  # whose they are; "": not said
    Column("dong", String, nullable=False, default="", server_default=""),
    Column("phones_indexed", Boolean, nullable=False, default=False, server_default=false()),
)  # fmt: skip
recipient_phones = Table(
    "recipient_phones", metadata,
    Column("digest", String, primary_key=True),  # keyed: of a number as it is dialled, of its last four digits, or of the name
    Column("recipient_id", String, primary_key=True),
    Column("whose", String, nullable=False),  # own, or of their kin
    Index("recipient_phones_recipient", "recipient_id"),
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
access_log = Table(
    "access_log", metadata,
    Column("row", Row, primary_key=True, autoincrement=True),
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
kept_answers = Table(
    "kept_answers", metadata,
    Column("owner", String, primary_key=True),  # who sent the key, and for which door
    Column("key", String, primary_key=True),
    Column("body_hash", String, nullable=False),
    Column("wrapped", LargeBinary),  # NULL, like the next, until there is an answer
    Column("sealed", LargeBinary),
    Column("at", Float, nullable=False),
    Index("kept_answers_at", "at"),
)  # fmt: skip
roster = Table(
    "roster", metadata,
    # which district's inbox a report belongs to, before any board is up: kind is organisation, worker or kitchen
    Column("kind", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("district", String, primary_key=True),
    Column("organisation", String, nullable=False, default=""),
)  # fmt: skip

accounts = Table(
    "accounts", metadata,
    Column("account_id", String, primary_key=True),
    Column("login_digest", String, nullable=False, unique=True),  # keyed: a login may be a name
    Column("sealed", LargeBinary, nullable=False),  # login and name
    Column("role", String, nullable=False),
    Column("scope", String, nullable=False),  # JSON: districts, areas, dongs, organisation
    Column("password_hash", String, nullable=False, default=""),
    Column("totp_sealed", LargeBinary),
    Column("totp_on", Boolean, nullable=False, default=False),  # its first code was shown to us
    Column("totp_step", Integer, nullable=False, default=0),  # the last one used: no code counts twice
    Column("sso_digest", String, unique=True),  # who it is at the single sign-on
    Column("created_at", Float, nullable=False),
    Column("revoked_at", Float),
)  # fmt: skip
sessions = Table(
    "sessions", metadata,
    Column("digest", String, primary_key=True),  # of the cookie's secret
    Column("account_id", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Index("sessions_account", "account_id"),
)  # fmt: skip
api_keys = Table(
    "api_keys", metadata,
    Column("key_id", String, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("label", String, nullable=False),  # an id, no text: it stands in the clear
    Column("role", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("used_at", Float),
    Column("revoked_at", Float),
)  # fmt: skip
sign_in_links = Table(
    "sign_in_links", metadata,
    Column("digest", String, primary_key=True),  # shown once, used once
    Column("account_id", String, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("used_at", Float),
    Column("uses_left", Integer, nullable=False, default=1, server_default="1"),
)  # fmt: skip
sign_in_failures = Table(
    "sign_in_failures", metadata,
    Column("bucket", String, primary_key=True),  # digest of (login, from where)
    Column("failures", Integer, nullable=False),
    Column("at", Float, nullable=False),  # of the last one
)  # fmt: skip
account_events = Table(
    "account_events", metadata,
    Column("row", Row, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("actor", String, nullable=False),
    Column("subject", String, nullable=False),  # account or key
    Column("event", String, nullable=False),
    Index("account_events_subject", "subject"),
)  # fmt: skip

ACCESS_LOG_KEPT_DAYS = 730  # reads of personal data are kept at least two years (design, section 7)



def append_only_statements(name: str, kept_days: int, dialect: str) -> list[str]:
    """Triggers by which the database itself refuses to change a row of `name`, or to delete one before its time."""
    kept_s = kept_days * 86400
    if dialect == "sqlite":
        return [
            f"""CREATE TRIGGER IF NOT EXISTS {name}_no_update BEFORE UPDATE ON {name}
BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END""",
            f"""CREATE TRIGGER IF NOT EXISTS {name}_no_delete BEFORE DELETE ON {name}
WHEN OLD.at > (julianday('now') - 2440587.5) * 86400 - {kept_s}
BEGIN SELECT RAISE(ABORT, '{name} is kept {kept_days} days'); END""",
        ]
    return [
        f"""CREATE OR REPLACE FUNCTION {name}_kept() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.at <= extract(epoch FROM now()) - {kept_s} THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '{name} is append-only';
END $body$""",
        f"CREATE TRIGGER {name}_kept BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION {name}_kept()",
        f"CREATE TRIGGER {name}_whole BEFORE TRUNCATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION {name}_kept()",
    ]


for _table in (access_log, account_events):
    for _dialect in ("sqlite", "postgresql"):
        for _statement in append_only_statements(_table.name, ACCESS_LOG_KEPT_DAYS, _dialect):
            event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
