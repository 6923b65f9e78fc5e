/* SPDX-License-Identifier: Apache-2.0 */
/* xml_writer: elements out. The caller closes what it opened; names are its own, values are escaped
 * and stripped of what XML 1.0 cannot carry.
 *
 * Sources  XML 1.0 §2.2 (characters), §2.4 (markup). */
#pragma once
#include "base/buf.h"

void xml_write_declaration(struct buf *buf); /* <?xml version="1.0" encoding="UTF-8"?> */
void xml_write_open(struct buf *buf, const char *name);
/* With one attribute; `value` NULL: without. */
void xml_write_open_with(struct buf *buf, const char *name, const char *attribute,
                         struct text value);
void xml_write_close(struct buf *buf, const char *name);
void xml_write_empty(struct buf *buf, const char *name); /* <name/> */
void xml_write_text(struct buf *buf, struct text value);
void xml_write_element(struct buf *buf, const char *name, struct text value);
