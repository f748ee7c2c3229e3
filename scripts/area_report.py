# SPDX-License-Identifier: Apache-2.0
"""Prints a nextpnr report beside the committed figure: area_report.py BLOCK report.json area.json [--save]"""

import json
import pathlib
import sys


def main() -> None:
    block, report_path, area_path = sys.argv[1:4]
    save = "--save" in sys.argv[4:]
    report = json.loads(pathlib.Path(report_path).read_text(encoding="utf-8"))
    used = {name: cell["used"] for name, cell in report["utilization"].items()}
    fmax = min((clock["achieved"] for clock in report["fmax"].values()), default=0.0)
    now = {
        "LUT4": used.get("TRELLIS_COMB", 0),
        "FF": used.get("TRELLIS_FF", 0),
        "EBR": used.get("DP16KD", 0),
        "Fmax_MHz": round(fmax, 1),
    }
    area_file = pathlib.Path(area_path)
    committed = json.loads(area_file.read_text(encoding="utf-8")) if area_file.exists() else {}
    before = committed.get(block, {})
    print(f"{block:24} {'now':>10} {'committed':>10}")
    for key, value in now.items():
        print(f"  {key:22} {value:>10} {before.get(key, '-'):>10}")
    if save:
        committed[block] = now
        area_file.write_text(json.dumps(dict(sorted(committed.items())), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
