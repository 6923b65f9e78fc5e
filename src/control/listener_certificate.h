/* SPDX-License-Identifier: Apache-2.0 */
/* listener_certificate: the certificates of an HTTPS listener beside its default one, for SNI.
 *
 * Sources  AWS ELBv2 API, AddListenerCertificates and its kin; "SSL certificates". */
#pragma once
#include "control/control.h"
#include "store/listener.h"

/* One per call. What is there already is fine. */
MUST_USE enum rc listener_certificate_add(struct turn *turn, struct text listener,
                                          const struct text *arns, size_t count,
                                          struct listener_certificate_rows *out);
/* One per call. Refuses the default one; an absent one is fine. */
MUST_USE enum rc listener_certificate_remove(struct turn *turn, struct text listener,
                                             const struct text *arns, size_t count);
/* The default one first. */
MUST_USE enum rc listener_certificate_find_all(struct turn *turn, struct text listener,
                                               struct listener_certificate_rows *out);
