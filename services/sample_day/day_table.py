"""What a file of a day folder is: its columns, and how the cells of each are read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Column:
    """`kind` says how the text is read (see read_cell.READERS). `personal`: a person's; its readers quote nothing."""

    name: str
    kind: str = "text"
    required: bool = True  # the column must be there and its cells filled
    personal: bool = False
    default: str = ""


@dataclass(frozen=True)
class Table:
    """One file. `place` columns stand as lon and lat, or x_m and y_m in a plane district: see `columns_for`."""

    file: str
    columns: tuple[Column, ...]
    required: bool = True
    min_rows: int = 1
    places: tuple[str, ...] = field(default=())  # prefixes: "" for lon, "start_" for start_lon, ...
    optional_places: tuple[str, ...] = field(default=())

    def columns_for(self, coordinates: str) -> tuple[Column, ...]:
        names = ("lon", "lat") if coordinates == "wgs84" else ("x_m", "y_m")
        kinds = ("lon", "lat") if coordinates == "wgs84" else ("metres", "metres")
        made = tuple(
            Column(prefix + name, kind, required=prefix in self.places)
            for prefix in self.places + self.optional_places
            for name, kind in zip(names, kinds, strict=True)
        )
        return self.columns + made
