/* SPDX-License-Identifier: Apache-2.0 */
#include "control/network_interface.h"

#include "control/block.h"
#include "control/id.h"
#include "control/resource.h"
#include "store/network_interface.h"
#include "store/subnet.h"
#include "store/tag.h"

static enum rc choose_address(struct turn *turn, struct text subnet_id, struct text *out);
static bool is_taken(const struct network_interface_rows *rows, struct text address);
static struct text new_mac(struct turn *turn);
static enum rc add_groups(struct turn *turn, struct text id, const struct text *group_ids,
                          size_t group_count);

enum rc network_interface_create(struct turn *turn, const struct network_interface_new *wanted,
                                 struct text *private_ip)
{
    struct network_interface_row row = {
        .id = resource_id(turn, RESOURCE_INTERFACE),
        .subnet_id = wanted->subnet_id,
        .balancer = wanted->balancer,
        .description = wanted->description,
        .public_ip = wanted->public_ip,
        .mac = new_mac(turn),
        .attachment_id = id_ec2(turn, "ela-attach"),
        .requester = TEXT("amazon-elb"),
        .created_ms = turn->now_unix_ms,
    };

    TRY(choose_address(turn, wanted->subnet_id, &row.private_ip));
    TRY(network_interface_row_insert(turn->store, &row));
    TRY(add_groups(turn, row.id, wanted->group_ids, wanted->group_count));
    if (private_ip) {
        *private_ip = row.private_ip;
    }
    return RC_OK;
}

enum rc network_interface_set_groups(struct turn *turn, struct text balancer,
                                     const struct text *group_ids, size_t group_count)
{
    struct network_interface_rows rows;

    TRY(network_interface_row_list_of(turn->store, turn->arena, balancer, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(network_interface_row_clear_groups(turn->store, rows.at[i].id));
        TRY(add_groups(turn, rows.at[i].id, group_ids, group_count));
    }
    return RC_OK;
}

enum rc network_interface_delete(struct turn *turn, struct text balancer, struct text subnet_id)
{
    struct network_interface_rows rows;

    TRY(network_interface_row_list_of(turn->store, turn->arena, balancer, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        if (text_is_empty(subnet_id) || text_eq(rows.at[i].subnet_id, subnet_id)) {
            TRY(tag_row_delete_all(turn->store, rows.at[i].id));
            TRY(network_interface_row_delete(turn->store, rows.at[i].id));
        }
    }
    return RC_OK;
}

/* The lowest free one. Amazon VPC user guide, "Subnet sizing": the first four and the last are
 * AWS's. */
static enum rc choose_address(struct turn *turn, struct text subnet_id, struct text *out)
{
    struct network_interface_rows taken;
    struct subnet_row subnet;
    struct snap_cidr cidr;

    TRY(subnet_row_get(turn->store, turn->arena, subnet_id, &subnet));
    TRY(cidr_parse(subnet.cidr, &cidr));
    TRY(network_interface_row_list_in(turn->store, turn->arena, subnet_id, &taken));
    for (uint64_t i = 4; i + 1 < block_size(cidr); i++) {
        struct arena_mark mark = arena_mark(turn->arena);
        struct text address = block_address_text(turn->arena, cidr.network + (uint32_t)i);

        if (!address.at) {
            return RC_LIMIT;
        }
        if (!is_taken(&taken, address)) {
            *out = address;
            return RC_OK;
        }
        arena_rewind(turn->arena, mark);
    }
    return refuse(&turn->refusal, RC_LIMIT, "InsufficientFreeAddressesInSubnet",
                  "The subnet '%.*s' does not have enough free addresses to satisfy the request.",
                  TEXT_ARG(subnet_id));
}

static bool is_taken(const struct network_interface_rows *rows, struct text address)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (text_eq(rows->at[i].private_ip, address)) {
            return true;
        }
    }
    return false;
}

/* Locally administered, as EC2's are. */
static struct text new_mac(struct turn *turn)
{
    uint64_t number = id_number();

    return arena_printf(turn->arena, "02:%02x:%02x:%02x:%02x:%02x", (unsigned)(number >> 32 & 255),
                        (unsigned)(number >> 24 & 255), (unsigned)(number >> 16 & 255),
                        (unsigned)(number >> 8 & 255), (unsigned)(number & 255));
}

static enum rc add_groups(struct turn *turn, struct text id, const struct text *group_ids,
                          size_t group_count)
{
    for (size_t i = 0; i < group_count; i++) {
        TRY(network_interface_row_add_group(turn->store, id, group_ids[i]));
    }
    return RC_OK;
}
