"""The one place that names topics, keys, partitions and retention, and creates them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

JOURNAL = "dispatch.journal"
DECISIONS = "dispatch.decisions"
SNAPSHOTS = "dispatch.snapshots"
DEAD_LETTERS = "dispatch.dead_letters"
QUERIES = "dispatch.queries"
POSITIONS = "fleet.positions"

REQUESTS_MEAL = "requests.meal_support"
REQUESTS_EMERGENCY = "requests.emergency_care"
REQUESTS_DAILY = "requests.daily_convenience"
REPORTS = "fleet.reports"
COMMANDS = "commands"
PLANS = "plans.proposed"
DISTRICT_MESSAGES = "districts.messages"
TICKS = "clock.ticks"

INBOXES = (
    REQUESTS_MEAL, REQUESTS_EMERGENCY, REQUESTS_DAILY, REPORTS, COMMANDS, PLANS, DISTRICT_MESSAGES, TICKS,
)  # fmt: skip
"""Every topic that the desk reads. Keys are district codes, partitions come from the explicit table."""

DAY_MS = 86_400_000
SNAPSHOT_SEGMENT_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Topic:
    """`retention_ms` -1 keeps for ever; the two logs are the truth and are kept."""

    name: str
    retention_ms: int
    compacted: bool = False


TOPICS = (
    *(Topic(name, 7 * DAY_MS) for name in INBOXES),
    Topic(JOURNAL, -1),
    Topic(DECISIONS, -1),
    Topic(SNAPSHOTS, -1, compacted=True),
    Topic(DEAD_LETTERS, -1),
    Topic(QUERIES, 3_600_000),
    Topic(POSITIONS, 3_600_000),
)


def inbox_of(service: str) -> str:
    """The requests topic of a service."""
    if service == "meal_support":
        return REQUESTS_MEAL
    if service == "emergency_care":
        return REQUESTS_EMERGENCY
    return REQUESTS_DAILY


def create_topics(bootstrap: str, partitions: int, replication: int = 1, timeout_s: float = 60.0) -> list[str]:
    """Create what is missing; returns the names created. Raises kafka.errors.KafkaError when the broker is away."""
    from kafka.admin import KafkaAdminClient
    from kafka.errors import TopicAlreadyExistsError

    admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="dolbom-topics")
    created: list[str] = []
    try:
        while missing := _not_in(admin.list_topics()):
            created += [topic.name for topic in missing if topic.name not in created]
            # A broker that is slow is asked again by the client, and has them then: look what is there, and go on.
            with suppress(TopicAlreadyExistsError):
                admin.create_topics([_new(topic, partitions, replication) for topic in missing], timeout_ms=int(timeout_s * 1000))
        return created
    finally:
        admin.close()


def _not_in(present: Iterable[str]) -> list[Topic]:
    names = set(present)
    return [topic for topic in TOPICS if topic.name not in names]


def _new(topic: Topic, partitions: int, replication: int) -> Any:
    from kafka.admin import NewTopic

    configs = {
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "retention.ms": str(topic.retention_ms),
        "message.timestamp.type": "CreateTime",
        # compaction leaves the segment in use alone: small ones keep old snapshots from piling up
        **({"segment.bytes": str(SNAPSHOT_SEGMENT_BYTES)} if topic.compacted else {}),
    }
    return NewTopic(topic.name, partitions, replication, topic_configs=configs)
