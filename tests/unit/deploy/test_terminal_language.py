"""What a terminal is told: Korean or English, one of them on a line; both have every text; JSON and logs know no language."""

from __future__ import annotations

import argparse
import json
import os
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local import ledger_table, needs, run, setup
from deploy.local.ports import PortTaken, ports_from
from deploy.local.supervisor import ChildSpec, Restart, Supervisor
from deploy.local.texts import TEXTS, Said, words
from services.cli.help_texts import KOREAN, told
from services.cli.main import build_parser, main as dolbom
from streams.replay.verify import print_report
from streams.terminal import Parser, language
from tests.stack import wait_until

HANGUL = re.compile("[가-힣]")


@pytest.fixture
def korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOLBOM_LANG", "ko")


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8", "LC_ALL": "ko_KR.eucKR", "LC_MESSAGES": "C"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "ko_KR.UTF-8", "DOLBOM_LANG": "en"}, "en"),
        ({"LANG": "C", "DOLBOM_LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "DOLBOM_LANG": "ja"}, "ko"),  # none of ours: as if nothing was said
    ],
)
def test_the_language_is_what_is_said_and_else_the_locales(environ: dict[str, str], wanted: str) -> None:
    assert language(environ) == wanted


def holes(text: str) -> set[str]:
    return {f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_every_text_with_the_same_filled_in() -> None:
    assert {key: (holes(ko), holes(en)) for key, (ko, en) in TEXTS.items() if holes(ko) != holes(en)} == {}
    the_same = {"needs_redis", "elapsed", "setup", "and", "port_owner", "child_stuck", "ledger_minutes"}  # names and frames
    assert [key for key, (ko, _) in TEXTS.items() if not HANGUL.search(ko) and key not in the_same] == []
    assert [key for key, (_, en) in TEXTS.items() if HANGUL.search(en)] == []


def test_every_text_is_used_and_every_used_one_is_there() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(setup.CHECKOUT, "deploy/local").glob("*.py"))
    used = set(re.findall(r'\b(?:words|Said)\(\s*"(\w+)"', sources)) | {
        # by name
        "make_help", "lack_apt", "lack_apt_one", "lack_other", "lack_other_one", "ledger_failed", "ledger_handed_over",
        "ledger_agree", "ledger_differ",
    }  # fmt: skip
    assert set(TEXTS) - used - set(re.findall(r"words\('(\w+)'", sources)) == set()
    assert used - set(TEXTS) == set()


# --- make run ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("korean")
def test_what_is_missing_is_said_in_korean_with_the_command() -> None:
    nothing = needs.Machine((3, 11, 2), True, None, "/usr/bin/mvn", None, None, True, None, None, None, "debian")
    missing = needs.lacks(nothing, needs.Want(jars=False, venv=False, browser=False))
    assert needs.how_to_install(missing, "debian") == (
        "없는 것: Java 실행 환경 17 이상, Redis. "
        "설치 명령: sudo apt-get install -y --no-install-recommends default-jre-headless redis-tools"
    )
    assert "make PYTHON=python3.12" in str(needs.python_too_old((3, 10), "python3.12"))
    assert HANGUL.search(str(needs.python_too_old((3, 10), None)))


def test_a_steps_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    setup.Steps().run("x", lambda: None)
    assert capsys.readouterr().out == "set-up: x ...\nset-up: x: done in 0.0 s\n"
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    setup.Steps().run(words("compiling"), lambda: None)
    assert capsys.readouterr().out == "준비: 계획기 컴파일 ...\n준비: 계획기 컴파일: 0.0초 걸렸습니다\n"
    with pytest.raises(SystemExit):
        setup.stop(words("no_redis"))
    assert capsys.readouterr().err == "준비: Redis가 없습니다. 이렇게 하세요: make setup\n"


@pytest.mark.usefixtures("korean")
def test_a_port_that_cannot_be_is_refused_in_korean() -> None:
    with pytest.raises(PortTaken, match="1024부터 65000까지의 수를 쓰세요"):
        ports_from({"API_PORT": "web"})


@pytest.mark.usefixtures("korean")
def test_a_run_that_cannot_start_says_why_in_korean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "dear.txt").touch()
    assert run.main(["--headless", "--state", str(tmp_path / "state")]) == 1
    assert capsys.readouterr().err.rstrip().endswith("빈 폴더나 새 폴더를 정하세요")
    with pytest.raises(SystemExit):
        run.parse(["--headless", "--no-world"])
    said = capsys.readouterr().err
    assert said.startswith("사용법: ")
    assert "--no-world와 함께 쓸 수 없습니다" in said


def test_a_death_is_told_in_the_users_language_and_logged_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    told_here: list[tuple[str, str]] = []
    supervisor = Supervisor(tmp_path, tmp_path, os.environ, lambda name, text: told_here.append((name, text)))
    try:
        dies = (sys.executable, "-c", "raise SystemExit(3)")
        supervisor.add(ChildSpec("one", dies, restart=Restart.ON_FAILURE, give_up_after=1))
        wait_until(lambda: supervisor.ended("one"), "it is given up")
        wait_until(lambda: told_here, "it is told")
    finally:
        supervisor.stop()
    assert told_here == [("one", "또 죽음(exit 3), 다시 시작하지 않습니다")]  # that it started needs nobody's attention
    log = (tmp_path / "logs" / "supervisor.log").read_text(encoding="utf-8")
    assert "one died (exit 3), as every time before: not started again" in log
    assert not HANGUL.search(log)


@pytest.mark.usefixtures("korean")
def test_what_is_within_a_text_is_in_the_same_language() -> None:
    stuck = Said("child_stuck", why=Said("not_reporting", s=31.0))
    assert (str(stuck), stuck.in_language("en")) == (
        "31초 동안 진행 보고가 없음: 강제로 끝냄", "no progress report for 31 s: killed"
    )  # fmt: skip


def test_the_result_is_the_same_object_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    world: dict[str, Any] = {"visits": 3, "unaccounted": 1, "balanced": False}
    english = json.dumps(ledger_table.merged(world, {"replayed_state_hash": "a"}, 1.0))
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    assert json.dumps(ledger_table.merged(world, {"replayed_state_hash": "a"}, 1.0)) == english
    assert ledger_table.what_is_wrong(json.loads(english))[0] == "미확인: 1"


# --- dolbom -----------------------------------------------------------------------------------------------------------


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def helps(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """(what it is of, its help) for every option and command."""
    for one in parsers(parser):
        for action in one._actions:
            listed = action._choices_actions if isinstance(action, argparse._SubParsersAction) else [action]
            yield from ((f"{one.prog} {entry.dest}", entry.help) for entry in listed if entry.help and entry.dest != "help")


def test_every_command_is_helped_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    english = dict(helps(build_parser()))
    assert len(english) > 50
    assert {name: text for name, text in english.items() if HANGUL.search(text)} == {}
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    korean = dict(helps(build_parser()))
    assert korean.keys() == english.keys()
    assert {name: text for name, text in korean.items() if not HANGUL.search(text)} == {}
    options = re.compile(r"--[a-z]+|DOLBOM_[A-Z]+|docs/[a-z.-]+")
    assert {n: (korean[n], english[n]) for n in korean if set(options.findall(korean[n])) != set(options.findall(english[n]))} == {}


def test_no_korean_help_is_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    shown = {text for parser in [build_parser()] for _, text in helps(parser)} | {build_parser().description}
    assert [english for english in KOREAN if told(english) not in shown] == []


@pytest.mark.usefixtures("korean")
def test_the_frame_of_a_help_is_korean_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert dolbom(["day", "generate", "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("사용법: dolbom day generate")
    assert "선택 사항:" in shown
    assert "이 도움말을 보여 줍니다" in shown
    assert not re.search(r"usage|options:|positional|show this", shown)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["day", "generate", "mapo"], "dolbom day generate: 빠진 것이 있습니다: --out"),
        (["day", "generate", "quiet", "--out", "x"], "은(는) 고를 수 없습니다. 고를 수 있는 것: "),
        (["day", "generate", "mapo", "--seed", "-3", "--out", "x"], "--seed: 0부터 10000000까지의 수를 쓰세요."),
        (["day", "check", "x", "y"], "dolbom: 모르는 말입니다: y"),
        (["crisis", "on", "flu", "--budget", "much"], "--budget: 'much'은(는) 쓸 수 없는 값입니다"),
        (["areas", "import", "x", "--day"], "--day: 값이 하나 있어야 합니다"),
        (["day", "expect", "x"], "빠진 것이 있습니다: PAST"),
    ],
)
@pytest.mark.usefixtures("korean")
def test_wrong_usage_is_said_in_korean(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert dolbom(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("사용법: dolbom")
    assert said in err
    assert "error:" not in err


def test_an_english_terminal_has_argparses_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Parser(prog="x").parse_args(["y"])
    assert capsys.readouterr().err == "usage: x [-h]\nx: error: unrecognized arguments: y\n"


def test_a_replay_is_reported_in_the_users_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Any] = {
        "journal_records": 5, "decisions_records": 5, "dropped": 0, "undecided": 0, "of_other_versions": 0, "set_aside": 0,
        "applied_state_hash": "a", "replayed_state_hash": "b", "ok": False,
        "divergence": {"problem": "unreadable decisions record: KeyError", "partition": 0},
    }  # fmt: skip
    print_report(found)
    assert capsys.readouterr().err.splitlines()[0] == "DIVERGENCE: unreadable decisions record: KeyError"
    monkeypatch.setenv("DOLBOM_LANG", "ko")
    print_report(found)
    out, err = capsys.readouterr()
    assert out.startswith("입력 기록 5건")
    assert err.splitlines()[0] == "다른 곳: 읽을 수 없는 결정 기록: KeyError"
    print_report(found | {"divergence": None})
    assert capsys.readouterr().err == "다른 곳: 두 상태가 다름\n"
