#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks docs/security.md: every claim has a name of its own, and each test and proof that it names is there.

A claim is a row of a table whose first cell is a name in capitals. A test is named as `test "its Catch2 name"`, a proof as
`proof "folder/name"`, a file tb/formal/folder/name.sby.
"""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
page = root / "docs/security.md"

tests = set()
for source in (root / "tb").rglob("*.cpp"):
    for literals in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', source.read_text()):
        tests.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)))
proofs = {str(p.relative_to(root / "tb/formal").with_suffix("")) for p in (root / "tb/formal").rglob("*.sby")}

wrong = []
seen = set()
for number, line in enumerate(page.read_text().splitlines(), 1):
    row = re.match(r"\| `([A-Z][A-Z0-9-]+)` \|(.*)\|(.*)\|$", line)
    if row is None:
        continue
    claim, _, shown = row.groups()
    if claim in seen:
        wrong.append(f"{number}: {claim} is claimed twice")
    seen.add(claim)
    named = re.findall(r'(test|proof) "([^"]*)"', shown)
    if not named:
        wrong.append(f"{number}: nothing shows {claim}")
    wrong += [f'{number}: {claim}: there is no {kind} "{name}"' for kind, name in named
              if name not in (tests if kind == "test" else proofs)]
if not seen:
    wrong.append("1: no claims")
for text in wrong:
    print(f"docs/security.md:{text}")
print(f"{len(seen)} claims, {len(tests)} tests, {len(proofs)} proofs")
sys.exit(1 if wrong else 0)
