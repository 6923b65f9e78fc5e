#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds a perfect hash for the names of fields.def: gen_slots.py fields.def out.h

The hash takes length, first and two further letters; the multipliers are tried until no two names
share a slot. A name that cannot be told from another this way would fail the build.
"""
import itertools
import re
import sys

SIZE = 256


def slot(name, a, b, c):
    low = [ord(ch) | 0x20 for ch in name]
    return (len(name) * a + low[0] + low[len(name) // 2] * b + low[-2] * c) % SIZE


def main(fields_def, out):
    text = open(fields_def, encoding="utf-8").read()
    fields = re.findall(r'^FIELD\((\w+), "([^"]+)"', text, re.M)
    for a, b, c in itertools.product(range(1, 64), repeat=3):
        slots = {slot(name, a, b, c): ident for ident, name in fields}
        if len(slots) == len(fields):
            break
    else:
        sys.exit("no perfect hash: change slot() here and in message.c")
    with open(out, "w", encoding="utf-8") as f:
        f.write("/* Generated from fields.def by gen_slots.py. */\n")
        f.write(f"#define SLOT_COUNT {SIZE}\n")
        f.write(f"#define SLOT_OF(len, first, middle, last) \\\n"
                f"    (((len) * {a}u + (first) + (middle) * {b}u + (last) * {c}u) % SLOT_COUNT)\n")
        f.write("static const uint8_t field_slots[SLOT_COUNT] = {\n")
        for index, ident in sorted(slots.items()):
            f.write(f"    [{index}] = HTTP_FIELD_{ident},\n")
        f.write("};\n")


main(*sys.argv[1:])
