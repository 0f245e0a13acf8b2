"""The page's words for what happened on the day are made of the contracts: `python -m tests.contract.test_point_texts`."""

from __future__ import annotations

import json
from pathlib import Path

from streams.contracts.day_points import POINTS

FILE = Path(__file__).parents[2] / "services" / "board" / "static" / "point_texts.js"
HEAD = """// What may happen at each point of the day, in the order of the ledger. Every entry is [Korean, English].
// Made from streams/contracts/day_points.py by `python -m tests.contract.test_point_texts`.

"""


def made() -> str:
    lines = [f"{HEAD}export const POINTS = {{"]
    for name, point in POINTS.items():
        lines.append(f"  {name}: {{")
        lines.append(f"    words: {json.dumps(point.words, ensure_ascii=False)},")
        lines.append("    counts: {")
        lines += [f"      {what}: {json.dumps(words, ensure_ascii=False)}," for what, words in point.counts.items()]
        lines += ["    },", "  },"]
    return "\n".join([*lines, "};", ""])


def test_the_page_has_the_words_of_the_contracts() -> None:
    assert FILE.read_text(encoding="utf-8") == made(), "run python -m tests.contract.test_point_texts"


if __name__ == "__main__":
    FILE.write_text(made(), encoding="utf-8")
