"""Old versions are read by upcasters: one pure function for each step. History is never edited.

How an event of either log gets version n + 1: its class takes the new shape, and `@INPUT_STEPS.step("CancelVisit", n)` or
`@DECISION_STEPS.step("RouteSet", n)` here says how the fields of version n become those of n + 1. An input's version stands in
its envelope; a decision's in its tag: "RouteSet" is version 1, and the class of version 2 is written
`class RouteSet(_Decision, tag="RouteSet@2")`. See docs/decisions/0015-both-logs-are-versioned.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from streams.contracts import codec

Fields = dict[str, Any]  # a payload or a decision as plain JSON, without its tag
Step = Callable[[Fields], Fields]


@dataclass(frozen=True)
class Upcasters:
    """The steps of one log: (type, version) -> what lifts its fields to version + 1."""

    steps: dict[tuple[str, int], Step] = field(default_factory=dict)

    def step(self, type_: str, version: int) -> Callable[[Step], Step]:
        """Register the step from `version` to `version + 1`. Raises ValueError when there is one: a step is written once."""

        def register(function: Step) -> Step:
            if (type_, version) in self.steps:
                raise ValueError(f"{type_} has a step from version {version} already")
            self.steps[type_, version] = function
            return function

        return register

    def current(self, type_: str) -> int:
        """The version that is written today; 1 while there is no step."""
        version = 1
        while (type_, version) in self.steps:
            version += 1
        return version

    def lift(self, type_: str, version: int, fields: Fields) -> tuple[int, Fields]:
        """The newest version that the steps reach from `version`, and the fields in it. Raises `Malformed` when they are not
        what that version wrote."""
        while (step := self.steps.get((type_, version))) is not None:
            try:
                fields = step(fields)
            except (KeyError, TypeError, ValueError, AttributeError):
                raise codec.Malformed("wrong_field", f"not the fields of version {version}") from None
            version += 1
        return version, fields

    def lift_raw(self, type_: str, version: int, raw: msgspec.Raw) -> tuple[int, bytes | msgspec.Raw]:
        """`lift` on bytes; those of the newest version stay as they are."""
        if (type_, version) not in self.steps:
            return version, raw
        fields = codec.decode(raw, dict[str, Any])
        version, fields = self.lift(type_, version, fields)
        return version, codec.encode(fields)


INPUT_STEPS = Upcasters()  # every input is at its first version
DECISION_STEPS = Upcasters()  # every decision is at its first version


def tag_of(type_: str, version: int) -> str:
    """How a decision of this version is tagged in its record."""
    return type_ if version == 1 else f"{type_}@{version}"


def read_tag(tag: object) -> tuple[str, int]:
    """Type and version of a decision's tag. Raises `Malformed`."""
    type_, at, version = tag.partition("@") if isinstance(tag, str) else ("", "", "")
    if not type_ or (at and not version.isdecimal()):
        raise codec.Malformed("wrong_field", "not a decision's type")
    return type_, int(version or 1)
