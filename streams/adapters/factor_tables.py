"""Tables of the second factor: codes for who lost the phone, and in which roles nobody comes in without."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, MetaData, String, Table

metadata = MetaData()

recovery_codes = Table(
    "recovery_codes", metadata,
    Column("digest", String, primary_key=True),  # keyed: of account and code; a code is shown once
    Column("account_id", String, nullable=False),
    Column("used_at", Float),
    Index("recovery_codes_account", "account_id"),
)  # fmt: skip
totp_roles = Table(
    "totp_roles", metadata,
    Column("role", String, primary_key=True),  # whoever has it sets up a second factor before anything else
)  # fmt: skip
