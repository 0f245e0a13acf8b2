"""The real broker and Redis under the supervisor: killed, back on the same data, and nothing left at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local import broker, redis
from deploy.local.ports import check_ports
from deploy.local.stack import Stack
from streams.topics import JOURNAL

pytestmark = pytest.mark.broker


def test_a_killed_broker_comes_back_with_its_records_and_the_end_leaves_nothing(tmp_path: Path) -> None:
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.structs import TopicPartition

    stack = Stack(tmp_path / "state", processes=[])
    with stack:
        producer = KafkaProducer(bootstrap_servers=stack.bootstrap)
        producer.send(JOURNAL, b"before", partition=0).get(timeout=20)
        producer.close()

        old = stack.kill("broker")
        stack.wait_restarted("broker", old)
        broker.wait_ready(stack.ports.broker)
        consumer = KafkaConsumer(bootstrap_servers=stack.bootstrap, auto_offset_reset="earliest")
        consumer.assign([TopicPartition(JOURNAL, 0)])
        consumer.seek(TopicPartition(JOURNAL, 0), 0)
        records = consumer.poll(timeout_ms=20_000)
        consumer.close()
        assert [record.value for batch in records.values() for record in batch] == [b"before"]

        old = stack.kill("redis")
        stack.wait_restarted("redis", old)
        redis.wait_ready(stack.ports.redis)
        pids = list(stack.pids.values())
    assert len(pids) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    check_ports(stack.ports)  # raises when one is still taken
