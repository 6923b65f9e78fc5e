# SPDX-License-Identifier: Apache-2.0
"""Each rule of tools/check-house fires on the smallest tree that breaks it, and only there."""
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

sys.dont_write_bytecode = True

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check-house"
LOADER = SourceFileLoader("check_house", str(CHECK))
check_house = module_from_spec(spec_from_loader("check_house", LOADER))
LOADER.exec_module(check_house)
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"

CLEAN = {
    ".clang-format": (CHECK.parent.parent / ".clang-format").read_text(),
    "docs/rooms": "1 loop: time\n1 codec: JSON\n0 base: ground\n",
    "docs/dependencies": "lib jansson jansson.h libjansson-dev codec JSON\n",
    "src/base/meson.build": "# SPDX-License-Identifier: Apache-2.0\n'text.c'\n",
    "src/base/text.h": SPDX + "#pragma once\nint text_len(void);\n",
    "src/base/text.c": SPDX + '#include "base/text.h"\n\nint text_len(void)\n{\n    return 1;\n}\n',
    "src/loop/meson.build": "# SPDX-License-Identifier: Apache-2.0\n'loop.c'\n",
    "src/loop/loop.c": SPDX + "static const char *const names[] = {\"a\", \"b\"};\n"
    "struct loop {\n    int x;\n};\ntypedef int loop_fn(int x);\n"
    "static const struct loop zero = {0};\nint loop_now(const struct loop *loop);\n",
}


def source(code, path="src/base/text.c"):
    return {path: SPDX + code}


# (what is broken, the files that break it, the rule, a part of the message)
BROKEN = [
    ("a door upstairs", source('#include "loop/loop.h"\n'), "doors", "base (floor 0) must not know loop"),
    ("a door to the same floor", source('#include "codec/json.h"\n', "src/loop/loop.c"), "doors", "downstairs only"),
    ("an include without a room", source('#include "text.h"\n'), "doors", "names no room"),
    ("an unlisted room", source("int x(void);\n", "src/attic/x.h"), "doors", "not listed in docs/rooms"),
    ("a library outside its room", source("#include <jansson.h>\n"), "libraries", "only for codec"),
    ("an unknown library", source("#include <zlib.h>\n"), "libraries", "<zlib.h> is of no library"),
    ("a library only meson knows", {"meson.build": "# SPDX-License-Identifier: Apache-2.0\ndependency('zlib')\n"},
     "dependencies", "zlib is not listed"),
    ("strcpy", source("void f(char *a, const char *b)\n{\n    strcpy(a, b);\n}\n"), "calls", "strcpy()"),
    ("a clock outside loop", source("long f(void)\n{\n    return time(0);\n}\n"), "calls", "time()"),
    ("malloc outside base", source("void *f(void)\n{\n    return malloc(1);\n}\n", "src/loop/loop.c"),
     "calls", "malloc()"),
    ("a sleep", source("void f(void)\n{\n    usleep(1);\n}\n"), "calls", "usleep()"),
    ("a global", source("static int count;\n"), "globals", "count can change"),
    ("a global with a value", source("int count = 1;\n"), "globals", "count can change"),
    ("a global of a struct", source("static struct x {\n    int a;\n} it;\n"), "globals", "it can change"),
    ("a global pointer to const", source('static const char *name = "x";\n'), "globals", "name can change"),
    ("a global after a function", source("int f(void)\n{\n    return 1;\n}\nstatic char buffer[10];\n"),
     "globals", "buffer can change"),
    ("a static in a function", source("int f(void)\n{\n    static int n;\n\n    return n++;\n}\n"),
     "globals", "static variable"),
    ("no licence line", {"src/base/text.c": "int x(void);\n"}, "spdx", "begin with SPDX"),
    ("trailing blanks", source("int f(void); \n"), "text", "blanks at the end"),
    ("a missing newline", source("int f(void);"), "text", "no newline"),
    ("a machine's path", source('const char *f(void)\n{\n    return "/' + 'root/x";\n}\n'), "text", "one machine"),
    ("a scratch comment", source("int f(void); // hm\n"), "text", "// is for scratch"),
    ("a forgotten mark", source("/* TO" + "DO later */\n"), "text", "FIXME:"),
    ("an RFC without its space", source("/* RFC" + "9112 */\n"), "citations", "RFC 9112"),
    ("an RFC section in words", source("/* RFC 9112, section 6 */\n"), "citations", "RFC 9112"),
    ("OURS without a reason", source("/* OURS */\n"), "citations", "OURS:"),
    ("a file too long", source("int f(void);\n" * 900), "length", "901 lines"),
    ("a parser nobody fuzzes", {**source("int text_parse(int x);\n", "src/base/text.h")}, "fuzz", "text_parse()"),
    ("a fuzz target nobody builds", source("int f(void);\n", "fuzz/fuzz_text.c"), "fuzz", "does not build 'text'"),
    ("a source nobody builds", source("int f(void);\n", "src/base/lost.c"), "built", "nobody builds it"),
    ("a link that leads nowhere", {"README.md": "[x](docs/none.md)\n"}, "pages", "docs/none.md is not there"),
    ("a decision nobody made", source("/* docs/decisions/0007 */\n"), "pages", "no decision 0007"),
    ("a header that needs another", source("#pragma once\nuint32_t f(void);\n", "src/base/text.h"),
     "headers", "does not compile alone"),
    ("bad layout", source("int  f(void);\n"), "layout", "clang-format -i"),
]


class Forgetful:
    """Nothing was clean before, but for what all these trees have in common."""

    known, kept = set(), set()

    def has(self, key):
        return key in self.kept


def check(files):
    """What the rules find in the clean tree with these files put over it."""
    with tempfile.TemporaryDirectory() as folder:
        tree = {**CLEAN, **files}
        for name, content in tree.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        house = check_house.House(Path(folder), tree, Forgetful())
        for rule in check_house.RULES:
            rule(house)
        return house


class CheckHouse(unittest.TestCase):
    def test_a_clean_tree_has_no_findings(self):
        self.assertEqual(check({}).found, [])

    def test_every_rule_fires(self):
        for what, files, rule, message in BROKEN:
            with self.subTest(what):
                house = check(files)
                if rule == "layout" and any("layout was not checked" in note for note in house.notes):
                    continue
                self.assertTrue([f for f in house.found if f[2] == rule and message in f[3]], house.found)


if __name__ == "__main__":
    unittest.main()
