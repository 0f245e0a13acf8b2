"""What `make run`, set-up and the supervisor tell a person, in both languages. The logs are English whatever is told.

Standard library only, and parsable by old Pythons: set-up speaks before there is an environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

if not __package__:  # `make help` runs it as a file
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from streams.terminal import language

TEXTS = {  # key: (Korean, English); {names} are filled in and stand in both
    # set-up
    "setup": ("준비: {text}", "set-up: {text}"),
    "setup_begins": ("준비: {what} ...", "set-up: {what} ..."),
    "setup_done": ("준비: {what}: {s:.1f}초 걸렸습니다", "set-up: {what}: done in {s:.1f} s"),
    "setup_ready": ("준비: 마쳤습니다 ({s:.2f}초)", "set-up: ready ({s:.2f} s)"),
    "setup_about": (
        "컴퓨터 한 대의 준비: Python 환경, Java, Kafka, Redis, 지도 라이브러리; 시험에는 Chromium과 PostgreSQL도.",
        "Set-up of one machine: Python environment, Java, Kafka's jars, Redis, the map library; for tests Chromium and PostgreSQL.",
    ),
    "setup_dev": ("시험과 점검 도구도", "also the tools for tests and checks"),
    "setup_browser": (
        "시험이 쓰는 것도: Chromium, 한글 글꼴, javac, Node.js",
        "also what tests run: Chromium, a Korean font, javac, Node.js",
    ),
    "setup_clean": ("만든 것을 모두 지웁니다", "remove everything that was made"),
    "installing": ("apt-get으로 {packages} 설치", "installing {packages} with apt-get"),
    "apt_failed": ("apt-get으로 설치하지 못했습니다:\n{log}\n{remedy}", "apt-get could not install them:\n{log}\n{remedy}"),
    "making_venv": ("고정된 목록의 Python 환경", "Python environment from the locked list"),
    "venv_failed": ("python -m venv가 실패했습니다:\n{log}", "python -m venv failed:\n{log}"),
    "pip_failed": (
        "pip이 {list}을(를) 설치하지 못했습니다:\n{log}\n(네트워크를 확인하고 다시 하세요)",
        "pip could not install {list}:\n{log}\n(is the network there? run again)",
    ),
    "bringing_jars": ("Maven으로 Kafka와 지도 라이브러리", "Kafka's jars and the map library, by Maven"),
    "maven_failed": (
        "Maven이 가져오지 못했습니다:\n{log}\n(네트워크를 확인하고 다시 하세요)",
        "Maven could not bring the jars:\n{log}\n(is the network there? run again)",
    ),
    "jars_wrong": (
        "Maven이 가져온 것이 deploy/local/jars.sha256의 목록과 다릅니다: {which}",
        "what Maven brought is not what deploy/local/jars.sha256 lists: {which}",
    ),
    "jar_missing": ("{name}이(가) 없음", "{name} is missing"),
    "jar_unknown": ("{name}은(는) 목록에 없음", "{name} is not in the list"),
    "jar_other": ("{name}의 sha256이 다름", "{name} has another sha256"),
    "archiving_classes": ("Kafka를 한 번 시작해 클래스를 보관", "starting Kafka once to keep its classes"),
    "no_classes": (
        "클래스를 보관하지 못했습니다. 브로커는 1초쯤 늦게 시작할 뿐입니다:\n{log}",
        "the classes could not be kept; the broker only starts about a second later:\n{log}",
    ),
    "compiling": ("계획기 컴파일", "compiling the planner"),
    "still_running": (
        "{folder}에서 시스템이 실행 중입니다. 먼저 끝내세요(거기서 Ctrl-C)",
        "a stack is running in {folder}; end it first (Ctrl-C there)",
    ),
    # what the machine lacks
    "needs_venv": ("Python의 venv 모듈(ensurepip 포함)", "Python's venv module (with ensurepip)"),
    "needs_java": ("Java 실행 환경 {oldest} 이상", "a Java runtime {oldest} or newer"),
    "needs_maven": ("Maven(Kafka를 가져옵니다)", "Maven (brings Kafka's jars)"),
    "needs_redis": ("Redis", "Redis"),
    "needs_chromium": ("Chromium(화면 시험용)", "Chromium (for the page's tests)"),
    "needs_font": ("한글 글꼴(화면 시험용)", "a font with Korean letters (for the page's tests)"),
    "needs_postgres": ("PostgreSQL(등록부 시험용)", "PostgreSQL (for the registry's tests)"),
    "needs_javac": ("Java 컴파일러(문서 시험용)", "a Java compiler (for the documents' tests)"),
    "needs_node": ("Node.js {oldest} 이상(문서 시험용)", "Node.js {oldest} or newer (for the documents' tests)"),
    "and": (", ", " and "),
    "lack_apt_one": (
        "없는 것: {listed}. 설치 명령: sudo apt-get install -y --no-install-recommends {packages}",
        "{listed} is missing; install with: sudo apt-get install -y --no-install-recommends {packages}",
    ),
    "lack_apt": (
        "없는 것: {listed}. 설치 명령: sudo apt-get install -y --no-install-recommends {packages}",
        "{listed} are missing; install with: sudo apt-get install -y --no-install-recommends {packages}",
    ),
    "lack_other_one": (
        "없는 것: {listed}. 이 시스템에서 다음 Debian 패키지에 해당하는 것을 설치하세요: {packages}",
        "{listed} is missing; install what your system calls these Debian packages: {packages}",
    ),
    "lack_other": (
        "없는 것: {listed}. 이 시스템에서 다음 Debian 패키지에 해당하는 것을 설치하세요: {packages}",
        "{listed} are missing; install what your system calls these Debian packages: {packages}",
    ),
    "python_old_other": (
        "이 Python은 {has}인데 {oldest} 이상이어야 합니다. 이미 있는 것을 쓰세요: make PYTHON={newer}",
        "this Python is {has}, {oldest} or newer is needed; use the one that is there: make PYTHON={newer}",
    ),
    "python_old": (
        "이 Python은 {has}인데 {oldest} 이상이어야 합니다. 예를 들어 이렇게 설치한 다음: "
        "sudo apt-get install -y python{oldest} python{oldest}-venv 이렇게 하세요: make PYTHON=python{oldest}",
        "this Python is {has}, {oldest} or newer is needed; install one, for example: "
        "sudo apt-get install -y python{oldest} python{oldest}-venv, and then: make PYTHON=python{oldest}",
    ),
    # ports and stores
    "port_taken": (
        "{port}번 포트({name})를 {owner}이(가) 쓰고 있습니다. 다른 포트: {variable}=",
        "port {port} ({name}) is taken by {owner}; choose another with {variable}=",
    ),
    "port_owner": ("{name}(프로세스 {pid})", "{name} (process {pid})"),
    "port_owner_unnamed": ("프로세스 {pid}", "process {pid}"),
    "port_owner_unknown": ("다른 프로세스", "another process"),
    "ports_move": (
        "또는 모두 옮기세요. 예: make run PORT_BASE=20000",
        "or move all of them, for example: make run PORT_BASE=20000",
    ),
    "ports_same": (
        "같은 포트가 둘 있습니다: {numbers}. PORT_BASE=20000처럼 다른 포트를 정하세요",
        "two of the ports are the same: {numbers}; choose others with PORT_BASE=20000",
    ),
    "port_wrong": (
        "{name}={text}은(는) 포트가 아닙니다. 1024부터 65000까지의 수를 쓰세요",
        "{name}={text} is no port; say a number from 1024 to 65000",
    ),
    "no_java": ("Java 실행 환경이 없습니다. 이렇게 하세요: make setup", "no Java runtime is there; run: make setup"),
    "no_redis": ("Redis가 없습니다. 이렇게 하세요: make setup", "no Redis is there; run: make setup"),
    "no_storage": ("브로커의 저장소를 만들지 못했습니다: {why}", "the broker's storage could not be made: {why}"),
    "no_broker": (
        "브로커가 {port}번 포트에서 {s:.0f}초 안에 응답하지 않았습니다",
        "the broker did not answer on port {port} within {s:.0f} s",
    ),
    "no_redis_answer": (
        "Redis가 {port}번 포트에서 {s:.0f}초 안에 응답하지 않았습니다",
        "Redis did not answer on port {port} within {s:.0f} s",
    ),
    "redis_ready": ("Redis 준비됨", "Redis ready"),
    "broker_ready": ("브로커 준비됨", "broker ready"),
    "topics_there": ("토픽 있음", "topics there"),
    "api_ready": ("API 준비됨", "API ready"),
    "api_not_ready": (
        "API가 {s:.0f}초 안에 준비되지 않았습니다. {logs}을(를) 보세요",
        "the API was not ready within {s:.0f} s; see {logs}",
    ),
    "api_not_ready_for": (
        "API가 {s:.0f}초 안에 준비되지 않았습니다. 계속 끝나는 것: {names}. {logs}을(를) 보세요",
        "the API was not ready within {s:.0f} s; these keep ending: {names}; see {logs}",
    ),
    "speed_wrong": (
        "서비스 시계를 {speed:g}배로 돌릴 수 없습니다(응답 {code})",
        "the service clock cannot run at {speed:g}x (answer {code})",
    ),
    "not_running": ("시스템이 실행 중이 아닙니다", "the stack is not running"),
    "not_restarted": ("{name}이(가) {s:.0f}초 안에 다시 시작되지 않았습니다", "{name} was not restarted within {s:.0f} s"),
    "not_a_state_folder": (
        "{folder}에 상태 폴더가 아닌 것이 있습니다. 빈 폴더나 새 폴더를 정하세요",
        "{folder} holds other things than a stack's state; choose an empty or new folder",
    ),
    "running_already": ("{folder}에서 이미 시스템이 실행 중입니다", "a stack is running in {folder} already"),
    # one process
    "child_started": ("시작(프로세스 {pid})", "started (process {pid})"),
    "child_ended": ("끝남({how})", "ended ({how})"),
    "child_died": ("죽음({how}), {s:.1f}초 뒤 다시 시작합니다", "died ({how}); starts again in {s:.1f} s"),
    "child_given_up": ("또 죽음({how}), 다시 시작하지 않습니다", "died ({how}), as every time before: not started again"),
    "child_late": ("제때 끝나지 않아 강제로 끝냄", "did not end in time: killed"),
    "child_stuck": ("{why}: 강제로 끝냄", "{why}: killed"),
    "child_unwatched": ("살피거나 시작하지 못함: {why}", "could not be watched or started: {why}"),
    "never_reported": ("시작한 뒤로 진행 보고가 없음", "no progress report since its start"),
    "not_reporting": ("{s:.0f}초 동안 진행 보고가 없음", "no progress report for {s:.0f} s"),
    "standing": ("{end} 가운데 {position}에 {s:.0f}초 동안 멈춰 있음", "stands at {position} of {end} for {s:.0f} s"),
    # a run
    "run_about": (
        "`make run`: 하루를 처음부터 끝까지 이 컴퓨터에서, 화면과 함께 또는 화면 없이 발맞추어.",
        "`make run`: a day from begin to end on this machine, with the live page, or headless in lock-step.",
    ),
    "opt_day": ("busy, mapo, 또는 CSV 파일로 된 하루의 폴더", "busy, mapo, or a folder with a day in CSV files"),
    "opt_speed": (
        "시작할 때 서비스 시계의 빠르기(60; 가상 세계가 없으면 1)",
        "the service clock's speed at the start (60; without a world 1)",
    ),
    "opt_seed": ("만들 하루와 가상 세계의 시드(1)", "the seed of a generated day and of the world's noise (1)"),
    "opt_headless": (
        "발맞추어, 화면 없이; 마지막 줄이 JSON 하나입니다",
        "in lock-step, no page; the last line is one JSON object",
    ),
    "opt_state": ("상태 폴더(없으면 .dolbom/state 아래에 새로)", "the state folder (default: a new one under .dolbom/state)"),
    "opt_keep": (
        "상태 폴더에 있는 것을 이어 갑니다(말이 없으면 가장 새것)",
        "go on with what is in the state folder (default: the newest)",
    ),
    "opt_no_world": (
        "가상 세계 없이: 문은 열려 있고 아무도 오지 않습니다",
        "no simulated world: the doors are open, nobody comes",
    ),
    "headless_without_world": (
        "화면 없는 하루는 가상 세계의 하루와 함께 끝납니다: --no-world와 함께 쓸 수 없습니다",
        "a headless day ends when the world's day ends: --no-world cannot go with it",
    ),
    "elapsed": ("[{s:5.1f}초] {text}", "[{s:5.1f} s] {text}"),
    "nothing_to_keep": (
        "이어 갈 이전 실행이 없습니다. KEEP=1 없이 시작하세요",
        "there is no earlier run to go on with; start without KEEP=1",
    ),
    "day_not_made": ("하루를 만들지 못했습니다: {why}", "the day could not be made: {why}"),
    "day_unknown": (
        "DAY={day}은(는) 폴더도 아니고 다음 가운데 하나도 아닙니다: {known}",
        "DAY={day} is neither a folder nor one of: {known}",
    ),
    "day_wrong": ("이 하루는 쓸 수 없습니다:\n{why}", "the day cannot be used:\n{why}"),
    "day_in": ("하루의 파일: {folder}", "the day is in {folder}"),
    "world_ended": (
        "하루가 끝나기 전에 가상 세계가 끝났습니다(종료 코드 {code}). {log}을(를) 보세요",
        "the world ended (exit {code}) and its day is not over; see {log}",
    ),
    "replay_failed": ("재생이 실패했습니다(종료 코드 {code}): {why}", "the replay failed (exit {code}): {why}"),
    "lockstep_runs": ("하루가 발맞추어 돌아갑니다", "the day runs in lock-step"),
    "replaying": (
        "하루가 끝났습니다. 다른 프로세스에서 기록을 처음부터 재생합니다",
        "the day is over; replaying the logs from offset 0 in another process",
    ),
    "open_page": (
        "모두 실행 중입니다. 이 화면을 여세요(주소의 키로 오늘 운영자로 로그인됩니다):",
        "everything runs; open this page (the key in it signs you in as the operator today):",
    ),
    "how_to_end": ("끝내려면 Ctrl-C", "Ctrl-C ends it"),
    "day_over": ("하루가 끝났습니다. 화면은 Ctrl-C까지 열려 있습니다", "the day is over; the page stays up until Ctrl-C"),
    "ending": ("모든 프로세스를 끝냅니다(길어도 10초) ...", "ending all processes (at most 10 s) ..."),
    "all_ended": ("모든 프로세스가 끝났습니다", "all processes ended"),
    # the ledger
    "ledger": ("일일 마감표", "The day's ledger"),
    "ledger_books": ("대조", "the world's own books"),
    "ledger_agree": ("맞음", "agree"),
    "ledger_differ": ("다름", "differ"),
    "ledger_happened": ("오늘 있었던 일", "What happened today"),
    "ledger_minutes": ("{value:.1f}분", "{value:.1f} min"),
    "ledger_failed": ("미이행: {name}", "failed: {name}"),
    "ledger_handed_over": ("인계: {name}", "handed over: {name}"),
    "wrong_unaccounted": ("미확인: {count}", "unaccounted: {count}"),
    "wrong_books": ("가상 세계의 장부와 다릅니다: {what}", "the world's books differ: {what}"),
    "wrong_balance": ("가상 세계의 장부와 맞지 않습니다", "the world's books do not balance"),
    "wrong_hash": (
        "재생한 상태 해시가 {replayed}입니다. {ours}여야 합니다",
        "the replay's state hash is {replayed}, not {ours}",
    ),
    # `make` alone
    "make_help": (
        """\
make run            없는 것을 준비하고, 모두 시작하고, 하루를 보여 줍니다(끝내려면 Ctrl-C)
                    DAY=busy|mapo|폴더  SPEED=60  SEED=1  PORT_BASE=20000  API_PORT=8080
                    HEADLESS=1(발맞추어, 스스로 끝남, JSON 하나)  NO_WORLD=1  KEEP=1  STATE=폴더
make test           점검과 시험: 모든 변경이 통과해야 하는 것
make test-nightly   더 오래 걸리는 시험
make bench          측정하고 docs/benchmarks.md를 씁니다
make bench-routing  PyVRP, VROOM, OR-Tools와 계획 비교(몇 시간; 끊긴 것은 이어 갑니다)
                    SETS=lilim100,homberger200,...  SEEDS=1,2,3  BUDGETS=1,5  LANES=2  EVERY=3  STOP_AFTER_S=600
make bench-solve    FORMAT=lilim|homberger|hhcrsp FILE=경로 BUDGET_S=5 SEED=1: 문제 하나, JSON 한 줄
make bench-meal-day DIR=폴더 POLICY=ours|matching|greedy: 식사 하루, JSON 한 줄
make setup          준비만 합니다
make lock           모든 Python 패키지의 허용된 가장 새 버전을 다시 고릅니다
make clean          만든 것을 모두 지웁니다
DOLBOM_LANG=ko|en   이 안내의 언어(없으면 로캘을 따릅니다)""",
        """\
make run            set up what is missing, start everything, show a day (Ctrl-C ends it)
                    DAY=busy|mapo|FOLDER  SPEED=60  SEED=1  PORT_BASE=20000  API_PORT=8080
                    HEADLESS=1 (lock-step, ends by itself, one JSON object)  NO_WORLD=1  KEEP=1  STATE=DIR
make test           checks and tests: what every change must pass
make test-nightly   the tests that take longer
make bench          measure, and write docs/benchmarks.md
make bench-routing  plans against PyVRP, VROOM and OR-Tools (takes hours; an interrupted run goes on)
                    SETS=lilim100,homberger200,...  SEEDS=1,2,3  BUDGETS=1,5  LANES=2  EVERY=3  STOP_AFTER_S=600
make bench-solve    FORMAT=lilim|homberger|hhcrsp FILE=PATH BUDGET_S=5 SEED=1: one instance, one JSON line
make bench-meal-day DIR=FOLDER POLICY=ours|matching|greedy: one day of meals, one JSON line
make setup          only set up
make lock           choose the newest allowed versions of all Python packages again
make clean          remove everything that was made
DOLBOM_LANG=ko|en   the language of all this (without it by the locale)""",
    ),
}


class Said:
    """A text with what is filled into it: for people in their language (`str`), for the logs in English."""

    def __init__(self, key: str, **filled: object) -> None:
        self.key, self.filled = key, filled

    def in_language(self, wanted: str) -> str:
        filled = {name: one.in_language(wanted) if isinstance(one, Said) else one for name, one in self.filled.items()}
        return TEXTS[self.key][0 if wanted == "ko" else 1].format(**filled)

    def __str__(self) -> str:
        return self.in_language(language())


def words(key: str, **filled: object) -> str:
    """The text in the user's language."""
    return str(Said(key, **filled))


if __name__ == "__main__":
    print(words(sys.argv[1]))
