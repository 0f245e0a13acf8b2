"""An organisation's app server that is down or disabled: who has to know, and where its offers go meanwhile."""

from __future__ import annotations

from streams.contracts import decisions as d
from streams.contracts.inputs import EndpointReported
from streams.core import call_list, exceptions
from streams.core.turn import Turn

DOWN, UP, DISABLED = "down", "up", "disabled"
STATUSES = (DOWN, UP, DISABLED)
ENDPOINT_DOWN, ENDPOINT_DISABLED = "endpoint_down", "endpoint_disabled"


def endpoint_reported(turn: Turn, report: EndpointReported) -> None:
    """The same said twice changes nothing. A server that is down is the operator's to see; a disabled one stays so until
    its address is set again, so the operator keeps it until then."""
    organisation = report.organisation
    known = turn.state.organisations_down.get(organisation, UP)
    if report.status not in STATUSES or report.status == known or (known == DISABLED and report.status == DOWN):
        return
    turn.emit(
        d.EndpointChanged(
            organisation=organisation, endpoint=report.endpoint, status=report.status, reason=report.reason, at=turn.now_at
        )
    )
    if report.status == UP:
        for kind in (ENDPOINT_DOWN, ENDPOINT_DISABLED):
            exceptions.settle_if_open(turn, kind, organisation)
        return
    exceptions.settle_if_open(turn, ENDPOINT_DOWN, organisation)
    kind = ENDPOINT_DISABLED if report.status == DISABLED else ENDPOINT_DOWN
    exceptions.raise_exception(turn, kind, organisation, exceptions.OPERATOR)
    call_list.call_instead(turn, organisation)
