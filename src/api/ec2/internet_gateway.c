/* SPDX-License-Identifier: Apache-2.0 */
#include "control/internet_gateway.h"
#include "api/ec2/ec2.h"
#include "api/ec2/select.h"
#include "api/ec2/tagging.h"

static enum rc write_gateway(struct call *call, const struct internet_gateway_row *row,
                             const struct tag_rows *tags, struct ec2_internet_gateway *out);

enum rc ec2_describe_internet_gateways(struct call *call,
                                       const struct ec2_describe_internet_gateways_input *in,
                                       struct ec2_describe_internet_gateways_output *out)
{
    static const struct select_filter filters[] = {
        {"attachment.state", "Attachments.State"},
        {"attachment.vpc-id", "Attachments.VpcId"},
        {"internet-gateway-id", "InternetGatewayId"},
        {"owner-id", "OwnerId"},
        {NULL, NULL},
    };
    struct internet_gateway_rows rows;
    struct tag_rows tags;

    TRY(internet_gateway_row_list(call->turn.store, call->arena, &rows));
    TRY(tagging_load(call, "igw-", &tags));
    TRY(CALL_LIST(call, &out->internet_gateways, rows.count));
    for (size_t i = 0; i < rows.count; i++) {
        TRY(write_gateway(call, &rows.at[i], &tags, &out->internet_gateways.items[i]));
    }
    TRY(select_ids(call, RESOURCE_GATEWAY, &in->internet_gateway_ids, "InternetGatewayId",
                   "InternetGateways", out));
    return select_filters(call, &in->filters, filters, "InternetGateways", out);
}

enum rc ec2_create_internet_gateway(struct call *call,
                                    const struct ec2_create_internet_gateway_input *in,
                                    struct ec2_create_internet_gateway_output *out)
{
    struct internet_gateway_row row;
    struct tag_rows tags;

    TRY(tagging_read(call, &in->tag_specifications, "internet-gateway", &tags));
    TRY(internet_gateway_create(&call->turn, &tags, &row));
    TRY(tag_row_list(call->turn.store, call->arena, row.id, &tags));
    TRY(CALL_NEW(call, &out->internet_gateway));
    return write_gateway(call, &row, &tags, out->internet_gateway);
}

enum rc ec2_attach_internet_gateway(struct call *call,
                                    const struct ec2_attach_internet_gateway_input *in,
                                    struct ec2_attach_internet_gateway_output *out)
{
    (void)out; /* has no members */
    return internet_gateway_attach(&call->turn, in->internet_gateway_id, in->vpc_id);
}

enum rc ec2_detach_internet_gateway(struct call *call,
                                    const struct ec2_detach_internet_gateway_input *in,
                                    struct ec2_detach_internet_gateway_output *out)
{
    (void)out; /* has no members */
    return internet_gateway_detach(&call->turn, in->internet_gateway_id, in->vpc_id);
}

enum rc ec2_delete_internet_gateway(struct call *call,
                                    const struct ec2_delete_internet_gateway_input *in,
                                    struct ec2_delete_internet_gateway_output *out)
{
    (void)out; /* has no members */
    return internet_gateway_delete(&call->turn, in->internet_gateway_id);
}

static enum rc write_gateway(struct call *call, const struct internet_gateway_row *row,
                             const struct tag_rows *tags, struct ec2_internet_gateway *out)
{
    bool is_attached = row->vpc_id.at != NULL;

    out->internet_gateway_id = row->id;
    out->owner_id = call->turn.config->account;
    TRY(CALL_LIST(call, &out->attachments, is_attached));
    if (is_attached) {
        /* EC2 calls an internet gateway's attachment "available", and nothing else "attached". */
        out->attachments.items[0].state = TEXT("available");
        out->attachments.items[0].vpc_id = row->vpc_id;
    }
    return tagging_write(call, tags, row->id, true, &out->tags);
}
