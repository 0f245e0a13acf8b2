"""The golden journal and the digests of what each version of the core makes of it. Whoever changes what `decide` decides raises
`CORE_VERSION` and runs `python -m tests.replay.core_version`, which writes the new version's digest down. Old ones stay."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

from streams.contracts import codec
from streams.contracts.envelope import JournalRecord
from streams.core.chain import PartitionState, decide_raw
from streams.core.dispatch import CORE_VERSION

HERE = Path(__file__).parent
JOURNALS = sorted(HERE.glob("golden_journal*.jsonl.gz"))
DIGESTS = HERE / "core_versions.json"


def journal() -> list[JournalRecord]:
    """Three bad days of two districts that help each other, with everything that can come in, a morning in which two people
    configure one, one in which a parcel gives way, one in which an exclusion that was lifted is listed again, a day on which
    pickups are put off, and one on which a lunch that care comes after goes from hand to hand; each begins at offset 0."""
    return [
        codec.decode(line, JournalRecord) for one in JOURNALS for line in gzip.decompress(one.read_bytes()).splitlines()
    ]


def decided() -> tuple[str, set[str]]:
    """The digest (64 hex digits) of all decisions on the golden journal, and the types of decisions in it."""
    ps, hashed, types = PartitionState(), hashlib.sha256(), set[str]()
    for record in journal():
        if record.source.offset == 0:
            ps = PartitionState()
        made = decide_raw(ps, record.source.offset, record)[0]
        hashed.update(codec.encode([made.now_at, made.decisions]))
        types.update(type(one).__name__ for one in made.decisions)
    return hashed.hexdigest(), types


def digests() -> dict[str, str]:
    """Version -> digest."""
    found: dict[str, str] = json.loads(DIGESTS.read_text(encoding="utf-8"))
    return found


def main() -> None:
    known = digests() if DIGESTS.exists() else {}
    made = decided()[0]
    if known.get(CORE_VERSION, made) != made:
        raise SystemExit(f"version {CORE_VERSION} decides otherwise now: raise CORE_VERSION in streams/core/dispatch.py first")
    if CORE_VERSION not in known and made in known.values():
        raise SystemExit("this core decides as an earlier version did: its number need not be raised")
    DIGESTS.write_text(json.dumps(known | {CORE_VERSION: made}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
