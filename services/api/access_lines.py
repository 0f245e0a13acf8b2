"""The access log's lines: without what nobody may read there, and none for what the signed door took."""

from __future__ import annotations

import logging

from services.api.identifiers import is_id, is_phone
from services.api.repeats import SIGNED_DOOR


class AccessLines:
    """In the place of uvicorn's access logger. Addresses without query strings, and without what is no id in a path: whoever asks
    for a person by name or telephone number must not write it into a log. What the signed door took is no line: hundreds a second;
    the metrics count them, and the log has what they said. That is judged before a line is made, which costs more than the rest."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def info(self, message: str, client: str, method: str, path: str, version: str, status: int) -> None:
        if status != 202 or not path.startswith(SIGNED_DOOR):
            self._logger.info(message, client, method, plain_path(path), version, status)


def plain_path(path: str) -> str:
    """The path as it may be logged."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if not part or (is_id(part) and not is_phone(part)) else "~" for part in parts)
