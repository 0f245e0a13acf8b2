"""Three tiny instances whose best routes can be seen with the naked eye."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Two requests: 1 -> 2 on the x axis (at 3, then at 4), 3 -> 4 on the y axis.
LILIM = """\
2\t10\t1
0\t0\t0\t0\t0\t100\t0\t0\t0
1\t3\t0\t5\t0\t50\t1\t0\t2
2\t4\t0\t-5\t0\t60\t1\t1\t0
3\t0\t-3\t6\t0\t50\t1\t0\t4
4\t0\t-4\t-6\t0\t60\t1\t3\t0
"""
LILIM_APART = 16.0  # each out to 4 and back
LILIM_BEST = 14.0  # one after the other: 4, then 5 across, 1, and 4 back

HOMBERGER = """\
tiny

VEHICLE
NUMBER     CAPACITY
   2          10

CUSTOMER
CUST NO.  XCOORD.    YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE TIME

    0       0          0          0          0        100          0
    1       1          1          6          0         50          1
    2       2          2          6          0         50          1
    3      -5          0          4          0         50          1
"""
# sqrt(2) is cut to 1.4 and sqrt(8) to 2.8: 1 alone 2.8, 2 and 3 together 2.8 + 7.2 + 5
HOMBERGER_BEST = 17.8


def lilim_file(folder: Path) -> Path:
    path = folder / "tiny_lilim.txt"
    path.write_text(LILIM, encoding="ascii")
    return path


def homberger_file(folder: Path) -> Path:
    path = folder / "tiny_homberger.txt"
    path.write_text(HOMBERGER, encoding="ascii")
    return path


def _service(name: str) -> dict[str, Any]:
    return {"service": name, "duration": 10.0}


HOME_CARE = {
    "patients": [
        {"id": "p1", "location": [3, 0], "time_window": [0, 1], "required_caregivers": [_service("s1")]},
        {
            "id": "p2", "location": [0, 4], "time_window": [0, 20], "required_caregivers": [_service("s1"), _service("s2")],
            "synchronization": {"type": "sequential", "distance": [5, 8]},
        },
    ],
    "services": [{"id": "s1", "default_duration": 10.0}, {"id": "s2", "default_duration": 10.0}],
    "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s1", "s2"]}],
    "central_offices": [{"id": "d", "location": [0, 0]}],
    "distances": [[0, 3, 4], [3, 0, 5], [4, 5, 0]],
}  # fmt: skip
# c2 sees p1 at 3, two late, then p2 at 18; c1 began there at 10: (3 + 5 + 4 + 4 + 4 + 2 + 2) / 3
HOME_CARE_BEST = 8.0


def home_care_file(folder: Path) -> Path:
    path = folder / "tiny_home_care.json"
    path.write_text(json.dumps(HOME_CARE), encoding="utf-8")
    return path
