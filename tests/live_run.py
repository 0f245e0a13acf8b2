"""`make run` as a person starts it, with a short day, in a session of its own; and Ctrl-C as a terminal sends it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import psutil

from deploy.local.ports import Ports, free_ports, is_taken
from deploy.local.stack import CHECKOUT
from tests.stack import wait_until

MEALS, CARES = 12, 4
VISITS = MEALS + CARES
LONG_S = 240.0  # how long the machine may take for anything

DISTRICT = """district,name_ko,name_en,service_date,day_start,day_end,coordinates
11440,마포구,Mapo-gu,2026-03-03,10:00,11:40,wgs84
"""
AREAS = """area_id,name_ko,name_en,responsible_enterprise,helpers
A,동권,East,SF,B:600
B,서권,West,SF,A:600
"""
DONGS = """code,name_ko,name_en,area_id,population_65,lon,lat
1144000001,가동,Ga-dong,A,100,126.930,37.550
1144000002,나동,Na-dong,B,200,126.910,37.550
"""
TRAVEL = """mode,detour,speed_m_per_s,access_s
motorbike,1.4,5.278,120
foot,1.3,1.25,120
"""
PROVIDERS = """provider_id,name_ko,name_en,kind,services,own_staff
RC,라이더협동조합,Riders,rider_coop,meal_support,no
SF,사회적기업,Firm,social_firm,check_in,no
KP,부엌,Kitchen,kitchen,meal_support,no
"""
KITCHENS = """kitchen_id,provider_id,name_ko,name_en,load_min,lon,lat
K1,KP,부엌,Kitchen,3,126.920,37.550
"""
WORKERS = """worker_id,kind,provider_id,area_id,mode,shift_start,shift_end,capacity_boxes,skills,start_lon,start_lat
R1,rider,RC,A,motorbike,10:00,11:40,20,meal_support,126.930,37.550
R2,rider,RC,B,motorbike,10:00,11:40,20,meal_support,126.910,37.550
C1,carer,SF,A,foot,10:00,11:40,0,check_in,126.930,37.550
C2,carer,SF,B,foot,10:00,11:40,0,check_in,126.910,37.550
"""


def short_day(folder: Path) -> Path:
    """A folder with a day of an hour and forty minutes: a dozen lunches from one kitchen, a few short care visits."""
    folder.mkdir(parents=True)
    lines = [
        "reference,file_at,recipient_id,service,dong,lon,lat,window_start,window_end,due,service_min,kitchen_id,meal_kind,ready"
    ]
    for n in range(VISITS):
        dong, lon = (("1144000001", 126.930), ("1144000002", 126.910))[n % 2]
        place = f"{lon + 0.0007 * (n % 5):.4f},{37.549 + 0.0006 * (n % 7):.4f}"
        what = (
            f"L-{n},10:0{n % 5},P{n},meal_support,{dong},{place},10:35,11:30,11:15,4,K1,hot_lunch,10:35"
            if n < MEALS
            else f"C-{n},10:0{n % 5},P{n},check_in,{dong},{place},10:25,11:25,11:05,10,,,"
        )
        lines.append(what)
    files = {
        "district": DISTRICT, "areas": AREAS, "dongs": DONGS, "travel": TRAVEL, "providers": PROVIDERS, "kitchens": KITCHENS,
        "workers": WORKERS, "visits": "\n".join(lines) + "\n",
    }  # fmt: skip
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@dataclass
class LiveRun:
    """`with LiveRun(folder, DAY=..., SPEED=60) as run:` the command is started; `page_address()` waits until all is ready."""

    folder: Path
    settings: dict[str, str]
    ports: Ports = field(default_factory=free_ports)
    checkout: Path = CHECKOUT
    process: subprocess.Popen[bytes] | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.api}"

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    def said(self) -> str:
        """What the command told the person, on stdout and stderr."""
        return (self.folder / "said").read_text(encoding="utf-8")

    def __enter__(self) -> LiveRun:
        spared = {"PORT_BASE", *(name for name in os.environ if name.endswith("_PORT") or name.startswith(("DOLBOM_", "MAKE")))}
        env = {name: value for name, value in os.environ.items() if name not in spared}
        said = {
            "VENV_PYTHON": sys.executable, "PORT_BASE": str(self.ports.broker), "STATE": str(self.state_dir), **self.settings,
        }  # fmt: skip
        # `run` as it is written; what it stands on has been made (these tests run in it) and is not made again
        made = ["-o", "setup", "-o", ".dolbom/numba/compiled"]
        command = ["make", *made, "run", *(f"{name}={value}" for name, value in said.items())]
        with (self.folder / "said").open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=self.checkout, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            print(self.said()[-4000:])
        for member in self.members():
            member.kill()
        assert self.process is not None
        self.process.wait()

    def page_address(self) -> str:
        """The address that the command prints when everything runs."""
        found: list[str] = []

        def printed() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.said()[-4000:]
            found[:] = re.findall(r"^ +(http://\S+#key=\S+)$", self.said(), re.MULTILINE)
            return bool(found)

        wait_until(printed, "the page's address", LONG_S)
        return found[0]

    def members(self) -> list[psutil.Process]:
        """Every process that was started by it, directly or not, and lives."""
        assert self.process is not None
        found = []
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) == self.process.pid and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
                continue
        return found

    def pid_of(self, module: str) -> int | None:
        """The process that runs `python -m MODULE`."""
        for process in self.members():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            if module in words and "deploy.local.run" not in words:
                return process.pid
        return None

    def get(self, path: str, **params: str) -> Any:
        """An answer of the API, with the installation's token."""
        token = (self.state_dir / "token").read_text(encoding="utf-8").strip()
        answer = httpx.get(self.api_url + path, params=params, headers={"Authorization": f"Bearer {token}"}, timeout=30.0)
        answer.raise_for_status()
        return answer.json()

    def now(self) -> datetime:
        """The service clock."""
        return datetime.fromisoformat(self.get("/v1/clock")["now_at"])

    def interrupt(self) -> float:
        """Ctrl-C: SIGINT to what stands in the terminal's foreground. Returns the seconds until the command ended by itself."""
        assert self.process is not None
        began = time.monotonic()
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=LONG_S)
        return time.monotonic() - began

    def check_nothing_left(self) -> None:
        """No process of its session, and nobody listens on its ports."""
        assert [(one.pid, one.cmdline()) for one in self.members()] == []
        assert [port for port in vars(self.ports).values() if is_taken(port)] == []
