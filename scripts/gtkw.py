# SPDX-License-Identifier: Apache-2.0
"""Writes a GTKWave save file: signals grouped by stage, enums by name, markers at job starts and ends.

usage: gtkw.py WAVES.fst SUMMARY.json RTL_DIR OUT.gtkw

The groups below name instances and signal patterns; a group that finds no signal is an error, so that the view
cannot rot when the design changes. Enum names come from the RTL sources.
"""

import json
import pathlib
import re
import subprocess
import sys

# GTKWave trace flags: hex and right-justified; the same through a translation file; a comment; group begin and end.
HEX, TRANSLATED, COMMENT = "@22", "@2022", "@200"
GROUP_OPEN, GROUP_CLOSE, SHUT_OPEN, SHUT_CLOSE = "@800200", "@1000200", "@c00200", "@1401200"

HANDSHAKE = r"(valid|ready)_[io]$"
GROUPS = [  # title, instance path below the top, signal patterns, shown open
    ("Clock, reset, interrupts", "", [r"^(clk_i|rst_ni|irq_.*|alert_o)$"], True),
    ("Job control", "u_control.u_job", [r"^state_q$", r"^(start|clear|dp_done|dma_abort|dma_idle)_[io]$", r"^fault_i\."], True),
    ("Host port", "", [r"^host_(req_i|rsp_o)\.(a[wr]_(addr|valid|ready)|[wr]_(data|valid|ready)|b_resp)$"], False),
    ("Secure port", "", [r"^secure_(req_i|rsp_o)\.(a[wr]_(addr|valid|ready)|[wr]_valid|[wr]_ready|b_resp)$"], False),
    ("Out 1: page fetch", "u_datapath.u_migrate_out", [r"^rd_.*" + HANDSHAKE, r"^rd_req_o\."], False),
    ("Out 2: compress lanes", "u_datapath.u_lanes.u_compress_lanes", [HANDSHAKE, r"^res_o\."], True),
    ("Out 3: cipher and tag", "u_datapath.u_migrate_out", [r"^(cph|auth).*" + HANDSHAKE], False),
    ("Out 4: record writer", "u_datapath.u_migrate_out", [r"^wr_.*" + HANDSHAKE, r"^commit_o\.", r"^seq_i$"], True),
    ("In 1: record fetch", "u_datapath.u_migrate_in", [r"^rd_.*" + HANDSHAKE, r"^rd_req_o\."], False),
    ("In 2: tag and cipher", "u_datapath.u_migrate_in", [r"^(cph|auth).*" + HANDSHAKE, r"^auth_ok_i$"], False),
    ("In 3: inflate lanes", "u_datapath.u_lanes.u_inflate_lanes", [HANDSHAKE, r"^res_o\."], True),
    ("In 4: page writer", "u_datapath.u_migrate_in", [r"^wr_.*(valid|ready)_[io]$", r"^wr_addr_o$", r"^fault_o\."], True),
    ("Memory: AXI4 read", "", [r"^axi_(req_o|rsp_i)\.(ar_valid|ar_ready|ar\.(addr|len)|r_valid|r_ready|r\.(data|resp|last))$"], True),
    ("Memory: AXI4 write", "",
     [r"^axi_(req_o|rsp_i)\.(aw_valid|aw_ready|aw\.(addr|len)|w_valid|w_ready|w\.(data|strb|last)|b_valid|b_ready|b\.resp)$"], True),
]


def read_signals(fst: str) -> dict[str, int]:
    """Full signal name (dots, without the range) to width, from the waves' header."""
    process = subprocess.Popen(["fst2vcd", fst], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    scopes: list[str] = []
    signals: dict[str, int] = {}
    assert process.stdout is not None
    for line in process.stdout:
        words = line.split()
        if not words:
            continue
        if words[0] == "$scope":
            scopes.append(words[2])
        elif words[0] == "$upscope":
            scopes.pop()
        elif words[0] == "$var":
            signals[".".join([*scopes, words[4]])] = int(words[2])
        elif words[0] == "$enddefinitions":
            break
    process.kill()
    return signals


def parse_enums(rtl: pathlib.Path) -> tuple[dict[str, dict[int, str]], dict[tuple[str, str], str], dict[str, str]]:
    """Enum types as "file.type"; (module, signal) to enum type; struct field to enum type."""
    enums: dict[str, dict[int, str]] = {}
    signal_types: dict[tuple[str, str], str] = {}
    field_types: dict[str, str] = {}
    texts = {path.stem: re.sub(r"//.*", "", path.read_text(encoding="utf-8")) for path in sorted(rtl.rglob("*.sv"))}
    for file, text in texts.items():
        for body, name in re.findall(r"typedef\s+enum\s+[^{]*\{([^}]*)\}\s*(\w+)\s*;", text):
            values: dict[int, str] = {}
            following = 0
            for item in body.split(","):
                match = re.match(r"\s*(\w+)\s*(?:=\s*(?:\d+'([hbd])([0-9a-fA-F_]+)|(\d+)))?\s*$", item)
                if not match:
                    continue
                label, base, digits, plain = match.groups()
                if digits:
                    following = int(digits.replace("_", ""), {"h": 16, "b": 2, "d": 10}[base])
                elif plain:
                    following = int(plain)
                values[following] = label
                following += 1
            enums[f"{file}.{name}"] = values
        for body in re.findall(r"typedef\s+struct\s+packed\s*\{([^}]*)\}", text):
            for kind, field in re.findall(r"^\s*(\w+)\s+(\w+)\s*;", body, re.M):
                field_types[field] = kind

    def resolve(kind: str, module: str) -> str | None:
        """A module's own type, or else a package's."""
        if f"{module}.{kind}" in enums:
            return f"{module}.{kind}"
        return next((name for name in enums if name.endswith(f"_pkg.{kind}")), None)

    for module, text in texts.items():
        for kind, names in re.findall(r"^\s*(?:\(\*[^)]*\*\)\s*)?(?:input\s+|output\s+)?(?:\w+::)?(\w+_e)\s+([\w, ]+?)\s*[;,)\n]", text, re.M):
            for name in re.split(r"\s*,\s*", names):
                resolved = resolve(kind, module)
                if resolved:
                    signal_types[(module, name)] = resolved
    fields = {field: resolve(kind, "") for field, kind in field_types.items()}
    return enums, signal_types, {field: kind for field, kind in fields.items() if kind}


def parse_instances(rtl: pathlib.Path) -> dict[str, str]:
    """Instance name to module name, over the whole design (instance names are unique in what GROUPS shows)."""
    instances: dict[str, str] = {}
    for path in sorted(rtl.rglob("*.sv")):
        text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
        for module, name in re.findall(r"^\s*(\w+)\s+(?:#\s*\((?:[^()]|\([^()]*\))*\)\s*)?(u_\w+)\s*\(", text, re.M):
            instances[name] = module
    return instances


def main() -> int:
    fst, summary_path, rtl_dir, out_path = sys.argv[1:5]
    signals = read_signals(fst)
    enums, signal_types, field_types = parse_enums(pathlib.Path(rtl_dir))
    instances = parse_instances(pathlib.Path(rtl_dir))
    top = next(name.rsplit(".", 1)[0] for name in signals if name.endswith("sealift_top.clk_i"))
    out = pathlib.Path(out_path)
    enum_dir = out.parent / "enums"
    enum_dir.mkdir(parents=True, exist_ok=True)

    def enum_of(name: str, instance: str) -> str | None:
        parts = name.split(".")
        module = instances.get(instance.rsplit(".", 1)[-1], "") if instance else "sealift_top"
        kind = signal_types.get((module, parts[-1])) or (field_types.get(parts[-1]) if len(parts) > 1 else None)
        return kind

    lines = [f'[dumpfile] "{pathlib.Path(fst).resolve()}"', "[timestart] 0", "[size] 1600 1000", "[sst_width] 260",
             "[signals_width] 340"]
    jobs = json.loads(pathlib.Path(summary_path).read_text(encoding="utf-8")).get("jobs", [])
    times = [time for job in jobs for time in (job["start_time"], job["end_time"])][:26]
    end = max(times, default=1000)
    zoom = -1.0
    while 2 ** -zoom * 8 < end:
        zoom -= 1.0
    lines.append(f"*{zoom} {times[0] if times else 0} " + " ".join(str(t) for t in times + [-1] * (26 - len(times))))
    for number, job in enumerate(jobs[:13]):
        lines.append(f"[markername] {chr(ord('A') + 2 * number)}{job['direction']} start")
        lines.append(f"[markername] {chr(ord('B') + 2 * number)}{job['direction']} end")

    missing = []
    for title, instance, patterns, is_open in GROUPS:
        prefix = f"{top}.{instance}." if instance else f"{top}."
        local = [name.removeprefix(prefix) for name in signals if name.startswith(prefix)]
        chosen = [name for pattern in patterns for name in local if re.search(pattern, name) and "u_" not in name]
        if not chosen:
            missing.append(title)
            continue
        lines += [GROUP_OPEN if is_open else SHUT_OPEN, f"-{title}"]
        for name in dict.fromkeys(chosen):
            width = signals[prefix + name]
            bits = f"[{width - 1}:0]" if width > 1 else ""
            alias = f"+{{{name}{bits}}} " if "." in name else ""  # a field with the name of its struct
            kind = enum_of(name, instance)
            if kind:
                file = enum_dir / f"{kind}.txt"
                digits = (width + 3) // 4
                file.write_text("".join(f"{value:0{digits}X} {label}\n" for value, label in enums[kind].items()), encoding="utf-8")
                lines += [TRANSLATED, f"^1 {file.resolve()}", alias + prefix + name + bits]
            else:
                lines += [HEX, alias + prefix + name + bits]
        lines += [GROUP_CLOSE if is_open else SHUT_CLOSE, f"-{title}"]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if missing:
        print(f"gtkw.py: no signal found for: {', '.join(missing)}; mend GROUPS in scripts/gtkw.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
