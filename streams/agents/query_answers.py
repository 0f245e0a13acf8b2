"""Reads `dispatch.queries` and answers from the dispatcher's memory. Beside the log: no group, no offsets, no effects."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

import redis
import redis.asyncio
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from streams import topics
from streams.adapters.end_tasks import end_tasks
from streams.adapters.kafka_log import open_reader
from streams.contracts import codec
from streams.contracts.queries import Answer, Query, answer_key
from streams.core.state import DistrictState
from streams.settings import Settings

log = logging.getLogger(__name__)

ANSWER_KEPT_S = 30
RETRY_S = 1.0


class QueryAnswers:
    """`leads` is the dispatcher's: partition -> what it holds. A partition that another worker holds is left to it."""

    def __init__(self, settings: Settings, leads: Mapping[int, Any]) -> None:
        self._settings = settings
        self._leads = leads
        self._redis = redis.asyncio.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            await end_tasks([self._task])
        await self._redis.aclose()

    async def _run(self) -> None:
        while True:
            try:
                await self._read()
            except (KafkaError, redis.RedisError, OSError) as error:
                log.warning("queries: %s, again", type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _read(self) -> None:
        parts = [TopicPartition(topics.QUERIES, partition) for partition in range(self._settings.partitions)]
        async with open_reader(self._settings.bootstrap) as reader:
            reader.assign(parts)
            for part, end in (await reader.end_offsets(parts)).items():
                reader.seek(part, end)  # who asked before this process was there asks again
            while True:
                for records in (await reader.getmany(timeout_ms=1000)).values():
                    for record in records:
                        await self._answer(record.value or b"", record.partition)

    async def _answer(self, raw: bytes, partition: int) -> None:
        lead = self._leads.get(partition)
        try:
            query = codec.decode(raw, Query)
        except codec.Malformed as error:
            log.warning("a query that cannot be read: %s", error.code)
            return
        if lead is None or query.expires_wall_s < time.time():
            return
        state = lead.state.districts.get(query.district)
        if state is None:
            state = DistrictState(district=query.district)
        key = answer_key(query.query_id)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.rpush(key, codec.encode(answer_of(state, query)))
            pipe.expire(key, ANSWER_KEPT_S)
            await pipe.execute()


def answer_of(state: DistrictState, query: Query) -> Answer:
    """The core's answer. A question must never hurt who answers it."""
    from streams.core.queries import answer

    try:
        return answer(state, query)
    except Exception as error:
        log.error("query %s: %s", query.kind, type(error).__name__)
        return Answer(query_id=query.query_id, now_at=state.now_at, code="bad_request")
