/* SPDX-License-Identifier: Apache-2.0 */
/* tables: what each struct of the snapshot is called in the document (tables.c), and the rules that
 * one member alone cannot tell (rules.c). Private to the room. */
#pragma once
#include "base/map.h"
#include "codec/record.h"
#include "snapshot/write.h"

extern const struct record snap_document_record;
extern const struct record snap_balancer_record;
extern const struct record snap_listener_record;
extern const struct record snap_group_record;
extern const struct record snap_action_record;

/* record_reader.context while a snapshot is read: what stands in it already. */
struct snap_names {
    struct map groups;       /* by ARN */
    struct map certificates; /* by ARN */
    struct map trust_stores; /* by ARN */
    struct map listeners;    /* by "address:port" */
};

const void *snap_find_group(const struct record_reader *reader, struct text arn);
const void *snap_find_certificate(const struct record_reader *reader, struct text arn);
const void *snap_find_trust_store(const struct record_reader *reader, struct text arn);

/* Called by record_read() when all members of one are read. */
enum rc snap_certificate_finish(struct record_reader *reader, void *item);
enum rc snap_trust_store_finish(struct record_reader *reader, void *item);
enum rc snap_condition_finish(struct record_reader *reader, void *item);
enum rc snap_action_finish(struct record_reader *reader, void *item);
enum rc snap_rule_finish(struct record_reader *reader, void *item);
enum rc snap_field_finish(struct record_reader *reader, void *item);
enum rc snap_listener_finish(struct record_reader *reader, void *item);
enum rc snap_ingress_finish(struct record_reader *reader, void *item);
enum rc snap_balancer_finish(struct record_reader *reader, void *item);
enum rc snap_target_finish(struct record_reader *reader, void *item);
enum rc snap_health_finish(struct record_reader *reader, void *item);
enum rc snap_group_finish(struct record_reader *reader, void *item);
