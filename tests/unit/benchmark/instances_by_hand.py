"""Two tiny instances whose best routes can be seen with the naked eye."""

from __future__ import annotations

from pathlib import Path

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
