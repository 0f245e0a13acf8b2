"""Sealing at rest: AES-256-GCM with a key for each subject, wrapped by a master key that lies in one 0600 file.

Destroying a subject's wrapped key erases everything that was sealed for it, in every copy and backup.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12  # 96 bits, the size GCM is specified for
MASTER_KEY_VARIABLE = "DOLBOM_MASTER_KEY"


class VaultError(Exception):
    """Sealed bytes or a wrapped key that this master key does not open. Never holds content."""


class Vault:
    """Seals and unseals; keeps nothing but the master key. `subject` is bound to the bytes: a blob moved to another
    row does not open."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise VaultError(f"the master key has {len(master_key)} bytes, not {KEY_BYTES}")
        self._master = AESGCM(master_key)
        self._digests = hashlib.sha256(b"dolbom digests " + master_key).digest()

    def derive(self, purpose: str) -> bytes:
        """A key for something else, the same in every process that has this master key."""
        return hmac.new(self._digests, purpose.encode(), hashlib.sha256).digest()

    def new_key(self, subject: str) -> bytes:
        """A fresh key for `subject`, wrapped; only ever kept in this form."""
        return _lock(self._master, secrets.token_bytes(KEY_BYTES), f"key/{subject}")

    def seal(self, wrapped_key: bytes, subject: str, plain: bytes) -> bytes:
        """Seal `plain` under the subject's key."""
        return _lock(self._open_key(wrapped_key, subject), plain, subject)

    def unseal(self, wrapped_key: bytes, subject: str, sealed: bytes) -> bytes:
        """Raises `VaultError` when the key or the bytes are not of this subject or were altered."""
        return _unlock(self._open_key(wrapped_key, subject), sealed, subject)

    def digest(self, purpose: str, text: str) -> str:
        """A keyed digest: finds a row by what must not lie in the clear, and cannot be tried out without the key."""
        return hmac.new(self._digests, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()

    def lock(self, purpose: str, plain: bytes) -> bytes:
        """For what leaves the house and comes back (a cookie): only we read it, for one purpose."""
        return _lock(self._master, plain, f"lock/{purpose}")

    def unlock(self, purpose: str, locked: bytes) -> bytes:
        """Raises `VaultError`."""
        return _unlock(self._master, locked, f"lock/{purpose}")

    def _open_key(self, wrapped_key: bytes, subject: str) -> AESGCM:
        return AESGCM(_unlock(self._master, wrapped_key, f"key/{subject}"))


def open_vault(state_dir: Path, environ: Mapping[str, str] | None = None) -> Vault:
    """The vault of this machine: master key in `state_dir`, made at first start, or base64 in `DOLBOM_MASTER_KEY`."""
    given = (os.environ if environ is None else environ).get(MASTER_KEY_VARIABLE, "")
    text = given or make_secret_file(state_dir / "master.key", base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    try:
        return Vault(base64.b64decode(text, validate=True))
    except ValueError:
        raise VaultError("the master key is not base64") from None


def make_secret_file(path: Path, text: str) -> str:
    """The content of `path`; written once, mode 0600, whoever of several starting processes comes first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # another process was first; no reader ever sees half a file
                os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_text().strip()


def _lock(key: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + key.encrypt(nonce, plain, bound_to.encode())


def _unlock(key: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    try:
        return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise VaultError("the sealed bytes do not open with this key") from None
