"""What a benchmark says: figures with their bars, kept as JSON so that `docs/benchmarks.md` can be drawn from several runs."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HISTORY = Path(__file__).with_name("history.md")
PACKAGES = ("faust-streaming", "aiokafka", "kafka-python", "redis", "msgspec", "fastapi", "uvicorn", "ortools", "numba")


@dataclass(frozen=True)
class Figure:
    """One line of a table. `bar` is what was asked for ("" for none), `met` whether it was reached (None: no bar)."""

    name: str
    value: str
    bar: str = ""
    met: bool | None = None


@dataclass
class Section:
    """One benchmark's part of the document."""

    name: str
    title: str
    how: str
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    command: str = ""
    commit: str = ""
    at: str = ""
    load_before: float = 0.0

    def add(self, name: str, value: str, bar: str = "", met: bool | None = None) -> None:
        self.figures.append(Figure(name, value, bar, met))

    def at_most(self, name: str, value: float, bar: float, unit: str, digits: int = 2) -> None:
        self.add(name, f"{value:.{digits}f}{unit}", f"<= {bar:g}{unit}", value <= bar)

    def at_least(self, name: str, value: float, bar: float, unit: str, digits: int = 0) -> None:
        self.add(name, f"{value:,.{digits}f}{unit}", f">= {bar:,g}{unit}", value >= bar)


def quantile(values: Iterable[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank); nan of nothing."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> list[str]:
    """What the figures were taken on, without names of the machine."""
    cpu = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.partition(":")[2].strip()
                break
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return [
        f"{os.cpu_count()} cores ({cpu or platform.machine()}), {memory_gb:.0f} GB, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "Apache Kafka: one broker (KRaft), one Redis, all processes on the same machine",
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def stamp(section: Section, checkout: Path, command: str, load_before: float) -> None:
    """When, of which commit, and how busy the machine was with other things."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=checkout, capture_output=True, text=True, check=False)
    section.commit = done.stdout.strip()
    section.at = datetime.now(UTC).isoformat(timespec="minutes")
    section.command = command
    section.load_before = round(load_before, 1)


def keep(section: Section, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{section.name}.json").write_text(json.dumps(asdict(section), ensure_ascii=False, indent=1), encoding="utf-8")


def kept(folder: Path, names: Iterable[str]) -> list[Section]:
    """What earlier runs kept, in the order of `names`."""
    found = []
    for name in names:
        path = folder / f"{name}.json"
        if path.exists():
            raw = json.loads(path.read_text(encoding="utf-8"))
            raw["figures"] = [Figure(**figure) for figure in raw["figures"]]
            found.append(Section(**raw))
    return found


def document(sections: Iterable[Section], earlier: str = "") -> str:
    """The Markdown of docs/benchmarks.md: these sections, and those of the `earlier` document that were not measured now, in its
    order."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; edit the benchmarks (`tests/benchmark`), not this file. Latencies and rates are compared with a",
        "peer that ran in the same run on the same machine, in turns, so that a busy machine weighs on both.",
        "",
        *(f"- {line}" for line in machine()),
        "",
    ]
    history = HISTORY.read_text(encoding="utf-8")
    drawn = {title: text for title, text in _drawn(earlier) if title != _title(history)}
    drawn |= {section.title: _draw(section) for section in sections}
    return "\n".join(lines) + "\n" + "".join(drawn.values()) + history


def _draw(section: Section) -> str:
    lines = [f"## {section.title}", "", section.how, ""]
    lines += ["| figure | measured | bar | |", "|---|---|---|---|"]
    for figure in section.figures:
        mark = "" if figure.met is None else "met" if figure.met else "**missed**"
        lines.append(f"| {figure.name} | {figure.value} | {figure.bar} | {mark} |")
    lines.append("")
    for note in section.notes:
        lines += [note, ""]
    lines += [
        f"`{section.command}`, commit {section.commit}, {section.at}; load average before the run: {section.load_before:g}.",
        "",
    ]
    return "\n".join(lines) + "\n"


def _drawn(markdown: str) -> Iterable[tuple[str, str]]:
    """Each section of a document with its title."""
    for text in re.split(r"^(?=## )", markdown, flags=re.MULTILINE)[1:]:
        yield _title(text), text


def _title(section: str) -> str:
    return section.partition("\n")[0].removeprefix("## ")
