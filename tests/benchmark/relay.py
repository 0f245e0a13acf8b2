"""`python -m tests.benchmark.relay BOOTSTRAP SOURCE TARGET`: the peer of a hop. A raw aiokafka loop that consumes and produces
(acks=all) and does nothing else: no group, no commits, no decoding."""

from __future__ import annotations

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition


async def relay(bootstrap: str, source: str, target: str) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
    await consumer.start()
    await producer.start()
    part = TopicPartition(source, 0)
    consumer.assign([part])
    consumer.seek(part, 0)
    while True:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=500)).values():
            acks = [await producer.send(target, record.value, key=record.key, partition=0) for record in records]
            for ack in acks:
                await ack


if __name__ == "__main__":
    asyncio.run(relay(*sys.argv[1:4]))
