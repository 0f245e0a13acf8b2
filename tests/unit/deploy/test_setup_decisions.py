"""What set-up decides: what is missing, which command brings it, and when nothing needs doing."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from deploy.local import needs, setup

COMPLETE = needs.Machine(
    python=(3, 11, 2),
    ensurepip=True,
    java="/usr/bin/java",
    maven="/usr/bin/mvn",
    redis="/usr/bin/redis-server",
    chromium="/usr/bin/chromium",
    korean_font=True,
    postgres="/usr/lib/postgresql/15/bin/postgres",
    javac="/usr/bin/javac",
    node="/usr/bin/node",
    distribution="debian",
)
EVERYTHING = needs.Want(jars=True, venv=True, browser=True, postgres=True, languages=True)


def test_a_complete_machine_lacks_nothing() -> None:
    assert needs.lacks(COMPLETE, EVERYTHING) == []


def test_a_fresh_machine_is_told_every_package() -> None:
    bare = COMPLETE._replace(ensurepip=False, java=None, maven=None, redis=None, chromium=None, korean_font=False, postgres=None)
    bare = bare._replace(javac=None, node=None)
    assert needs.packages_of(needs.lacks(bare, EVERYTHING)) == [
        "python3.11-venv", "default-jre-headless", "maven", "redis-tools", "chromium", "fonts-noto-cjk", "postgresql",
        "default-jdk-headless", "nodejs",
    ]  # fmt: skip


def test_what_is_made_already_needs_no_tool() -> None:
    later = COMPLETE._replace(ensurepip=False, maven=None, chromium=None, korean_font=False, postgres=None, javac=None)
    assert needs.lacks(later, needs.Want(jars=False, venv=False, browser=False)) == []


def test_one_sentence_names_the_lack_and_the_command() -> None:
    missing = needs.lacks(COMPLETE._replace(redis=None, maven=None), EVERYTHING)
    assert needs.how_to_install(missing, "ubuntu") == (
        "Maven (brings Kafka's jars) and Redis are missing; "
        "install with: sudo apt-get install -y --no-install-recommends maven redis-tools"
    )


def test_another_distribution_is_not_told_apt_get() -> None:
    sentence = needs.how_to_install(needs.lacks(COMPLETE._replace(redis=None), EVERYTHING), "fedora")
    assert "apt-get" not in sentence
    assert "redis-tools" in sentence


@pytest.mark.parametrize(
    ("root", "sudo", "apt", "prefix"),
    [(True, False, True, []), (False, True, True, ["sudo", "-n"]), (False, False, True, None), (True, True, False, None)],
)
def test_packages_are_installed_only_when_we_may(root: bool, sudo: bool, apt: bool, prefix: list[str] | None) -> None:
    assert needs.may_install(root, sudo, apt) == prefix


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 8),
        ("command not found", None),
    ],
)
def test_the_java_version_is_read(text: str, major: int | None) -> None:
    assert needs.java_major(text) == major


def test_an_old_python_is_named_with_the_command() -> None:
    assert needs.python_too_old((3, 11, 0), None) is None
    assert "make PYTHON=python3.12" in str(needs.python_too_old((3, 10, 12), "python3.12"))
    assert "sudo apt-get install -y python3.11 python3.11-venv" in str(needs.python_too_old((3, 10, 12), None))


def test_an_environment_is_current_when_its_list_is_the_same() -> None:
    wanted = {"run": "a", "dev": "b"}
    assert not setup.venv_is_current({}, wanted, dev=False)
    assert setup.venv_is_current({"run": "a"}, wanted, dev=False)
    assert not setup.venv_is_current({"run": "a"}, wanted, dev=True)
    assert setup.venv_is_current(wanted, wanted, dev=True)
    assert not setup.venv_is_current({"run": "a", "dev": "b"}, {"run": "changed", "dev": "b"}, dev=True)


def test_a_missing_jar_is_noticed_on_the_next_start() -> None:
    listed = {"kafka.jar": "1", "leaflet-1.jar": "2"}
    assert setup.jars_are_current({"jars": "w"}, "w", listed, {"kafka.jar"})
    assert not setup.jars_are_current({"jars": "w"}, "w", listed, set())
    assert not setup.jars_are_current({"jars": "older"}, "w", listed, {"kafka.jar"})


def test_a_jar_that_is_not_as_listed_is_named() -> None:
    listed = setup.read_sha256_list("aa  one.jar\nbb *two.jar\ncc  three.jar\n")
    assert setup.wrong_jars(listed, dict(listed)) == []
    assert setup.wrong_jars(listed, {"one.jar": "aa", "two.jar": "xx", "four.jar": "dd"}) == [
        "three.jar is missing",
        "four.jar is not in the list",
        "two.jar has another sha256",
    ]


def test_only_the_distribution_of_the_map_library_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jar, root = tmp_path / "leaflet.jar", setup.LEAFLET_IN_JAR + "1.9.4/"
    with zipfile.ZipFile(jar, "w") as archive:
        for name in ("dist/leaflet.js", "dist/leaflet.js.map", "dist/images/marker.png", "src/Map.js", "LICENSE"):
            archive.writestr(root + name, name)
        archive.writestr("META-INF/MANIFEST.MF", "")
    monkeypatch.setattr(setup, "LEAFLET", tmp_path / "leaflet")
    setup.unpack_leaflet(jar)
    found = {str(path.relative_to(tmp_path / "leaflet")) for path in (tmp_path / "leaflet").rglob("*") if path.is_file()}
    assert found == {"leaflet.js", "images/marker.png", "LICENSE"}


def test_the_committed_list_covers_the_broker_and_the_map() -> None:
    listed = setup.read_sha256_list(setup.JARS_SHA256.read_text(encoding="utf-8"))
    assert {"kafka_2.13-4.3.1.jar", "kafka-tools-4.3.1.jar", "log4j-core-2.24.3.jar", "leaflet-1.9.4.jar"} <= listed.keys()
    assert all(len(digest) == 64 for digest in listed.values())


def test_the_lists_of_packages_name_no_registry() -> None:
    for name in ("run.txt", "dev.txt"):
        text = (setup.REQUIREMENTS / name).read_text(encoding="utf-8")
        assert "http" not in "".join(line for line in text.splitlines() if "==" not in line and "--hash" not in line)
        assert "--index-url" not in text
