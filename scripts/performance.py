# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of docs/performance.md: what each stage can do, and the whole against it.

Everything is measured by `sealift bench` on builds of the `sim` configuration with other lanes or another bus, under
build/performance. usage: performance.py [--pages FILE] [TABLE ...]
(TABLE: stages, lanes, buses, latencies; default all)
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = pathlib.Path("build/performance")
DOC = pathlib.Path("docs/performance.md")
BUS_BYTES = 16  # of the sim configuration, and of the bus inside

WAITS = {
    "stall_memory": "memory",
    "stall_lane": "lanes",
    "stall_cipher": "cipher",
    "stall_writer": "writer",
}


def build(defines: tuple[str, ...]) -> pathlib.Path:
    """The command over a model with these defines; returns the program."""
    folder = OUT / ("_".join(re.sub(r"\W", "", d.removeprefix("SEALIFT_")) for d in defines).lower() or "sim")
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "build.log", "w", encoding="utf-8") as log:
        for command in (
            ["cmake", "-S", ".", "-B", folder, "-G", "Ninja", "-DSEALIFT_TESTS=OFF"]
            + [f"-DSEALIFT_DEFINES={';'.join(defines)}"],
            ["cmake", "--build", folder, "--target", "sealift", "-j", "2"],
        ):
            if subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode:
                sys.exit(f"performance: {command[0]} failed, see {log.name}")
    return folder / "bin" / "sealift"


def bench(pages: str, defines: tuple[str, ...] = (), *options: str) -> dict:
    program = build(defines)
    print("performance:", *defines, *options, file=sys.stderr, flush=True)
    command = [program, "bench", "--pages", pages, "--json", *options]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    if result["mismatches"] or result["hardware_failures"]:
        sys.exit(f"performance: wrong pages or failed assertions: {command}")
    return result


def waits(way: dict) -> str:
    """Where the cycles of a direction went, the largest share first; under 2 % is left out."""
    shares = sorted(((way[key] / way["job_cycles"], word) for key, word in WAITS.items()), reverse=True)
    return ", ".join(f"{word} {100 * share:.0f} %" for share, word in shares if share >= 0.02) or "none of 2 %"


def rates(result: dict) -> str:
    return (
        f"{result['bytes_per_cycle_out']:.2f} | {result['bytes_per_cycle_in']:.2f} | "
        f"{waits(result['out'])} | {waits(result['in'])}"
    )


HEAD = "out | in | out waits for | in waits for |\n| --- | --- | --- | --- | --- |"


def stages(pages: str) -> str:
    rows = ["| stage | measured as | bytes a cycle |", "| --- | --- | --- |"]
    copy = bench(pages, (), "--order", "copy", "--algorithm", "none")
    for name, way in (("read, records, write", "out"), ("the same, the other way", "in")):
        rows.append(f"| {name} | order `copy`, {way} | {copy[f'bytes_per_cycle_{way}']:.2f} |")
    for engine, name in (
        ("compress", "compress lanes"),
        ("inflate", "inflate lanes"),
        ("seal", "cipher and tag, out"),
        ("open", "cipher and tag, in"),
    ):
        extra = ("--no-verify",) if engine == "compress" else ()
        rate = bench(pages, (), "--engine", engine, *extra)["bytes_per_cycle"]
        rows.append(f"| {name} | `--engine {engine}`{' `--no-verify`' if extra else ''}, no fill pages | {rate:.2f} |")
    rate = bench(pages, (), "--engine", "compress")["bytes_per_cycle"]
    rows.append(f"| compress lanes and verification | `--engine compress`, no fill pages | {rate:.2f} |")
    rate = bench(pages, (), "--engine", "compress", "--level", "best")["bytes_per_cycle"]
    rows.append(f"| the same, level `best` | `--engine compress --level best`, no fill pages | {rate:.2f} |")
    return "\n".join(rows)


def lanes(pages: str) -> str:
    rows = [f"| lanes each way | {HEAD}"]
    for count in (1, 2, 4, 8):
        rows.append(f"| {count} | {rates(bench(pages, (f'SEALIFT_LANES={count}',)))} |")
    rows.append(f"| 3 out, 4 in (`sim`) | {rates(bench(pages))} |")
    rows.append(f"| the same, `--no-verify` | {rates(bench(pages, (), '--no-verify'))} |")
    return "\n".join(rows)


def buses(pages: str) -> str:
    rows = ["| bus | out | in | copy out | copy in | out waits for | in waits for |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |")
    for bits in (64, 128, 256, 512):
        defines = () if bits == 8 * BUS_BYTES else (f"SEALIFT_AXI_DATA_W={bits}",)
        full = bench(pages, defines)
        copy = bench(pages, defines, "--order", "copy", "--algorithm", "none")
        rows.append(
            f"| {bits} bits | {full['bytes_per_cycle_out']:.2f} | {full['bytes_per_cycle_in']:.2f} | "
            f"{copy['bytes_per_cycle_out']:.2f} | {copy['bytes_per_cycle_in']:.2f} | "
            f"{waits(full['out'])} | {waits(full['in'])} |"
        )
    return "\n".join(rows)


def latencies(pages: str) -> str:
    rows = [f"| cycles | {HEAD}"]
    for cycles in (20, 64, 200, 400, 800):
        rows.append(f"| {cycles} | {rates(bench(pages, (), '--latency', str(cycles)))} |")
    return "\n".join(rows)


TABLES = {"stages": stages, "lanes": lanes, "buses": buses, "latencies": latencies}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", default="data/dev-run.bin")
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES])
    args = parser.parse_args()
    os.chdir(ROOT)
    for name in args.tables or TABLES:
        table = TABLES[name](args.pages)
        text = DOC.read_text(encoding="utf-8")
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        DOC.write_text(f"{before}{begin}\n{table}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
