"""`dolbom day` and `dolbom areas`: exit codes, one clear sentence on stderr, Korean when the locale is Korean."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.main import main
from services.cli.speech import language
from services.sample_day.read_day import read_day
from tests.unit.sample_day.small_day import bend, write


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


def test_language_follows_the_locale() -> None:
    assert language({"LANG": "ko_KR.UTF-8"}) == "ko"
    assert language({"LANG": "ko_KR.UTF-8", "LC_ALL": "en_GB.UTF-8"}) == "en"
    assert language({}) == "en"


def test_generate_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["day", "generate", "mapo", "--seed", "3", "--out", str(tmp_path / "day")]) == 0
    assert main(["day", "check", str(tmp_path / "day")]) == 0
    out = capsys.readouterr()
    assert out.err == ""
    assert out.out.count("Mapo-gu 2026-03-03: 45 meals, 7 care visits") == 2


def test_check_lists_bad_rows_in_the_users_language(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, bend("visits.csv", "1144000001", "1144099999"))
    assert main(["day", "check", str(tmp_path)]) == 1
    english = capsys.readouterr()
    assert english.out == ""
    assert english.err.splitlines() == [
        "visits.csv:2 [dong] '1144099999' is not in dongs.csv. → Correct it, or add a row to dongs.csv.",
        "1 error in 1 file. Nothing was loaded.",
    ]
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert main(["day", "check", str(tmp_path)]) == 1
    assert "dongs.csv에 없습니다. → 번호를 고치거나" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["day"], ["day", "generate", "quiet", "--out", "x"], ["areas", "import"]])
def test_wrong_usage_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: dolbom" in capsys.readouterr().err


def test_help_and_version_are_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert main(["version"]) == 0
    out = capsys.readouterr().out
    assert "import real boundaries" in out
    assert "make, check or import a day folder" in out


def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["day", "import-mdrplib", str(tmp_path), str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == "instance_parameters.txt cannot be read; name the folder of an mdrplib instance.\n"
    (tmp_path / "file").write_text("")
    assert main(["day", "generate", "mapo", "--out", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["areas", "import", str(tmp_path / "no.geojson")]) == 1
    assert "The file is missing." in capsys.readouterr().err


def test_what_past_days_needed_becomes_what_the_next_one_expects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    past = [tmp_path / name for name in ("monday", "tuesday")]
    for folder, files in zip(past, ({}, bend("visits.csv", "11:00,13:00,12:30", "11:00,13:00,12:10")), strict=True):
        folder.mkdir()
        write(folder, files)
    to_come = tmp_path / "wednesday"
    to_come.mkdir()
    write(to_come)
    assert main(["day", "expect", str(to_come), *map(str, past)]) == 0
    assert "3 lines from 2 past days" in capsys.readouterr().out
    lines = read_day(to_come).config.expected or ()
    told = {(one.area_id, one.service, f"{one.from_at:%H:%M}"): (one.visits, one.service_duration_s) for one in lines}
    assert told == {
        ("A", "meal_support", "03:00"): (0.5, 240), ("A", "meal_support", "03:30"): (0.5, 240),
        ("B", "check_in", "03:00"): (1, 900),
    }  # fmt: skip
