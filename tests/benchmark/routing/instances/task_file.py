"""The files of Li and Lim (2001) and of Gehring and Homberger (1999), as they are: tasks of a depot and their table of ways.

Peers and verifiers work on this; nothing here knows `routing`. Task 0 is the depot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

TENTHS = 10


class NotTasks(ValueError):
    """The file is not a list of tasks in this format; one line that says why."""


@dataclass(frozen=True)
class Task:
    """`pickup` and `delivery` are the numbers of the partner task, 0 where there is none (Li and Lim's columns)."""

    number: int
    x: float
    y: float
    demand: int
    earliest: float
    latest: float
    service: float
    pickup: int = 0
    delivery: int = 0


@dataclass(frozen=True)
class TaskFile:
    """`unit`: how many units of the table, the windows and the services make one unit of cost. 1: double precision;
    10: the DIMACS convention (Euclidean distances cut to one decimal, for times as well), held in whole tenths."""

    vehicles: int
    capacity: int
    tasks: tuple[Task, ...]
    table: tuple[tuple[float, ...], ...]
    unit: int = 1

    @property
    def depot(self) -> Task:
        return self.tasks[0]


def read_lilim(path: Path) -> TaskFile:
    """Pickup and delivery with time windows; Euclidean distances in double precision. Raises NotTasks, OSError."""
    lines = _lines(path)
    vehicles, capacity, _speed = _numbers(path, lines[0], 3)
    tasks = []
    for line in lines[1:]:
        number, x, y, demand, earliest, latest, service, pickup, delivery = _numbers(path, line, 9)
        tasks.append(Task(int(number), x, y, int(demand), earliest, latest, service, int(pickup), int(delivery)))
    _check_order(path, tasks)
    for task in tasks[1:]:
        partner = task.delivery or task.pickup
        if bool(task.pickup) == bool(task.delivery) or not 0 < partner < len(tasks):
            raise NotTasks(f"{path}: task {task.number} has no partner, or two")
        other = tasks[partner]
        turned = (task.demand < 0) == bool(task.delivery)
        if (other.pickup or other.delivery) != task.number or other.demand != -task.demand or turned:
            raise NotTasks(f"{path}: tasks {task.number} and {partner} are not pickup and delivery of one load")
    table = tuple(tuple(math.hypot(a.x - b.x, a.y - b.y) for b in tasks) for a in tasks)
    return TaskFile(int(vehicles), int(capacity), tuple(tasks), table)


def read_homberger(path: Path) -> TaskFile:
    """Vehicle routing with time windows, in whole tenths (see `TaskFile.unit`). Raises NotTasks, OSError."""
    lines = _lines(path)
    heads = [line.split()[0].upper() for line in lines]
    if "VEHICLE" not in heads or "CUSTOMER" not in heads:
        raise NotTasks(f"{path}: no VEHICLE and CUSTOMER parts, so not a file of Gehring and Homberger's set")
    vehicles, capacity = _numbers(path, lines[heads.index("VEHICLE") + 2], 2)
    tasks = []
    for line in lines[heads.index("CUSTOMER") + 2 :]:
        number, x, y, demand, earliest, latest, service = _numbers(path, line, 7)
        tasks.append(
            Task(int(number), x, y, int(demand), earliest * TENTHS, latest * TENTHS, service * TENTHS)
        )  # fmt: skip
    _check_order(path, tasks)
    table = tuple(tuple(float(_tenths(a, b)) for b in tasks) for a in tasks)
    return TaskFile(int(vehicles), int(capacity), tuple(tasks), table, unit=TENTHS)


def _tenths(a: Task, b: Task) -> int:
    """floor(10 x distance), without the last bit of a square root deciding: coordinates are whole in the whole set."""
    square = (a.x - b.x) ** 2 + (a.y - b.y) ** 2
    if square.is_integer():
        return math.isqrt(TENTHS * TENTHS * int(square))
    return math.floor(TENTHS * math.sqrt(square))


def _lines(path: Path) -> list[str]:
    try:
        lines = [line for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise NotTasks(f"{path}: not a text of numbers") from None
    if len(lines) < 3:
        raise NotTasks(f"{path}: {len(lines)} lines are no instance")
    return lines


def _numbers(path: Path, line: str, count: int) -> list[float]:
    parts = line.split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        raise NotTasks(f"{path}: {count} numbers expected in the line {line.strip()[:60]!r}")
    return numbers


def _check_order(path: Path, tasks: list[Task]) -> None:
    if len(tasks) < 2:
        raise NotTasks(f"{path}: no tasks but the depot")
    if [task.number for task in tasks] != list(range(len(tasks))):
        raise NotTasks(f"{path}: tasks are not numbered 0, 1, 2, ...")
