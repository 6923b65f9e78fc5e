/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "codec/xml_writer.h"

TEST(xml_write_element, escapes_markup_and_drops_what_xml_cannot_carry)
{
    struct buf buf;

    buf_init(&buf, 1024);
    xml_write_element(&buf, "A", (struct text){"<&>\"'\r\n\t\x01\0z", 11});
    assert_text_equal(buf_text(&buf), TEXT("<A>&lt;&amp;&gt;&quot;'&#13;\n\tz</A>"));
    buf_done(&buf);
}

TEST(xml_write_open_with, writes_the_attribute_when_there_is_one)
{
    struct buf buf;

    buf_init(&buf, 1024);
    xml_write_open_with(&buf, "A", "xmlns", TEXT("urn:\"x\""));
    xml_write_open_with(&buf, "B", "xmlns", (struct text){NULL, 0});
    xml_write_empty(&buf, "C");
    xml_write_close(&buf, "B");
    xml_write_close(&buf, "A");
    assert_text_equal(buf_text(&buf), TEXT("<A xmlns=\"urn:&quot;x&quot;\"><B><C/></B></A>"));
    buf_done(&buf);
}

TESTS({
    CASE(xml_write_element__escapes_markup_and_drops_what_xml_cannot_carry),
    CASE(xml_write_open_with__writes_the_attribute_when_there_is_one),
})
