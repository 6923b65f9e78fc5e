/* SPDX-License-Identifier: Apache-2.0 */
#include "http/desync.h"

#include "test.h"

#include <stdio.h>

static void classed_bytes(struct text head, enum http_desync class, const char *reason)
{
    const char *found = NULL;
    const enum http_desync got = http_desync_classify(head, true, &found);

    if (got != class || !text_eq(text_of(found), text_of(reason))) {
        print_error("%.*s: class %d, %s\n", TEXT_ARG(head), (int)got, found ? found : "-");
    }
    assert_int_equal(got, class);
    assert_text_equal(text_of(found), text_of(reason));
}

static void classed(const char *head, enum http_desync class, const char *reason)
{
    classed_bytes(text_of(head), class, reason);
}

static void field_classed(const char *fields, enum http_desync class, const char *reason)
{
    char head[512];

    (void)snprintf(head, sizeof(head), "POST / HTTP/1.1\r\nHost: h\r\n%s\r\n\r\n", fields);
    classed(head, class, reason);
}

TEST(http_desync_classify, knows_the_compliant)
{
    field_classed("A: b", HTTP_COMPLIANT, NULL);
    field_classed("Content-Length: 5", HTTP_COMPLIANT, NULL);
    field_classed("Transfer-Encoding: gzip;q=1, chunked", HTTP_COMPLIANT, NULL);
    field_classed("Content-Type: a;\r\n b: c", HTTP_COMPLIANT, NULL);
    field_classed("ContentLength: 5", HTTP_COMPLIANT, NULL);
    classed("GET /\xc3\xa4 HTTP/1.0\r\n\r\n", HTTP_COMPLIANT, NULL);
}

TEST(http_desync_classify, knows_every_acceptable_reason)
{
    classed("GET /a b HTTP/1.1\r\n\r\n", HTTP_ACCEPTABLE, "SpaceInUri");
    field_classed("A B: c", HTTP_ACCEPTABLE, "NonCompliantHeader");
    field_classed("A: \x01", HTTP_ACCEPTABLE, "NonCompliantHeader");
    classed("GET /\r\n", HTTP_ACCEPTABLE, "NonCompliantVersion");
    classed("GET / HTTP/1.9\r\n\r\n", HTTP_ACCEPTABLE, "NonCompliantVersion");
    classed("GET / HTTP/1.1\t\r\n\r\n", HTTP_ACCEPTABLE, "NonCompliantVersion");
    classed("GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", HTTP_ACCEPTABLE,
            "GetHeadZeroContentLength");
    classed("GET / HTTP/1.1\n\r\n", HTTP_ACCEPTABLE, "NonCrLfLineTermination");
}

TEST(http_desync_classify, knows_every_ambiguous_reason)
{
    classed("GET /\x01 HTTP/1.1\r\n\r\n", HTTP_AMBIGUOUS, "AmbiguousUri");
    field_classed("Content-Length: 5\r\nTransfer-Encoding: chunked", HTTP_AMBIGUOUS,
                  "BothTeClPresent");
    field_classed("Content-Length: 5\r\nContent-Length: 5", HTTP_AMBIGUOUS,
                  "DuplicateContentLength");
    field_classed(": a", HTTP_AMBIGUOUS, "EmptyHeader");
    field_classed("Content Length: 5", HTTP_AMBIGUOUS, "SuspiciousHeader");
    classed("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", HTTP_AMBIGUOUS,
            "UndefinedContentLengthSemantics");
    classed("HEAD / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_AMBIGUOUS,
            "UndefinedTransferEncodingSemantics");
    classed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_AMBIGUOUS,
            "UndefinedTransferEncodingSemantics");
    field_classed("A: b\r\n c", HTTP_AMBIGUOUS, "MultilineHeader");
    field_classed("A", HTTP_AMBIGUOUS, "MissingHeaderColon");
    classed("GET / HTTP/1.1\r\nA: b\r\n", HTTP_AMBIGUOUS, "MissingLastEmptyLine");
    classed("GET / HTTP/1.1\r\nA: b", HTTP_AMBIGUOUS, "PartialHeaderLine");
    classed("GET HTTP/1.1\r\n\r\n", HTTP_AMBIGUOUS, "MissingUri");
}

TEST(http_desync_classify, knows_every_severe_reason)
{
    field_classed("Content-Length: 5x", HTTP_SEVERE, "BadContentLength");
    field_classed("Content-Length: 18446744073709551616", HTTP_SEVERE, "BadContentLength");
    field_classed("A: b\rc", HTTP_SEVERE, "BadHeader");
    classed_bytes(TEXT("GET / HTTP/1.1\r\nA\0: b\r\n\r\n"), HTTP_SEVERE, "BadHeader");
    classed("G:T / HTTP/1.1\r\n\r\n", HTTP_SEVERE, "BadMethod");
    field_classed("Transfer-Encoding: chunke", HTTP_SEVERE, "BadTransferEncoding");
    classed_bytes(TEXT("GET /\0 HTTP/1.1\r\n\r\n"), HTTP_SEVERE, "BadUri");
    classed("GET / HTTP/1.\r\n\r\n", HTTP_SEVERE, "BadVersion");
    field_classed("Content-Length: 5\r\nContent-Length: 6", HTTP_SEVERE, "MultipleContentLength");
    field_classed("Transfer-Encoding: chunked, chunked", HTTP_SEVERE,
                  "MultipleTransferEncodingChunked");
    field_classed("Content-Length: 5\r\nTransfer_Encoding: chunked", HTTP_SEVERE,
                  "SuspiciousTeClPresent");
    field_classed("Content_Length: 5\r\nTransfer-Encoding: chunked", HTTP_SEVERE,
                  "SuspiciousTeClPresent");
}

TEST(http_desync_classify, keeps_the_first_reason_of_the_worst_class)
{
    classed("GET /a b HTTP/1.2\r\nA: \x01\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            HTTP_AMBIGUOUS, "DuplicateContentLength");
}

TEST(http_desync_classify, calls_no_missing_end_a_defect_before_it)
{
    const char *reason = NULL;

    assert_int_equal(http_desync_classify(TEXT("GET / HTTP/1.1\r\nA: b\r\n"), false, &reason),
                     HTTP_COMPLIANT);
    assert_null(reason);
}

TEST(http_desync_is_suspicious, compares_letters_alone)
{
    static const char *const yes[] = {"Content_Length",
                                      "content--length",
                                      "-Content-Length",
                                      "Content-Length ",
                                      "Con.tent-Length",
                                      "Transfer Encoding",
                                      ("tran\xc5\xbf"
                                       "fer-encoding"),
                                      "transfer-encod\xc4\xb1ng",
                                      "Content\xff-Length"};
    static const char *const no[] = {"Content-Length",  "Transfer-Encoding",   "ContentLength",
                                     "Content-Lengthx", "XContent-Length",     "Content-Type",
                                     "Content-Langth",  "X-Transfer-Encoding", ""};

    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        assert_true(http_desync_is_suspicious(text_of(yes[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(no); i++) {
        assert_false(http_desync_is_suspicious(text_of(no[i])));
    }
}

TEST(http_desync_decide, is_the_table_of_the_guide)
{
    static const enum http_desync_act expected[][3] = {
        /* defensive, monitor, strictest */
        {HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW},
        {HTTP_DESYNC_ALLOW, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
        {HTTP_DESYNC_ALLOW_AND_CLOSE, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
        {HTTP_DESYNC_REFUSE, HTTP_DESYNC_ALLOW, HTTP_DESYNC_REFUSE},
    };

    for (enum http_desync class = HTTP_COMPLIANT; class <= HTTP_SEVERE; class ++) {
        assert_int_equal(http_desync_decide(class, HTTP_DESYNC_DEFENSIVE), expected[class][0]);
        assert_int_equal(http_desync_decide(class, HTTP_DESYNC_MONITOR), expected[class][1]);
        assert_int_equal(http_desync_decide(class, HTTP_DESYNC_STRICTEST), expected[class][2]);
    }
}

TESTS({
    CASE(http_desync_classify__knows_the_compliant),
    CASE(http_desync_classify__knows_every_acceptable_reason),
    CASE(http_desync_classify__knows_every_ambiguous_reason),
    CASE(http_desync_classify__knows_every_severe_reason),
    CASE(http_desync_classify__keeps_the_first_reason_of_the_worst_class),
    CASE(http_desync_classify__calls_no_missing_end_a_defect_before_it),
    CASE(http_desync_is_suspicious__compares_letters_alone),
    CASE(http_desync_decide__is_the_table_of_the_guide),
})
