/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/xml_writer.h"

void xml_write_declaration(struct buf *buf)
{
    buf_add(buf, TEXT("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
}

void xml_write_open(struct buf *buf, const char *name)
{
    buf_add_byte(buf, '<');
    buf_add(buf, text_of(name));
    buf_add_byte(buf, '>');
}

void xml_write_open_with(struct buf *buf, const char *name, const char *attribute,
                         struct text value)
{
    buf_add_byte(buf, '<');
    buf_add(buf, text_of(name));
    if (value.at != NULL) {
        buf_add_byte(buf, ' ');
        buf_add(buf, text_of(attribute));
        buf_add(buf, TEXT("=\""));
        xml_write_text(buf, value);
        buf_add_byte(buf, '"');
    }
    buf_add_byte(buf, '>');
}

void xml_write_close(struct buf *buf, const char *name)
{
    buf_add(buf, TEXT("</"));
    buf_add(buf, text_of(name));
    buf_add_byte(buf, '>');
}

void xml_write_empty(struct buf *buf, const char *name)
{
    buf_add_byte(buf, '<');
    buf_add(buf, text_of(name));
    buf_add(buf, TEXT("/>"));
}

/* What stands for a byte; .at NULL: the byte itself; empty: nothing. A carriage return would be
 * turned into a line feed by the reader, so it goes as a reference (XML 1.0 §2.11). */
static struct text replacement(char c)
{
    switch (c) {
    case '<':
        return TEXT("&lt;");
    case '>':
        return TEXT("&gt;");
    case '&':
        return TEXT("&amp;");
    case '"':
        return TEXT("&quot;");
    case '\r':
        return TEXT("&#13;");
    case '\t':
    case '\n':
        return (struct text){NULL, 0};
    default:
        return (unsigned char)c < 0x20 ? TEXT("") : (struct text){NULL, 0};
    }
}

void xml_write_text(struct buf *buf, struct text value)
{
    size_t plain = 0; /* start of what was not added yet */

    for (size_t i = 0; i < value.len; i++) {
        const struct text instead = replacement(value.at[i]);

        if (instead.at != NULL) {
            buf_add(buf, text_slice(value, plain, i - plain));
            buf_add(buf, instead);
            plain = i + 1;
        }
    }
    buf_add(buf, text_slice(value, plain, value.len));
}

void xml_write_element(struct buf *buf, const char *name, struct text value)
{
    xml_write_open(buf, name);
    xml_write_text(buf, value);
    xml_write_close(buf, name);
}
