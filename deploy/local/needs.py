"""What this machine has and what it lacks, as pure decisions (and the few look-ups they rest on).

Standard library only, and parsable by old Pythons: set-up runs this before there is an environment.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from deploy.local.texts import words

OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
OLDEST_NODE = 18  # has fetch
OLDEST_JAVA = 17  # Kafka 4 brokers do not start on less


class Machine(NamedTuple):
    """What was found. `java` and `redis` are paths or None; `ensurepip` says if this Python can make environments."""

    python: tuple[int, ...]
    ensurepip: bool
    java: str | None
    maven: str | None
    redis: str | None
    chromium: str | None
    korean_font: bool
    postgres: str | None
    javac: str | None
    node: str | None
    distribution: str  # ID of /etc/os-release, "" when unknown


class Want(NamedTuple):
    """What this start needs: `jars` when they are not there yet, `venv` likewise, `browser` for the page's tests,
    `postgres` for the registry's, `languages` to run what the documents show in Java and JavaScript."""

    jars: bool
    venv: bool
    browser: bool
    postgres: bool = False
    languages: bool = False


class Lack(NamedTuple):
    """One missing thing: what it is for people, and the Debian packages that bring it."""

    what: str
    packages: tuple[str, ...]


def lacks(machine: Machine, want: Want) -> list[Lack]:
    """What is missing, in the order in which a person would install it. Empty: go on."""
    missing = []
    if want.venv and not machine.ensurepip:
        versioned = f"python{machine.python[0]}.{machine.python[1]}-venv"
        missing.append(Lack(words("needs_venv"), (versioned,)))
    if machine.java is None:
        missing.append(Lack(words("needs_java", oldest=OLDEST_JAVA), ("default-jre-headless",)))
    if want.jars and machine.maven is None:
        missing.append(Lack(words("needs_maven"), ("maven",)))
    if machine.redis is None:
        # redis-tools carries the server's binary (redis-server is a link to its redis-check-rdb) but no system service,
        # so nothing of ours ever occupies port 6379.
        missing.append(Lack(words("needs_redis"), ("redis-tools",)))
    if want.browser and machine.chromium is None:
        missing.append(Lack(words("needs_chromium"), ("chromium",)))
    if want.browser and not machine.korean_font:
        missing.append(Lack(words("needs_font"), ("fonts-noto-cjk",)))
    if want.postgres and machine.postgres is None:
        missing.append(Lack(words("needs_postgres"), ("postgresql",)))
    if want.languages and machine.javac is None:
        missing.append(Lack(words("needs_javac"), ("default-jdk-headless",)))
    if want.languages and machine.node is None:
        missing.append(Lack(words("needs_node", oldest=OLDEST_NODE), ("nodejs",)))
    return missing


def packages_of(missing: list[Lack]) -> list[str]:
    return [package for lack in missing for package in lack.packages]


def how_to_install(missing: list[Lack], distribution: str) -> str:
    """One sentence: what is missing, and the command that brings it."""
    names = [lack.what for lack in missing]
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + words("and") + names[-1]
    packages = " ".join(packages_of(missing))
    key = "lack_apt" if distribution in ("debian", "ubuntu", "") else "lack_other"
    return words(key if len(names) > 1 else f"{key}_one", listed=listed, packages=packages)


def may_install(is_root: bool, sudo_without_password: bool, has_apt: bool) -> list[str] | None:
    """The prefix of an apt-get command, or None when we may not install."""
    if not has_apt:
        return None
    if is_root:
        return []
    return ["sudo", "-n"] if sudo_without_password else None


def java_major(version_text: str) -> int | None:
    """The major version in the output of `java -version`; 1.8 counts as 8."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', version_text)
    if not found:
        return None
    major = int(found.group(1))
    return int(found.group(2) or 0) if major == 1 else major


def python_too_old(version: tuple[int, ...], newer_on_path: str | None) -> str | None:
    """None when the Python is new enough, else the sentence that says what to do."""
    if version >= OLDEST_PYTHON:
        return None
    has, oldest = ".".join(map(str, version[:2])), ".".join(map(str, OLDEST_PYTHON))
    if newer_on_path:
        return words("python_old_other", has=has, oldest=oldest, newer=newer_on_path)
    return words("python_old", has=has, oldest=oldest)


def find_newer_python() -> str | None:
    return next((name for name in NEWER_PYTHONS if shutil.which(name)), None)


def find_java() -> str | None:
    """A Java that is new enough: of JAVA_HOME, on the path, or where Debian puts them."""
    home = os.environ.get("JAVA_HOME")
    candidates = [os.path.join(home, "bin", "java")] if home else []
    on_path = shutil.which("java")
    candidates += [on_path] if on_path else []
    candidates += sorted(str(path) for path in Path("/usr/lib/jvm").glob("*/bin/java"))
    return next((java for java in candidates if java_is_new_enough(java)), None)


def java_is_new_enough(java: str) -> bool:
    major = java_major(_output([java, "-version"]))
    return major is not None and major >= OLDEST_JAVA


def find_javac() -> str | None:
    """The compiler of a Java that is new enough; its `java` stands beside it."""
    home = os.environ.get("JAVA_HOME")
    candidates = [os.path.join(home, "bin", "javac")] if home else []
    on_path = shutil.which("javac")
    candidates += [on_path] if on_path else []
    candidates += sorted(str(path) for path in Path("/usr/lib/jvm").glob("*/bin/javac"))
    real = [os.path.realpath(javac) for javac in candidates if os.access(javac, os.X_OK)]
    return next((javac for javac in real if java_is_new_enough(os.path.join(os.path.dirname(javac), "java"))), None)


def find_node() -> str | None:
    """A Node.js that is new enough."""
    for path in filter(None, map(shutil.which, ("node", "nodejs"))):
        found = re.match(r"v(\d+)\.", _output([path, "--version"]))
        if found and int(found.group(1)) >= OLDEST_NODE:
            return path
    return None


def find_redis() -> str | None:
    """The server's binary: under its own name, as Valkey, or as the one that Debian's redis-tools carries."""
    for name in ("redis-server", "valkey-server", "redis-check-rdb"):
        path = shutil.which(name)
        if path and "server v=" in _output(["redis-server", "--version"], executable=path):
            return path
    return None


def find_postgres() -> str | None:
    """The server's binary, newest first: Debian keeps each version in a folder of its own, off the path."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    on_path = shutil.which("postgres")
    return str(found[0]) if found else on_path


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for path in map(shutil.which, names) if path), None)


def has_korean_font() -> bool:
    if shutil.which("fc-list"):
        return bool(_output(["fc-list", ":lang=ko", "family"]).strip())
    return any(Path("/usr/share/fonts").glob("**/*CJK*"))


def distribution() -> str:
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(r'^ID="?([^"\n]+)"?', text, re.MULTILINE)
    return found.group(1) if found else ""


def _output(command: list[str], executable: str | None = None) -> str:
    try:
        done = subprocess.run(
            command, executable=executable, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace")
