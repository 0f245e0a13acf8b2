"""What workers believe: from the webhooks they get and from what they did themselves, never from the state."""

from __future__ import annotations

import json
from collections import defaultdict

from streams.adapters.webhook_bodies import Outgoing
from streams.contracts import decisions as d
from streams.contracts.decisions import Decision
from streams.contracts.inputs import Payload, ReportKind, WorkerReported

OVER = {ReportKind.DONE, ReportKind.FAILED}
GONE = {ReportKind.SHIFT_OFF, ReportKind.DROPPED_OUT}


class Beliefs:
    """`theirs`: visit -> the workers who believe that it is theirs to do now."""

    def __init__(self) -> None:
        self.theirs: dict[str, set[str]] = defaultdict(set)
        self._ids: set[tuple[str, str]] = set()

    def hear(self, payload: Payload, decisions: list[Decision], webhooks: list[Outgoing]) -> None:
        refused = {one.report_id for one in decisions if isinstance(one, d.ReportRefused)}
        if isinstance(payload, WorkerReported) and payload.report_id not in refused:
            self._did(payload)
        for webhook in webhooks:
            key = (webhook.effect_id, webhook.organisation)
            assert key not in self._ids, f"one webhook-id for two webhooks: {key}"
            self._ids.add(key)
            data = json.loads(webhook.body)["data"]
            if webhook.type == "visit.assigned":
                self.theirs[data["visit_id"]].add(data["worker_id"])
            elif webhook.type == "visit.released":
                self.theirs[data["visit_id"]].discard(data["worker_id"])

    def _did(self, report: WorkerReported) -> None:
        if report.kind in GONE:
            for workers in self.theirs.values():
                workers.discard(report.worker_id)
        for visit_id in report.visit_ids:
            if report.kind in OVER:
                self.theirs[visit_id].discard(report.worker_id)
            elif report.kind is ReportKind.REOPENED:
                self.theirs[visit_id].add(report.worker_id)
