"""What the documents promise is what the code does: examples, tables, names, links and pictures."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from deploy.local.ports import Ports
from deploy.local.stack import process_list
from services.api import webhooks
from services.api.app import make_app
from services.api.models import CancelBody, SettleBody, VisitBody
from services.api.problems import document, from_validation
from services.api.webhooks import POSITIONS_LIMIT, REPORTS_LIMIT, KitchenItem, PositionItem, ProviderItem, ReportItem, WebhookBody
from streams import topics
from streams.adapters.webhook_bodies import Outgoing, Told, outgoing
from streams.adapters.webhook_sender import LIVE_RETRIES, STANDARD_WAITS_S, WebhookSender
from streams.contracts import codec
from streams.contracts.decisions import VisitState
from streams.contracts.district import Service
from streams.contracts.envelope import JournalRecord, Source
from streams.contracts.inputs import EndpointReported, EndPosting, ReportKind, WorkerReported
from streams.contracts.refusals import REMEDIES, Refusal
from streams.core.chain import PartitionState, apply_record, decide_raw
from streams.core.exceptions import KINDS
from streams.core.lifecycle import LEDGER_CLASS
from streams.settings import read_settings
from tests.core_world import DISTRICT, CoreWorld, at
from tests.unit.core.test_crisis import posting, switched_on

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OURS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
PICTURE_LIMIT_BYTES = 400_000


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text_of(name), re.S | re.M)


def between(name: str, mark: str) -> str:
    """What stands between the marks `<!-- x:begin -->` and `<!-- x:end -->`."""
    found = re.search(rf"<!-- {mark}:begin -->\n(.*?)\s*<!-- {mark}:end -->", text_of(name), re.S)
    assert found, f"{name} has no part {mark}"
    return found.group(1)


def first_cells(table: str) -> list[str]:
    """The first cell of every row, without quotes of code."""
    rows = [line for line in table.splitlines() if line.lstrip().startswith("|")][2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


# --- webhooks out -----------------------------------------------------------------------------------------------------


class OnePerson:
    """A registry in which everybody is the same person."""

    def find_person(self, recipient_id: str) -> Any:
        from streams.adapters.persons import Person

        return Person(recipient_id=recipient_id, name="김가용", phone="010-1234-5678", address="길 1", door_code="1", note="벨")

    def log_read(self, *_: Any) -> None: ...


def real_webhooks() -> dict[str, dict[str, Any]]:
    """One body of each type, as the code makes it and the sender completes it."""
    world = CoreWorld()
    lunch = world.file("lunch")
    second = world.file("second")
    world.until("10:36")  # past the reminder
    in_part = WorkerReported(
        report_id="in-part", kind=ReportKind.OFFER_ACCEPTED, offer_id=world.open_offers()[0], worker_id="rider-1",
        declined_visit_ids=(second.spec.visit_id,), reason="hard_door",
    )  # fmt: skip
    world.send(in_part, organisation="coop")
    world.report("rider-1", "done", lunch)  # before the pickup: refused
    world.report("rider-1", "observed", lunch, reason="box_untouched")
    world.settle("observation", "visited_well")
    dinner = world.file("dinner", window_start_at=at("11:20"))
    for offer_id in world.open_offers():
        world.answer(offer_id)
    for kind in ("picked_up", "no_answer", "no_answer"):
        world.report(dinner.worker_ids[0], kind, dinner)
    world.send(EndpointReported(organisation="coop", endpoint="main", status="disabled", reason="gone"), actor="outbox")
    told_route = len(world.inputs)
    world.cancel(lunch)
    supper = world.file(
        "supper", window_start_at=at("16:00"), window_end_at=at("18:00"), due_at=at("18:00"), ready_at=at("15:50"), freshness_s=900
    )
    world.until("15:10")
    for offer_id in world.open_offers():
        world.answer(offer_id)
    world.until("15:55")
    world.report(supper.worker_ids[0], "picked_up", supper)
    world.until("16:44")  # nothing is heard: asked
    world.report(supper.worker_ids[0], "dropped_out")  # too old to be collected: cooked again
    found = _sent_in(_a_claim()) | _sent_in(_a_posting()) | _sent_in(world, told_route)
    sender = WebhookSender(OnePerson(), None)  # type: ignore[arg-type]
    return {type_: json.loads(sender._full_body(one)) for type_, one in found.items()}


def _sent_in(world: CoreWorld, told_route: int = 1_000_000) -> dict[str, Outgoing]:
    """The last webhook of each type, but of the cancellation at the end only the release."""
    writer, ps, told, found = PartitionState(), PartitionState(), Told(), dict[str, Outgoing]()
    for offset, (envelope, recorded_at) in enumerate(world.inputs):
        journal = JournalRecord(source=Source(topics.COMMANDS, 0, offset), recorded_at=recorded_at, envelope=envelope)
        record = apply_record(ps, decide_raw(writer, offset, journal)[1])
        assert record is not None
        for one in outgoing(record, ps.districts[DISTRICT], told)[0]:
            if one.type == "offer.settled" and one.type in found:
                continue  # the first is the one in part
            if offset < told_route or one.type in ("visit.released", "worker.asked", "meal.wanted"):
                found[one.type] = one
    return found


def _a_claim() -> CoreWorld:
    """Care that the north's carers cannot give climbs, is claimed and confirmed."""
    world = CoreWorld()
    afternoon = {"window_start_at": at("15:00"), "window_end_at": at("17:00"), "due_at": at("17:00"), "service_duration_s": 1800}
    care = world.file("care", service=Service.TEMPORARY_HOME_CARE, excluded_workers=("carer-1", "carer-3"), **afternoon)
    world.until("13:45")
    for offer_id in world.open_offers():
        world.answer(offer_id, "offer_declined")
    world.until("14:20")
    world.report("carer-2", "claimed", care)
    world.settle("claim_to_confirm", "confirmed")
    assert care.worker_ids == ["carer-2"]
    return world


def _a_posting() -> CoreWorld:
    """A worker is posted for days, and is back before they are over."""
    world = switched_on()
    world.send(posting())
    world.send(EndPosting(command_id="end", posting_id="posting-1", reason="test_negative"))
    return world


def shape(value: Any) -> Any:
    """Names and kinds without the values."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def test_every_webhook_we_send_has_an_example_of_its_very_shape() -> None:
    shown = {body["type"]: body for body in map(json.loads, blocks("docs/webhooks.md", "json")) if "timestamp" in body}
    real = real_webhooks()
    source = (ROOT / "streams/adapters/webhook_bodies.py").read_text(encoding="utf-8")
    kinds = "offer|visit|route|report|observation|doorstep|worker|meal|endpoint|need|claim|posting"
    types = set(re.findall(rf'"((?:{kinds})\.[a-z]+)"', source))
    assert set(real) == types
    assert set(shown) == types
    for type_, body in real.items():
        assert shape(shown[type_]) == shape(body), type_


def test_the_refused_report_shown_is_a_real_refusal() -> None:
    (shown,) = [b for b in map(json.loads, blocks("docs/webhooks.md", "json")) if b.get("type") == "report.refused"]
    remedy = REMEDIES[Refusal(shown["data"]["code"])]
    assert shown["data"]["remedy"] == {"ko": remedy.ko, "en": remedy.en}


def test_retries_are_those_documented() -> None:
    units = ((3600, "h"), (60, "min"), (1, "s"))
    words = [next(f"{int(wait_s // size)} {unit}" for size, unit in units if wait_s >= size) for wait_s in STANDARD_WAITS_S[1:]]
    assert between("docs/webhooks.md", "retries").strip() == f"at once, then after {', '.join(words)}"
    assert STANDARD_WAITS_S[0] == 0
    assert f"we look every {LIVE_RETRIES.knock_s:.0f} s" in text_of("docs/webhooks.md")
    assert f"no answer within {LIVE_RETRIES.timeout_s:.0f} s" in text_of("docs/webhooks.md")


# --- webhooks in ------------------------------------------------------------------------------------------------------


def test_every_webhook_we_take_has_an_example_that_is_taken() -> None:
    seen = set()
    for block in blocks("docs/webhooks.md", "json"):
        raw = json.loads(block)
        if "type" not in raw or "timestamp" in raw:
            continue
        body = WebhookBody.model_validate_json(block)
        seen.add(body.type)
        if body.type == "reports":
            for report in body.data["reports"]:
                assert ReportItem.model_validate_json(json.dumps(report)).payload().report_id
        elif body.type == "provider":
            assert ProviderItem.model_validate_json(json.dumps(body.data)).payload().report_id
        elif body.type == "kitchen":
            assert KitchenItem.model_validate_json(json.dumps(body.data)).payload().kitchen_id
        else:
            assert all(PositionItem.model_validate_json(json.dumps(one)) for one in body.data["positions"])
    assert seen == set(WebhookBody.model_fields["type"].annotation.__args__)  # type: ignore[union-attr]


def test_the_item_that_is_refused_is_answered_so() -> None:
    (shown,) = [b for b in map(json.loads, blocks("docs/webhooks.md", "json")) if "items" in b]
    with pytest.raises(ValidationError) as refused:
        ReportItem.model_validate_json(json.dumps({"report_id": "r-2", "kind": "arrived", "worker_id": "R01"}))
    assert webhooks._refused(1, from_validation(refused.value)) == shown["items"][1]
    sound = [item for item in shown["items"] if item["recorded"]]
    assert shown["recorded"] == len(sound)


def test_every_kind_of_report_is_in_the_table_and_the_limits_are_told() -> None:
    text = text_of("docs/webhooks.md")
    table = text[text.index("| `kind` | when |") : text.index("A meal goes")]
    assert first_cells(table) == [kind.value for kind in ReportKind]
    assert f"1 to {REPORTS_LIMIT} reports" in text
    assert f"1 to {POSITIONS_LIMIT:,} positions" in text


def refusals_table() -> str:
    lines = ["| code | status | 할 일 | what to do |", "|---|---|---|---|"]
    lines += [f"| `{code.value}` | {REMEDIES[code].status} | {REMEDIES[code].ko} | {REMEDIES[code].en} |" for code in Refusal]
    return "\n".join(lines)


def test_the_table_of_codes_is_the_closed_list() -> None:
    """To renew it: python -m tests.contract.test_docs"""
    assert between("docs/webhooks.md", "refusals") == refusals_table()


# --- the API ----------------------------------------------------------------------------------------------------------


def test_every_route_is_listed_and_no_other(tmp_path: Path) -> None:
    described = make_app(read_settings({"DOLBOM_STATE_DIR": str(tmp_path)})).openapi()
    routes = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    listed = first_cells(between("docs/api.md", "routes"))
    assert set(listed) == routes
    assert len(listed) == len(routes)


def bodies_of_curl(name: str) -> list[Any]:
    """What `-d '…'` sends, with the shell's $DATE put in."""
    found = re.findall(r"-d '(\{.*?\})'\)?(?:\n|$)", "\n".join(blocks(name, "sh")), re.S)
    return [json.loads(re.sub(r"'\$\w+'", "2026-03-03", one)) for one in found]


def test_the_bodies_of_the_four_calls_are_sound() -> None:
    filed, cancelled = bodies_of_curl("docs/api.md")
    assert VisitBody.model_validate_json(json.dumps(filed)).district == DISTRICT
    assert CancelBody.model_validate_json(json.dumps(cancelled)).reason == "recipient_asked"
    text = text_of("docs/api.md")
    for reason in CancelBody.model_fields["reason"].annotation.__args__:  # type: ignore[union-attr]
        assert f"`{reason}`" in text


def test_every_field_of_a_visit_is_in_the_table() -> None:
    text = text_of("docs/api.md")
    table = text[text.index("## Body of a visit") : text.index("## Routes")]
    assert set(VisitBody.model_fields) <= set(re.findall(r"`(\w+)`", table))


def test_the_problem_shown_is_one_that_is_answered() -> None:
    (shown,) = [b for b in map(json.loads, blocks("docs/api.md", "json")) if "status" in b]
    assert shown == document(Refusal(shown["code"]), shown["detail"], {"errors": shown["errors"]})


# --- operations -------------------------------------------------------------------------------------------------------


def test_every_setting_is_in_the_table_with_its_default() -> None:
    source = "".join((ROOT / "streams" / name).read_text(encoding="utf-8") for name in ("settings.py", "terminal.py"))
    table = between("docs/operations.md", "settings")
    assert set(first_cells(table)) == set(re.findall(r'"(DOLBOM_[A-Z_]+)"', source))
    defaults = read_settings({})
    for name, value in (
        ("DOLBOM_BOOTSTRAP", defaults.bootstrap), ("DOLBOM_REDIS_URL", defaults.redis_url),
        ("DOLBOM_API_PORT", defaults.api_port), ("DOLBOM_WORLD_PORT", defaults.world_port),
        ("DOLBOM_DISTRICTS", ",".join(f"{code}:{part}" for code, part in defaults.districts.items())),
        ("DOLBOM_SOLVER_PROCESSES", defaults.solver_processes), ("DOLBOM_SESSION_TIMEOUT_S", defaults.session_timeout_s),
        ("DOLBOM_SNAPSHOT_EVERY", defaults.snapshot_every),
    ):  # fmt: skip
        assert f"| `{name}` | `{value}` |" in table


def test_ports_are_the_defaults() -> None:
    table = between("docs/operations.md", "ports")
    assert first_cells(table) == [str(getattr(Ports(), f.name)) for f in fields(Ports)]
    assert list(re.findall(r"`([A-Z]+_PORT)`", table)) == [f"{f.name.upper()}_PORT" for f in fields(Ports)]


def test_every_process_is_in_the_table() -> None:
    names = {spec.name for spec in process_list(lockstep=False)} | {"redis", "broker", "world"}
    assert set(first_cells(between("docs/operations.md", "processes"))) == names


def test_topics_and_how_long_they_are_kept() -> None:
    words = {-1: "for ever", 7 * topics.DAY_MS: "7 days", 3_600_000: "1 hour"}
    rows = [line.split("|")[1:3] for line in between("docs/operations.md", "topics").splitlines()[2:]]
    told = {name.strip().strip("`"): kept.strip() for name, kept in rows}
    assert told == {t.name: words[t.retention_ms] + (", compacted" if t.compacted else "") for t in topics.TOPICS}


# --- words ------------------------------------------------------------------------------------------------------------


def section(name: str, title: str) -> str:
    text = text_of(name)
    return text[text.index(f"## {title}\n") :].partition("\n## ")[0]


def test_services_states_and_exceptions_are_in_the_glossary() -> None:
    assert set(re.findall(r"^\| `(\w+)`", section("docs/glossary.md", "Services"), re.M)) == set(Service)
    states = dict(re.findall(r"^\| `(\w+)` .*\| (\w+) \|$", section("docs/glossary.md", "States of a visit"), re.M))
    assert states == {state.value: LEDGER_CLASS[state].value for state in VisitState}
    kinds = dict(re.findall(r"^\| `(\w+)` \|[^|]*\|[^|]*\| (.*) \|$", section("docs/glossary.md", "What needs a person"), re.M))
    assert {kind: re.findall(r"`(\w+)`", outcomes) for kind, outcomes in kinds.items()} == {
        kind: list(one.outcomes) for kind, one in KINDS.items()
    }
    assert SettleBody(outcome="found_unwell_119").outcome


def test_states_and_exceptions_have_the_words_of_the_page() -> None:
    page = (ROOT / "services/board/static/texts.js").read_text(encoding="utf-8")
    for title, group in (("States of a visit", "state"), ("What needs a person", "exception"), ("Services", "service")):
        words = dict(re.findall(r'(\w+): \["([^"]+)"', page[page.index(f"  {group}: {{") :].partition("\n  },")[0]))
        for code, shown in re.findall(r"^\| `(\w+)` \| ([^|]*) \|", section("docs/glossary.md", title), re.M):
            if code != "accepted":  # a meal is 배차됨, care is 배정됨; the filter has both
                assert words[code] in shown.split(", "), code


# --- the whole --------------------------------------------------------------------------------------------------------


def test_links_lead_somewhere() -> None:
    for page in OURS:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            path, _, anchor = target.partition("#")
            found = (page.parent / path).resolve() if path else page
            assert found.exists(), f"{page.name}: {target}"
            if anchor:
                titles = re.findall(r"^#+ (.*)$", found.read_text(encoding="utf-8"), re.M)
                anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
                assert anchor in anchors, f"{page.name}: {target}"


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    for page in OURS:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, page.name


def test_variables_of_make_that_are_named_exist() -> None:
    known = set(re.findall(r"\b[A-Z][A-Z_]+\b", text_of("Makefile")))
    for page in OURS:
        for command in re.findall(r"make run((?: [A-Z_]+=\S+)+)", page.read_text(encoding="utf-8")):
            assert set(re.findall(r"([A-Z_]+)=", command)) <= known, page.name


def test_pictures_are_small_and_shown() -> None:
    shown = {name for page in OURS for name in re.findall(r"img/([\w-]+\.png)", page.read_text(encoding="utf-8"))}
    for picture in (DOCS / "img").glob("*"):
        raw = picture.read_bytes()
        assert raw[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(raw) < PICTURE_LIMIT_BYTES
        assert picture.name in shown, "nobody shows it"
    assert "board-ko.png" in shown


def test_no_line_of_json_in_the_documents_is_broken() -> None:
    for page in OURS:
        for block in re.findall(r"^```json\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M):
            assert codec.decode(codec.encode(json.loads(block)), dict)


def test_tables_have_as_many_cells_in_every_row() -> None:
    for page in OURS:
        lines = page.read_text(encoding="utf-8").splitlines()
        for above, line in pairwise(lines):
            if above.startswith("|") and line.startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", above)) == len(re.findall(r"(?<!\\)\|", line)), f"{page.name}: {line}"


if __name__ == "__main__":  # write the generated table anew
    page = DOCS / "webhooks.md"
    marked = re.compile(r"(<!-- refusals:begin -->\n).*?(<!-- refusals:end -->)", re.S)
    page.write_text(marked.sub(lambda m: m[1] + refusals_table() + "\n" + m[2], page.read_text(encoding="utf-8")), encoding="utf-8")
