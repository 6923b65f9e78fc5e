/* SPDX-License-Identifier: Apache-2.0 */
/* utf8: RFC 3629. */
#pragma once
#include "base/text.h"

/* Well-formed, and without NUL. */
bool utf8_is_valid(struct text text);
/* Characters (code points) of valid text. */
size_t utf8_count(struct text text);
