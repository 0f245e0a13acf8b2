"""Set-up of one machine: Python environment, Java, Kafka's jars, Redis, the map library; for tests Chromium and PostgreSQL.

Uses what is there, installs what is missing when it may, and otherwise says in one sentence what is missing and the
command that brings it. A second run finds everything in its stamps, asks no network and takes a moment.
Standard library only. Everything it makes is under `.dolbom` in the checkout.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

CHECKOUT = Path(__file__).resolve().parents[2]
if not __package__:  # run as a file
    sys.path[0] = str(CHECKOUT)

from deploy.local import needs  # noqa: E402
from deploy.local.texts import words  # noqa: E402
from streams.terminal import Parser  # noqa: E402

HOME = CHECKOUT / ".dolbom"
VENV = HOME / "venv"
KAFKA_LIBS = HOME / "kafka" / "libs"
KAFKA_CLASSES = HOME / "kafka" / "classes.jsa"
LEAFLET = HOME / "web" / "leaflet"
MACHINE_STAMP = HOME / "machine.json"
REQUIREMENTS = CHECKOUT / "deploy" / "requirements"
POM = CHECKOUT / "deploy" / "local" / "pom.xml"
JARS_SHA256 = CHECKOUT / "deploy" / "local" / "jars.sha256"
PG_CLUSTERS = "/etc/postgresql-common/createcluster.conf"
LEAFLET_JAR = "leaflet-"  # the one jar that is for the page and not for the broker
LEAFLET_IN_JAR = "META-INF/resources/webjars/leaflet/"


T = TypeVar("T")


class Steps:
    """One visible line a step, with its time."""

    def __init__(self) -> None:
        self.begun_at = time.monotonic()

    def run(self, what: str, step: Callable[..., T], *args: Any) -> T:
        print(words("setup_begins", what=what), flush=True)
        began = time.monotonic()
        result = step(*args)
        print(words("setup_done", what=what, s=time.monotonic() - began), flush=True)
        return result


def stop(sentence: str) -> NoReturn:
    print(words("setup", text=sentence), file=sys.stderr)
    raise SystemExit(1)


# --- stamps -----------------------------------------------------------------------------------------------------------


def sha256_of(*paths: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_stamp(path: Path, stamp: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".new").replace(path)


def venv_is_current(stamp: dict[str, Any], wanted: dict[str, Any], dev: bool) -> bool:
    """`wanted` has the locks' hashes now. The dev lock holds everything of the run lock, so either serves a run."""
    if stamp.get("run") != wanted["run"]:
        return False
    return not dev or stamp.get("dev") == wanted["dev"]


def jars_are_current(stamp: dict[str, Any], wanted: str, listed: dict[str, str], present: set[str]) -> bool:
    return stamp.get("jars") == wanted and {name for name in listed if not name.startswith(LEAFLET_JAR)} <= present


def read_sha256_list(text: str) -> dict[str, str]:
    """Lines of `sha256sum`: file name -> hash."""
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name.strip().lstrip("*"): digest for digest, name in pairs}


def wrong_jars(listed: dict[str, str], found: dict[str, str]) -> list[str]:
    """What differs between the committed list and what came, as sentences; empty: all is as listed."""
    said = [words("jar_missing", name=name) for name in sorted(listed.keys() - found.keys())]
    said += [words("jar_unknown", name=name) for name in sorted(found.keys() - listed.keys())]
    return said + [words("jar_other", name=name) for name in sorted(listed) if found.get(name, listed[name]) != listed[name]]


# --- steps ------------------------------------------------------------------------------------------------------------


def same_file_still(stamp: dict[str, Any], key: str) -> str | None:
    """The path noted under `key` when that file is unchanged since: spares asking `java -version` at each start."""
    noted = stamp.get(key)
    if not isinstance(noted, dict):
        return None
    try:
        return noted["path"] if os.stat(noted["path"]).st_mtime_ns == noted["mtime_ns"] else None
    except (OSError, KeyError):
        return None


def look_around(stamp: dict[str, Any], browser: bool) -> needs.Machine:
    try:
        import ensurepip

        ensurepip_there = bool(ensurepip.version())
    except Exception:  # Debian's own message is an ImportError, others raise what they like
        ensurepip_there = False
    return needs.Machine(
        python=tuple(sys.version_info[:3]),
        ensurepip=ensurepip_there,
        java=same_file_still(stamp, "java") or needs.find_java(),
        maven=shutil.which("mvn"),
        redis=same_file_still(stamp, "redis") or needs.find_redis(),
        chromium=needs.find_chromium() if browser else None,
        korean_font=bool(stamp.get("korean_font")) or (browser and needs.has_korean_font()),
        postgres=needs.find_postgres(),
        javac=needs.find_javac() if browser else None,
        node=needs.find_node() if browser else None,
        distribution=needs.distribution(),
    )


def note_machine(machine: needs.Machine, stamp: dict[str, Any]) -> None:
    noted = dict(stamp, korean_font=machine.korean_font)
    for key, path in (("java", machine.java), ("redis", machine.redis)):
        if path:
            noted[key] = {"path": path, "mtime_ns": os.stat(path).st_mtime_ns}
    if noted != stamp:
        write_stamp(MACHINE_STAMP, noted)


def run_logged(command: list[str], log_name: str, env: dict[str, str] | None = None) -> bool:
    """Run a tool with its output in `.dolbom/setup-logs`; True when it went well."""
    log = HOME / "setup-logs" / log_name
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, cwd=CHECKOUT, check=False)
    return done.returncode == 0


def tail_of(log_name: str, lines: int = 6) -> str:
    """What a tool said last; of Maven's many lines the first errors, which name the cause."""
    said = (HOME / "setup-logs" / log_name).read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    errors = [line for line in said if line.startswith("[ERROR] ") and not line.startswith("[ERROR] ->")]
    return "\n".join(errors[:3] or said[-lines:])


def install_packages(prefix: list[str], packages: list[str]) -> bool:
    # RUNLEVEL=1: a package that brings a system service does not get it started by this installation.
    env_command = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    apt = [*prefix, *env_command, "apt-get", "-o", "DPkg::Lock::Timeout=300"]
    run_logged([*apt, "update"], "apt-update.log")
    if "postgresql" in packages:
        # Only its programs are wanted: no cluster, and so no server on port 5432, is made at installation.
        run_logged([*apt, "install", "-y", "--no-install-recommends", "postgresql-common"], "apt-common.log")
        run_logged([*prefix, "sed", "-i", "s/^#*create_main_cluster.*/create_main_cluster = false/", PG_CLUSTERS], "sed.log")
    return run_logged([*apt, "install", "-y", "--no-install-recommends", *packages], "apt.log")


def bring_packages(steps: Steps, missing: list[needs.Lack], machine: needs.Machine) -> None:
    sudo = bool(shutil.which("sudo")) and subprocess.run(
        ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode == 0  # fmt: skip
    prefix = needs.may_install(os.geteuid() == 0, sudo, bool(shutil.which("apt-get")))
    sentence = needs.how_to_install(missing, machine.distribution)
    if prefix is None:
        stop(sentence)
    packages = needs.packages_of(missing)
    if not steps.run(words("installing", packages=" ".join(packages)), install_packages, prefix, packages):
        stop(words("apt_failed", log=tail_of("apt.log"), remedy=sentence))


def make_venv(dev: bool, hashes: dict[str, str]) -> None:
    usable = (VENV / "bin" / "python").exists() and (VENV / "bin" / "pip").exists()
    if not usable and not run_logged([sys.executable, "-m", "venv", "--clear", str(VENV)], "venv.log"):
        stop(words("venv_failed", log=tail_of("venv.log")))
    lock = REQUIREMENTS / ("dev.txt" if dev else "run.txt")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    if not run_logged([*pip, "--require-hashes", "--no-deps", "-r", str(lock)], "pip.log"):
        stop(words("pip_failed", list=lock.relative_to(CHECKOUT), log=tail_of("pip.log")))
    command = VENV / "bin" / "dolbom"
    command.write_text(
        f"#!{VENV / 'bin' / 'python'}\nimport sys\n\nsys.path.insert(0, {str(CHECKOUT)!r})\n"
        "from services.cli.main import main\n\nsys.exit(main())\n",
        encoding="utf-8",
    )
    command.chmod(0o755)
    write_stamp(VENV / "stamp.json", {"run": hashes["run"]} | ({"dev": hashes["dev"]} if dev else {}))


def bring_jars(maven: str, wanted: str) -> None:
    """Maven into a folder of its own, every jar checked against the committed list, then moved into place at once."""
    coming, repository = HOME / "kafka" / "coming", HOME / "kafka" / "maven"
    shutil.rmtree(coming, ignore_errors=True)
    goal = [f"-DoutputDirectory={coming}", "-DincludeScope=runtime", "dependency:copy-dependencies"]
    options = ["-q", "-B", "-Dstyle.color=never", "-f", str(POM), f"-Dmaven.repo.local={repository}"]
    if not run_logged([maven, *options, *goal], "maven.log"):
        stop(words("maven_failed", log=tail_of("maven.log")))
    listed = read_sha256_list(JARS_SHA256.read_text(encoding="utf-8"))
    wrong = wrong_jars(listed, {jar.name: sha256_of(jar) for jar in coming.glob("*.jar")})
    if wrong:
        shutil.rmtree(coming, ignore_errors=True)
        stop(words("jars_wrong", which="; ".join(wrong[:5])))
    (leaflet_jar,) = coming.glob(f"{LEAFLET_JAR}*.jar")
    unpack_leaflet(leaflet_jar)
    leaflet_jar.unlink()
    shutil.rmtree(KAFKA_LIBS, ignore_errors=True)
    coming.rename(KAFKA_LIBS)
    shutil.rmtree(repository, ignore_errors=True)  # Maven's own parts; the jars are in place
    write_stamp(KAFKA_LIBS / "stamp.json", {"jars": wanted})


def classes_stamp(java: str, wanted_jars: str) -> dict[str, Any]:
    """An archive of classes serves the Java and the jars that it was made with, where they were."""
    real = os.path.realpath(java)
    return {"java": real, "mtime_ns": os.stat(real).st_mtime_ns, "jars": wanted_jars, "folder": str(KAFKA_LIBS)}


def archive_classes(stamp: dict[str, Any]) -> None:
    """Where it cannot be made the broker starts without it, a second later."""
    KAFKA_CLASSES.unlink(missing_ok=True)
    made = run_logged([str(VENV / "bin" / "python"), "-m", "deploy.local.class_archive", str(KAFKA_CLASSES)], "classes.log")
    if not made:
        print(words("no_classes", log=tail_of("classes.log")), flush=True)
    write_stamp(KAFKA_CLASSES.with_suffix(".json"), stamp)


def unpack_leaflet(jar: Path) -> None:
    """The distribution files only (no source maps, no sources), and the licence that goes with them."""
    shutil.rmtree(LEAFLET, ignore_errors=True)
    LEAFLET.mkdir(parents=True)
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            inner = name.removeprefix(LEAFLET_IN_JAR).partition("/")[2]  # without the version
            is_ours = inner == "LICENSE" or inner.startswith("dist/")
            if not name.startswith(LEAFLET_IN_JAR) or name.endswith(("/", ".map")) or not is_ours:
                continue
            target = LEAFLET / inner.removeprefix("dist/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))


def set_up(dev: bool, browser: bool) -> int:
    steps = Steps()
    HOME.mkdir(exist_ok=True)
    with (HOME / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` at once in one checkout take turns
        hashes = {"run": sha256_of(REQUIREMENTS / "run.txt"), "dev": sha256_of(REQUIREMENTS / "dev.txt")}
        venv_there = (VENV / "bin" / "python").exists() and venv_is_current(read_stamp(VENV / "stamp.json"), hashes, dev)
        wanted_jars = sha256_of(POM, JARS_SHA256)
        present = {jar.name for jar in KAFKA_LIBS.glob("*.jar")}
        listed = read_sha256_list(JARS_SHA256.read_text(encoding="utf-8"))
        jars_there = jars_are_current(read_stamp(KAFKA_LIBS / "stamp.json"), wanted_jars, listed, present)
        jars_there = jars_there and (LEAFLET / "leaflet.js").exists()

        want = needs.Want(jars=not jars_there, venv=not venv_there, browser=browser, postgres=dev, languages=browser)
        stamp = read_stamp(MACHINE_STAMP)
        machine = look_around(stamp, browser)
        missing = needs.lacks(machine, want)
        if missing:
            bring_packages(steps, missing, machine)
            machine = look_around(stamp, browser)
            still = [lack for lack in needs.lacks(machine, want) if not lack.packages[0].endswith("-venv")]  # seen by the venv step
            if still:
                stop(needs.how_to_install(still, machine.distribution))
        note_machine(machine, stamp)
        if not venv_there:
            steps.run(words("making_venv"), make_venv, dev, hashes)
        if not jars_there:
            steps.run(words("bringing_jars"), bring_jars, machine.maven, wanted_jars)
        wanted_classes = classes_stamp(machine.java or "", wanted_jars)
        if read_stamp(KAFKA_CLASSES.with_suffix(".json")) != wanted_classes:
            steps.run(words("archiving_classes"), archive_classes, wanted_classes)
    print(words("setup_ready", s=time.monotonic() - steps.begun_at), flush=True)
    return 0


def clean() -> int:
    """Remove everything that set-up and runs made; not under a stack that is running."""
    for lock_path in (HOME / "state").glob("*/lock"):
        with lock_path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                stop(words("still_running", folder=lock_path.parent.relative_to(CHECKOUT)))
    shutil.rmtree(HOME, ignore_errors=True)
    for name in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"):
        shutil.rmtree(CHECKOUT / name, ignore_errors=True)
    return 0


def main(arguments: list[str] | None = None) -> int:
    too_old = needs.python_too_old(tuple(sys.version_info[:3]), needs.find_newer_python())
    if too_old:
        stop(too_old)
    parser = Parser(prog="setup", description=words("setup_about"))
    parser.add_argument("--dev", action="store_true", help=words("setup_dev"))
    parser.add_argument("--browser", action="store_true", help=words("setup_browser"))
    parser.add_argument("--clean", action="store_true", help=words("setup_clean"))
    chosen = parser.parse_args(arguments)
    return clean() if chosen.clean else set_up(chosen.dev, chosen.browser)


if __name__ == "__main__":
    raise SystemExit(main())
