# SPDX-License-Identifier: Apache-2.0
"""Prints the area by module of a yosys `stat -json` file for ECP5: python3 area_table.py stat.json"""

import json
import re
import sys


def count(cells: dict[str, int]) -> tuple[int, int, int]:
    """LUT4, FF and EBR of a cell count; carry pairs (CCU2C) and wide muxes count as the LUTs they occupy."""
    lut = cells.get("LUT4", 0) + 2 * cells.get("CCU2C", 0)
    lut += 4 * (cells.get("TRELLIS_DPR16X4", 0))
    return lut, cells.get("TRELLIS_FF", 0), cells.get("DP16KD", 0) + cells.get("PDPW16KD", 0)


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        modules = json.load(file)["modules"]
    plain = {name.lstrip("\\"): data for name, data in modules.items()}

    def total(name: str) -> tuple[int, int, int]:
        cells = plain[name]["num_cells_by_type"]
        own = count(cells)
        for kind, number in cells.items():
            if kind.lstrip("\\") in plain:
                sub = total(kind.lstrip("\\"))
                own = tuple(a + number * b for a, b in zip(own, sub))
        return own

    rows = []
    for name in plain:
        if plain[name]["num_cells"]:
            rows.append((re.sub(r"\$.*", "", name), *count(plain[name]["num_cells_by_type"]), *total(name)))
    rows.sort(key=lambda row: -row[4])
    print(f"{'module (one instance)':32} {'own LUT4':>9} {'FF':>7} {'EBR':>4}   {'whole LUT4':>10} {'FF':>7} {'EBR':>4}")
    for name, lut, ff, ebr, all_lut, all_ff, all_ebr in rows[:40]:
        print(f"{name:32} {lut:9,} {ff:7,} {ebr:4}   {all_lut:10,} {all_ff:7,} {all_ebr:4}")


if __name__ == "__main__":
    main()
