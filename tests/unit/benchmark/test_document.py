"""The document of figures: a run of some benchmarks leaves the figures of the others where they are."""

from __future__ import annotations

from tests.benchmark.figures import HISTORY, Section, document


def section(title: str, value: str) -> Section:
    drawn = Section(title.lower(), title, "How it is measured.", command="a command", commit="abc", at="today")
    drawn.add("figure", value)
    return drawn


def titles(markdown: str) -> list[str]:
    return [line.removeprefix("## ") for line in markdown.splitlines() if line.startswith("## ")]


def test_a_run_of_one_benchmark_keeps_the_figures_of_the_others() -> None:
    first = document([section("Hops", "7,001 of it"), section("Routes", "7,003 of it")])
    again = document([section("Hops", "7,002 of it")], first)
    assert "7,002 of it" in again
    assert "7,001 of it" not in again
    assert "7,003 of it" in again
    assert titles(again) == titles(first)


def test_a_new_benchmark_comes_after_the_earlier_ones_and_before_what_was_changed() -> None:
    both = document([section("Routes", "7,003 of it")], document([section("Hops", "7,001 of it")]))
    assert titles(both)[:2] == ["Hops", "Routes"]
    assert both.endswith(HISTORY.read_text(encoding="utf-8"))


def test_the_same_figures_give_the_same_document() -> None:
    once = document([section("Hops", "7,001 of it")])
    assert document([section("Hops", "7,001 of it")], once) == once
