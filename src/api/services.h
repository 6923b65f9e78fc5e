/* SPDX-License-Identifier: Apache-2.0 */
/* services: everything that the API speaks, as one table. */
#pragma once
#include "api/handler.h"

extern const struct service_entry services[];
extern const size_t services_count;

/* By the service's name in a signature's credential scope, or NULL. */
const struct service_entry *services_by_signing_name(struct text name);
/* query and ec2: by the Version parameter, or NULL. */
const struct service_entry *services_by_version(struct text version);
/* json: by the part of X-Amz-Target before the dot, or NULL. */
const struct service_entry *services_by_target(struct text prefix);
