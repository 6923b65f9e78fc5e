/* SPDX-License-Identifier: Apache-2.0 */
#include "api/services.h"

#include "api/acm/acm.h"
#include "api/ec2/ec2.h"
#include "api/elbv2/elbv2.h"
#include "api/iam/iam.h"
#include "api/sts/sts.h"

const struct service_entry services[] = {
    {&sts_service, sts_handlers}, {&ec2_service, ec2_handlers}, {&elbv2_service, elbv2_handlers},
    {&acm_service, acm_handlers}, {&iam_service, iam_handlers},
};
const size_t services_count = ARRAY_LEN(services);

const struct service_entry *services_by_signing_name(struct text name)
{
    for (size_t i = 0; i < services_count; i++) {
        if (text_eq(text_of(services[i].service->signing_name), name)) {
            return &services[i];
        }
    }
    return NULL;
}

const struct service_entry *services_by_version(struct text version)
{
    for (size_t i = 0; i < services_count; i++) {
        const struct service *service = services[i].service;
        const bool has_versions =
            service->protocol == PROTOCOL_QUERY || service->protocol == PROTOCOL_EC2;

        if (has_versions && text_eq(text_of(service->api_version), version)) {
            return &services[i];
        }
    }
    return NULL;
}

const struct service_entry *services_by_target(struct text prefix)
{
    for (size_t i = 0; i < services_count; i++) {
        const char *own = services[i].service->target_prefix;

        if (own != NULL && text_eq(text_of(own), prefix)) {
            return &services[i];
        }
    }
    return NULL;
}
