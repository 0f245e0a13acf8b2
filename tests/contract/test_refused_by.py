"""Which codes each input can be refused with: read from the core's own source, so that the API's description is true."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from streams.contracts import refused_by
from streams.contracts.refusals import Refusal
from streams.contracts.refused_by import REFUSED_BY
from streams.core import dispatch
from streams.core.turn import Turn

HEAD = '''"""Codes that the core refuses each input with. Generated: python -m tests.contract.test_refused_by"""

from __future__ import annotations

'''


def used_by(function: Callable[..., Any]) -> Iterator[Any]:
    """What a function of the core names: refusals, and further functions of the core. Answers to reports are not the
    command's."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    known: dict[str, Any] = function.__globals__  # type: ignore[attr-defined]
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "refuse_report":
            continue
        stack += ast.iter_child_nodes(node)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = known.get(node.value.id)
            if owner is Refusal or isinstance(owner, ModuleType):
                yield getattr(owner, node.attr, None)
            elif node.value.id == "turn":
                yield getattr(Turn, node.attr, None)
        elif isinstance(node, ast.Name):
            yield known.get(node.id)


def refusals_of(handler: Callable[..., Any]) -> set[Refusal]:
    """Of a handler and all that it calls in the core."""
    seen: set[Any] = set()
    todo: list[Any] = [handler]
    found: set[Refusal] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, Refusal):
            found.add(one)
        elif isinstance(one, dict):  # a table of refusals or handlers
            todo += [value for value in one.values() if isinstance(value, Refusal)]
        elif isinstance(one, FunctionType) and one.__module__.startswith("streams.core") and one not in seen:
            seen.add(one)
            todo += used_by(one)
    return found


def as_file() -> str:
    lines = [HEAD, "REFUSED_BY: dict[str, tuple[str, ...]] = {\n"]
    for payload, handler in sorted(dispatch._HANDLERS.items(), key=lambda item: item[0].__name__):
        if "command_id" in payload.__struct_fields__:  # type: ignore[attr-defined]
            codes = refusals_of(handler) | {Refusal.NOT_CONFIGURED}
            lines.append(f'    "{payload.__name__}": (\n')
            lines += [f'        "{code.value}",\n' for code in Refusal if code in codes]
            lines.append("    ),\n")
    return "".join([*lines, "}\n"])


def test_the_table_is_what_the_core_does() -> None:
    """To renew it: python -m tests.contract.test_refused_by"""
    assert Path(refused_by.__file__).read_text(encoding="utf-8") == as_file()


def test_the_scan_finds_what_is_known_by_hand() -> None:
    assert {"already_closed", "unknown_visit", "version_conflict"} <= set(REFUSED_BY["CancelVisit"])
    assert {"point_in_river", "time_in_past", "key_reused"} <= set(REFUSED_BY["RequestVisit"])
    assert "point_in_river" not in REFUSED_BY["CancelVisit"]


if __name__ == "__main__":  # write the table anew
    Path(refused_by.__file__).write_text(as_file(), encoding="utf-8")
