"""`python -m tests.benchmark.bare_route BOOTSTRAP TOPIC PORT`: the peer of the signed door. A FastAPI route that only produces its
body to Kafka (acks=all) and answers; served as our API is (uvicorn on uvloop and httptools)."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request


def make_app(bootstrap: str, topic: str) -> FastAPI:
    held: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        held["producer"] = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=0)
        await held["producer"].start()
        yield
        await held["producer"].stop()

    app = FastAPI(lifespan=lifespan)

    @app.post("/reports", status_code=202)
    async def take(request: Request) -> dict[str, int]:
        await held["producer"].send_and_wait(topic, await request.body(), partition=0)
        return {"recorded": 1}

    return app


if __name__ == "__main__":
    app = make_app(sys.argv[1], sys.argv[2])
    how = {"loop": "uvloop", "http": "httptools", "log_level": "warning"}
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), **how)  # type: ignore[arg-type]
