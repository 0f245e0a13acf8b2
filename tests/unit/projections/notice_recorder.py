"""The port of notices as tests hear it."""

from __future__ import annotations

from streams.adapters.notice_gateway import SENT, Message


class Recorder:
    """`answers`: what a channel answers; sent when nothing is said of it."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.messages: list[Message] = []

    async def send(self, message: Message) -> str:
        self.messages.append(message)
        return self.answers.get(message.channel, SENT)

    async def close(self) -> None:
        pass

    def to(self, number: str) -> list[Message]:
        return [message for message in self.messages if message.to == number]
