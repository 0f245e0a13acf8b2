"""Only what a route knows may stand in its query: a filter that is misspelt would be none, and show everything."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.models import Dependant

from services.api.problems import Problem
from streams.contracts.refusals import Refusal


def check_query(request: Request) -> None:
    """Raises wrong_field for a member that the route does not know. Its name is not quoted: it may be anything."""
    given = request.query_params.keys()
    if given and not (known := _names(request.scope["route"].dependant)).issuperset(given):
        known_are = ", ".join(sorted(known)) or "none"
        raise Problem(Refusal.WRONG_FIELD, f"query: holds a member that is not known; known are: {known_are}")


def _names(dependant: Dependant) -> set[str]:
    return {one.alias for one in dependant.query_params}.union(*(_names(one) for one in dependant.dependencies))
