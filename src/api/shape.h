/* SPDX-License-Identifier: Apache-2.0 */
/* shape: what an operation takes and gives, as tables.
 *
 * tools/gen_api.py makes of the facts of a service (api/facts) a C struct for every shape and the
 * tables here, which say where in the struct a member is and what it is called on the wire.
 * Parsing, validation and encoding know only the tables; handlers know only the structs.
 *
 * Thread   constant data. */
#pragma once
#include "base/text.h"

struct int_list {
    size_t count;
    int64_t *items;
};

enum shape_type {
    SHAPE_TEXT,    /* struct text: valid UTF-8 */
    SHAPE_BLOB,    /* struct text: bytes; base64 on the wire */
    SHAPE_INTEGER, /* int64_t that holds 32 bit */
    SHAPE_LONG,    /* int64_t */
    SHAPE_DOUBLE,
    SHAPE_BOOLEAN,
    SHAPE_TIME, /* int64_t, milliseconds since 1970 */
    SHAPE_STRUCTURE,
    SHAPE_LIST,
    SHAPE_MAP,
};

struct member;

struct shape {
    const char *name;
    enum shape_type type;
    bool is_flattened; /* list: its items stand where the list would */
    bool is_union;     /* structure: exactly one member is given */
    bool is_sensitive; /* never shown: keys, secrets */
    bool has_min;      /* of a number's value, a text's characters, a list's or map's items */
    bool has_max;
    int64_t min;
    int64_t max;
    const char *const *words; /* enum: ends with NULL; NULL: any */
    const char *pattern;      /* as AWS writes it; NULL: any */
    size_t pattern_index;     /* into service.patterns */
    /* structure: its members; list: one, the item; map: key and value. */
    const struct member *members;
    size_t member_count;
    size_t size; /* structure: of it; list: of an item; map: of an entry */
};

/* Where a member of a REST operation travels. */
enum member_place {
    MEMBER_IN_BODY = 0,
    MEMBER_IN_HEADER,
    MEMBER_IN_HEADERS,
    MEMBER_IN_URI,
    MEMBER_IN_QUERYSTRING,
    MEMBER_IN_STATUSCODE,
};

struct member {
    const char *name;     /* AWS's: "LoadBalancerName" */
    const char *wire_in;  /* in requests */
    const char *wire_out; /* in answers */
    const struct shape *shape;
    size_t offset;     /* of the value; structures are held by pointer, lists and maps in place */
    size_t has_offset; /* of its bool has_...; numbers, booleans and times only */
    bool is_required;
    bool is_flattened;
    bool is_attribute; /* XML attribute */
    enum member_place place;
    const char *format; /* of a timestamp, where it is not the protocol's own */
};

enum protocol { PROTOCOL_QUERY, PROTOCOL_EC2, PROTOCOL_JSON, PROTOCOL_REST_XML };

/* Pagination by one token: whose member is what. All NULL: none. */
struct page_members {
    const struct member *token_in;
    const struct member *token_out;
    const struct member *limit; /* may be NULL */
    const struct member *items;
};

struct operation {
    const char *name; /* "CreateListener" */
    const struct shape *input;
    const struct shape *output;
    const char *result_wrapper; /* query: the element around the answer */
    const char *http_method;    /* REST, else NULL */
    const char *http_path;
    int http_status;
    const char *root_name; /* REST: root element of the request */
    const char *root_namespace;
    struct page_members page;
};

struct api_error {
    const char *code;  /* on the wire: "LoadBalancerNotFound" */
    const char *shape; /* "LoadBalancerNotFoundException" */
    int status;
    bool is_sender; /* the caller's fault */
};

struct service {
    const char *name; /* ours, as in api/<name>: "elbv2" */
    enum protocol protocol;
    const char *api_version;
    const char *signing_name; /* in a signature's credential scope */
    const char *xml_namespace;
    const char *target_prefix; /* json: X-Amz-Target: prefix.Operation */
    const char *json_version;
    const struct operation *operations; /* sorted by name; indexes are the generated enum's */
    size_t operation_count;
    const struct api_error *errors; /* ends with a NULL code */
    const char *const *patterns;    /* for PCRE2; ends with NULL */
    size_t pattern_count;
};

/* Plain types, without limits. */
extern const struct shape shape_plain_string;
extern const struct shape shape_plain_blob;
extern const struct shape shape_plain_integer;
extern const struct shape shape_plain_long;
extern const struct shape shape_plain_double;
extern const struct shape shape_plain_boolean;
extern const struct shape shape_plain_timestamp;

/* The operation's table row, or NULL. */
const struct operation *service_operation(const struct service *service, struct text name);

/* The member by its name in requests, or NULL. */
const struct member *shape_member_in(const struct shape *shape, struct text wire_name);

/* All lists and maps look like this one. */
struct shape_items {
    size_t count;
    void *items; /* NULL: absent; else present, perhaps empty */
};

/* Is the member there? `at`: the structure. Lists and maps are when items is not NULL. */
bool member_is_given(const struct member *member, const void *at);
/* What the member holds: a structure itself (not the pointer to it), else where the value is. */
const void *member_value(const struct member *member, const void *at);
