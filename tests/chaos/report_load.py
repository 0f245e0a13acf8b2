"""Signed reports at a pace, each sent again under its id until it is answered 2xx, whatever happens to who takes them."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from services.api.signatures import sign

SENDERS = 24
AGAIN_S = 0.2
GIVE_UP_S = 90.0
ANSWER_S = 15.0
NO_ANSWER = 0


@dataclass
class ReportLoad:
    """`bodies[i]` is sent as webhook `load-i` at second `i / rate`. `answered` is complete when all had their 2xx."""

    port: int
    organisation: str
    secret: str
    bodies: list[bytes]
    rate: float
    statuses: Counter[int] = field(default_factory=Counter)
    answered: set[int] = field(default_factory=set)
    begun: float = 0.0

    def start(self) -> None:
        self.begun = time.monotonic()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_own, args=(first,), daemon=True) for first in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def wait(self) -> None:
        """Until everything was answered, or given up."""
        for thread in self._threads:
            thread.join(GIVE_UP_S)

    def _send_own(self, first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_S)
        for number in range(first, len(self.bodies), SENDERS):
            time.sleep(max(0.0, self.begun + number / self.rate - time.monotonic()))
            end = time.monotonic() + GIVE_UP_S
            while time.monotonic() < end:
                status = self._send(connection, number)
                with self._lock:
                    self.statuses[status] += 1
                if 200 <= status < 300:
                    self.answered.add(number)
                    break
                time.sleep(AGAIN_S)

    def _send(self, connection: http.client.HTTPConnection, number: int) -> int:
        raw, webhook_id, at = self.bodies[number], f"load-{number}", int(time.time())
        headers = {
            "Content-Type": "application/json", "webhook-id": webhook_id, "webhook-timestamp": str(at),
            "webhook-signature": sign(self.secret, webhook_id, at, raw),
        }  # fmt: skip
        try:
            connection.request("POST", f"/v1/webhooks/{self.organisation}", raw, headers)
            response = connection.getresponse()
            response.read()
            return response.status
        except (OSError, http.client.HTTPException):
            connection.close()
            return NO_ANSWER
