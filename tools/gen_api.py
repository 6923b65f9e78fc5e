#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns the facts of one AWS service into C.

  gen_api.py FACTS.json PREFIX OUT.h OUT.c

OUT.h holds a struct for every shape that an operation reaches, and the operations' numbers; OUT.c
the tables that describe them (api/shape.h). The forms:

  string, enum, blob   struct text name;                  .at NULL: absent
  integer, long        bool has_name; int64_t name;
  boolean              bool has_name; bool name;
  float, double        bool has_name; double name;
  timestamp            bool has_name; int64_t name_unix_ms;
  structure            struct prefix_shape *name;         NULL: absent
  list                 struct prefix_shape name;          {count, items}; items NULL: absent
  list of strings      struct text_list name;
  map                  struct prefix_shape name;          {count, items}, items have key and value

An operation's input and output are always struct prefix_operation_input and _output.
"""
import json
import re
import sys

SCALARS = {
    "string": ("TEXT", "struct text"),
    "blob": ("BLOB", "struct text"),
    "integer": ("INTEGER", "int64_t"),
    "long": ("LONG", "int64_t"),
    "float": ("DOUBLE", "double"),
    "double": ("DOUBLE", "double"),
    "boolean": ("BOOLEAN", "bool"),
    "timestamp": ("TIME", "int64_t"),
}
C_WORDS = {"default", "register", "switch", "static", "signed", "float", "double", "int", "long",
           "short", "union", "struct", "const", "volatile", "return", "case", "auto", "inline"}


def snake(name):
    name = re.sub(r"IP(v[46])", r"Ip\1", name.replace("-", "_"))
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return name.lower()


def c_string(text):
    if text is None:
        return "NULL"
    out = []
    for byte in text.encode():
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"%s"' % "".join(out).replace("??", "?\\?")


def pcre(pattern):
    """AWS's patterns are Java's; PCRE2 wants its own way of naming code points."""
    pattern = pattern.replace(r"\u10000-\u10FFFF", r"\x{10000}-\x{10FFFF}")
    return re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", pattern)


class Member:
    def __init__(self, facts, name):
        self.name = name
        self.facts = facts if isinstance(facts, dict) else {"is": facts}
        self.kind = self.facts["is"]


class Service:
    def __init__(self, facts, prefix):
        self.facts = facts
        self.prefix = prefix
        self.shapes = {}      # key -> facts, in the order they were reached
        self.patterns = []
        for name, operation in sorted(facts["operations"].items()):
            for side, suffix in (("in", "Input"), ("out", "Output")):
                shape = facts["shapes"].get(operation.get(side), {"type": "structure", "members": {}})
                self.reach(name + suffix, shape)

    def reach(self, key, shape):
        if key in self.shapes:
            if self.shapes[key] is not shape and self.shapes[key] != shape:
                raise SystemExit("%s: two shapes are named %s" % (self.prefix, key))
            return
        self.shapes[key] = shape
        for member in self.parts(shape):
            if member.kind[0] == "#":
                self.reach(member.kind[1:], self.facts["shapes"][member.kind[1:]])

    @staticmethod
    def parts(shape):
        """Everything a shape refers to."""
        named = [Member(facts, name) for name, facts in shape.get("members", {}).items()]
        return named + [Member(shape[part], part) for part in ("key", "value", "member") if part in shape]

    def resolve(self, member):
        """(type, C type, shape key or None) of what a member holds."""
        if member.kind[0] != "#":
            return member.kind, SCALARS[member.kind][1], None
        key = member.kind[1:]
        kind = self.shapes[key]["type"]
        if kind in SCALARS:
            return kind, SCALARS[kind][1], key
        return kind, self.c_type(key), key

    def c_type(self, key):
        shape = self.shapes[key]
        if shape["type"] == "list":
            item = self.resolve(Member(shape["member"], ""))
            if item[1] == "struct text":
                return "struct text_list"
            if item[1] == "int64_t":
                return "struct int_list"
        return "struct %s_%s" % (self.prefix, snake(key))

    @staticmethod
    def field(member):
        name = snake(member.name)
        return name + "_" if name in C_WORDS else name

    # ---- header ---------------------------------------------------------------------------------

    def header(self):
        out = ["/* SPDX-License-Identifier: Apache-2.0 */",
               "/* Made by tools/gen_api.py of api/facts/%s.json; api/shape.h describes the form. */" % self.prefix,
               "#pragma once", '#include "api/shape.h"', ""]
        kinds = {kind: [key for key in self.shapes if self.shapes[key]["type"] == kind]
                 for kind in ("structure", "list", "map")}
        for key in kinds["structure"]:
            out.append("struct %s_%s;" % (self.prefix, snake(key)))
        for key in kinds["map"]:
            out.append("struct %s_%s_entry;" % (self.prefix, snake(key)))
        out.append("")
        for key in kinds["list"]:
            own = "struct %s_%s" % (self.prefix, snake(key))
            if self.c_type(key) == own:
                item = self.resolve(Member(self.shapes[key]["member"], ""))[1]
                out += ["%s {" % own, "    size_t count;", "    %s *items;" % item, "};", ""]
        for key in kinds["map"]:
            own = "struct %s_%s" % (self.prefix, snake(key))
            out += ["%s {" % own, "    size_t count;", "    %s_entry *items;" % own, "};", ""]
        for key in kinds["map"]:
            own = "struct %s_%s" % (self.prefix, snake(key))
            out += ["%s_entry {" % own, "    struct text key;"]
            out += self.declare(Member(self.shapes[key]["value"], "value"))
            out += ["};", ""]
        for key in kinds["structure"]:
            out.append("struct %s_%s {" % (self.prefix, snake(key)))
            members = self.shapes[key].get("members", {})
            for name, facts in members.items():
                out += self.declare(Member(facts, name))
            if not members:
                out.append("    char nothing; /* no members */")
            out += ["};", ""]
        out.append("enum %s_operation {" % self.prefix)
        for name in sorted(self.facts["operations"]):
            out.append("    %s_OP_%s," % (self.prefix.upper(), snake(name).upper()))
        out += ["    %s_OPERATIONS" % self.prefix.upper(), "};", "",
                "extern const struct service %s_service;" % self.prefix, ""]
        return "\n".join(out)

    def declare(self, member):
        kind, c_type, _ = self.resolve(member)
        name = self.field(member)
        if kind == "structure":
            return ["    %s *%s;" % (c_type, name)]
        if kind == "timestamp":
            return ["    bool has_%s;" % name, "    int64_t %s_unix_ms;" % name]
        if c_type in ("int64_t", "double", "bool"):
            return ["    bool has_%s;" % name, "    %s %s;" % (c_type, name)]
        return ["    %s %s;" % (c_type, name)]

    # ---- tables ---------------------------------------------------------------------------------

    def tables(self):
        out = ["/* SPDX-License-Identifier: Apache-2.0 */",
               "/* Made by tools/gen_api.py of api/facts/%s.json. */" % self.prefix,
               '#include "api/%s_shapes.h"' % self.prefix, ""]
        for key in self.shapes:
            out.append("static const struct shape %s;" % self.shape_name(key))
        out.append("")
        for key, shape in self.shapes.items():
            out += self.shape_table(key, shape)
        out += self.errors() + self.operations() + self.service()
        return "\n".join(out)

    def shape_name(self, key):
        return "shape_%s" % snake(key)

    def shape_ref(self, member):
        if member.kind[0] == "#":
            return "&" + self.shape_name(member.kind[1:])
        return "&shape_plain_%s" % ("double" if member.kind == "float" else member.kind)

    def shape_table(self, key, shape):
        kind = shape["type"]
        name = self.shape_name(key)
        fields = ['.name = %s' % c_string(key)]
        before = []
        if kind in SCALARS:
            fields.append(".type = SHAPE_%s" % SCALARS[kind][0])
        else:
            fields.append(".type = SHAPE_%s" % kind.upper())
        if "enum" in shape:
            before += ["static const char *const enum_%s[] = {%s, NULL};"
                       % (snake(key), ", ".join(c_string(word) for word in shape["enum"]))]
            fields.append(".words = enum_%s" % snake(key))
        for bound in ("min", "max"):
            if bound in shape:
                fields += [".has_%s = true" % bound, ".%s = %s" % (bound, self.bound(shape[bound]))]
        if "pattern" in shape:
            fields += [".pattern = %s" % c_string(shape["pattern"]),
                       ".pattern_index = %d" % len(self.patterns)]
            self.patterns.append(pcre(shape["pattern"]))
        if shape.get("sensitive"):
            fields.append(".is_sensitive = true")
        if kind == "structure":
            own = "struct %s_%s" % (self.prefix, snake(key))
            rows = [self.member_row(own, Member(facts, member), member in shape.get("required", []))
                    for member, facts in shape.get("members", {}).items()]
            if rows:
                before += ["static const struct member members_%s[] = {" % snake(key)] + rows + ["};"]
                fields += [".members = members_%s" % snake(key), ".member_count = %d" % len(rows)]
            fields.append(".size = sizeof(%s)" % own)
            if shape.get("union"):
                fields.append(".is_union = true")
        elif kind in ("list", "map"):
            before += ["static const struct member members_%s[] = {" % snake(key)]
            if kind == "map":
                own = "struct %s_%s_entry" % (self.prefix, snake(key))
                before += [self.member_row(own, Member(shape["key"], "key"), True),
                           self.member_row(own, Member(shape["value"], "value"), False)]
                fields += [".member_count = 2", ".size = sizeof(%s)" % own]
            else:
                item = Member(shape["member"], "member")
                before.append(self.member_row(None, item, False))
                fields += [".member_count = 1", ".size = sizeof(%s)" % self.resolve(item)[1]]
            before.append("};")
            fields.append(".members = members_%s" % snake(key))
            if shape.get("flattened"):
                fields.append(".is_flattened = true")
        return before + ["static const struct shape %s = {" % name,
                         "    " + ", ".join(fields) + "};", ""]

    @staticmethod
    def bound(value):
        return "INT64_MAX" if value >= 2**63 - 1 else "INT64_MIN" if value <= -2**63 else str(value)

    def member_row(self, own, member, is_required):
        kind, _, _ = self.resolve(member)
        name = self.field(member)
        facts = member.facts
        wire_in, wire_out = self.wire_names(member)
        fields = [".name = " + c_string(member.name), ".wire_in = " + c_string(wire_in),
                  ".wire_out = " + c_string(wire_out), ".shape = " + self.shape_ref(member)]
        if own:
            value = name + ("_unix_ms" if kind == "timestamp" else "")
            fields.append(".offset = offsetof(%s, %s)" % (own, value))
            if kind in ("integer", "long", "float", "double", "boolean", "timestamp"):
                fields.append(".has_offset = offsetof(%s, has_%s)" % (own, name))
        if is_required:
            fields.append(".is_required = true")
        for flag in ("flattened", "attr"):
            if facts.get(flag):
                fields.append(".is_%s = true" % ("attribute" if flag == "attr" else flag))
        if "at" in facts:
            fields.append(".place = MEMBER_IN_%s" % facts["at"].upper())
        if "format" in facts:
            fields.append(".format = %s" % c_string(facts["format"]))
        return "    {%s}," % ", ".join(fields)

    def wire_names(self, member):
        """Names in requests and in answers. ec2 requests have a rule of their own: facts/README."""
        wire = member.facts.get("wire")
        if self.facts["protocol"] != "ec2":
            return (wire or member.name,) * 2
        if member.name == "member":
            return (wire or "member",) * 2
        request = member.facts.get("query") or (wire and wire[0].upper() + wire[1:]) or member.name
        return request, wire or member.name

    def errors(self):
        rows = []
        for name, shape in sorted(self.facts["shapes"].items()):
            is_error = "code" in shape or "http" in shape or any(
                name in operation.get("errors", []) for operation in self.facts["operations"].values())
            if is_error:
                fault = shape.get("fault", "sender")
                rows.append((shape.get("code", name), name, shape.get("http", 500 if fault == "receiver" else 400),
                             "true" if fault == "sender" else "false"))
        out = ["static const struct api_error errors[] = {"]
        out += ["    {%s, %s, %d, %s}," % (c_string(code), c_string(name), status, sender)
                for code, name, status, sender in sorted(rows)]
        return out + ["    {NULL, NULL, 0, false},", "};", ""]

    def operations(self):
        out = ["static const struct operation operations[] = {"]
        for name, operation in sorted(self.facts["operations"].items()):
            http = operation.get("http", {})
            fields = [".name = %s" % c_string(name),
                      ".input = &shape_%s_input" % snake(name), ".output = &shape_%s_output" % snake(name)]
            if "resultWrapper" in operation:
                fields.append(".result_wrapper = %s" % c_string(operation["resultWrapper"]))
            if http:
                fields += [".http_method = %s" % c_string(http.get("method", "POST")),
                           ".http_path = %s" % c_string(http.get("path", "/")),
                           ".http_status = %d" % http.get("status", 200)]
            for fact, field in (("inName", "root_name"), ("inNs", "root_namespace")):
                if fact in operation:
                    fields.append(".%s = %s" % (field, c_string(operation[fact])))
            page = operation.get("page", {})
            if page:
                fields += self.page(name, page)
            out.append("    {%s}," % ", ".join(fields))
        return out + ["};", ""]

    def page(self, name, page):
        """Pagination that works by one token in and one out; anything else is the handler's."""
        inputs = list(self.shapes[name + "Input"].get("members", {}))
        outputs = list(self.shapes[name + "Output"].get("members", {}))
        fields = []
        for fact, field, members, side in (
                ("input_token", "token_in", inputs, "input"), ("output_token", "token_out", outputs, "output"),
                ("limit_key", "limit", inputs, "input"), ("result_key", "items", outputs, "output")):
            member = page.get(fact)
            if not isinstance(member, str) or member not in members:
                if fact == "limit_key" and member is None:
                    continue
                return []
            fields.append(".page.%s = &members_%s_%s[%d]" % (field, snake(name), side, members.index(member)))
        return fields

    def service(self):
        facts = self.facts
        protocol = facts["protocol"]
        if protocol == "smithy-rpc-v2-cbor":
            protocol = "query"  # the one of its protocols that every client can be told to speak
        out = ["static const char *const patterns[] = {"]
        out += ["    %s," % c_string(pattern) for pattern in self.patterns]
        out += ["    NULL,", "};", "", "const struct service %s_service = {" % self.prefix,
                "    .name = %s," % c_string(self.prefix),
                "    .protocol = PROTOCOL_%s," % protocol.upper().replace("-", "_")]
        for fact, field in (("apiVersion", "api_version"), ("signingName", "signing_name"),
                            ("xmlNamespace", "xml_namespace"), ("targetPrefix", "target_prefix"),
                            ("jsonVersion", "json_version")):
            if facts.get(fact):
                out.append("    .%s = %s," % (field, c_string(facts[fact])))
        return out + ["    .operations = operations,",
                      "    .operation_count = %s_OPERATIONS," % self.prefix.upper(),
                      "    .errors = errors,",
                      "    .patterns = patterns,",
                      "    .pattern_count = %d," % len(self.patterns), "};", ""]


def main():
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    path, prefix, header, source = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        service = Service(json.load(file), prefix)
    with open(header, "w", encoding="ascii") as file:
        file.write(service.header())
    with open(source, "w", encoding="ascii") as file:
        file.write(service.tables())


if __name__ == "__main__":
    main()
