"""The day as a timetable, and the map beside the list: both show the same visits and workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Seen
from tests.browser.fake_api import leaflet_dir

pytestmark = pytest.mark.browser
Look = Callable[..., Seen]


def test_day_shows_need_and_capacity_and_a_row_for_each_worker(look: Look) -> None:
    seen = look()
    seen.open("?tab=day")
    seen.page.wait_for_selector(".gantt-row .bar")
    assert seen.page.locator("#demand .strip:not(.strip-head)").count() == 8  # four areas, meals and care
    assert seen.page.locator("#gantt .gantt-row:not(.gantt-head)").count() == len(seen.api.day.config.workers)


@pytest.mark.parametrize(("english", "word"), [(False, "12:00–12:30 예정"), (True, "12:00–12:30 planned")])
def test_a_carers_rest_is_in_the_timetable_and_in_their_own_view(look: Look, english: bool, word: str) -> None:
    seen = look()
    seen.open(f"?tab=day&lang={'en' if english else 'ko'}")
    seen.page.wait_for_selector("#gantt .rest")
    on_shift = [row for row in seen.api.day.workers.values() if row.rests]
    assert seen.page.locator("#gantt .rest").count() == len(on_shift) > 0
    assert seen.page.locator("#gantt .rest").first.get_attribute("title") == word
    seen.page.locator("#gantt .gantt-row:has(.rest) .gantt-name").first.click()
    seen.page.wait_for_selector("#drawer-body .facts")
    assert word in seen.page.locator("#drawer-body .facts").inner_text()


PAINTED = """() => {
  const canvases = [...document.querySelectorAll("#map .leaflet-stops-pane canvas")];
  window.painted = canvases.map((one) => one.getContext("2d").getImageData(0, 0, one.width, one.height).data);
}"""
CHANGED = """() => {
  const cells = new Map();
  [...document.querySelectorAll("#map .leaflet-stops-pane canvas")].forEach((one, number) => {
    const now = one.getContext("2d").getImageData(0, 0, one.width, one.height).data, box = one.getBoundingClientRect();
    for (let at = 0; at < now.length; at += 4) {
      if (now[at + 3] === window.painted[number][at + 3]) continue;
      const x = (at / 4) % one.width, y = Math.floor(at / 4 / one.width);
      cells.set(`${x >> 3} ${y >> 3}`, [box.x + (x * box.width) / one.width, box.y + (y * box.height) / one.height]);
    }
  });
  return [...cells.values()];
}"""
"""Where stops of the map were painted otherwise since `PAINTED`: a point in each square of eight pixels."""


@pytest.mark.parametrize("plane", [False, True])
def test_map_and_list_light_each_other(look: Look, plane: bool) -> None:
    if not (leaflet_dir() / "leaflet.js").exists():
        pytest.skip("Leaflet was not set up")
    seen = look(plane=plane)
    seen.open_board()
    seen.page.wait_for_selector("#map canvas")
    seen.page.wait_for_selector("#map .map-area", state="attached")
    assert seen.page.locator("#map .map-area").count() == 4
    seen.page.evaluate(PAINTED)
    seen.page.fill("#search", "M-0067")
    seen.until("() => document.querySelector('#list-count').textContent.startsWith('1')")
    seen.until(f"() => ({CHANGED})().length > 0")  # the others are dimmed
    seen.until(f"() => {{ const still = ({CHANGED})().length === 0; ({PAINTED})(); return still; }}")
    seen.page.hover(".visit")  # its stop is marked on the map
    seen.until(f"() => ({CHANGED})().length > 0")
    for x, y in seen.page.evaluate(CHANGED):
        seen.page.mouse.move(x, y)
        if seen.page.locator(".visit.lit").count():
            break
    assert "M-0067" in seen.text(".visit.lit")
