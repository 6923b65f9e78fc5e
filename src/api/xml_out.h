/* SPDX-License-Identifier: Apache-2.0 */
/* xml_out: a struct of an answer as XML, by its table: query, ec2 and rest-xml. */
#pragma once
#include "api/shape.h"
#include "base/buf.h"

/* The members that are set, each as an element; without an element around them. Members that
 * travel elsewhere (headers, status) are left out. */
void xml_out_members(struct buf *buf, const struct shape *shape, const void *at);
