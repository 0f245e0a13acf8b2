"""docs/api.md's four calls, run as they stand there: by curl, against the API over HTTP and Redis."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from streams import topics
from streams.adapters import board_keys as keys
from streams.contracts import board, codec
from streams.contracts.envelope import Envelope
from streams.contracts.inputs import CancelVisit, RequestVisit
from tests.integration.api.api_process import DISTRICT, visit_row
from tests.integration.api.served_here import AnsweringLog, served_here

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"


class ObligingLog(AnsweringLog):
    """Accepts everything, and shows what was filed."""

    def _settle(self, envelope: Envelope) -> None:
        payload = envelope.read_payload()
        visit_id = getattr(payload, "visit_id", "")
        if isinstance(payload, RequestVisit):
            row = visit_row(3, visit_id=visit_id, reference=payload.reference)
            self.redis.hset(keys.board_key(DISTRICT), keys.visit_field(visit_id), codec.encode(row))
        settled = board.CommandOutcome(command_id=envelope.id, outcome="accepted", visit_id=visit_id)
        self.redis.set(keys.command_key(envelope.id), codec.encode(settled))


def test_a_visit_is_filed_followed_and_cancelled_as_the_document_says(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    part = text[text.index("## A visit in four calls") :].partition("\n## ")[0]
    where, *calls = re.findall(r"^```sh\n(.*?)^```", part, re.S | re.M)
    date = next(line for line in where.splitlines() if line.startswith("DATE="))  # the two above it: another place here
    with served_here(tmp_path, ObligingLog) as (url, doors):
        script = "\n".join(["set -eu", date, *(f"{call}\necho; echo ====" for call in calls)])
        env = {**os.environ, "API": url, "TOKEN": (tmp_path / "token").read_text().strip()}
        done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=60)
        log = doors.writer
        assert isinstance(log, ObligingLog)
        (filed,) = log.envelopes(topics.REQUESTS_EMERGENCY)
        (cancelled,) = log.envelopes(topics.COMMANDS)
    assert done.returncode == 0, done.stderr
    answers = done.stdout.split("====")
    requested, cancel = filed.read_payload(), cancelled.read_payload()
    assert isinstance(requested, RequestVisit)
    assert isinstance(cancel, CancelVisit)
    assert filed.id in answers[0]
    assert '"outcome":"accepted"' in answers[1]
    assert f'"visit_id":"{requested.visit_id}"' in answers[2]
    assert '"outcome":"accepted"' in answers[3]
    assert (cancel.visit_id, cancelled.actor) == (requested.visit_id, "care_manager:1144066000")
